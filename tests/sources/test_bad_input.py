"""Bad input: each kind has its own sentence with file and what to do; the rest of the delivery is read."""

import io
import json
import struct
import zipfile

import pytest

from sources.readers import archive, xlsx
from tests.sources.exports import CITYMGMT, HOTLINE, csv_text, findings, hotline, hotline_sheet, reasons, write_xlsx

GOOD = "12345工单_好.csv"
BAD = "12345工单_坏.xlsx"


def good():
    return csv_text(HOTLINE, [hotline(number) for number in range(3)])


def sound_xlsx(tmp_path, rows=None):
    path = write_xlsx(tmp_path / "sound.xlsx", hotline_sheet(rows or [hotline(1)]))
    content = path.read_bytes()
    path.unlink()
    return content


def ole(stream):
    """A compound file with one stream of this name in its directory."""
    header = bytes.fromhex("D0CF11E0A1B11AE1") + b"\0" * 16 + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6)
    header = header.ljust(512, b"\0")
    name = stream.encode("utf-16-le")
    entry = name.ljust(64, b"\0") + struct.pack("<H", len(name) + 2) + b"\x02\x01"
    return header + entry.ljust(128, b"\0") * 4


def bomb(size):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("xl/workbook.xml", "<workbook/>")
        with book.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as sheet:
            for _ in range(size >> 20):
                sheet.write(b"\0" * (1 << 20))
    return content.getvalue()


HTML = "<html><body><table><tr><td>工单编号</td></tr></table></body></html>".encode()


