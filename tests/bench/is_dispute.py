"""How well the filter tells disputes from the rest: on simulated truth and on real messages labelled by eye.

`python -m tests.bench.is_dispute [FOLDER …]` prints Markdown for docs/filter.md: for every FOLDER made by
`dispute-lake simulate` precision and recall per source and the reasons of what was refused; then the labelled
messages (`tests/labelled/is_dispute.csv`), dev and test apart. With `--errors` the texts that were judged wrongly
(on dev) follow, for reading by eye; they are never committed.
landing/ + truth/record.csv, ../shared/data + labels -> figures
"""

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd

from sources import deliveries
from sources.read import read_delivery
from sources.tables import RAW_PARTY, RAW_RECORD, RAW_REFERENCE
from transforms import event
from transforms.tokens import Tokens

LABELS = Path(__file__).parents[1] / "labelled" / "is_dispute.csv"
MESSAGES = Path(__file__).parents[3] / "shared" / "data" / "citizen_messages"
HEADER = {"留言编号": "msg_id", "留言主题": "title", "留言详情": "detail"}
TOKENS = Tokens(b"bench" * 8)


def judged(landing: Path) -> pd.DataFrame:
    """The newest version of every record below ``landing`` as the filter judges it."""
    found = deliveries.find(landing, now=datetime.now(UTC).astimezone()).complete
    readings = [read_delivery(each) for each in found]
    raw = (pd.concat([getattr(each, name) for each in readings]) for name in ("record", "party", "reference"))
    events = event.build(*raw, TOKENS).event
    events = events.sort_values(["delivery_date", "row_number"], kind="stable")
    return events.drop_duplicates("event_id", keep="last", ignore_index=True)


def simulated(folder: Path) -> pd.DataFrame:
    """Decisions beside truth: source, is_dispute, truth, not_dispute_reason, title, text."""
    truth = pd.read_csv(folder / "truth" / "record.csv", dtype=str, keep_default_na=False)
    events = judged(folder / "landing").merge(
        truth[["source", "source_record_id", "is_dispute", "facility", "nil", "elsewhere"]],
        on=["source", "source_record_id"],
        suffixes=("", "_true"),
    )
    return events.assign(truth=events["is_dispute_true"] == "1")


def messages(folder: Path) -> pd.DataFrame:
    """The labelled messages with the filter's decision; ``truth`` and ``weight`` from the labels."""
    labels = pd.read_csv(LABELS, dtype={"msg_id": str})
    classified = pd.read_csv(folder / "classified.csv", dtype=str)
    rest = pd.read_excel(folder / "messages.xlsx", dtype=str, engine="calamine").rename(columns=HEADER)
    known = pd.concat([classified, rest]).drop_duplicates("msg_id").set_index("msg_id").loc[labels["msg_id"]]
    record = pd.DataFrame(
        {
            "source_record_id": known.index,
            "title": known["title"],
            "text": known["detail"],
            "row_number": range(len(known)),
        }
    ).assign(source="messages", delivery_date=datetime(2020, 7, 9, tzinfo=UTC).date(), file="messages.xlsx")
    shaped = RAW_RECORD.conform(record).to_pandas()
    built = event.build(shaped, RAW_PARTY.empty(), RAW_REFERENCE.empty(), TOKENS).event
    both = labels.merge(built, left_on="msg_id", right_on="source_record_id", suffixes=("_true", ""))
    return both.assign(truth=both["is_dispute_true"] == 1)


def rates(frame: pd.DataFrame, weight: pd.Series | None = None) -> dict[str, object]:
    """Records, share of disputes, precision, recall, F1 of the decisions; weighted where ``weight`` is given."""
    weight = pd.Series(1.0, index=frame.index) if weight is None else weight
    right = weight[frame["truth"] & frame["is_dispute"]].sum()
    said, true = weight[frame["is_dispute"]].sum(), weight[frame["truth"]].sum()
    precision, recall = right / max(said, 1e-9), right / max(true, 1e-9)
    return {
        "记录": len(frame),
        "真为纠纷": f"{true / weight.sum():.3f}",
        "查准": f"{precision:.3f}",
        "查全": f"{recall:.3f}",
        "F1": f"{2 * precision * recall / max(precision + recall, 1e-9):.3f}",
    }


def table(rows: list[dict[str, object]]) -> str:
    """A Markdown table."""
    lines = [f"| {' | '.join(rows[0])} |", f"|{'---|' * len(rows[0])}"]
    return "\n".join([*lines, *(f"| {' | '.join(map(str, row.values()))} |" for row in rows)])


def sections(folders: list[Path]) -> Iterator[str]:
    """The parts of the page."""
    for folder in folders:
        events = simulated(folder)
        yield f"### {folder.name}\n"
        groups = [("全部", events), *events.groupby("source")]
        yield table([{"来源": name, **rates(frame)} for name, frame in groups])
        refused = events[~events["is_dispute"]]
        counts = refused.groupby(["not_dispute_reason", "source"])["truth"].agg(["size", "sum"]).reset_index()
        yield "\n" + table(
            [
                {"理由": row.not_dispute_reason, "来源": row.source, "拒为非纠纷": row.size_, "其中真为纠纷": row.sum_}
                for row in counts.rename(columns={"size": "size_", "sum": "sum_"}).itertuples()
            ]
        )
    if MESSAGES.is_dir():
        found = messages(MESSAGES)
        sure = found["borderline"] == 0
        parts = [
            (f"{name}{extra}", frame, frame["weight"])
            for name, of in (("dev", found["split"] == "dev"), ("test", found["split"] == "test"))
            for extra, frame in (("", found[of]), ("，不含边界", found[of & sure]))
        ]
        yield "\n### citizen_messages\n"
        yield table([{"部分": name, **rates(frame)} for name, frame, _ in parts])
        yield "\n" + table([{"部分（按总体加权）": name, **rates(frame, weight)} for name, frame, weight in parts])


def errors(folders: list[Path], limit: int = 60) -> Iterator[str]:
    """What was judged wrongly, for reading."""
    for folder in folders:
        events = simulated(folder)
        wrong = events[events["truth"] != events["is_dispute"]]
        for row in wrong.sample(min(limit, len(wrong)), random_state=0).sort_values("source").itertuples():
            shown = f"{row.request_type}|{row.source_category}|{row.title}|{row.text}|{row.outcome_text}"
            yield f"{row.truth:d} {row.source} {row.not_dispute_reason} {shown}"
    if MESSAGES.is_dir():
        found = messages(MESSAGES)
        wrong = found[(found["split"] == "dev") & (found["truth"] != found["is_dispute"])]
        for row in wrong.itertuples():
            yield f"{row.truth:d}{'?' * row.borderline} {row.kind} {row.not_dispute_reason} {row.title} {row.text}"


if __name__ == "__main__":
    given = [Path(each) for each in sys.argv[1:] if not each.startswith("--")]
    for part in errors(given) if "--errors" in sys.argv else sections(given):
        sys.stdout.write(part + "\n")
