"""What all tests share: where the real data lies."""

from pathlib import Path

import pytest

SHARED_DATA = Path(__file__).parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of real data beside the checkout; absent on a machine that has only the project."""
    if not SHARED_DATA.is_dir():
        pytest.skip("真实数据不在：需要与项目并列的 ../shared/data")
    return SHARED_DATA
