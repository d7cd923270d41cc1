"""Words on their way to a page or a list: numbers of persons taken out, codes told in Chinese, sentences cut in two.

Here: the last guard over sentences that may quote a cell, the mask of a cell. Not here: scrubbing of event texts
(`transforms.scrub`), masks of quarantined rows (`warehouse.masking`).
text -> text without mobile or ID numbers
"""

import re
from typing import Any

import pandas as pd

_NUMBER = re.compile(r"(?<![0-9])(?:1[3-9][0-9][ -]?[0-9]{4}[ -]?[0-9]{4}|[1-9][0-9]{16}[0-9Xx])(?![0-9Xx])")


def masked(text: Any) -> str:
    """Returns ``text`` without mobile or ID numbers; reasons and unknown codes may quote what a cell held."""
    return "" if pd.isna(text) else _NUMBER.sub("***", str(text))


# A date, a time or a short code says what is wrong and names nobody.
_TELLS_NOBODY = re.compile(
    r"\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?([ T]\d{1,2}:\d{1,2}(:\d{1,2}(\.\d+)?)?)?"
    r"|(19|20)\d{2}(0[1-9]|1[0-2])([0-2]\d|3[01])(\d{6})?|[A-Za-z0-9.+-]{1,4}"
)


def mask_cell(value: Any) -> str:
    """Returns the first character of a delivered cell and stars; dates, times and codes of four characters stay."""
    if pd.isna(value):
        return ""
    text = str(value).strip()
    if len(text) <= 1 or _TELLS_NOBODY.fullmatch(text):
        return text
    return text[0] + "*" * min(len(text) - 1, 8)


# What a row or file was set aside for (`sources`), as the data team reads it; a code that is not here shows as it is.
RULE_NAMES = {
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

_PLACE = re.compile(r"^\S{1,120}? 第 [0-9,]+ 行：")


def problem_and_advice(reason: Any, file: str = "") -> tuple[str, str]:
    """Cuts a sentence of `sources` into what is wrong and what to do, without the place it starts with, both masked.

    Every such sentence asks for something from its first 请 on; one that does not has no advice.
    """
    text = masked(reason)
    if file and text.startswith(file):
        text = text[len(file) :].lstrip()
        text = re.sub(r"^第 [0-9,]+ 行：?", "", text)
    else:
        text = _PLACE.sub("", text)
    head, ask, tail = text.partition("请")
    return head.rstrip("，。；：、 "), (ask + tail) if ask else ""
