"""`dispute-lake risk what-if` on a published lake: what would change, and nothing changed."""

import pytest
from click.testing import CliRunner

from pipelines import cli, runs, weighing
from pipelines.resources import history_sources, run_now
from tests.lakes import snapshot
from transforms import risk


@pytest.fixture
def command(published, monkeypatch):
    for name, value in (("LANDING", published.landing), ("ROOT", published.root), ("KEY_FILE", published.key_file)):
        monkeypatch.setenv(f"LAKE_{name}", str(value))

    def run(*arguments):
        return CliRunner().invoke(cli.main, ["risk", "what-if", *map(str, arguments)])

    return run


def test_other_weights_are_shown_by_level_tier_and_county_and_nothing_is_written(command, published):
    before = snapshot(published)
    found = command("--month", "2025-03", "--set", "police=30", "--set", "high_from=40")
    assert found.exit_code == 0, found.output
    for word in ("升级", "等级：现在（行）与改后（列）", "负责层级", "各区县", "红塔区", "改变最大的", "报过警计30分"):
        assert word in found.output
    after = snapshot(published)
    assert all(frame.equals(after[name]) for name, frame in before.items())


def test_a_file_may_hold_only_what_changes(command, tmp_path):
    file = tmp_path / "weights.yml"
    file.write_text("reasons:\n  - {name: police, weight: 30}\nlevels: {high_from: 40}\n", "utf-8")
    by_file = command("--month", "2025-03", "--weights", file)
    assert by_file.exit_code == 0, by_file.output
    assert by_file.output == command("--month", "2025-03", "--set", "police=30", "--set", "high_from=40").output


def test_the_tables_add_up(published):
    lake = runs.standing(published)
    config = risk.changed(risk.settings(), {"police": 30}, {})
    found = weighing.weigh(
        lake, month=run_now(published, lake).date().replace(day=1), now=run_now(published, lake), config=config,
        history_sources=history_sources(), examples=5,
    )  # fmt: skip
    count = len(found.dispute)
    assert found.county.set_index("区县").loc["合计", "纠纷数"] == count == found.county["纠纷数"].iloc[:-1].sum()
    assert found.level["现有"].iloc[:-1].sum() == found.level["现有"].iloc[-1] == count
    assert found.tier["现有"].iloc[-1] == count
    assert found.county["升级"].iloc[-1] == (found.dispute["rise"] > 0).sum() > 0


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("--month", "2025-03"), 2, "没有写要改什么"),
        (("--month", "2025-03", "--set", "threat"), 2, "名称=数值"),
        (("--month", "2025-03", "--set", "thread=3"), 2, "没有名为 thread 的权重"),
        (("--month", "2031-03", "--set", "threat=3"), 1, "2031-03 没有纠纷"),
    ],
)
def test_what_cannot_be_is_refused_with_a_sentence(command, arguments, code, says):
    found = command(*arguments)
    assert (found.exit_code, says in found.output) == (code, True)
