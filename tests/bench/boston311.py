"""Is the matcher fitted to one world? Requests of another city, in another language, and the links its staff wrote.

`python -m tests.bench.boston311` matches ../shared/data/boston311 (31,828 requests of one quarter: a place, a class and
a time, no caller and no text) and prints how many of the staff's 650 duplicate links blocking proposes and the clusters
hold. The links are never given. They are what staff happened to write, so precision cannot be measured against them;
how much is linked, and how far apart it lies, is told instead.
requests -> current_event -> linking.match -> recall of the links

The mapping: neighbourhood -> county, ward -> town, reason and type -> category (two digits each), street and number ->
road and road_number, a crossing -> landmark, case title -> title; coordinates as they are.
"""

import sys
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd

from tests.bench import worlds
from transforms.tables import CORE_EVENT, CORE_PARTY, CORE_REFERENCE

DATA = Path(__file__).parents[3] / "shared" / "data" / "boston311"
METRES = 111_195.0
"""Length of a degree of latitude."""


def _codes(values: pd.Series, start: int, width: int) -> pd.Series:
    """Numbers the values of a column, as text; a missing one stays missing."""
    number = pd.Series(pd.factorize(values, sort=True)[0], index=values.index)
    return (number + start).astype("str").str.zfill(width).where(number >= 0)


def events(requests: pd.DataFrame) -> pd.DataFrame:
    """The requests in the columns of `CORE_EVENT`."""
    crossing = (
        requests["location_street_name"]
        .str.removeprefix("INTERSECTION ")
        .where(requests["location_street_name"].str.startswith("INTERSECTION", na=False))
    )
    house = requests["location_street_name"].str.extract(r"^(\d[\d\-A-Z]*) (.+)$")
    reason = _codes(requests["reason"], 1, 2)
    kind = requests.groupby("reason")["type"].transform(lambda each: pd.factorize(each, sort=True)[0])
    frame = pd.DataFrame(
        {
            "event_id": "ev_" + requests["case_enquiry_id"],
            "source": "boston311",
            "source_record_id": requests["case_enquiry_id"],
            "is_dispute": True,
            "reported_at": pd.to_datetime(requests["open_dt"]),
            "channel": requests["source"],
            "title": requests["case_title"],
            "source_category": requests["type"],
            "category_code": reason + (kind + 1).astype("str").str.zfill(2),
            "county_name": requests["neighborhood"],
            "county_code": _codes(requests["neighborhood"], 100_001, 6),
            "town_name": requests["ward"],
            "town_code": _codes(requests["ward"], 100_001_000_001, 12),
            "address": requests["location"],
            "road": house[1].where(crossing.isna()),
            "road_number": house[0].where(crossing.isna()),
            "landmark": crossing,
            "longitude": requests["longitude"].astype(float),
            "latitude": requests["latitude"].astype(float),
        }
    )
    return CORE_EVENT.conform(frame)


def connect(requests: pd.DataFrame) -> Any:
    """A connection with the three views; nobody is named and no number is given."""
    con = duckdb.connect()
    for name, frame in (
        ("current_event", events(requests)),
        ("current_party", CORE_PARTY.conform(pd.DataFrame({"event_id": pd.Series([], dtype="str")}))),
        ("current_reference", CORE_REFERENCE.conform(pd.DataFrame({"event_id": pd.Series([], dtype="str")}))),
    ):
        con.register("arrived", frame)
        con.execute(f"create table {name} as from arrived")
        con.unregister("arrived")
    return con


def apart(requests: pd.DataFrame, left: pd.Series, right: pd.Series) -> pd.Series:
    """Metres between the requests ``left`` and ``right`` (case numbers)."""
    place = requests.set_index("case_enquiry_id")[["latitude", "longitude"]].astype(float)
    one, other = place.loc[left].to_numpy(), place.loc[right].to_numpy()
    east = (one[:, 1] - other[:, 1]) * np.cos(np.radians(one[:, 0]))
    return pd.Series(np.hypot(one[:, 0] - other[:, 0], east) * METRES)


