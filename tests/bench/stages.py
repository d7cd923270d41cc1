"""Where the time of reading and cleaning goes: `python -m tests.bench.stages LANDING`, microseconds of processor a row.

Here: the same work as a worker process does, in this process, its stages timed by wrappers. Not here: whole commands
(`__main__`).
landing/ -> a lake in a temporary folder -> lines of a Markdown table
"""

import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any
from unittest.mock import patch

from pipelines import intake
from quality import contracts
from sources import deliveries, frames, read, readers, rows
from transforms import address, category, event, mentions, text
from transforms.lexicon import Lexicon
from transforms.tables import CORE_ACCEPTANCE
from transforms.tokens import Tokens
from warehouse.lake import Lake

READING: dict[str, tuple[Any, str]] = {
    "打开文件，取出单元格": (readers, "read_bytes"),
    "找表头，分出标题、空行、合计、坏行": (read.layout, "locate"),
    "值的类型与代码": (rows, "read"),
    "整行原样存为 JSON": (frames.Batches, "add_rows"),
    "记录、当事人、编号成 Arrow": (frames.Batches, "add_records"),
    "核对契约": (contracts, "broken"),
    "写入湖（raw）": (Lake, "replace"),
}
CLEANING: dict[str, tuple[Any, str]] = {
    "文本规整": (text, "clean"),
    "查词": (Lexicon, "find"),
    "文中的人、单位、电话、金额、威胁": (mentions, "find"),
    "列里的当事人与电话、证件": (event, "_parties"),
    "文中提到的人成行": (event, "_mentioned"),
    "定位到区划": (address, "locate"),
    "地址各部分": (address, "parse_parts"),
    "分类": (category, "text_scores"),
    "是否纠纷": (event, "_disputes"),
    "脱敏文本": (event, "_publish"),
    "写入湖（core）": (Lake, "replace"),
}


@contextmanager
def timed(stages: dict[str, tuple[Any, str]]) -> Iterator[dict[str, float]]:
    """Within the block, gathers seconds of processor for each stage; what a stage calls in another counts there."""
    seconds: dict[str, float] = defaultdict(float)
    running: list[str] = []
    since = time.process_time()

    def turn() -> None:
        nonlocal since
        now = time.process_time()
        seconds[running[-1] if running else "其余"] += now - since
        since = now

    def wrapped(label: str, inner: Callable[..., Any]) -> Callable[..., Any]:
        def outer(*args: Any, **kwargs: Any) -> Any:
            turn()
            running.append(label)
            try:
                return inner(*args, **kwargs)
            finally:
                turn()
                running.pop()

        return outer

    patches = [
        patch.object(owner, name, wrapped(label, getattr(owner, name))) for label, (owner, name) in stages.items()
    ]
    for each in patches:
        each.start()
    try:
        yield seconds
        turn()
    finally:
        for each in patches:
            each.stop()


def main() -> None:
    """Reads and cleans all of a landing folder and prints the tables."""
    found = deliveries.find(Path(sys.argv[1]), now=datetime.now().astimezone(), quiet_minutes=0)
    wanted = intake.intakes(found.complete, CORE_ACCEPTANCE.empty())
    dates = {each.delivery.delivery_date for each in wanted}
    with tempfile.TemporaryDirectory() as folder:
        lake = Lake.open(Path(folder) / "lake", bytes(32))
        with timed(READING) as reading:
            intake.read_into(lake, wanted)
        with timed(CLEANING) as cleaning:
            events = intake.clean_into(lake, dates, Tokens(bytes(32)))["events"]
    for title, seconds in (("读入", reading), ("清洗", cleaning)):
        total = sum(seconds.values())
        sys.stdout.write(f"| {title}：共 | {total / events * 1e6:.1f} |\n")
        for label, value in sorted(seconds.items(), key=lambda item: -item[1]):
            sys.stdout.write(f"| {title}：{label} | {value / events * 1e6:.1f} |\n")


if __name__ == "__main__":
    main()
