"""Exports as other offices make them: odd containers, odd headers, odd cells. None of their rows vanishes."""

import io
import json
import subprocess
import sys
import zipfile

import openpyxl
import pytest

from tests.sources import odd_files
from tests.sources.exports import (
    CITYMGMT,
    HOTLINE,
    MEDIATION,
    PARTIES,
    POLICE,
    csv_text,
    findings,
    hotline,
    hotline_sheet,
    reasons,
    write_xlsx,
)

FILE = "12345工单_20250302.xlsx"


def workbook(tmp_path, rows=None, header=None, change=None):
    path = write_xlsx(tmp_path / "made.xlsx", hotline_sheet(rows or [hotline(1)], header), change)
    content = path.read_bytes()
    path.unlink()
    return content


def ignored(reading):
    return json.loads(reading.file["ignored_by_rule"].iloc[0])


# --- containers


def test_a_workbook_with_a_password_is_told(tmp_path, deliver):
    reading = deliver("hotline", {FILE: odd_files.encrypted_workbook(workbook(tmp_path))})
    assert reasons(reading)["password"] == f"{FILE} 有打开密码，无法读取：请在 Excel 中去掉密码后另存，再交付"


def test_an_old_workbook_under_a_new_name_is_told(deliver):
    content = odd_files.old_workbook([HOTLINE, [hotline(1).get(name, "") for name in HOTLINE]])
    reading = deliver("hotline", {FILE: content, "12345工单_好.csv": csv_text(HOTLINE, [hotline(2)])})
    assert reasons(reading)["old_xls"] == (
        f"{FILE} 是旧版 Excel（.xls）格式，不是 .xlsx：请用 Excel 打开后另存为 .xlsx，再交付"
    )
    assert len(reading.record) == 1


def test_a_web_table_under_the_name_of_a_workbook_is_told(deliver):
    table = "<table border=1><tr><td>工单编号</td></tr><tr><td>A1</td></tr></table>"
    for encoding in ("utf-8", "gb18030", "utf-16"):
        head = '<html xmlns:x="urn:schemas-microsoft-com:office:excel"><body>'
        reading = deliver("hotline", {FILE: (head + table).encode(encoding)})
        assert "其实是网页（HTML）" in reasons(reading)["html_file"]


