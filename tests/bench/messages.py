"""How right are the links of the lake on real messages? Recall on the known pairs, precision by pairs read by eye.

`python -m tests.bench.messages [FOLDER]`: FOLDER is where `tests.bench.real_data` ran the lake; where no lake stands
there, or without FOLDER, it is run first. Prints Markdown for docs/matching.md. `--unread` prints instead the pairs of
the sample that nobody has judged, with both texts, for reading by eye; texts are never committed.
../shared/data -> lake -> sample of linked pairs + tests/labelled/message_pairs.csv -> recall, precision, wrong clusters

The sample: all pairs of messages in one dispute, in strata by the size of the dispute and the weight of the pair; in
each the first `QUOTA` by the hash of the two message numbers. So a later version of the matcher draws, of the pairs
that it links too, the same ones again, and what it links anew is told as not yet read.
"""

import argparse
import hashlib
import sys
import tempfile
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd

from pipelines import runs
from pipelines.settings import Settings
from tests.bench.real_data import DATA, deliver, pairs, recall, say, table
from tests.bench.worlds import headline

LABELS = Path(__file__).parents[1] / "labelled" / "message_pairs.csv"
SMALL = 15
BANDS = [("below 0, or never compared", -np.inf), ("0 to 3", 0.0), ("3 to 6", 3.0), ("6 and more", 6.0)]
QUOTA = {True: 50, False: 60}
"""Pairs to read in each stratum of small disputes, and of the few large ones, which hold most of the pairs."""
DRAWS = 20_000


def linked(con: Any) -> pd.DataFrame:
    """Every pair of messages in one dispute: ``msg_id_l`` < ``msg_id_r``, ``dispute_id``, ``small``, ``band``."""
    frame = con.execute(
        """
        with d as (
            select event_id, source_record_id as msg_id, dispute_id, count(*) over (partition by dispute_id) as size
            from dispute_event where source = 'messages'
        )
        select a.msg_id as msg_id_l, b.msg_id as msg_id_r, a.dispute_id, a.size, k.match_weight as weight
        from d a join d b on a.dispute_id = b.dispute_id and a.msg_id < b.msg_id
        left join link k on k.event_id_l = least(a.event_id, b.event_id)
        and k.event_id_r = greatest(a.event_id, b.event_id)
        order by 1, 2
        """
    ).df()
    frame["small"] = frame["size"] <= SMALL
    edges = np.array([edge for _, edge in BANDS[1:]])
    frame["band"] = np.searchsorted(edges, frame["weight"].fillna(-1.0), side="right")
    return frame


def sample(frame: pd.DataFrame) -> pd.DataFrame:
    """The first pairs of every stratum by hash."""
    keys = frame["msg_id_l"] + "|" + frame["msg_id_r"]
    order = frame.assign(hash=[hashlib.sha256(key.encode()).hexdigest() for key in keys]).sort_values("hash")
    place = order.groupby(["small", "band"]).cumcount()
    return order[place < order["small"].map(QUOTA)].sort_values(["small", "dispute_id", "msg_id_l", "msg_id_r"])


def interval(strata: pd.DataFrame) -> tuple[float, float, float]:
    """The share of right pairs over strata of ``pairs`` members, ``right`` of ``read`` being right: mean and 95 %
    interval, by drawing each stratum's share from Beta(right + 1/2, wrong + 1/2)."""
    share = (strata["right"] / strata["read"]).to_numpy()
    part = (strata["pairs"] / strata["pairs"].sum()).to_numpy()
    random = np.random.default_rng(20260401)
    drawn = random.beta(strata["right"] + 0.5, strata["read"] - strata["right"] + 0.5, (DRAWS, len(strata))) @ part
    low, high = np.quantile(drawn, [0.025, 0.975])
    return float(share @ part), float(low), float(high)


def labelled(frame: pd.DataFrame) -> pd.DataFrame:
    """``frame`` with ``same`` (0, 1, unsure; null: not read)."""
    labels = pd.read_csv(LABELS, dtype="str")
    return frame.merge(labels[["msg_id_l", "msg_id_r", "same"]], on=["msg_id_l", "msg_id_r"], how="left")