@pytest.mark.parametrize(
    ("make", "rule", "part"),
    [
        (lambda sound: b"", "empty_file", "是空文件（0 字节）"),
        (lambda sound: sound[: len(sound) // 2], "corrupt_xlsx", "已损坏或没有传完"),
        (lambda sound: sound[:2000] + b"\xff" * 200 + sound[2200:], "corrupt_xlsx", "已损坏或没有传完"),
        (lambda sound: b"garbage" * 100, "corrupt_xlsx", "内容却不是 XLSX 工作簿"),
        (lambda sound: ole("EncryptedPackage"), "password", "有打开密码，无法读取：请在 Excel 中去掉密码后另存"),
        (lambda sound: ole("Workbook"), "old_xls", "是旧版 Excel（.xls）格式"),
        (lambda sound: HTML, "html_file", "其实是网页（HTML）"),
        (lambda sound: b"\xef\xbb\xbf" + HTML, "html_file", "其实是网页（HTML）"),
        (lambda sound: b"\0" * 5000, "nul_file", "全是空字节（NUL）"),
    ],
)
def test_a_broken_workbook_has_its_own_sentence_and_the_rest_is_read(tmp_path, deliver, make, rule, part):
    reading = deliver("hotline", {BAD: make(sound_xlsx(tmp_path)), GOOD: good()})
    account = reading.file.set_index("file")
    assert account.loc[BAD, "status"] == "quarantined"
    assert part in account.loc[BAD, "reason"]
    assert BAD in account.loc[BAD, "reason"]
    row = reading.row[reading.row["file"] == BAD].iloc[0]
    assert (row["rule"], row["disposition"]) == (rule, "quarantined")
    assert row.isna()["row_number"]
    assert account.loc[GOOD, "rows_valid"] == 3
    assert len(reading.record) == 3


def test_a_workbook_that_unpacks_beyond_the_limit_is_refused_before_it_is_unpacked(monkeypatch, deliver):
    monkeypatch.setattr(xlsx, "MAX_UNPACKED", 8 << 20)
    reading = deliver("hotline", {BAD: bomb(16 << 20), GOOD: good()})
    assert "为防止占满内存没有读" in reasons(reading)["unpack_bomb"]
    assert len(reading.record) == 3


def test_a_bomb_that_lies_about_its_size_is_refused_too(monkeypatch, deliver):
    monkeypatch.setattr(xlsx, "MAX_UNPACKED", 8 << 20)
    content = bomb(16 << 20)
    small, large = struct.pack("<I", 1000), struct.pack("<I", 16 << 20)
    reading = deliver("hotline", {BAD: content.replace(large, small), GOOD: good()})
    assert reasons(reading).keys() & {"unpack_bomb", "corrupt_xlsx"}
    assert len(reading.record) == 3


@pytest.mark.parametrize("place", [(1048575, 16383), (1048575, 0), (1000000, 60)])
def test_a_stray_cell_far_away_is_refused(tmp_path, deliver, place):
    write_xlsx(tmp_path / BAD, hotline_sheet([hotline(1)]), lambda book, sheet: sheet.write(*place, "x"))
    reading = deliver("hotline", {GOOD: good()})
    assert f"大到第 {place[0] + 1} 行，没有读" in reasons(reading)["too_large"]
    assert len(reading.record) == 3


@pytest.mark.parametrize("place", [(1048575, 16383), (5000, 200)])
def test_far_cells_that_are_only_formatted_do_no_harm(tmp_path, deliver, place):
    def colour(book, sheet):
        sheet.write_blank(*place, None, book.add_format({"bold": True}))

    write_xlsx(tmp_path / BAD, hotline_sheet([hotline(1)]), colour)
    assert deliver("hotline").file["rows_read"].tolist() == [3]


def test_a_filled_cell_somewhat_outside_is_kept(tmp_path, deliver):
    write_xlsx(tmp_path / BAD, hotline_sheet([hotline(1)]), lambda book, sheet: sheet.write(3, 60, "备注"))
    reading = deliver("hotline")
    assert json.loads(reading.record["extra"].iloc[0]) == {"第61列": "备注"}


def test_a_zip_that_is_no_workbook_is_told(deliver):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as packed:
        packed.writestr("a.txt", "x")
    assert "里面不是 Excel 工作簿" in reasons(deliver("hotline", {BAD: content.getvalue()}))["not_a_workbook"]


def test_a_zip_of_exports_is_read_inside(tmp_path, deliver):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as packed:
        packed.writestr("导出/12345工单_1.csv", good())
        packed.writestr("12345GGGG_2.xlsx", sound_xlsx(tmp_path, [hotline(9)]))
        packed.writestr("说明.txt", "x")
    reading = deliver("hotline", {"导出.zip": content.getvalue().replace(b"GGGG", "工单".encode("gbk"))})
    assert len(reading.record) == 4
    assert set(reading.record["file"]) == {"导出.zip/12345工单_1.csv", "导出.zip/12345工单_2.xlsx"}
    assert "说明.txt 的文件名不是" in reasons(reading)["unknown_file"]


def test_two_files_of_one_name_in_a_zip_are_both_read(deliver):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as packed:
        packed.writestr("上午/12345工单_1.csv", csv_text(HOTLINE, [hotline(1)]))
        packed.writestr("下午/12345工单_1.csv", csv_text(HOTLINE, [hotline(2)]))
    reading = deliver("hotline", {"导出.zip": content.getvalue()})
    assert reading.record["file"].tolist() == ["导出.zip/12345工单_1.csv", "导出.zip/2/12345工单_1.csv"]


def test_a_broken_or_huge_zip_is_told(monkeypatch, deliver):
    monkeypatch.setattr(archive, "MAX_UNPACKED", 1000)
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("a.csv", "x" * 100_000)
    reading = deliver("hotline", {"大.zip": content.getvalue(), "坏.zip": b"PK\x03\x04" + b"x" * 50, GOOD: good()})
    assert reasons(reading).keys() == {"unpack_bomb", "corrupt_zip"}
    assert len(reading.record) == 3


@pytest.mark.parametrize("name", ["export.csv", "data_20250302.CSV", "热线.csv"])
def test_a_file_of_any_name_is_read_when_its_header_fits(deliver, name):
    reading = deliver("hotline", {name: good()})
    assert len(reading.record) == 3
    assert reading.file["status"].tolist() == ["accepted"]


def test_a_file_that_does_not_belong_here_is_told(deliver):
    reading = deliver("hotline", {"读我.txt": "x", GOOD: good()})
    assert (
        "读我.txt 的文件名不是 12345政务服务便民热线 的交付文件（应形如 12345工单*.xlsx"
        in reasons(reading)["unknown_file"]
    )


def test_a_file_without_the_header_keeps_its_rows_aside(deliver):
    reading = deliver("hotline", {"12345工单_别的.csv": "姓名,年龄\n张三,30\n\n李四,40\n", GOOD: good()})
    account = reading.file.set_index("file").loc["12345工单_别的.csv"]
    assert account["status"] == "quarantined"
    assert "前 20 行里找不到表头（应有“工单编号”等列）" in account["reason"]
    assert (account["rows_read"], account["rows_quarantined"], account["rows_ignored"]) == (4, 3, 1)
    assert len(reading.record) == 3


def test_a_csv_in_another_encoding_is_read_and_told(deliver):
    reading = deliver(
        "citymgmt", {"数字城管_1.csv": csv_text(CITYMGMT, [{"任务号": "T1", "问题描述": "垃圾"}]).encode("gb18030")}
    )
    assert reading.record["text"].tolist() == ["垃圾"]
    assert "的编码是 GB18030，登记的是 UTF-8（带 BOM），已按前者读取" in findings(reading)[0]


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_bytes_that_do_not_decode_put_their_row_aside(deliver, encoding):
    lines = good().encode(encoding).split(b"\n")
    lines[2] = lines[2].replace("电话".encode(encoding), b"\xff\xff")
    reading = deliver("hotline", {GOOD: b"\n".join(lines)})
    assert f"{GOOD} 第 3 行有无法按 {encoding.upper()} 解码的字节" in reasons(reading)["undecodable"]
    assert reading.record["row_number"].tolist() == [2, 4]


def test_a_replacement_character_that_was_delivered_is_text(deliver):
    reading = deliver("hotline", {GOOD: csv_text(HOTLINE, [hotline(1, 主要内容="坏字\ufffd")])})
    assert reading.record["text"].tolist() == ["坏字\ufffd"]


def test_utf_16_is_read(deliver):
    text = good().replace(",", "\t")
    assert len(deliver("hotline", {GOOD: text.encode("utf-16")}).record) == 3


def test_a_file_that_is_no_text_is_told(deliver):
    assert "no_text" in reasons(deliver("hotline", {GOOD: bytes(range(1, 256)) * 40}))


def test_nul_bytes_put_their_row_aside(deliver):
    reading = deliver("hotline", {GOOD: good().replace("YX20250301000001", "YX2025\0")})
    assert "第 3 行含有空字节（NUL）" in reasons(reading)["nul"]
    assert len(reading.record) == 2


def test_a_quote_that_never_closes_takes_one_row_with_it(deliver):
    text = csv_text(HOTLINE, [hotline(number) for number in range(5)])
    lines = text.split("\n")
    lines[2] = lines[2].replace("楼上漏水泡坏", '"楼上漏水泡坏')
    reading = deliver("hotline", {GOOD: "\n".join(lines)})
    assert "第 3 行有引号没有闭合" in reasons(reading)["unclosed_quote"]
    assert reading.record["row_number"].tolist() == [2, 4, 5, 6]


def test_a_quote_that_meets_a_later_one_does_not_swallow_rows(deliver):
    rows = [hotline(number, 主要内容="楼上,漏水" if number == 3 else "漏水") for number in range(5)]
    lines = csv_text(HOTLINE, rows).split("\n")
    lines[2] = lines[2].replace("王先生", '"王先生')
    reading = deliver("hotline", {GOOD: "\n".join(lines)})
    assert reading.record["row_number"].tolist() == [2, 4, 5, 6]


def test_rows_with_too_many_or_too_few_cells_are_put_aside(deliver):
    lines = csv_text(HOTLINE, [hotline(number) for number in range(4)]).split("\n")
    lines[2] = lines[2].replace("楼上漏水泡坏", "楼上,漏水,泡坏")
    lines[3] = lines[3][:40]
    reading = deliver("hotline", {GOOD: "\n".join(lines)})
    bad = reading.row[reading.row["rule"] == "ragged_row"]
    assert bad["row_number"].tolist() == [3, 4]
    assert "第 3 行有 30 格，表头只有 28 列" in bad["reason"].iloc[0]
    assert "可能被截断" in bad["reason"].iloc[1]


def test_unreadable_json_lines_are_put_aside_one_by_one(deliver):
    good_line = json.dumps({"事件编号": "G1", "发生日期": "2025-03-01", "事件简述": "争地"}, ensure_ascii=False)
    lines = [
        good_line,
        good_line[:20],
        "[1, 2]",
        '{"事件编号": NaN}',
        '{"事件编号": "\\ud800"}',
        "[" * 100_000,
        '{"a": ' + "9" * 5000 + "}",
        "",
        good_line.replace("G1", "G2"),
    ]
    content = "\n".join(lines).encode() + b"\n" + good_line.encode("gb18030") + b"\n" + b"\0\0\n"
    reading = deliver("grid", {"a.jsonl": content})
    assert reading.record["source_record_id"].tolist() == ["G1", "G2"]
    assert reasons(reading).keys() == {"bad_json", "undecodable", "nul"}
    assert "a.jsonl 第 2 行不是有效的 JSON" in reasons(reading)["bad_json"]
    assert (reading.row["disposition"] == "quarantined").sum() == 8


def test_a_json_array_is_told(deliver):
    assert "每行一个对象" in reasons(deliver("grid", {"a.jsonl": '[{"事件编号": "G1"}]'}))["json_array"]


def test_a_party_list_that_is_none_is_told_and_the_event_kept(deliver):
    line = {"事件编号": "G1", "发生日期": "2025-03-01", "事件简述": "争地", "当事人": "张三、李四"}
    reading = deliver("grid", {"a.jsonl": json.dumps(line, ensure_ascii=False)})
    assert len(reading.record) == 1
    assert "“当事人”有 1 个值不是当事人对象的列表" in findings(reading)[0]


def test_a_delivery_beyond_its_limit_is_held_until_a_person_accepts_it(deliver):
    rows = [hotline(number, 工单编号=None if number < 3 else f"A{number}") for number in range(40)]
    files = {GOOD: csv_text(HOTLINE, rows)}
    reading = deliver("hotline", files)
    assert reading.is_held
    sentence = reading.file["reason"].iloc[0]
    assert "有 40 行数据，其中 3 行（7.5%）不合格（缺少记录编号 3 行），超过上限 5%，整批挂起" in sentence
    assert "dispute-lake delivery accept hotline 2025-03-02" in sentence
    assert reading.record.empty
    assert reading.party.empty
    assert reading.row["rule"].value_counts().to_dict() == {"held": 37, "missing_record_id": 3}
    accepted = deliver("hotline", files, accept_held=True)
    assert not accepted.is_held
    assert len(accepted.record) == 37
    assert "经人工确认接收" in findings(accepted)[0]


def test_one_bad_row_of_three_holds_nothing(deliver):
    reading = deliver("hotline", {GOOD: csv_text(HOTLINE, [hotline(1), hotline(2), hotline(3, 工单编号=None)])})
    assert not reading.is_held
    assert len(reading.record) == 2


def test_an_unreadable_file_does_not_hold_the_others(deliver):
    rows = csv_text(HOTLINE, [hotline(number) for number in range(30)])
    renamed = rows.replace("工单编号", "单号")
    reading = deliver("hotline", {GOOD: rows, "12345工单_改名.csv": renamed, BAD: b""})
    assert reading.file.set_index("file")["status"].to_dict() == {
        BAD: "quarantined",
        GOOD: "accepted",
        "12345工单_改名.csv": "quarantined",
    }
    assert len(reading.record) == 30


def test_an_empty_delivery_and_an_empty_table_are_told_and_no_faults(deliver):
    nothing = deliver("hotline")
    assert nothing.file[["file", "status", "rows_read"]].values.tolist() == [["（没有文件）", "accepted", 0]]
    assert findings(nothing) == ["交付 hotline/2025-03-02 没有文件：若当日确实没有数据可以不管，否则请补交"]
    reading = deliver("hotline", {GOOD: csv_text(HOTLINE, [])})
    assert reading.file["rows_read"].tolist() == [0]
    assert reading.file["status"].tolist() == ["accepted"]
    assert findings(reading) == [f"{GOOD} 没有数据行：若当日确实没有数据可以不管，否则请补交"]