@pytest.mark.parametrize("claimed", [None, 5000])
def test_a_workbook_that_unpacks_to_10_gb_is_refused_within_little_memory(tmp_path, claimed):
    """In a process that may hold no more than 1.5 GB."""
    bomb = odd_files.workbook_of_zeros(workbook(tmp_path), 10 * odd_files.GIB, claimed=claimed)
    (tmp_path / FILE).write_bytes(bomb)
    program = (
        "import resource, sys, pathlib; resource.setrlimit(resource.RLIMIT_AS, (1_500_000_000,) * 2);"
        "from sources.readers import read_bytes, FileRefused\n"
        "try: read_bytes(pathlib.Path(sys.argv[1]).read_bytes(), 'a.xlsx')\n"
        "except FileRefused as error: print(error.rule)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / FILE)], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "unpack_bomb"


def test_a_zip_with_a_workbook_in_a_zip_is_one_level_too_deep_and_told(tmp_path, deliver):
    inner, outer = io.BytesIO(), io.BytesIO()
    with zipfile.ZipFile(inner, "w") as packed:
        packed.writestr(FILE, workbook(tmp_path))
    with zipfile.ZipFile(outer, "w") as packed:
        packed.writestr("内层.zip", inner.getvalue())
        packed.writestr("12345工单_好.csv", csv_text(HOTLINE, [hotline(2)]))
    reading = deliver("hotline", {"导出.zip": outer.getvalue()})
    assert len(reading.record) == 1
    assert "导出.zip/内层.zip" in reasons(reading)["unknown_file"]


# --- sheets


@pytest.mark.parametrize("written", ["A1", "A1:XFD1048576", "B7:C9"])
def test_a_wrong_dimension_of_the_sheet_changes_nothing(tmp_path, deliver, written):
    content = odd_files.changed(
        workbook(tmp_path, [hotline(1), hotline(2)]),
        "xl/worksheets/sheet1.xml",
        '<dimension ref="[^"]*"/>',
        f'<dimension ref="{written}"/>',
    )
    reading = deliver("hotline", {FILE: content})
    assert reading.record["row_number"].tolist() == [4, 5]
    assert reading.party["name"].tolist() == ["王先生"] * 2


def test_hidden_rows_columns_and_sheets_are_data_like_others(tmp_path, deliver):
    def hide(book, sheet):
        sheet.set_row(4, None, None, {"hidden": True})
        sheet.set_column(HOTLINE.index("来电号码"), HOTLINE.index("来电号码"), None, None, {"hidden": True})
        book.get_worksheet_by_name("续").hide()

    sheets = hotline_sheet([hotline(1), hotline(2)]) | {"续": hotline_sheet([hotline(3)])["工单"]}
    write_xlsx(tmp_path / FILE, sheets, hide)
    reading = deliver("hotline")
    assert reading.record["row_number"].tolist() == [4, 5, 4]
    assert reading.party["phones"].map(list).tolist() == [["13800000001"]] * 3


def test_formulas_without_a_result_and_error_values_are_told(tmp_path, deliver):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "工单"
    for row in hotline_sheet([hotline(1), hotline(2, 承办单位='=CONCATENATE("住建","局")', 处理时限="=1/0")])["工单"]:
        sheet.append(row)
    sheet.cell(5, HOTLINE.index("处理时限") + 1).value = "#DIV/0!"
    sheet.cell(5, HOTLINE.index("处理时限") + 1).data_type = "e"
    book.save(tmp_path / FILE)
    reading = deliver("hotline")
    assert len(reading.record) == 2
    column = openpyxl.utils.get_column_letter(HOTLINE.index("承办单位") + 1)
    told = findings(reading)
    assert f"{FILE} 有 1 个格（如 {column}5）的公式没有存下结果，已按空值读取：请用 Excel 打开、保存后重新交付" in told
    assert any("是错误值（#N/A 之类），已按空值读取" in sentence for sentence in told)


def test_under_a_row_of_group_names_the_second_header_row_counts(tmp_path, deliver):
    groups = ["工单编号", *["诉求信息"] * (len(HOTLINE) - 1)]
    rows = [["12345工单"], groups, HOTLINE, [hotline(1).get(name) for name in HOTLINE]]

    def merge(book, sheet):
        sheet.merge_range(1, 0, 2, 0, "工单编号")
        sheet.merge_range(1, 1, 1, len(HOTLINE) - 1, "诉求信息")

    write_xlsx(tmp_path / FILE, {"工单": rows}, merge)
    reading = deliver("hotline")
    assert reading.record["row_number"].tolist() == [4]
    assert ignored(reading) == {"title": 2}


def test_the_contacts_are_known_by_their_header_under_another_sheet_name_and_place(tmp_path, deliver):
    case = {"案件编号": "AJ1", "受理日期": "2025-03-01", "纠纷简要情况": "漏水"}
    write_xlsx(
        tmp_path / "人民调解.xlsx",
        {
            "Sheet2": [PARTIES, ["AJ1", "申请人", "张三", None, "13800000001", None, "2025-03-01 08:00:00"]],
            "Sheet1": [MEDIATION, [case.get(name) for name in MEDIATION]],
        },
    )
    reading = deliver("mediation")
    assert reading.record["source_record_id"].tolist() == ["AJ1"]
    assert reading.party["name"].tolist() == ["张三"]
    assert "人民调解.xlsx 的工作表“Sheet2”按表头看是“当事人信息”，已按它读取" in findings(reading)


def test_a_list_of_delays_under_another_name_is_known_by_its_header(deliver):
    tasks = csv_text(CITYMGMT, [{"任务号": "T1", "上报时间": "2025-03-01", "问题描述": "争摊位"}])
    reading = deliver("citymgmt", {"a_延期.csv": "任务号,延期次数,延期理由\nT1,2,下雨\n", "b.csv": tasks})
    assert reading.record["delay_count"].tolist() == [2]
    renamed = tasks.replace("上报时间", "上报日期")
    again = deliver("citymgmt", {"b.csv": renamed})
    assert "缺少必须有的列“上报时间”" in reasons(again)["missing_column"]


# --- headers


def test_full_width_characters_blanks_case_and_units_in_a_header_are_no_other_column(tmp_path, deliver):
    spelt = {
        "工单编号": "工 单 编 号",
        "来电时间": "来电时间（年月日）",
        "处理时限": "处理时限(工作日)",
        "主要内容": "＊主要内容",
        "工单标题": "\ufeff工单标题\u200b",
    }
    names = [spelt.get(name, name) for name in HOTLINE]
    row = {spelt.get(name, name): cell for name, cell in hotline(1, 处理时限=5).items()}
    reading = deliver("hotline", {"12345工单.csv": csv_text(names, [row])})
    record = reading.record.iloc[0]
    assert (record["title"], record["limit_workdays"], str(record["reported_at"])) == (
        "反映楼上漏水", 5, "2025-03-01 08:15:02",
    )  # fmt: skip
    assert reading.record["extra"].isna().all()


def test_a_key_in_another_case_is_the_same_key(deliver):
    line = {"REC_ID": "1", "CREATE_TIME": "2018-02-08 10:00:00", "event_src_name": "12345"}
    text = ",".join(["rec_id", "Create_Time", "EVENT_SRC_NAME"]) + "\n" + ",".join(line.values()) + "\n"
    reading = deliver("street_orders", {"orders.csv": text})
    assert reading.record[["source_record_id", "channel"]].values.tolist() == [["1", "12345"]]


def test_a_header_with_a_note_in_brackets_does_not_take_the_place_of_the_column(tmp_path, deliver):
    write_xlsx(
        tmp_path / FILE,
        hotline_sheet([hotline(1, **{"联系方式（备用）": "13900000009"})], [*HOTLINE, "联系方式（备用）"]),
    )
    reading = deliver("hotline")
    assert "13900000009" in reading.record["extra"].iloc[0]


# --- rows


@pytest.mark.parametrize("total", ["合 计", "总  计：", "合计：1,203条", "小计"])
def test_totals_with_blanks_inside_are_totals(tmp_path, deliver, total):
    write_xlsx(tmp_path / FILE, hotline_sheet([hotline(1), {"工单编号": total, "处理时限": 2}]))
    assert ignored(deliver("hotline"))["total"] == 1


def test_a_total_in_a_first_column_of_numbers_is_no_record(tmp_path, deliver):
    header = ["序号", *HOTLINE]
    write_xlsx(tmp_path / FILE, hotline_sheet([{"序号": 1} | hotline(1), {"序号": "合计", "工单编号": 1}], header))
    reading = deliver("hotline")
    assert reading.record["source_record_id"].tolist() == ["YX20250301000001"]
    assert ignored(reading)["total"] == 1


def test_notes_below_the_table_are_layout_and_a_lonely_number_is_not(tmp_path, deliver):
    rows = [
        hotline(1),
        {"工单编号": "制表人：张三", "来电时间": "导出时间：2025-03-02 06:00"},
        {"工单编号": "第 1 页 共 1 页"},
    ]
    write_xlsx(tmp_path / FILE, hotline_sheet([*rows, {"工单编号": "YX9"}, {"诉求人": "备注"}]))
    reading = deliver("hotline")
    assert ignored(reading)["note"] == 2
    assert reading.record["source_record_id"].tolist() == ["YX20250301000001", "YX9"]
    assert "第 8 行没有“工单编号”" in reasons(reading)["missing_record_id"]


def test_exports_pasted_one_behind_the_other_are_one_table(deliver):
    one, two = csv_text(HOTLINE, [hotline(1)]), csv_text(HOTLINE, [hotline(2)])
    reading = deliver("hotline", {"12345工单.csv": (one.encode("utf-8-sig") + two.encode("utf-8-sig"))})
    assert reading.record["source_record_id"].tolist() == ["YX20250301000001", "YX20250301000002"]
    assert ignored(reading) == {"repeated_header": 1}


def test_rows_in_another_encoding_than_the_file_are_put_aside_one_by_one(deliver):
    lines = csv_text(HOTLINE, [hotline(number) for number in range(6)]).split("\n")
    mixed = b"\n".join(line.encode("gb18030" if place in (2, 4) else "utf-8") for place, line in enumerate(lines))
    reading = deliver("hotline", {"12345工单.csv": mixed})
    bad = reading.row[reading.row["rule"] == "undecodable"]
    assert bad["row_number"].tolist() == [3, 5]
    assert reading.record["row_number"].tolist() == [2, 4, 6, 7]


@pytest.mark.parametrize("encoding", ["gb18030", "utf-16"])
def test_json_lines_in_another_encoding_are_read_and_told(deliver, encoding):
    line = {"事件编号": "G1", "发生日期": "2025-03-01", "事件简述": "争地", "处理状态": 3, "是否化解成功": 1.0}
    reading = deliver("grid", {"a.jsonl": (json.dumps(line, ensure_ascii=False) + "\n").encode(encoding)})
    record = reading.record.iloc[0]
    assert (record["text"], record["status"], record["outcome"]) == ("争地", "已办结", "成功")
    assert "登记的是 UTF-8，已按前者读取" in findings(reading)[0]


# --- cells


def test_invisible_characters_are_no_part_of_a_record_number(deliver):
    rows = [hotline(1, 工单编号="\u200bYX1\ufeff"), hotline(2, 工单编号="'00188"), hotline(3, 工单编号="\u200b")]
    reading = deliver("hotline", {"12345工单.csv": csv_text(HOTLINE, rows)})
    assert reading.record["source_record_id"].tolist() == ["YX1", "00188"]
    assert len(reading.row) == 3


def test_numbers_of_an_office_that_excel_made_floats_are_whole(tmp_path, deliver):
    row = {
        "接警单编号": "530402202503010000000000001",
        "报警时间": 20250301081502,
        "报警电话": 1.38e10,
        "行政区划": 530402.0,
        "管辖单位代码": 530402310000,
        "报警内容": "争地",
        "经度": 102.54,
        "警情级别": "三级 ",
    }
    write_xlsx(tmp_path / "警情.xlsx", {"警情": [POLICE, [row.get(name) for name in POLICE]]})
    reading = deliver("police")
    record = reading.record.iloc[0]
    assert (record["division_code"], record["unit_code"], record["difficulty"]) == ("530402", "530402310000", "三级")
    assert str(record["reported_at"]) == "2025-03-01 08:15:02"
    assert reading.party["phones"].iloc[0].tolist() == ["13800000000"]


def test_a_date_cell_as_deadline_ends_with_its_day(tmp_path, deliver):
    def write_date(book, sheet):
        from datetime import datetime

        moment = datetime.fromisoformat("2025-03-20")
        sheet.write_datetime(3, HOTLINE.index("办理截止时间"), moment, book.add_format({"num_format": "yyyy-mm-dd"}))

    reading = deliver("hotline", {FILE: workbook(tmp_path, change=write_date)})
    assert str(reading.record["deadline_at"].iloc[0]) == "2025-03-20 23:59:59"


def test_placeholders_for_nothing_in_typed_columns_are_empty_and_not_reported(deliver):
    row = hotline(1, 办结时间="-", 处理时限="/", 满意度="——", 是否解决="NULL", 旧工单编号="无", 来电号码="-")
    reading = deliver("hotline", {"12345工单.csv": csv_text(HOTLINE, [row])})
    assert not [sentence for sentence in findings(reading) if "个值" in sentence]
    assert reading.record["unknown_codes"].iloc[0].tolist() == []
    assert reading.reference.empty
    assert reading.party["phones"].iloc[0].tolist() == []
