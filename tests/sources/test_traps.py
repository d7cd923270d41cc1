"""Traps of real exports: each is read right, or told, and nothing is lost."""

import json
from datetime import datetime

import pytest

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


@pytest.fixture
def from_hotline(tmp_path, deliver):
    """Reads hotline rows written as one XLSX."""

    def read(rows, header=None, change=None, **options):
        write_xlsx(tmp_path / FILE, hotline_sheet(rows, header), change)
        return deliver("hotline", **options)

    return read


def ignored(reading):
    return json.loads(reading.file["ignored_by_rule"].iloc[0])


def test_titles_totals_and_blank_rows_are_ignored_and_counted(from_hotline):
    reading = from_hotline([hotline(1), {}, hotline(2), {}, {"工单编号": "合计", "旧工单编号": 2}])
    assert ignored(reading) == {"blank": 2, "title": 2, "total": 1}
    assert reading.record["row_number"].tolist() == [4, 6]


@pytest.mark.parametrize("total", ["合计", "合计：2条", "总计 2"])
def test_a_total_is_known_in_its_spellings_and_columns(from_hotline, total):
    reading = from_hotline([hotline(1), {"来电时间": total, "处理时限": 2}])
    assert ignored(reading)["total"] == 1


def test_three_time_formats_in_one_column(from_hotline):
    cells = ["2025-03-01 08:15:02", "20250301081502", 45717.343773, "2025/3/1 8:15:02"]
    reading = from_hotline([hotline(number, 来电时间=cell) for number, cell in enumerate(cells)])
    assert set(reading.record["reported_at"]) == {datetime.fromisoformat("2025-03-01 08:15:02")}


def test_a_date_cell_is_read_as_the_date_it_shows(from_hotline):
    def write_date(book, sheet):
        moment = datetime.fromisoformat("2025-03-01 08:15:02")
        sheet.write_datetime(3, HOTLINE.index("来电时间"), moment, book.add_format({"num_format": "yyyy-mm-dd hh:mm"}))

    reading = from_hotline([hotline(1)], change=write_date)
    assert reading.record["reported_at"].tolist() == [datetime.fromisoformat("2025-03-01 08:15:02")]


def test_a_record_number_that_excel_took_for_a_number_is_text(from_hotline):
    reading = from_hotline([hotline(1, 工单编号=188809), hotline(2, 工单编号="00188809")])
    assert reading.record["source_record_id"].tolist() == ["188809", "00188809"]


def test_a_phone_stored_as_a_number_keeps_its_digits(from_hotline):
    reading = from_hotline([hotline(1, 来电号码=1.38e10, 联系方式="0877-2021234")])
    assert reading.party["phones"].iloc[0].tolist() == ["13800000000", "0877-2021234"]


def test_a_phone_in_scientific_notation_is_kept_and_told(from_hotline):
    reading = from_hotline([hotline(1, 来电号码="1.38E+10")])
    assert reading.party["phones"].iloc[0].tolist() == ["1.38E+10"]
    assert "“来电号码”有 1 个值是科学计数法（如第 4 行）" in findings(reading)[0]


def test_numbers_wrapped_against_excel_are_unwrapped(deliver):
    text = csv_text(HOTLINE, [hotline(1)]).replace("YX20250301000001", '="00188809"').replace("13800000001", "\t138")
    reading = deliver("hotline", {"12345工单_1.csv": text})
    assert reading.record["source_record_id"].tolist() == ["00188809"]
    assert reading.party["phones"].iloc[0].tolist() == ["138"]


@pytest.mark.parametrize("cell", ["2.02503E+15", 2025030112345678.0, 20250301123456789012])
def test_a_record_number_in_scientific_notation_is_put_aside(from_hotline, cell):
    reading = from_hotline([hotline(1, 工单编号=cell), hotline(2)])
    assert "第 4 行“工单编号”的值" in reasons(reading)["scientific_record_id"]
    assert "请把该列设为文本格式后重新导出" in reasons(reading)["scientific_record_id"]
    assert len(reading.record) == 1


