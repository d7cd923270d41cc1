import json

import duckdb
import pytest
from click.testing import CliRunner

from pipelines import cli, explaining, runs
from pipelines.commands.explain import drawn
from pipelines.revealing import LOG


@pytest.fixture
def ask(published, monkeypatch):
    """Runs `dispute-lake explain` on the published lake."""
    for name, value in (("LAKE_ROOT", published.root), ("LAKE_KEY_FILE", published.key_file)):
        monkeypatch.setenv(name, str(value))
    monkeypatch.setenv("LAKE_LANDING", str(published.landing))

    def run(*arguments):
        return CliRunner().invoke(cli.main, ["explain", *map(str, arguments)])

    return run


def query(settings, sql):
    with duckdb.connect(str(settings.warehouse), read_only=True) as con:
        return con.execute(sql).fetchall()


@pytest.fixture
def link(published):
    """The strongest link that the model decided, between records of two systems."""
    return query(
        published,
        "SELECT event_id_l, event_id_r, match_weight, link.explanation FROM link "
        "JOIN dispute_event l ON l.event_id = event_id_l JOIN dispute_event r ON r.event_id = event_id_r "
        "WHERE decided_by = 'model' AND l.source <> r.source ORDER BY match_weight DESC, 1, 2 LIMIT 1",
    )[0]


def test_the_bars_of_a_link_lead_to_its_published_weight(published, link):
    left, right, weight, _ = link
    pair = explaining.pair(runs.standing(published), published.warehouse, left, right)
    assert pair.is_of_model
    assert pair.is_one
    assert pair.bars["weight"].iloc[-1] == pytest.approx(weight, abs=1e-4)
    assert pair.bars["weight"].iloc[:-1].sum() == pytest.approx(weight, abs=1e-4)


def test_the_order_of_the_two_records_changes_sides_and_no_weight(published, link):
    lake = runs.standing(published)
    one = explaining.pair(lake, published.warehouse, link[0], link[1])
    other = explaining.pair(lake, published.warehouse, link[1], link[0])
    assert one.bars["value_l"].tolist() == other.bars["value_r"].tolist()
    assert one.bars["weight"].tolist() == other.bars["weight"].tolist()


def test_the_command_tells_values_weights_and_the_reason(ask, link):
    result = ask(link[0], link[1])
    assert result.exit_code == 0, result.stderr
    for said in ("起点", "判定线", "合计", f"合计 {link[2]:+.2f}", "现属同一纠纷", f"理由：{link[3]}"):
        assert said in result.stdout


def test_nobody_is_named_unless_revealed_and_the_look_is_logged(published, ask, link):
    log = published.root / "restricted" / LOG
    before = log.read_text("utf-8") if log.exists() else ""
    with runs.standing(published).connect() as con:
        names = con.execute(
            "SELECT DISTINCT name FROM current_party WHERE event_id IN ($1, $2) AND is_full_name AND kind = 'person'",
            [link[0], link[1]],
        ).fetchall()
        phones = con.execute(
            "SELECT DISTINCT value FROM core_vault JOIN (SELECT unnest(phone_tokens) AS token FROM current_party "
            "WHERE event_id IN ($1, $2)) USING (token)",
            [link[0], link[1]],
        ).fetchall()
    assert names
    assert phones
    masked = ask(link[0], link[1]).stdout
    assert not any(value in masked for (value,) in names + phones)
    assert (log.read_text("utf-8") if log.exists() else "") == before
    refused = ask(link[0], link[1], "--reveal")
    assert refused.exit_code == 2
    assert "--reason" in refused.stderr
    shown = ask(link[0], link[1], "--reveal", "--reason", "核对", "--by", "李四")
    assert any(value in shown.stdout for (value,) in names)
    assert any(value in shown.stdout for (value,) in phones)
    asked = json.loads(log.read_text("utf-8").splitlines()[-1])
    assert (asked["by"], asked["reason"], asked["events"]) == ("李四", "核对", [link[0], link[1]])


def test_two_records_of_no_link_are_explained_too(published, ask):
    left, right = query(
        published,
        "SELECT min(event_id), max(event_id) FROM dispute_event WHERE link_kind = 'first' "
        "AND event_id NOT IN (SELECT event_id_l FROM link UNION SELECT event_id_r FROM link)",
    )[0]
    result = ask(left, right)
    assert result.exit_code == 0, result.stderr
    assert "现不属同一纠纷" in result.stdout
    assert "没有列入 link" in result.stdout


def test_a_number_in_a_system_names_a_record_and_one_record_is_held_against_what_it_follows(published, ask):
    event, number, other = query(
        published,
        "SELECT event_id, source_record_id, linked_event_id FROM dispute_event WHERE linked_event_id IS NOT NULL "
        "ORDER BY event_id LIMIT 1",
    )[0]
    result = ask(number)
    assert result.exit_code == 0, result.stderr
    assert f"甲：{event}" in result.stdout
    assert f"乙：{other}" in result.stdout


def test_a_dispute_is_told_record_by_record_and_link_by_link(published, ask):
    dispute, count = query(
        published, "SELECT dispute_id, count(*) n FROM dispute_event GROUP BY 1 ORDER BY n DESC, 1 LIMIT 1"
    )[0]
    result = ask(dispute)
    assert result.exit_code == 0, result.stderr
    assert f"{count} 条记录" in result.stdout
    for (explanation,) in query(published, f"SELECT explanation FROM dispute_event WHERE dispute_id = '{dispute}'"):
        assert explanation[:12] in result.stdout


@pytest.mark.parametrize(("arguments", "said"), [(["d_nowhere"], "没有发布过"), (["ev_nowhere", "ev_x"], "没有记录")])
def test_what_is_not_there_is_said(ask, arguments, said):
    result = ask(*arguments)
    assert result.exit_code == 1
    assert said in result.stderr


def test_one_record_twice_is_refused(ask, link):
    result = ask(link[0], link[0])
    assert result.exit_code == 1
    assert "同一条记录" in result.stderr


def test_bars_in_text_start_where_the_last_one_ended(published, link):
    bars = explaining.pair(runs.standing(published), published.warehouse, link[0], link[1]).bars
    lines = drawn(bars, width=40)
    assert len(lines) == len(bars)
    assert lines[0].startswith("░")
    assert max(map(len, lines)) <= 40
