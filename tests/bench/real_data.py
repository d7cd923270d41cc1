"""The run on real data: rows, recall on the known pairs, largest clusters to read, surges; for docs/real-data.md.

`python -m tests.bench.real_data [FOLDER]`: delivers ../shared/data/citizen_messages and street_orders, runs the lake in
FOLDER (default: a temporary one) and prints Markdown. Texts are printed for reading by eye and never committed.
../shared/data -> landing/ -> lake -> figures
"""

import sys
import tempfile
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from pipelines import runs
from pipelines.settings import Settings

DATA = Path(__file__).parents[3] / "shared" / "data"
DELIVERIES = {
    "messages/2020-07-09": ["citizen_messages/messages.xlsx", "citizen_messages/messages_with_replies.xlsx"],
    "street_orders/2018-11-01": ["street_orders/orders_2018_02_to_10.csv"],
}
LARGEST = 12
BURSTS = {"公共交通管理@老坑社区": "2018-09-20", "精神文明建设@汤坑社区": "2018-08-27"}


def deliver(landing: Path) -> None:
    """Lays the real files into ``landing`` as complete deliveries."""
    for folder, files in DELIVERIES.items():
        target = landing / folder
        target.mkdir(parents=True, exist_ok=True)
        for file in files:
            link = target / Path(file).name
            if not link.exists():
                link.symlink_to(DATA / file)
        (target / "_SUCCESS").touch()


def pairs(groups: pd.DataFrame, group: str) -> pd.DataFrame:
    """All pairs of messages of one ``group`` (column msg_id)."""
    both = groups.merge(groups, on=group, suffixes=("_l", "_r"))
    return both.loc[both["msg_id_l"] < both["msg_id_r"], ["msg_id_l", "msg_id_r", group]]


def recall(con: Any, known: pd.DataFrame) -> dict[str, int]:
    """How many known pairs stand in one dispute; pairs of which a message is judged no dispute are counted apart."""
    dispute = con.execute("SELECT source_record_id, dispute_id FROM dispute_event WHERE source = 'messages'").df()
    of = dispute.set_index("source_record_id")["dispute_id"]
    left, right = known["msg_id_l"].map(of), known["msg_id_r"].map(of)
    judged = left.notna() & right.notna()
    return {"pairs": len(known), "both_disputes": int(judged.sum()), "together": int((left == right)[judged].sum())}


def table(frame: pd.DataFrame) -> str:
    """A Markdown table."""
    lines = [f"| {' | '.join(map(str, frame.columns))} |", f"|{'---|' * len(frame.columns)}"]
    lines += [f"| {' | '.join('' if pd.isna(value) else str(value) for value in row)} |" for row in frame.values]
    return "\n".join(lines)


def say(*parts: object) -> None:
    """Prints to the terminal."""
    sys.stdout.write(" ".join(map(str, parts)) + "\n")


def report(con: Any) -> None:
    """Prints all figures."""
    say("\n## Rows\n")
    say(
        table(
            con.execute(
                "SELECT source, sum(rows_read)::INT AS rows_read, sum(rows_accepted)::INT AS rows_accepted, "
                "sum(rows_superseded)::INT AS rows_superseded, sum(rows_ignored)::INT AS rows_ignored, "
                "sum(rows_quarantined)::INT AS rows_quarantined FROM delivery GROUP BY 1 ORDER BY 1"
            ).df()
        )
    )
    say(table(con.execute("SELECT source, rule, count(*) AS rows FROM quarantine GROUP BY ALL ORDER BY ALL").df()))
    say(
        table(
            con.execute(
                "SELECT source, is_dispute, split_part(coalesce(not_dispute_reason, ''), '：', 1) AS reason, "
                "count(*) AS events FROM event GROUP BY ALL ORDER BY source, events DESC, reason"
            ).df()
        )
    )
    say("\n## Recall\n")
    text = {"dtype": "str"}
    events = pd.read_csv(DATA / "citizen_messages" / "events_dev.csv", **text)
    repeats = pd.read_csv(DATA / "citizen_messages" / "verbatim_repeats_dev.csv", **text)
    for name, group in events.groupby("event"):
        say(name, recall(con, pairs(group, "event")))
    say("events_dev", recall(con, pairs(events, "event")))
    say("verbatim_repeats_dev", recall(con, pairs(repeats, "g")))
    say("\n## Surges\n")
    surges = con.execute(
        "SELECT first_seen_at, level, raised_for, evidence FROM warning WHERE rule = 'surge' ORDER BY ALL"
    ).df()
    say(table(surges))
    for raised_for, day in BURSTS.items():
        seen = surges.loc[surges["raised_for"] == raised_for, "first_seen_at"].astype("str").tolist()
        say(raised_for, "burst on", day, "first seen", seen)
    say("\n## Largest clusters of messages\n")
    largest = con.execute(
        "SELECT dispute_id, count(*) AS messages FROM dispute_event WHERE source = 'messages' "
        "GROUP BY 1 ORDER BY messages DESC, dispute_id LIMIT ?",
        [LARGEST],
    ).fetchall()
    for dispute, count in largest:
        say("\n###", dispute, count)
        rows = con.execute(
            "SELECT source_record_id, e.reported_at::DATE, e.title, "
            "left(regexp_replace(e.text, '\\s+', ' ', 'g'), 90), "
            "d.explanation FROM dispute_event d JOIN event e USING (event_id, source, source_record_id) "
            "WHERE d.dispute_id = ? ORDER BY e.reported_at, source_record_id",
            [dispute],
        ).fetchall()
        for row in rows:
            say("  ", *row)


def main(folder: Path) -> None:
    """Delivers, runs and reports."""
    deliver(folder / "landing")
    settings = Settings(landing=folder / "landing", root=folder / "lake", key_file=folder / "lake.key")
    outcome = runs.run(settings)
    if outcome.failures:
        sys.exit("\n".join(outcome.failures))
    with duckdb.connect(str(settings.warehouse), read_only=True) as con:
        report(con)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        main(Path(sys.argv[1]).absolute())
    else:
        with tempfile.TemporaryDirectory() as temporary:
            main(Path(temporary))