def precision(population: pd.DataFrame, read: pd.DataFrame) -> None:
    """Prints the precision by stratum, over the small disputes and over all."""
    size = population.groupby(["small", "band"]).size().rename("pairs")
    known = read.dropna(subset=["same"])
    counts = known.groupby(["small", "band"])["same"].value_counts().unstack(fill_value=0)
    counts = counts.reindex(columns=["1", "0", "unsure"], fill_value=0)
    strata = size.to_frame().join(counts).fillna(0).astype(int).reset_index().sort_values(["small", "band"])
    strata["read"] = strata[["1", "0", "unsure"]].sum(axis=1)
    shown = strata.assign(
        disputes=np.where(strata["small"], f"up to {SMALL} messages", "larger"),
        weight=[BANDS[band][0] for band in strata["band"]],
    ).rename(columns={"1": "same", "0": "different"})
    say(table(shown[["disputes", "weight", "pairs", "read", "same", "different", "unsure"]]), "\n")
    rows = []
    for name, part in (
        (f"disputes of up to {SMALL} messages", strata[strata["small"]]),
        ("all linked pairs", strata),
    ):
        part = part[part["read"] > 0]
        for reading, right in (("unsure is wrong", part["1"]), ("unsure is right", part["1"] + part["unsure"])):
            mean, low, high = interval(part.assign(right=right))
            rows.append(
                (name, reading, part["pairs"].sum(), part["read"].sum(), f"{mean:.3f}", f"{low:.3f}–{high:.3f}")
            )
    say(table(pd.DataFrame(rows, columns=["of", "reading", "pairs", "read", "precision", "95 % interval"])), "\n")


def wrong_clusters(known: pd.DataFrame) -> None:
    """Prints the disputes of which a read pair is of two incidents."""
    wrong = known[known["same"] == "0"].groupby("dispute_id")
    rows = [
        (dispute, group["size"].iloc[0], " ".join(f"{row.msg_id_l}–{row.msg_id_r}" for row in group.itertuples()))
        for dispute, group in wrong
    ]
    say(table(pd.DataFrame(rows, columns=["dispute", "messages", "pairs of two incidents"])), "\n")


def texts() -> pd.DataFrame:
    """``title``, ``time``, ``detail`` of every message, by number."""
    header = {"留言编号": "msg_id", "留言主题": "title", "留言时间": "time", "留言详情": "detail"}
    folder = DATA / "citizen_messages"
    files = [
        pd.read_excel(folder / file, dtype=str, engine="calamine").rename(columns=header)
        for file in ("messages.xlsx", "messages_with_replies.xlsx")
    ]
    return pd.concat(files).drop_duplicates("msg_id").set_index("msg_id")[["title", "time", "detail"]]


def unread(con: Any) -> None:
    """Prints the pairs of the sample without a label, dispute by dispute, each message once."""
    left = labelled(sample(linked(con)))
    left = left[left["same"].isna()]
    known = texts()
    for dispute, group in left.groupby("dispute_id", sort=False):
        say("\n##", dispute, "messages", group["size"].iloc[0])
        for msg_id in sorted({*group["msg_id_l"], *group["msg_id_r"]}):
            row = known.loc[msg_id]
            say(f"[{msg_id}]", row["time"], row["title"], "｜", " ".join(str(row["detail"]).split()))
        for row in group.itertuples():
            say("  ?", f"{row.msg_id_l},{row.msg_id_r}", "" if pd.isna(row.weight) else round(row.weight, 1))


def report(con: Any) -> None:
    """Prints all figures."""
    say(headline("python -m tests.bench.messages", data="Real"), "\n")
    kwargs: dict[str, Any] = {"dtype": "str"}
    events = pd.read_csv(DATA / "citizen_messages" / "events_dev.csv", **kwargs)
    repeats = pd.read_csv(DATA / "citizen_messages" / "verbatim_repeats_dev.csv", **kwargs)
    named = [(f"incident {name}", pairs(group, "event")) for name, group in events.groupby("event")]
    named += [("all four incidents", pairs(events, "event")), ("verbatim repeats", pairs(repeats, "g"))]
    rows = []
    for name, known in named:
        got = recall(con, known)
        share = f"{got['together'] / got['both_disputes']:.3f}" if got["both_disputes"] else ""
        rows.append((name, *got.values(), share, f"{got['together'] / got['pairs']:.3f}"))
    header = ["known pairs", "pairs", "both taken for disputes", "in one dispute", "recall of those", "recall of all"]
    say(table(pd.DataFrame(rows, columns=header)), "\n")
    population = linked(con)
    read = labelled(sample(population))
    say(
        f"{len(population)} pairs of messages in one dispute; sample {len(read)}, of which "
        f"{int(read['same'].notna().sum())} read.\n"
    )
    precision(population, read)
    wrong_clusters(labelled(population).dropna(subset=["same"]))


def main(folder: Path, *, only_unread: bool) -> None:
    """Runs the lake where none stands, then reports."""
    settings = Settings(landing=folder / "landing", root=folder / "lake", key_file=folder / "lake.key")
    if not settings.warehouse.exists():
        deliver(settings.landing)
        outcome = runs.run(settings)
        if outcome.failures:
            sys.exit("\n".join(outcome.failures))
    with duckdb.connect(str(settings.warehouse), read_only=True) as con:
        if only_unread:
            unread(con)
        else:
            report(con)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--unread", action="store_true", help="print the pairs that nobody has judged")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        where = arguments.folder.absolute() if arguments.folder else Path(temporary)
        main(where, only_unread=arguments.unread)
