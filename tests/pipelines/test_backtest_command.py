"""`dispute-lake backtest` on a published lake with its truth: figures, and nothing changed."""

import pytest
from click.testing import CliRunner

from pipelines import backtesting, cli, runs
from pipelines.resources import history_sources, run_now
from tests.lakes import snapshot


@pytest.fixture
def command(published, monkeypatch):
    for name, value in (("LANDING", published.landing), ("ROOT", published.root), ("KEY_FILE", published.key_file)):
        monkeypatch.setenv(f"LAKE_{name}", str(value))

    def run(*arguments):
        return CliRunner().invoke(cli.main, ["backtest", *map(str, arguments)])

    return run


def test_days_are_replayed_and_told_per_rule_and_per_tier_and_the_lake_stays_as_it_was(command, published, exports):
    before = snapshot(published)
    found = command("--from", "2025-03-02", "--to", "2025-03-12", "--truth", exports / "truth")
    assert found.exit_code == 0, found.output
    for word in (
        "各规则，2025-03-02 至 2025-03-12（11 天）",
        "扬言极端",
        "对照真值",
        "查全",
        "查准",
        "各级中心收到的告知",
    ):
        assert word in found.output
    after = snapshot(published)
    assert all(frame.equals(after[name]) for name, frame in before.items())


def test_its_counts_are_those_of_the_publication(published):
    lake = runs.standing(published)
    days = snapshot(published)["warning"]["first_seen_at"]
    first, last = days.min().date(), days.max().date()
    found = backtesting.run(
        lake, as_of=run_now(published, lake), history_sources=history_sources(), first=first, last=last
    )
    assert found.truth is None
    assert found.rules["发出"].sum() == len(days)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [(("--from", "2025-03-09", "--to", "2025-03-02"), "早于"),
     (("--from", "2025-03-02", "--to", "2025-03-09", "--truth", "."), "真值表")],
)  # fmt: skip
def test_what_cannot_be_is_refused_with_a_sentence(command, arguments, says, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    found = command(*arguments)
    assert found.exit_code == 2 and says in found.output
