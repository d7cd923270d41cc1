import shutil
from datetime import date

import pytest

from pipelines import runs
from pipelines.settings import Settings
from sources.simulator import simulate

ROWS, DAYS, SEED = 1200, 12, 11


@pytest.fixture(scope="session")
def exports(tmp_path_factory):
    """Simulated exports of twelve days, with truth."""
    out = tmp_path_factory.mktemp("exports")
    simulate(out, rows=ROWS, days=DAYS, seed=SEED, start=date(2025, 3, 1))
    return out


def settings_in(folder, landing):
    return Settings(landing=landing, root=folder / "lake", key_file=folder / "lake.key")


@pytest.fixture(scope="session")
def published(exports, tmp_path_factory):
    """A lake with everything published; tests only read it."""
    settings = settings_in(tmp_path_factory.mktemp("published"), exports / "landing")
    outcome = runs.run(settings)
    assert outcome.is_published, outcome.failures
    return settings


@pytest.fixture
def own(exports, published, tmp_path):
    """A copy of landing and lake that a test may change."""
    shutil.copytree(exports / "landing", tmp_path / "landing", copy_function=shutil.copy2)
    shutil.copytree(published.root, tmp_path / "lake", symlinks=True)
    shutil.copy2(published.key_file, tmp_path / "lake.key")
    return settings_in(tmp_path, tmp_path / "landing")
