"""What the sentences of a lake's links say, and how long taking weights apart takes; for docs/explanations.md.

`python -m tests.bench.explanations LAKE`: reads the newest model and the links of the lake in the folder LAKE.
core_link, model -> Markdown
"""

import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd

from pipelines import explaining
from transforms.matching import trees, waterfall
from transforms.matching.explanations import NONE, WEAK
from transforms.tables import CORE_LINK
from warehouse.lake import Lake

PAIRS = 500_000
KINDS = {
    "a person, phone or ID": "证件号|电话|同名|姓名|同姓|称呼",
    "a place by name": "同在|地址同为|地标同为|都写到",
    "a firm by name": "都涉及",
    "the matter by name": "诉求同为",
    "how many days": "同一天|相隔",
    "a sum or head count": "金额|人数",
    "that the pair alone is weak": WEAK,
    "an official number": "编号|官方",
}


def main(root: Path) -> None:
    """Prints the shares and the time."""
    lake = Lake.standing(root)
    sentences = lake.read(CORE_LINK)["explanation"]
    nothing = ~sentences.str.contains("|".join(pattern for name, pattern in KINDS.items() if name != "how many days"))
    rows = [(name, sentences.str.contains(pattern).mean()) for name, pattern in KINDS.items()]
    rows += [(f"nothing but days and likeness (or {NONE})", nothing.mean())]
    print(f"{len(sentences):,} links; mean length {sentences.str.len().mean():.0f} characters\n")
    print("| names | share |\n|---|---|")
    for name, share in rows:
        print(f"| {name} | {share:.1%} |")
    version, model = explaining.standing(lake)
    random = np.random.default_rng(1)
    vectors = pd.DataFrame(
        random.integers(-1, 3, (PAIRS, len(trees.COLUMNS))), columns=list(trees.COLUMNS), dtype=float
    )
    waterfall.take_apart(model, vectors.head(10))  # compiled once
    start = time.perf_counter()
    waterfall.take_apart(model, vectors)
    print(f"\ntaking apart: {(time.perf_counter() - start) / PAIRS * 1e6:.1f} µs a pair (model {version})")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
