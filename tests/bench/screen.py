"""First paint of the one screen, and what a click costs, in Chromium on a published warehouse of any size.

Here: `python -m tests.bench.screen LAKE_ROOT`, medians of three new browser profiles each. Not here: a warehouse of
that size (`tests.bench.large`). A filter asked for first is counted anew; asked for again it comes from memory.
"""

import statistics
import sys
import tempfile
import time
from pathlib import Path

from tests.browser.chromium import Chromium
from warehouse.screen import rows
from warehouse.screen.app import Screen, Server
from warehouse.screen.choices import FACETS, Selection
from warehouse.screen.snapshot import Follower

RUNS = 3
FILTERS = {
    "最近 30 天": "",
    "全部": "since=2000-01-01",
    "一个区县，全部": "area=530402&since=2000-01-01",
    "一个大类、高风险": "category=06&risk=高",
}
CLICKS = {
    "数 → 明细": ("#headline .tile:nth-child(1) .big a", "#drawer-body tbody tr"),
    "预警数 → 明细": ("#headline .tile:nth-child(6) .big a", "#drawer-body tbody tr"),
    "超期的一起 → 经过": ("#late .items a", "#drawer .facts"),
}
_PAINT = "Math.round((performance.getEntriesByName('first-contentful-paint')[0] || {}).startTime || 0)"
_DRAWN = "document.querySelector('#headline .big') && document.querySelector('#trend canvas')"


def main(root: Path) -> None:
    """Prints what was measured."""
    started = time.monotonic()
    follower = Follower(root / "published" / "warehouse.duckdb")
    counts = {of: rows.total(follower.current(), Selection(of, dict.fromkeys(FACETS[of]))) for of in FACETS}
    print(f"打开发布 {time.monotonic() - started:.1f} 秒；纠纷 {counts['dispute']:,}，预警 {counts['warning']:,}")
    for name, query in FILTERS.items():
        fresh = [_paint(follower, query) for _ in range(RUNS)]
        print(f"首次绘制 {name}：新算 {statistics.median(fresh):.0f} 毫秒", end="；")
        with Server(Screen(follower)) as server:
            _open(server.address, query)
            kept = [_open(server.address, query) for _ in range(RUNS)]
        print(f"再看 {statistics.median(kept):.0f} 毫秒")
    with Server(Screen(follower)) as server, _browser() as page:
        page.open(server.address)
        page.wait(_DRAWN)
        for name, (selector, shown) in CLICKS.items():
            took = []
            for _ in range(RUNS):
                begun = time.monotonic()
                page.click(selector)
                page.wait(f"document.querySelector('{shown}')")
                took.append(time.monotonic() - begun)
                page.press("Escape")
                page.wait("!document.querySelector('#drawer').open")
            print(f"{name} {1000 * statistics.median(took):.0f} 毫秒")


def _paint(follower: Follower, query: str) -> float:
    """Nothing is kept; what stands by itself when a publication is opened, the default filter, is counted too."""
    with Server(Screen(follower)) as server:
        follower.current().kept.clear()
        return _open(server.address, query)


def _open(address: str, query: str) -> float:
    with _browser() as page:
        page.open(f"{address}?{query}")
        page.wait(_DRAWN)
        return float(page.wait(_PAINT))


def _browser() -> Chromium:
    return Chromium(Path(tempfile.mkdtemp(prefix="screen-")))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