def test_a_row_without_a_record_number_is_put_aside_as_it_came(from_hotline):
    reading = from_hotline([hotline(1, 工单编号=None, 诉求人="钱七"), hotline(2)])
    bad = reading.row[reading.row["disposition"] == "quarantined"].iloc[0]
    assert bad["rule"] == "missing_record_id"
    assert bad["reason"] == f"{FILE} 第 4 行没有“工单编号”，无法登记：请补上记录编号后重新交付"
    assert json.loads(bad["content"])["诉求人"] == "钱七"


def test_an_impossible_reporting_time_puts_the_row_aside(from_hotline):
    cells = ["2062-01-01 00:00:00", "2025-02-30 08:00:00", "昨天", "1899-01-01 00:00:00", "2025-03-03 23:59:59", None]
    reading = from_hotline([hotline(number, 来电时间=cell) for number, cell in enumerate(cells)])
    bad = reading.row[reading.row["rule"] == "impossible_time"]
    assert bad["row_number"].tolist() == [4, 5, 6, 7]
    assert bad["column"].unique().tolist() == ["来电时间"]
    assert "的值“2062-01-01 00:00:00”晚于交付日期的次日（2025-03-03）" in bad["reason"].iloc[0]
    assert "不是有效的时间" in bad["reason"].iloc[1]
    assert "早于 1990 年" in bad["reason"].iloc[3]
    assert len(reading.record) == 2


def test_an_impossible_time_elsewhere_is_emptied_and_told(from_hotline):
    reading = from_hotline([hotline(1, 办结时间="2062-01-01 00:00:00"), hotline(2, 办结时间="未办结")])
    assert reading.record["closed_at"].isna().all()
    assert len(reading.record) == 2
    told = " ".join(findings(reading))
    assert "“办结时间”有 1 个值不是有效的时间（如第 5 行）" in told
    assert "“办结时间”有 1 个值不在 1990 年与 2025-03-03 之间" in told


def test_no_sentence_repeats_a_phone_or_a_name_that_slipped_into_a_time(from_hotline):
    reading = from_hotline(
        [hotline(1, 来电时间="13912345678"), hotline(2, 办结时间="钱七 0877-2021234"), hotline(3, 处理时限="赵六")]
    )
    told = " ".join([*reading.row["reason"].dropna(), *findings(reading)])
    assert "“来电时间”的值不是有效的时间" in told
    assert not any(secret in told for secret in ("13912345678", "钱七", "2021234", "赵六"))


def test_a_deadline_lies_in_the_future(from_hotline):
    reading = from_hotline([hotline(1, 办理截止时间="2025-03-20")])
    assert reading.record["deadline_at"].tolist() == [datetime.fromisoformat("2025-03-20 23:59:59")]


def test_an_address_in_json_is_split(from_hotline):
    cell = '{"address": "东风中路5号", "lng": 102.5, "lat": "24.3"}'
    reading = from_hotline([hotline(1, 详细地址=cell), hotline(2, 详细地址='{"address": "东风'), hotline(3)])
    record = reading.record.iloc[0]
    assert (record["address"], record["longitude"], record["latitude"]) == ("东风中路5号", 102.5, 24.3)
    assert "第 5 行：“详细地址”不是有效的 JSON" in reasons(reading)["bad_address"]


def test_reordered_columns_with_blanks_and_line_breaks_are_found(from_hotline):
    header = [name.replace("工单编号", " 工单\n编号 ").replace("来电时间", "来电时间*") for name in reversed(HOTLINE)]
    rows = [
        {
            name.replace("工单编号", "工单\n编号").replace("来电时间", "来电时间*"): cell
            for name, cell in hotline(1).items()
        }
    ]
    reading = from_hotline(rows, header)
    assert reading.record["source_record_id"].tolist() == ["YX20250301000001"]
    assert findings(reading) == []


def test_an_alias_is_taken_and_told(from_hotline):
    header = ["业务编号" if name == "工单编号" else name for name in HOTLINE]
    reading = from_hotline([hotline(1) | {"业务编号": "A1"}], header)
    assert reading.record["source_record_id"].tolist() == ["A1"]
    assert f"{FILE} 工作表“工单”的列“业务编号”按别名读作“工单编号”" in findings(reading)


