"""Places of simulated exports against their truth: right, wrong and open, by level and by how sure the lake was.

Here: the figures. Not here: the decision (`transforms.address`). Simulated, so only the divisions are real.
simulated exports -> figures of docs/addresses.md

    python -m tests.bench.places [SEED ...]
"""

import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd

from sources.deliveries import find
from sources.read import read_delivery
from sources.simulator import simulate
from transforms import event
from transforms.tokens import Tokens

ROWS, DAYS = 5000, 40


def events(folder: Path) -> pd.DataFrame:
    """Returns the events of an export beside their truth."""
    found = find(folder / "landing", now=datetime.now(UTC), quiet_minutes=0).complete
    readings = [read_delivery(delivery) for delivery in found]
    frames = [
        pd.concat([getattr(reading, name) for reading in readings], ignore_index=True)
        for name in ("record", "party", "reference")
    ]
    built = event.build(*frames, Tokens(b"k" * 32)).event
    truth = pd.read_csv(folder / "truth" / "record.csv", dtype=str)
    latest = built.drop_duplicates(["source", "source_record_id"], keep="last")
    both = latest.merge(truth, on=["source", "source_record_id"], suffixes=("", "_true"))
    return both[both["elsewhere"] != "1"]


def main(seeds: list[int]) -> None:
    """Prints the figures."""
    everything = []
    for seed in seeds:
        for hard in (False, True):
            with tempfile.TemporaryDirectory() as temporary:
                simulate(Path(temporary), rows=ROWS, days=DAYS, seed=seed, hard=hard)
                rows = events(Path(temporary))
            everything.append(rows)
            told = rows[rows["text_has_place"].isin(["town", "village"])]
            village = rows[rows["text_has_place"] == "village"]
            wrong = rows["town_code"].notna() & (rows["town_code"] != rows["town_code_true"])
            said = rows["village_code"].notna()
            sys.stdout.write(
                f"seed {seed}{' hard' if hard else ''}: right town where told "
                f"{(told['town_code'] == told['town_code_true']).mean():.2%}, wrong town {wrong.mean():.3%}, "
                f"right village where told {(village['village_code'] == village['village_code_true']).mean():.2%}, "
                f"villages that are wrong "
                f"{(rows['village_code'] != rows['village_code_true'])[said].mean():.2%}\n"
            )
    rows = pd.concat(everything, ignore_index=True)
    finest = rows["village_code"].fillna(rows["town_code"]).fillna(rows["county_code"])
    true = rows["county_code_true"].where(rows["town_code"].isna(), rows["town_code_true"])
    true = true.where(rows["village_code"].isna(), rows["village_code_true"])
    decided = finest.notna()
    wrong = (finest != true)[decided].groupby(rows["place_confidence"][decided]).agg(["size", "mean"])
    sys.stdout.write(f"{wrong.to_string()}\n")


if __name__ == "__main__":
    main([int(seed) for seed in sys.argv[1:]] or [4, 11, 23])
