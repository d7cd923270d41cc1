"""`dispute-lake warning`: what people say of warnings is kept at once, survives runs, and shows in the publication."""

import duckdb
import pytest
from click.testing import CliRunner

from pipelines import cli, reviewing, runs
from transforms.tables import CORE_TAKEN_ACT, CORE_WARNING_ACT


@pytest.fixture
def command(own, monkeypatch):
    for name, value in (("LANDING", own.landing), ("ROOT", own.root), ("KEY_FILE", own.key_file)):
        monkeypatch.setenv(f"LAKE_{name}", str(value))

    def run(*arguments):
        return CliRunner().invoke(cli.main, ["warning", *arguments])

    return run


def published(settings, query):
    with duckdb.connect(str(settings.warehouse), read_only=True) as con:
        return con.execute(query).fetchall()


def test_a_judgement_closes_a_warning_in_the_next_run_and_counts_in_the_precision(command, own):
    where = "status = 'open' AND rule = 'cross_source_gap'"
    [(false, rule), (true, _)] = published(
        own, f"SELECT warning_id, rule FROM warning WHERE {where} ORDER BY ALL LIMIT 2"
    )
    assert command("judge", false, "不实", "--by", "王五", "--note", "电话13987766554核实，查无此事").exit_code == 0
    assert command("judge", true, "属实", "--by", "王五").exit_code == 0
    done = command("ack", true, "--by", "赵六")
    assert done.exit_code == 0 and "下次 dispute-lake run" in done.output
    shown = command("show", false)
    assert "不实" in shown.output and "王五" in shown.output and "经过" in shown.output
    assert published(own, "SELECT count(*) FROM warning_act") == [(0,)]  # the publication stays as it was

    outcome = runs.run(own)
    assert outcome.is_published, outcome.failures
    assert published(own, f"SELECT status, closed_reason, judgement FROM warning WHERE warning_id = '{false}'") == [
        ("closed", "人工判定不实", "不实")
    ]
    [(judgement, seen)] = published(
        own, f"SELECT judgement, acknowledged_at IS NOT NULL FROM warning WHERE warning_id = '{true}'"
    )
    assert (judgement, seen) == ("属实", True)
    [counts] = published(
        own, "SELECT judged_count, true_count, false_count, known_count, precision, precision_low, precision_high"
        f" FROM warning_precision WHERE rule = '{rule}'"
    )  # fmt: skip
    assert counts[:5] == (2, 1, 1, 0, 0.5)
    assert counts[5:] == pytest.approx((0.0945, 0.9055), abs=1e-3)  # Wilson, 1 of 2, by hand
    acts = published(own, "SELECT * FROM warning_act ORDER BY acted_at")
    assert len(acts) == 3 and not any("王五" in str(act) or "13987766554" in str(act) for act in acts)
    # taken once; another run changes nothing, and the judgement stands
    lake = runs.standing(own)
    assert set(lake.read(CORE_TAKEN_ACT)["act_id"]) >= set(lake.read(CORE_WARNING_ACT)["act_id"])
    assert not runs.run(own).is_published


def test_what_was_said_is_withdrawn_once_by_its_number(command, own):
    [(number,)] = published(own, "SELECT warning_id FROM warning WHERE status = 'open' ORDER BY ALL LIMIT 1")
    assert command("judge", number, "已知", "--by", "王五").exit_code == 0
    assert "没有再写" in command("judge", number, "已知", "--by", "王五").output
    lake = runs.standing(own)
    [act] = lake.read(CORE_WARNING_ACT)["act_id"]
    assert command("withdraw", act, "--by", "赵六").exit_code == 0
    again = command("withdraw", act, "--by", "赵六")
    assert again.exit_code == 2 and "已经撤回" in again.output
    assert sorted(reviewing.acts(lake)["state"]) == ["已撤回", "撤回"]
    assert "已知" not in command("list", "--which", "open", "--limit", "1").output


def test_lists_are_narrowed_by_area_rule_level_and_day(command, own):
    def listed(*arguments):
        found = command("list", "--limit", "1000", *arguments)
        assert found.exit_code == 0, found.output
        return {word for word in found.output.replace("│", " ").split() if word.startswith("wn_")}

    def wanted(where):
        return {number for (number,) in published(own, f"SELECT warning_id FROM warning WHERE {where}")}

    assert listed() == wanted("status = 'open'")
    assert listed("--which", "all", "--area", "红塔区") == wanted("starts_with(area_code, '530402')")
    assert listed("--rule", "报警后无人接续", "--level", "蓝") == wanted(
        "status = 'open' AND rule = 'cross_source_gap' AND level = '蓝'"
    )
    on_day = "first_seen_at <= DATE '2025-03-06'"
    lasting = f"{on_day} AND status = 'open' AND times_raised = 1"
    assert listed("--day", "2025-03-06", "--which", "all") == wanted(on_day)
    assert listed("--day", "2025-03-06") >= wanted(lasting)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("judge", "wn_x", "属实", "--by", "王五"), "没有预警"),
        (("judge", "wn_x", "也许", "--by", "王五"), "不是判定"),
        (("list", "--area", "没有这个镇"), "没有区域"),
        (("list", "--rule", "没有这条"), "没有规则"),
        (("show", "wn_x"), "没有预警"),
        (("withdraw", "v_1", "--by", "王五"), "不是签收或判定"),
    ],
)
def test_what_cannot_be_is_refused_with_a_sentence(command, arguments, says):
    found = command(*arguments)
    assert found.exit_code == 2
    assert says in found.output