def test_a_renamed_mandatory_column_is_told_with_its_likely_new_name(from_hotline):
    header = ["工单编码" if name == "工单编号" else name for name in HOTLINE]
    reading = from_hotline([hotline(1), hotline(2)], header)
    sentence = reading.file["reason"].iloc[0]
    assert reading.file["status"].iloc[0] == "quarantined"
    assert "缺少必须有的列“工单编号”，表中有未登记的列“工单编码”，是否改名为它？" in sentence
    assert "sources/hotline/source.yml 的“工单编号”下写 aliases: [工单编码]" in sentence
    assert reading.file["rows_quarantined"].iloc[0] == 2
    assert (reading.row["rule"] == "missing_column").sum() == 2
    assert reading.record.empty


def test_a_missing_optional_column_is_told_and_read_as_empty(from_hotline):
    reading = from_hotline([hotline(1)], [name for name in HOTLINE if name not in ("满意度", "处理结果")])
    assert len(reading.record) == 1
    assert "缺少列“满意度”、“处理结果”，已按空值读取" in findings(reading)[0]


def test_a_renamed_optional_column_is_told_and_kept(from_hotline):
    header = ["满意程度" if name == "满意度" else name for name in HOTLINE]
    reading = from_hotline([hotline(1) | {"满意程度": "不满意"}], header)
    assert any(
        "缺少列“满意度”，表中有未登记的列“满意程度”，是否改名为它？" in sentence for sentence in findings(reading)
    )
    assert json.loads(reading.record["extra"].iloc[0])["满意程度"] == "不满意"


def test_of_a_doubled_column_the_first_counts_and_both_are_kept(tmp_path, deliver):
    rows = [*HOTLINE, "诉求人"], [*[hotline(1).get(name) for name in HOTLINE], "另一人"]
    write_xlsx(tmp_path / FILE, {"工单": [["标题"], ["导出"], *rows]})
    reading = deliver("hotline")
    assert "列“诉求人”出现了不止一次" in " ".join(findings(reading))
    assert reading.party["name"].tolist() == ["王先生"]
    assert json.loads(reading.record["extra"].iloc[0])["诉求人#2"] == "另一人"


def test_an_undeclared_column_is_kept_and_told(from_hotline):
    reading = from_hotline([hotline(1, 紧急程度="加急")], [*HOTLINE, "紧急程度"])
    assert json.loads(reading.record["extra"].iloc[0]) == {"紧急程度": "加急"}
    assert any("列“紧急程度”没有登记，已原样存入其余列" in sentence for sentence in findings(reading))


def test_a_header_on_another_row_is_found(tmp_path, deliver):
    sheet = hotline_sheet([hotline(1)])["工单"]
    write_xlsx(tmp_path / FILE, {"工单": [["说明"], [], *sheet]})
    reading = deliver("hotline")
    assert reading.record["row_number"].tolist() == [6]
    assert "的表头在第 5 行（登记的是第 3 行）" in findings(reading)[0]
    assert ignored(reading) == {"blank": 1, "title": 3}


def test_a_header_that_comes_again_is_layout(from_hotline):
    reading = from_hotline([hotline(1), {name: name for name in HOTLINE}, hotline(2)])
    assert ignored(reading)["repeated_header"] == 1
    assert len(reading.record) == 2


def test_merged_cells_count_for_each_row_they_cover(from_hotline):
    def merge(book, sheet):
        column = HOTLINE.index("所属街道")
        sheet.merge_range(3, column, 5, column, "玉兴街道")
        sheet.merge_range(0, 0, 0, 5, "12345工单")

    reading = from_hotline([hotline(1), hotline(2), hotline(3)], change=merge)
    assert reading.record["town_name"].tolist() == ["玉兴街道"] * 3


