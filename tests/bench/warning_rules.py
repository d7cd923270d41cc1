"""Recall and precision of each warning rule against the simulated truth, with true disputes and with matched ones.

`python -m tests.bench.warning_rules WORLD …` prints Markdown for docs/warning-rules.md; a WORLD is a folder with a
standing ``lake`` and the ``truth`` of its exports (`dispute-lake simulate`, then intake, matching). The first letter
tells its kind: n normal, h hard; with an ``o`` before it a world of another author, who wrote no truth of warnings:
there it is derived from the true disputes (third record in 30 days, 72 hours, deadlines, planted returns and crowds).

With true disputes what is wrong is the rule's own or a matter of definition; what matched ones add is matching's.
lake, truth -> findings of `rules` (twice) -> per rule: true, found, recall, precision
"""

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from pipelines.resources import history_sources
from tests.bench import worlds
from transforms.warnings import rules
from warehouse.lake import Lake

JUDGED = ("repeat_complaint", "mass", "extreme_words", "overdue", "recurrence", "cross_source_gap")
KEY = ["source", "source_record_id"]


def truth(folder: Path, con: Any) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Warnings (rule, raised_for, dispute_id, first) and records (with dispute_id) as they really are."""
    record = pd.read_csv(folder / "record.csv", dtype=str)
    dispute = pd.read_csv(folder / "dispute.csv", dtype=str)
    record = record[record["dispute_id"].notna() & record["is_dispute"].eq("1")]
    record = record.merge(dispute[["dispute_id", "recurrence_of"]], on="dispute_id", how="left")
    if (folder / "warning.csv").exists():
        warning = pd.read_csv(folder / "warning.csv", dtype=str)
        warning["first"] = pd.to_datetime(warning["first_known_date"])
        return warning[["rule", "raised_for", "dispute_id", "first"]], record
    return _derived(record, con), record


def _derived(record: pd.DataFrame, con: Any) -> pd.DataFrame:
    seen = con.execute(
        "SELECT source, source_record_id, min(reported_at) AS reported, min(delivery_date)::timestamp AS known,"
        " arg_min(version_at, delivery_date) AS written FROM core_event GROUP BY ALL"
    ).df()
    frame = record.merge(seen, on=KEY)
    dated = frame["reported"].eq(frame["reported"].dt.normalize())
    usual = frame["reported"].where(~dated, frame["reported"] + pd.Timedelta(hours=12))
    frame["at"] = frame["written"].where(dated & frame["written"].notna(), usual)
    frame = frame.sort_values(["dispute_id", "at", "source_record_id"], ignore_index=True)
    end, by = frame["known"].max(), frame.groupby("dispute_id")
    latest = by["known"].cummax()
    third = frame["at"] - by["at"].shift(2) <= pd.Timedelta(days=30)
    parts = {"repeat_complaint": frame[third].assign(first=latest).drop_duplicates("dispute_id")}
    calls = frame[frame["source"].eq("police")].drop_duplicates("dispute_id")
    limit = calls.set_index("dispute_id")["at"] + pd.Timedelta(hours=72)
    taken = frame[frame["source"].isin(["mediation", "grid"]) & (frame["at"] <= frame["dispute_id"].map(limit))]
    gap = calls[~calls["dispute_id"].isin(taken["dispute_id"])]
    parts["cross_source_gap"] = gap.assign(first=gap["dispute_id"].map(limit).dt.normalize() + pd.Timedelta(days=1))
    first = frame.drop_duplicates("dispute_id").assign(first=lambda rows: rows["known"])
    parts["recurrence"] = first[first["recurrence_of"].notna()]
    parts["mass"] = first[first["mass"].eq("1")]
    last = con.execute(
        "SELECT source, source_record_id, deadline_at, closed_at FROM current_event"
        " WHERE deadline_at IS NOT NULL AND coalesce(status, '') <> '作废'"
    ).df()
    last = last[last["closed_at"].isna() | (last["closed_at"] > last["deadline_at"])].merge(record, on=KEY)
    parts["overdue"] = last.assign(first=last["deadline_at"].dt.normalize() + pd.Timedelta(days=1))
    rows = pd.concat([part.assign(rule=rule) for rule, part in parts.items()], ignore_index=True)
    rows = rows[rows["first"] <= end].rename(columns={"source_record_id": "raised_for"})
    return rows[["rule", "raised_for", "dispute_id", "first"]]


def found(con: Any, record: pd.DataFrame | None) -> pd.DataFrame:
    """The findings; with ``record``, as if matching had made no mistake."""
    if record is not None:
        con.register("true_record", record[[*KEY, "dispute_id", "recurrence_of"]])
        con.execute(
            "CREATE OR REPLACE TEMP TABLE core_dispute_event AS SELECT DISTINCT e.event_id, e.source,"
            " e.source_record_id, t.dispute_id, t.recurrence_of FROM current_event e"
            " JOIN true_record t USING (source, source_record_id)"
        )
    [(as_of,)] = con.execute("SELECT max(delivery_date)::timestamp FROM core_event").fetchall()
    try:
        rules.prepare(con, as_of=as_of, history_sources=sorted(history_sources()))
        rows = rules.findings(con, as_of=as_of)
    finally:
        rules.clear(con)
    rows = rows.sort_values("known_on", kind="stable").drop_duplicates(["rule", "raised_for", "event_id"])
    [(count,)] = con.execute("SELECT count(DISTINCT dispute_id) FROM core_dispute_event").fetchall()
    return rows.assign(disputes=count)


def score(warning: pd.DataFrame, record: pd.DataFrame, raised: pd.DataFrame, rule: str) -> dict[str, Any]:
    """By record (raised_for) and by dispute; for extreme_words without truth only the count."""
    real, said = warning[warning["rule"].eq(rule)], raised[raised["rule"].eq(rule)]
    both = said.merge(real, on="raised_for")
    of = record.drop_duplicates("source_record_id").set_index("source_record_id")["dispute_id"]
    about = said["raised_for"].map(of)
    return {
        "true": len(real), "found": len(said), "hit": len(both),
        "dispute_true": real["dispute_id"].nunique(),
        "dispute_hit": int(real["dispute_id"].drop_duplicates().isin(set(about.dropna())).sum()),
        "dispute_right": int(about.isin(set(real["dispute_id"])).sum()),
        "same_day": int((pd.to_datetime(both["first_seen_at"]) == both["first"]).sum()),
    }  # fmt: skip


def main() -> None:
    """Prints the tables for the worlds named on the command line."""
    folders = [Path(argument) for argument in sys.argv[1:]]
    if not folders:
        sys.exit(__doc__)
    scores, rates = [], []
    for folder in folders:
        for disputes in ("true", "matched"):
            with Lake.standing(folder / "lake").connect() as con:
                warning, record = truth(folder / "truth", con)
                raised = found(con, record if disputes == "true" else None)
            kind = worlds.kind(folder.name)
            for rule in JUDGED:
                scores.append(
                    {"kind": kind, "disputes": disputes, "rule": rule, **score(warning, record, raised, rule)}
                )
            if disputes == "matched":
                counts = raised["rule"].value_counts()
                rates += [
                    {"kind": kind, "rule": rule, "count": counts.get(rule, 0), "of": raised["disputes"].iloc[0]}
                    for rule in rules.PARAMETERS
                ]
            sys.stderr.write(f"{folder.name} {disputes}\n")
    names = " ".join(folder.name for folder in folders)
    sys.stdout.write(worlds.headline(f"python -m tests.bench.warning_rules {names}", data="Simulated data") + "\n\n")
    total = pd.DataFrame(scores).groupby(["kind", "rule", "disputes"], sort=False).sum(numeric_only=True)
    shares = pd.DataFrame(
        {
            "true": total["true"], "found": total["found"],
            "recall": _share(total["hit"], total["true"]), "precision": _share(total["hit"], total["found"]),
            "recall by dispute": _share(total["dispute_hit"], total["dispute_true"]),
            "precision by dispute": _share(total["dispute_right"], total["found"]),
            "same day": _share(total["same_day"], total["hit"]),
        }
    ).reset_index()  # fmt: skip
    sys.stdout.write(worlds.table(shares) + "\n\n")
    rate = pd.DataFrame(rates).groupby(["rule", "kind"], sort=False).sum(numeric_only=True)
    per = (1000 * rate["count"] / rate["of"]).round(1).unstack().reset_index()
    sys.stdout.write("Warnings per 1,000 disputes, matched:\n\n" + worlds.table(per.astype(str)) + "\n")


def _share(part: pd.Series, whole: pd.Series) -> pd.Series:
    return part / whole.where(whole > 0, np.nan)


if __name__ == "__main__":
    main()
