"""What the tests of reading share."""

from typing import Any

import pytest

from sources.deliveries import Delivery, signature
from sources.read import Reading, read_delivery
from tests.sources.exports import DAY, assert_adds_up


@pytest.fixture
def deliver(tmp_path):
    """Reads what was put into ``tmp_path`` as one delivery of a source, and checks that the rows add up."""

    def read(source: str, files: dict[str, bytes | str] | None = None, **options: Any) -> Reading:
        for name, content in (files or {}).items():
            (tmp_path / name).write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
        paths = tuple(sorted(path for path in tmp_path.iterdir() if path.is_file()))
        reading = read_delivery(Delivery(source, DAY, tmp_path, paths, signature(paths)), **options)
        assert_adds_up(reading)
        return reading

    return read