def test_formulas_give_their_result(from_hotline):
    def formula(book, sheet):
        sheet.write_formula(3, HOTLINE.index("承办单位"), '=CONCAT("住建","局")', None, "住建局")

    assert from_hotline([hotline(1)], change=formula).record["handling_unit"].tolist() == ["住建局"]


def test_line_breaks_and_other_systems_numbers_inside_cells_stay(from_hotline):
    text = "【工单号****123】楼上漏水\n电话138****0001，\n另见 JQ530402202503010001"
    assert from_hotline([hotline(1, 主要内容=text)]).record["text"].tolist() == [text]


def test_unknown_codes_are_told_apart_from_empty_cells_and_listed(from_hotline):
    reading = from_hotline(
        [hotline(1, 诉求类型="投诉举报", 工单状态="挂起", 是否保密="保密"), hotline(2, 工单状态=None, 满意度="-")]
    )
    record = reading.record.iloc[0]
    assert record["request_type"] == "未知"
    assert record["status"] == "未知"
    assert record["is_confidential"], "what nobody can read there may not make a caller public"
    assert reading.record["status"].isna().tolist() == [False, True]
    assert reading.record["unknown_codes"].iloc[1].tolist() == []
    assert record["unknown_codes"].tolist() == ["诉求类型=投诉举报", "是否保密=保密", "工单状态=挂起"]


def test_an_unknown_category_is_text(from_hotline):
    reading = from_hotline([hotline(1, 问题分类="低空经济/无人机扰民")])
    assert reading.record["source_category"].tolist() == ["低空经济/无人机扰民"]
    assert reading.record["unknown_codes"].iloc[0].tolist() == []


def test_statuses_and_yes_no_are_mapped(from_hotline):
    reading = from_hotline([hotline(1, 工单状态="已归档", 是否保密="是", 是否解决="否"), hotline(2, 工单状态="退回")])
    assert reading.record["status"].tolist() == ["已办结", "已退回"]
    assert reading.record["is_confidential"].tolist() == [True, None]
    assert reading.record["is_solved"].iloc[0] is False or not reading.record["is_solved"].iloc[0]


def test_reporter_and_respondent_are_parties_and_the_older_order_a_reference(from_hotline):
    reading = from_hotline(
        [hotline(1, 旧工单编号="YX9", 被投诉人="某物业", 被反映人电话="0877-2020202", 联系方式="13800000001")]
    )
    party = reading.party[["party_number", "role", "name"]].values.tolist()
    assert party == [[1, "reporter", "王先生"], [2, "respondent", "某物业"]]
    assert reading.party["phones"].iloc[0].tolist() == ["13800000001"]
    assert reading.reference[["kind", "number"]].values.tolist() == [["earlier", "YX9"]]


def test_the_csv_of_the_older_system_has_the_same_columns(tmp_path, deliver):
    text = csv_text(HOTLINE, [hotline(1), hotline(2, 主要内容="一行,\n又一行")])
    reading = deliver("hotline", {"12345工单_旧.csv": text.encode("gb18030")})
    assert reading.record["text"].tolist()[1] == "一行,\n又一行"
    assert reading.record["row_number"].tolist() == [2, 3]
    assert findings(reading) == []


def test_versions_of_one_record_are_all_valid_rows(from_hotline):
    reading = from_hotline([hotline(1, 工单状态="办理中"), hotline(1, 工单状态="已办结")])
    assert reading.record["source_record_id"].nunique() == 1
    assert reading.record["status"].tolist() == ["办理中", "已办结"]


def test_more_data_on_a_second_sheet_is_read_and_notes_are_counted(tmp_path, deliver):
    sheets = {"Sheet1": hotline_sheet([hotline(1)])["工单"], "续表": hotline_sheet([hotline(2)])["工单"]}
    write_xlsx(tmp_path / FILE, sheets | {"说明": [["本表由系统导出"], ["请勿修改"]]})
    reading = deliver("hotline")
    assert reading.record["sheet"].tolist() == ["Sheet1", "续表"]
    assert ignored(reading)["other_sheet"] == 2
    assert any("工作表“说明”没有登记" in sentence for sentence in findings(reading))


