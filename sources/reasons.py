"""What the reasons for which a row, a file or a delivery is set aside are called, by their code.

Here: names for people, the same on the terminal, on the quality page and in sentences. Not here: what to do about one
(`quality.remedies`), the sentence about one row (where the reason is found).
"""

NAMES = {
    "held": "整批挂起",
    "missing_record_id": "缺少记录编号",
    "scientific_record_id": "记录编号是科学计数法",
    "missing_value": "缺少必填值",
    "impossible_time": "时间不可能",
    "ragged_row": "格数与表头不符",
    "undecodable": "有无法解码的字节",
    "nul": "含空字节",
    "unclosed_quote": "引号没有闭合",
    "bad_json": "不是有效的 JSON",
    "bad_address": "地址不是有效的 JSON",
    "missing_column": "缺少必须有的列",
    "no_header": "找不到表头",
    "orphan_side_row": "附表行没有对应的记录",
    "side_of_quarantined": "附表行的记录被隔离",
    "corrupt_xlsx": "XLSX 文件损坏",
    "corrupt_zip": "压缩包损坏",
    "empty_file": "文件是空的",
    "empty_zip": "压缩包是空的",
    "html_file": "实为网页文件",
    "json_array": "应为逐行 JSON",
    "no_sheet": "没有要找的工作表",
    "no_text": "不是文本",
    "not_a_workbook": "不是工作簿",
    "nul_file": "全是空字节",
    "old_xls": "旧版 XLS",
    "password": "有密码",
    "too_large": "文件过大",
    "unknown_file": "文件名不符",
    "unpack_bomb": "解压后过大",
    "unreadable_file": "无法读取",
}


def name_of(rule: str) -> str:
    """Returns the name of a rule; one that a source's own parser made up is called by its code."""
    return NAMES.get(rule, rule)
