from pathlib import Path

import pytest

from sources import contract
from sources.contract import ContractError

SMALL = """\
name: small
label: 小来源
files: ["*.csv"]
record_id: 编号
columns:
  编号: {to: source_record_id, required: true}
  时间: {to: reported_at, type: local_time}
"""


def test_all_sources_load_the_seven_of_the_project_among_them():
    ours = {"citymgmt", "grid", "hotline", "mediation", "messages", "police", "street_orders"}
    assert ours <= set(contract.names())
    for name in contract.names():
        assert contract.load(name).name == name


def test_coordinate_systems_are_declared_per_source():
    systems = {name: contract.load(name).coordinates for name in contract.names()}
    assert systems["citymgmt"] == "bd09mc"
    assert systems["hotline"] == "gcj02"
    assert systems["police"] == systems["grid"] == "wgs84"
    assert systems["messages"] is None


def test_only_the_sources_of_real_data_are_history():
    assert [name for name in contract.names() if contract.load(name).history] == ["messages", "street_orders"]


def test_a_small_contract_has_the_default_limits():
    small = contract.parse(SMALL)
    assert small.contract.max_rejected_share == 0.05
    assert small.layout.header_row == 1


@pytest.mark.parametrize(
    ("change", "line", "part"),
    [
        (("local_time}", "tme}"), 7, "“columns.时间.type”的值“tme”不在允许之列"),
        (("reported_at", "reported_att"), 7, "“reported_att”不是 raw_record 的列，是否应为 reported_at？"),
        (("label:", "lable:"), 2, "不认识的设置“lable”"),
        (("label: 小来源\n", ""), 1, "缺少必须写的“label”"),
        (("record_id: 编号", "record_id: 序号"), 4, "record_id：所指的列“序号”没有写在 columns 里"),
        (("type: local_time", "type: text"), 7, "reported_at 列要求 type 为 local_time"),
        (("{to: reported_at, type: local_time}", "{to: status, type: code}"), 7, "type 为 code 时必须写 codes"),
        (
            ("{to: reported_at, type: local_time}", "{to: status, type: code, codes: {a: 完了}}"),
            7,
            "codes 里的“完了”不是 status 的值，应为：待处理、办理中、已办结、已退回、作废",
        ),
        (("  时间:", "  编号:"), 7, "键“编号”重复（第 6 行已有）"),
        (("type: local_time}", "type: local_time, aliases: [编号]}"), 7, "列名或别名“编号”也属于“编号”"),
        (("files:", "files: ["), 4, "不是有效的 YAML"),
    ],
)
def test_a_fault_in_the_yaml_is_told_with_file_and_line(change, line, part):
    with pytest.raises(ContractError) as caught:
        contract.parse(SMALL.replace(*change), "sources/small/source.yml")
    message = str(caught.value)
    assert f"sources/small/source.yml 第 {line} 行" in message
    assert part in message


def test_an_empty_yaml_is_told():
    with pytest.raises(ContractError, match="第 1 行：内容应是"):
        contract.parse("", "source.yml")


def test_an_unknown_source_is_told_with_the_known_ones():
    with pytest.raises(ContractError, match=r"没有名为“hotlin”的来源.*hotline"):
        contract.load("hotlin")


def test_the_folder_names_the_source(tmp_path):
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "source.yml").write_text(SMALL, encoding="utf-8")
    assert contract.names(tmp_path) == ["other"]
    with pytest.raises(ContractError, match="应与文件夹名“other”一致"):
        contract.load("other", tmp_path)


def test_the_fingerprint_differs_between_sources():
    assert len({contract.fingerprint(name) for name in contract.names()}) == 7


def test_the_example_of_the_guide_is_a_valid_contract():
    guide = (Path(__file__).parents[2] / "docs" / "adding-a-source.md").read_text(encoding="utf-8")
    example = contract.parse(guide.split("```yaml\n")[1].split("```")[0])
    assert example.name == "petitions"
    assert example.columns["办理状态"].codes["办结"] == "已办结"


def test_a_changed_definition_is_seen_by_a_process_that_has_read_it_before(tmp_path):
    folder = tmp_path / "grid"
    folder.mkdir()
    definition = folder / "source.yml"
    text = (contract.FOLDER / "grid" / "source.yml").read_text("utf-8")
    definition.write_text(text, "utf-8")
    before = contract.fingerprint("grid", tmp_path)
    assert contract.load("grid", tmp_path).columns["事件编号"].aliases == []
    changed = text.replace("事件编号: {to: source_record_id,", "事件编号: {aliases: [编号], to: source_record_id,")
    definition.write_text(changed, "utf-8")
    assert contract.load("grid", tmp_path).columns["事件编号"].aliases == ["编号"]
    assert contract.fingerprint("grid", tmp_path) != before
