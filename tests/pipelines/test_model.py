from datetime import date

import duckdb
import pandas as pd
import pytest
from click.testing import CliRunner

from pipelines import cli, modelling
from tests.transforms.matching.test_model_drift import measured
from transforms.tables import CORE_MATCH_MODEL, CORE_MATCH_SCORE
from warehouse.lake import Lake

DAYS = [date(2025, 3, 1), date(2025, 3, 2), date(2025, 3, 3), date(2025, 3, 4)]


@pytest.fixture
def lake(tmp_path):
    opened = Lake.open(tmp_path / "lake", b"k" * 32)
    with opened.lock():
        yield opened


def runs(lake):
    return lake.read(CORE_MATCH_MODEL)[["version", "as_of"]].drop_duplicates().sort_values("as_of").values.tolist()


def test_of_a_version_the_first_run_and_the_newest_stay(lake):
    for day in DAYS[:3]:
        modelling.keep(lake, measured(300), version="v1", as_of=day)
    assert runs(lake) == [["v1", DAYS[0]], ["v1", DAYS[2]]]
    modelling.keep(lake, measured(300), version="v2", as_of=DAYS[3])
    assert runs(lake) == [["v1", DAYS[0]], ["v1", DAYS[2]], ["v2", DAYS[3]]]
    assert sorted(set(lake.read(CORE_MATCH_SCORE)["version"])) == ["v1", "v2"]


def test_a_run_again_changes_nothing(lake):
    first = modelling.keep(lake, measured(300), version="v1", as_of=DAYS[0])
    standing = lake.read(CORE_MATCH_MODEL)
    assert modelling.keep(lake, measured(300), version="v1", as_of=DAYS[0]) == first
    pd.testing.assert_frame_equal(lake.read(CORE_MATCH_MODEL), standing)


def test_a_run_is_compared_with_the_one_before(lake):
    alone = modelling.keep(lake, measured(2000), version="v1", as_of=DAYS[0])
    assert alone["compared_with"] is None
    same = modelling.keep(lake, measured(2000), version="v1", as_of=DAYS[1])
    assert same["compared_with"] == "v1（2025-03-01）"
    assert same["level_psi"] == 0
    moved = measured(2000, shift=6.0)
    moved.levels.loc[moved.levels["level"] == "room", "match_count"] += 5000
    after = modelling.keep(lake, moved, version="v2", as_of=DAYS[2])
    assert (after["level_comparison"], after["level_says"]) == ("地点", "明显变化")
    told = modelling.metadata({"model_version": "v2", "drift": after})
    assert told["级别分布漂移 PSI"] > 0.25
    assert told["模型版本"] == "v2"


def test_versions_are_named_by_how_they_begin(lake):
    modelling.keep(lake, measured(300), version="2025-03-01-aa", as_of=DAYS[0])
    modelling.keep(lake, measured(300), version="2025-03-02-bb", as_of=DAYS[1])
    assert modelling.measured(lake, None)["version"].iloc[0] == "2025-03-02-bb"
    assert modelling.measured(lake, "2025-03-01")["version"].iloc[0] == "2025-03-01-aa"
    one, other = modelling.two(lake, None, None)
    assert (one["version"].iloc[0], other["version"].iloc[0]) == ("2025-03-01-aa", "2025-03-02-bb")
    for named, said in (("2025", "不止一个"), ("2024", "没有版本")):
        with pytest.raises(LookupError, match=said):
            modelling.measured(lake, named)


@pytest.fixture
def ask(published, monkeypatch):
    for name, value in (("LAKE_ROOT", published.root), ("LAKE_KEY_FILE", published.key_file)):
        monkeypatch.setenv(name, str(value))
    return lambda *arguments: CliRunner().invoke(cli.main, ["model", *arguments])


def test_a_published_lake_lists_its_model_and_shows_its_levels(published, ask):
    with duckdb.connect(str(published.warehouse), read_only=True) as con:
        rows = con.execute(
            "SELECT DISTINCT version, records, candidates, round(100 * matched_share, 2) FROM match_model"
        ).fetchall()
    [(version, records, candidates, share)] = rows
    listed = ask("list")
    assert listed.exit_code == 0, listed.stderr
    assert version in listed.stdout
    shown = ask("show")
    assert shown.exit_code == 0, shown.stderr
    for said in (version, f"{records:,}", f"{candidates:,}", f"{share:.2f}%", "同一电话且姓名相符", "逐月得分分布"):
        assert said in shown.stdout


def test_levels_are_counted_with_the_scores_of_their_own_pairs(published):
    with duckdb.connect(str(published.warehouse), read_only=True) as con:
        rate = dict(
            con.execute(
                "SELECT comparison || ' ' || level, match_count / candidate_count FROM match_model "
                "WHERE candidate_count > 0"
            ).fetchall()
        )
    assert rate["person phone_and_name"] > 0.5
    assert rate["topic other"] < 0.05
    assert rate["place other_county"] < 0.05


def test_one_run_has_nothing_to_compare_with(ask):
    result = ask("compare")
    assert result.exit_code == 1
    assert "只有一次运行" in result.stderr


def test_two_versions_are_compared_on_the_terminal(lake, monkeypatch):
    modelling.keep(lake, measured(2000), version="v1", as_of=DAYS[0])
    modelling.keep(lake, measured(2000, seed=9), version="v2", as_of=DAYS[1])
    monkeypatch.setattr("pipelines.runs.standing", lambda settings: lake)
    result = CliRunner().invoke(cli.main, ["model", "compare", "v1", "v2", "--all"])
    assert result.exit_code == 0, result.stderr
    for said in ("甲：v1", "乙：v2", "稳定", "全部级别", "同一电话且姓名相符"):
        assert said in result.stdout


def test_a_run_tells_dagster_what_it_measured(published):
    import dagster as dg

    from pipelines.instance import instance

    with instance(published) as history:
        event = history.get_latest_materialization_event(dg.AssetKey("link"))
    metadata = event.asset_materialization.metadata
    assert 0 < metadata["匹配率"].value < 1
    assert metadata["模型版本"].value
