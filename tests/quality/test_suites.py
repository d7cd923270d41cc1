from pathlib import Path

import pytest
import yaml

from quality import drift, suites
from quality.suites import load, load_all
from sources import contract

HEAD = "suite: hotline\nlabel: 热线\ntable: record\nexpectations:\n"


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "hotline" / "expectations.yml"
    path.parent.mkdir()
    path.write_text(text, encoding="utf-8")
    return path


def test_each_source_has_a_suite_and_the_lake_has_four():
    names = [suite.name for suite in load_all()]
    assert {"hotline", "police", "mediation", "citymgmt", "grid", "messages", "street_orders"} <= set(names)
    assert names[-4:] == ["event", "dispute_event", "dispute", "warning"]


def test_a_suite_is_named_after_the_folder_of_its_source():
    for path in (Path(suites.__file__).parents[1] / "sources").glob("*/expectations.yml"):
        assert yaml.safe_load(path.read_text(encoding="utf-8"))["suite"] == path.parent.name


def test_a_source_has_one_name_in_its_suite_and_in_its_contract():
    for suite in load_all():
        if suite.source is not None:
            assert suite.label == contract.load(suite.source).label


def test_each_system_of_the_city_is_judged_in_all_six_dimensions():
    for suite in load_all():
        if suite.name in {"hotline", "police", "mediation", "citymgmt", "grid"}:
            assert {expectation.dimension for expectation in suite.expectations} == set(suites.DIMENSIONS), suite.name


@pytest.mark.parametrize(
    ("entry", "sentence"),
    [
        ("  - {name: a, says: b, rule: notnull, column: text, severity: warn}", "第 5 行：rule 应是"),
        ("  - {name: a, says: b, rule: not_null, severity: warn}", "还要写 column"),
        ("  - {name: a, rule: not_null, column: text, severity: warn}", "这条期望缺少 says"),
        ("  - {name: a, says: b, rule: not_null, column: text, severity: fatal}", "severity 应是 error 或 warn"),
        ("  - {name: a, says: b, rule: not_null, column: text, severity: warn, mostyl: 0.9}", "不认识 mostyl"),
        ("  - {name: a, says: b, rule: not_null, column: text, severity: warn, mostly: 98}", "mostly 应在 0 与 1 之间"),
        ("  - {name: a, says: b, rule: between, column: amount, severity: warn}", "min 与 max 至少写一个"),
        ("  - {name: a, says: b, rule: unique, severity: warn}", "还要写 column 或 columns"),
        ("  - {name: a, says: b, rule: matches, column: text, pattern: x, severity: warn}", "含个人信息"),
        ("  - {name: a, says: b, rule: holds, check: c, severity: warn, dimension: 美观性}", "dimension 应是"),
        ("  - {name: a, says: b, rule: drift, severity: warn}", "还要写 column"),
        ("  - {name: a, says: b, rule: drift, column: status, severity: error}", "severity 只能是 warn"),
        ("  - {name: a, says: b, rule: drift, column: status, severity: warn, limit: -1}", "limit 应是大于 0 的数"),
        ("  - {name: a, says: b, rule: volume, severity: warn, window: 1.5}", "window 应是大于 0 的整数"),
        ("  - {name: a, says: b, rule: volume, severity: warn, min_rows: 9}", "不能写 min_rows，那是 drift 用的"),
        ("  - {name: a, says: b, rule: volume, severity: warn, where: is_dispute}", "volume 不能写 where"),
        ("  - {name: a, says: b, rule: refers_to, severity: warn}", "写 column 与 to，或写 reference"),
        ("  - {name: a, says: b, rule: refers_to, column: event_id, to: case, severity: warn}", "to 应是"),
        ("  - {name: a, says: b, rule: refers_to, reference: next, severity: warn}", "reference 应是"),
        ("  - {name: a, says: b, rule: not_null, column: text, severity: warn, hold_below: 0.3}", "hold_below 只用于"),
        ("  - {name: a, says: b, rule: not_null, column: text, severity: error, hold_below: 2}", "不大于 mostly"),
        ("  - {name: a, says: b: c}", "不是有效的 YAML"),
    ],
)
def test_a_slip_in_the_yaml_is_answered_with_file_line_and_what_to_do(tmp_path, entry, sentence):
    with pytest.raises(ValueError, match=r"hotline/expectations\.yml") as caught:
        load(written(tmp_path, HEAD + entry + "\n"))
    assert sentence in str(caught.value)


def test_two_expectations_of_one_name_are_refused(tmp_path):
    entry = "  - {name: a, says: b, rule: not_null, column: text, severity: warn}\n"
    with pytest.raises(ValueError, match="name 重复：a"):
        load(written(tmp_path, HEAD + entry + entry))


def test_an_unknown_table_is_refused(tmp_path):
    with pytest.raises(ValueError, match="table 应是"):
        load(written(tmp_path, HEAD.replace("record", "raw_vault") + "  []\n"))


def test_trends_are_for_sources_alone(tmp_path):
    head = HEAD.replace("record", "core_dispute")
    entry = "  - {name: a, says: b, rule: volume, severity: warn}\n"
    with pytest.raises(ValueError, match="volume 只用于来源"):
        load(written(tmp_path, head + entry))


def test_what_is_not_said_has_a_default_and_what_is_said_counts(tmp_path):
    entries = (
        "  - {name: a, says: b, rule: drift, column: status, severity: warn}\n"
        "  - {name: c, says: d, rule: drift, column: text, severity: warn, window: 14, limit: 0.1, min_rows: 300}\n"
        "  - {name: e, says: f, rule: not_null, column: text, severity: warn, mostly: 0.3}\n"
    )
    first, second, third = load(written(tmp_path, HEAD + entries)).expectations
    assert first.trend == drift.Settings()
    assert second.trend == drift.Settings(window=14, limit=0.1, min_rows=300)
    assert third.trend is None
    assert (first.dimension, third.mostly) == ("一致性", 0.3)


def test_names_need_no_yaml_to_be_right():
    assert suites.names() == [suite.name for suite in load_all()]


def test_each_system_of_the_city_is_watched_for_volume_and_drift():
    for suite in load_all():
        if suite.name in {"hotline", "police", "mediation", "citymgmt", "grid"}:
            rules = [expectation.rule for expectation in suite.of_deliveries]
            assert "volume" in rules, suite.name
            assert rules.count("drift") >= 4, suite.name
