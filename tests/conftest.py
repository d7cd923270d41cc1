"""What all tests share: where the real data lies, and one published lake of simulated exports."""

import shutil
from datetime import date
from pathlib import Path

import pytest

SHARED_DATA = Path(__file__).parents[2] / "shared" / "data"
ROWS, DAYS, SEED = 1200, 12, 11


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of real data beside the checkout; absent on a machine that has only the project."""
    if not SHARED_DATA.is_dir():
        pytest.skip("真实数据不在：需要与项目并列的 ../shared/data")
    return SHARED_DATA


@pytest.fixture(scope="session")
def exports(tmp_path_factory):
    """Simulated exports of twelve days, with truth."""
    from sources.simulator import simulate

    out = tmp_path_factory.mktemp("exports")
    simulate(out, rows=ROWS, days=DAYS, seed=SEED, start=date(2025, 3, 1))
    return out


@pytest.fixture(scope="session")
def published(exports, tmp_path_factory):
    """A lake with everything published; tests only read it."""
    from pipelines import runs
    from tests.lakes import settings_in

    settings = settings_in(tmp_path_factory.mktemp("published"), exports / "landing")
    outcome = runs.run(settings)
    assert outcome.is_published, outcome.failures
    return settings


@pytest.fixture
def own(exports, published, tmp_path):
    """A copy of landing and lake that a test may change."""
    from tests.lakes import settings_in

    shutil.copytree(exports / "landing", tmp_path / "landing", copy_function=shutil.copy2)
    shutil.copytree(published.root, tmp_path / "lake", symlinks=True)
    shutil.copy2(published.key_file, tmp_path / "lake.key")
    return settings_in(tmp_path, tmp_path / "landing")