def rules(requests: pd.DataFrame, links: pd.DataFrame) -> list[tuple[str, np.ndarray, float]]:
    """What plain rules would find: name, which links (boolean), pairs that the rule proposes per request."""
    frame = requests.assign(day=pd.to_datetime(requests["open_dt"]))
    frame["cell"] = (
        (frame["latitude"].astype(float) * 500).round().astype("Int64").astype("str")
        + "|"
        + (frame["longitude"].astype(float) * 370).round().astype("Int64").astype("str")
    )
    found = []
    for name, columns, days in (
        ("same address and type, 30 days", ["location", "type"], 30),
        ("same cell of 220 m and reason, 15 days", ["cell", "reason"], 15),
    ):
        key = frame[columns].agg("|".join, axis=1).where(frame[columns].notna().all(axis=1))
        table = frame.assign(key=key).set_index("case_enquiry_id")[["key", "day"]]
        child, parent = table.loc[links["case_id"]], table.loc[links["parent_case_id"]]
        near = np.abs((child["day"].to_numpy() - parent["day"].to_numpy()) / np.timedelta64(1, "D")) <= days
        hit = (child["key"].to_numpy() == parent["key"].to_numpy()) & child["key"].notna().to_numpy() & near
        con = duckdb.connect()
        con.register("request", table.dropna().reset_index())
        pairs = con.execute(
            "select count(*) from request a join request b on a.key = b.key and a.case_enquiry_id < b.case_enquiry_id "
            f"and abs(epoch(a.day) - epoch(b.day)) <= {days} * 86400"
        ).fetchall()[0][0]
        found.append((name, hit, pairs / len(requests)))
    return found


def main(folder: Path) -> None:
    """Matches and prints the table."""
    requests = pd.read_csv(folder / "requests_2011q3.csv.gz", dtype="str")
    links = pd.read_csv(folder / "duplicate_links_2011q3.csv", dtype="str")
    con = connect(requests)
    matched, seconds = worlds.match(con)
    pairs = con.execute(
        "select a.event_id as l, b.event_id as r "
        "from m_pair p join m_record a on a.n = p.l join m_record b on b.n = p.r"
    ).df()
    proposed = {frozenset(pair) for pair in zip(pairs["l"].str[3:], pairs["r"].str[3:], strict=True)}
    of = matched.dispute_event.set_index("source_record_id")["dispute_id"]
    hit = np.array([frozenset(pair) in proposed for pair in links[["case_id", "parent_case_id"]].to_numpy()])
    together = (links["case_id"].map(of) == links["parent_case_id"].map(of)).to_numpy()
    size = of.groupby(of).size()
    inside = of.rename("dispute").reset_index()
    linked = inside.merge(inside, on="dispute", suffixes=("_l", "_r"))
    linked = linked[linked["source_record_id_l"] < linked["source_record_id_r"]]
    metres = apart(requests, linked["source_record_id_l"], linked["source_record_id_r"])
    kind = requests.set_index("case_enquiry_id")["type"]
    alike = kind.loc[linked["source_record_id_l"]].to_numpy() == kind.loc[linked["source_record_id_r"]].to_numpy()
    print(worlds.headline("python -m tests.bench.boston311", data="Real"), "\n")
    plain = rules(requests, links)
    rows = [
        *((f"rule: {name}", f"{found.mean():.3f}", f"{proposals:.1f}") for name, found, proposals in plain),
        ("lake: blocking", f"{hit.mean():.3f}", f"{len(pairs) / len(requests):.1f}"),
        *((f"lake: blocking or {name}", f"{(hit | found).mean():.3f}", "") for name, found, _ in plain[1:]),
        ("lake: in one dispute", f"{together.mean():.3f}", f"{len(linked) / len(requests):.2f}"),
    ]
    for basis, part in links.groupby("basis"):
        chosen = part.index.to_numpy()
        rows.append((f"– links written as {basis} ({len(part)})", f"{together[chosen].mean():.3f}", ""))
    print(worlds.table(pd.DataFrame(rows, columns=["what", "recall of 650 links", "pairs per request"])), "\n")
    facts = [
        ("requests", f"{len(requests):,}"),
        ("seconds", f"{seconds:.0f}"),
        ("clusters of two and more", f"{int((size > 1).sum()):,}"),
        ("largest cluster", str(int(size.max()))),
        ("pairs inside clusters", f"{len(linked):,}"),
        ("– within 150 m", f"{(metres <= 150).mean():.3f}"),
        ("– of one type", f"{alike.mean():.3f}"),
    ]
    print(worlds.table(pd.DataFrame(facts, columns=["what the lake linked", "figure"])))


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else DATA)