def police(number=1, **other):
    return {
        "接警单编号": f"5304022025030100000000000{number:02d}",
        "报警时间": "20250301081502",
        "报警电话": "13800000001",
        "报警人": "李某",
        "接警报警类别": "纠纷",
        "接警报警类型": "民间纠纷",
        "接警报警细类": "邻里纠纷",
        "报警内容": "邻居吵架",
        "经度": "102.54",
        "纬度": "24.35",
    } | other


def test_the_confirmed_police_class_counts_where_it_is_filled(deliver):
    rows = [police(1), police(2, 反馈报警类别="骚扰", 反馈报警类型="骚扰110", 经度="0", 纬度="0.000000")]
    reading = deliver("police", {"110警情_20250302.csv": csv_text(POLICE, rows).encode("gb18030")})
    assert reading.record["source_category"].tolist() == ["纠纷/民间纠纷/邻里纠纷", "骚扰/骚扰110"]
    assert reading.record["first_category"].tolist() == ["纠纷/民间纠纷/邻里纠纷"] * 2
    assert reading.record["longitude"].isna().tolist() == [False, True]
    assert reading.record["latitude"].isna().tolist() == [False, True]


def test_police_links_and_ids_are_kept_as_they_are(deliver):
    row = police(
        1,
        重复警情编号="A1",
        关联警情编号="B1、B2",
        关联工单编号="YX1",
        报警人证件号="无",
        处警情况="到场",
        警情处理结果="调解",
    )
    reading = deliver("police", {"110警情_20250302.csv": csv_text(POLICE, [row]).encode("gb18030")})
    assert reading.reference[["kind", "number"]].values.tolist() == [
        ["repeat_of", "A1"],
        ["related", "B1"],
        ["related", "B2"],
        ["transfer", "YX1"],
    ]
    assert reading.party["id_number"].isna().all()
    assert reading.record["outcome_text"].tolist() == ["到场\n调解"]
    assert reading.record["source_record_id"].str.len().tolist() == [27]


def case(number=1, **other):
    return {"案件编号": f"AJ{number}", "受理日期": "2025-03-01", "纠纷简要情况": "漏水", "调解结果": "调解成功"} | other


def test_of_several_versions_of_a_party_the_latest_counts(tmp_path, deliver):
    parties = [
        ["AJ1", "申请人", "张三", None, "13800000002", "旧址", "2025-03-01 12:00:00"],
        ["AJ1", "申请人", "张三", None, "13800000001", "新址", "2025-03-01 08:00:00"],
        ["AJ1", "被申请人", "李四", "无", None, None, None],
        ["AJ9", "申请人", "王五", None, None, None, None],
        [None, "申请人", "赵六", None, None, None, None],
    ]
    rows = [case(1, 移送单号="YX1", 涉及人数="约30余人"), case(2, 受理日期="2062-01-01")]
    data = [MEDIATION, *[[row.get(name) for name in MEDIATION] for row in rows]]
    write_xlsx(
        tmp_path / "人民调解_20250302.xlsx",
        {"案件信息": data, "当事人信息": [PARTIES, *parties, ["AJ2", "申请人", "钱七"]]},
    )
    reading = deliver("mediation")
    assert reading.party[["role", "name", "address"]].fillna("").values.tolist() == [
        ["applicant", "张三", "旧址"],
        ["respondent", "李四", ""],
    ]
    assert reading.party["sheet"].unique().tolist() == ["案件信息"]
    assert ignored(reading) == {"side_row": 2, "side_superseded": 1}
    told = reasons(reading)
    assert "案件编号“AJ9”不在本次交付的记录中" in told["orphan_side_row"]
    assert "没有“案件编号”" in told["missing_record_id"]
    assert "所属记录“AJ2”已被隔离" in told["side_of_quarantined"]
    assert reading.record["persons_involved"].tolist() == [30]
    assert reading.record["outcome"].tolist() == ["成功"]
    assert reading.reference["number"].tolist() == ["YX1"]


