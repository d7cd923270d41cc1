"""A first source.yml from a sample: what is guessed, that it reads the sample, and what is refused."""

import json
from datetime import date

import pytest

from sources import contract, deliveries, read, sketch
from sources.sketch import SketchError
from tests.sources import exports
from tests.sources.exports import csv_text, write_xlsx

HEADER = [
    "序号", "信访件编号", "登记日期", "信访形式", "信访人姓名", "证件号码", "手机号码", "问题属地", "反映内容",
    "办理状态", "备注时间",
]  # fmt: skip


def petition(number):
    return {
        "序号": number,
        "信访件编号": f"XF{number:05d}",
        "登记日期": "2025-03-01",
        "信访形式": ("来信", "来访")[number % 2],
        "信访人姓名": ("张三", "李四", "王五")[number % 3],
        "证件号码": "530402199001011234" if number % 2 else "无",
        "手机号码": f"1380000{number:04d}",
        "问题属地": ("红塔区", "江川区")[number % 2],
        "反映内容": f"反映第 {number} 个工地拖欠三十余名工人工资，多次讨要没有结果",
        "办理状态": ("受理", "办结", "不予受理", "会商")[number % 4],
        "备注时间": "不详",
    }


ROWS = [petition(number) for number in range(1, 41)]


@pytest.fixture
def sample(tmp_path):
    """An XLSX with a title, the header on row 2 and a total."""
    rows = [[row[name] for name in HEADER] for row in ROWS]
    path = tmp_path / "信访登记_20250302.xlsx"
    return write_xlsx(path, {"信访件": [["信访事项登记表"], HEADER, *rows, ["合计", "40"]]})


def made(path):
    return sketch.sketch("petitions", "信访登记", path.read_bytes(), path.name)


def test_columns_are_guessed_by_name_and_cells(sample):
    rules = contract.parse(made(sample).source_yml)
    assert rules.layout.header_row == 2
    assert rules.layout.sheet == "信访件"
    assert rules.record_id == "信访件编号"
    assert rules.files == ["信访登记*.xlsx", "*.xlsx"]
    assert rules.columns["登记日期"].to == ["reported_at"]
    assert rules.columns["登记日期"].required == "column"
    assert rules.columns["反映内容"].to == ["text"]
    assert rules.columns["问题属地"].to == ["county_name"]
    fields = {name: rules.columns[name].party.field for name in ("信访人姓名", "证件号码", "手机号码")}
    assert fields == {"信访人姓名": "name", "证件号码": "id_number", "手机号码": "phone"}
    assert rules.columns["手机号码"].sensitivity == "secret"


def test_statuses_are_mapped_where_they_can_be_told_and_the_others_named(sample):
    sketched = made(sample)
    rules = contract.parse(sketched.source_yml)
    assert rules.columns["办理状态"].codes == {"受理": "办理中", "办结": "已办结", "不予受理": "已退回"}
    assert (
        "会商 还没有对应，会记为未知，请补进 codes（可用：待处理、办理中、已办结、已退回、作废）" in sketched.source_yml
    )


def test_a_name_that_the_cells_contradict_is_no_guess(sample):
    sketched = made(sample)
    assert contract.parse(sketched.source_yml).columns["备注时间"].to == []
    assert "取值只有 不详" in sketched.guesses["备注时间"]


def test_every_guess_is_marked_and_no_person_stands_in_the_file(sample):
    text = made(sample).source_yml
    body = text.split("columns:\n")[1].splitlines()[:-1]
    assert len(body) == len(HEADER)
    assert all("# 假定：" in line for line in body)
    assert not any(secret in text for secret in ("张三", "李四", "530402199001011234", "1380000"))


def test_the_sample_is_read_whole_by_what_was_made_of_it(sample, tmp_path):
    rules = contract.parse(made(sample).source_yml)
    delivery = deliveries.Delivery("petitions", date(2025, 3, 2), tmp_path, (sample,), "x")
    reading = read.read_delivery(delivery, contract=rules)
    exports.assert_adds_up(reading)
    assert len(reading.record) == 40
    assert reading.file["rows_quarantined"].tolist() == [0]
    assert json.loads(reading.file["ignored_by_rule"].iloc[0]) == {"title": 1, "total": 1}
    assert reading.record["unknown_codes"].explode().dropna().unique().tolist() == ["办理状态=会商"]


def test_the_expectations_name_the_columns_of_the_export(sample, tmp_path):
    from quality import suites

    path = tmp_path / "petitions" / "expectations.yml"
    path.parent.mkdir()
    path.write_text(made(sample).expectations_yml, encoding="utf-8")
    suite = suites.load(path)
    assert [each.says for each in suite.expectations][:2] == ["信访件编号必须填写", "登记日期必须填写"]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_a_csv_and_json_lines_are_samples_too(tmp_path, encoding):
    path = tmp_path / "petitions.csv"
    path.write_bytes(csv_text(HEADER, ROWS).encode(encoding))
    assert contract.parse(made(path).source_yml).record_id == "信访件编号"
    lines = tmp_path / "a.jsonl"
    lines.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in ROWS), encoding="utf-8")
    rules = contract.parse(made(lines).source_yml)
    assert rules.layout.header_row == 0
    assert rules.columns["登记日期"].to == ["reported_at"]


@pytest.mark.parametrize("source", ["hotline", "police", "citymgmt"])
def test_the_columns_of_a_known_source_are_guessed_as_that_source_has_them(tmp_path, source):
    """Its own header under another name: roles are those of its source.yml, where the sample has values."""
    header = {"hotline": exports.HOTLINE, "police": exports.POLICE, "citymgmt": exports.CITYMGMT}[source]
    sound = {
        "工单编号": "YX{}", "接警单编号": "5304022025030100000000{:05}", "任务号": "T{}", "报警时间": "20250301081502",
        "来电时间": "2025-03-01 08:15:02", "上报时间": "2025-03-01 08:00:00", "所属区县": "红塔区",
        "行政区划": "530402", "主要内容": "楼上漏水泡坏天花板，协商不成，要求赔偿",
        "报警内容": "邻居为停车吵架，已劝开", "问题描述": "占道经营与行人争吵", "来电号码": "138000{:05}",
        "报警电话": "138000{:05}",
    }  # fmt: skip
    rows = [{name: text.format(number) for name, text in sound.items()} for number in range(30)]
    path = tmp_path / "a.csv"
    path.write_text(csv_text(header, rows), encoding="utf-8")
    guessed, known = contract.parse(made(path).source_yml), contract.load(source)
    for name in sound:
        if name in header:
            assert guessed.columns[name].to == known.columns[name].to, name
            assert guessed.columns[name].party == known.columns[name].party, name


@pytest.mark.parametrize(
    ("content", "part"),
    [(b"", "是空文件"), (b"1,2,3\n4,5,6\n", "没有像表头的一行"), ("编号,内容\n".encode(), "表头之下没有数据")],
)
def test_what_is_no_sample_is_told(tmp_path, content, part):
    with pytest.raises(SketchError, match=part):
        sketch.sketch("petitions", "信访", content, "a.csv")


@pytest.mark.parametrize(
    ("name", "part"), [("Petitions", "只能用小写字母"), ("hotline", "已经存在，没有改动"), ("readers", "已经存在")]
)
def test_a_name_that_is_taken_or_no_name_is_refused(name, part):
    with pytest.raises(SketchError, match=part):
        sketch.check_name(name)