def task(number=1, **other):
    return {
        "上报时间": "2025-03-01 08:00:00",
        "任务号": f"T{number}",
        "大类名称": "市容环境",
        "小类名称": "暴露垃圾",
        "问题描述": "垃圾",
        "当前阶段名称": "处置",
        "所属区域": "红塔区",
        "问题类型": "事件",
        "监督员": "【张三】",
        "X坐标": "11413572.31",
        "Y坐标": "2795123.9",
    } | other


def test_the_side_file_of_delays_joins_its_tasks(deliver):
    rows = [task(1, 延期次数="0"), task(2, 当前阶段名称="处置[作废]", 所属区域="昆明市晋宁区")]
    reading = deliver(
        "citymgmt",
        {
            "数字城管案件_20250302.csv": csv_text(CITYMGMT, rows).encode("utf-8-sig"),
            "延期清单_20250302.csv": "任务号,延期次数,延期理由\nT1,2,下雨\nT7,1,缺料\n".encode("utf-8-sig"),
        },
    )
    first = reading.record.iloc[0]
    assert first["delay_count"] == 2
    assert json.loads(first["extra"])["延期理由"] == "下雨"
    assert first["handler"] == "张三"
    assert (first["longitude"], first["latitude"]) == (11413572.31, 2795123.9)
    assert first["source_category"] == "市容环境/暴露垃圾"
    assert reading.record["status"].tolist() == ["办理中", "作废"]
    assert "“延期清单”里的任务号“T7”不在本次交付的记录中" in reasons(reading)["orphan_side_row"]


def test_grid_events_come_once_per_status_with_their_parties(deliver):
    event = {
        "事件编号": "G1",
        "发生日期": "2025-03-01",
        "事件简述": "争地",
        "当事人": [
            {"姓名": "张三", "证件号码": "530402199001011234", "联系电话": 13800000001, "角色": "当事人"},
            {"姓名": "李四"},
        ],
        "化解时限": "2025-03-09",
        "是否化解成功": None,
        "处理状态": "01",
        "更新时间": "2025-03-01T02:00:00+00:00",
    }
    closed = event | {"是否化解成功": 1, "处理状态": "03", "化解日期": "2025-03-01", "更新时间": "2025-03-01 18:00:00"}
    lines = "\n".join(json.dumps(line, ensure_ascii=False) for line in (event, closed)) + "\n"
    reading = deliver("grid", {"矛盾纠纷_20250302.jsonl": lines})
    assert reading.record["version_at"].tolist() == [
        datetime.fromisoformat("2025-03-01 10:00:00"),
        datetime.fromisoformat("2025-03-01 18:00:00"),
    ]
    assert reading.record["status"].tolist() == ["待处理", "已办结"]
    assert reading.record["outcome"].fillna("").tolist() == ["", "成功"]
    assert reading.record["deadline_at"].iloc[0] == datetime.fromisoformat("2025-03-09 23:59:59")
    assert reading.party["name"].tolist() == ["张三", "李四"] * 2
    assert reading.party["phones"].iloc[0].tolist() == ["13800000001"]
    assert findings(reading) == []


def test_real_messages_are_read_whole(shared_data, deliver):
    folder = shared_data / "citizen_messages"
    files = {name: (folder / name).read_bytes() for name in ("messages.xlsx", "messages_with_replies.xlsx")}
    reading = deliver("messages", files)
    assert reading.file["rows_valid"].tolist() == [4326, 2816]
    assert findings(reading) == []
    assert reading.record["source_record_id"].iloc[0] == "188006"
    assert reading.record["reported_at"].notna().all()
    assert reading.record["outcome_text"].notna().sum() == 2816


def test_real_street_orders_are_read_whole(shared_data, deliver):
    content = (shared_data / "street_orders" / "orders_2018_02_to_10.csv").read_bytes()
    reading = deliver("street_orders", {"orders_2018_02_to_10.csv": content})
    assert reading.file["rows_valid"].tolist() == [6952]
    assert not reading.record.isin(["-"]).any(axis=None)
    assert reading.record["source_record_id"].is_unique
    assert reading.party.empty
    assert findings(reading) == []
