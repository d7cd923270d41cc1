"""The main job as its users meet it: exports in, a published warehouse out."""

import re
import stat
from dataclasses import replace
from datetime import date

import duckdb
import pandas as pd
import pytest

from pipelines import runs
from tests.lakes import CONTRACT, settings_in, snapshot

MAY_BE_EMPTY = ("quarantine", "warning_act")
"""Clean exports leave no row set aside, and nobody has judged a warning yet."""


@pytest.fixture
def con(published):
    with duckdb.connect(str(published.warehouse), read_only=True) as con:
        yield con


@pytest.mark.parametrize("view", CONTRACT)
def test_every_view_of_the_contract_has_its_columns_and_chinese_comments(con, view):
    columns = con.execute("SELECT column_name, comment FROM duckdb_columns() WHERE table_name = ?", [view]).fetchall()
    commented = {name for name, comment in columns if comment and re.search("[\u4e00-\u9fff]", comment)}
    assert set(CONTRACT[view].split()) <= commented
    assert con.execute(f"SELECT count(*) FROM {view}").fetchone()[0] > 0 or view in MAY_BE_EMPTY


def test_each_row_read_ends_somewhere_and_accepted_rows_are_the_events(con):
    wrong = con.execute(
        """
        SELECT source, sum(rows_read - rows_accepted - rows_superseded - rows_ignored - rows_quarantined) AS missing,
               sum(rows_accepted) - (SELECT count(*) FROM event e WHERE e.source = d.source) AS surplus
        FROM delivery d GROUP BY source HAVING missing <> 0 OR surplus <> 0
        """
    ).fetchall()
    assert wrong == []


def test_all_five_systems_are_there_and_some_disputes_are_known_to_several(con):
    assert {row[0] for row in con.execute("SELECT DISTINCT source FROM event").fetchall()} == {
        "hotline",
        "police",
        "mediation",
        "citymgmt",
        "grid",
    }
    assert con.execute("SELECT count(*) FROM dispute WHERE source_count > 1").fetchone()[0] > 20


def test_the_simulated_disputes_are_found_better_than_by_phone(published, exports):
    from pipelines.evaluating import compare

    tables = dict(compare(published.root, exports / "truth" / "record.csv", with_baselines=True))
    f1 = tables["同场比较"].set_index("方法")["成对 F1"]
    assert f1["本湖"] > f1["同号 30 天内"]
    assert f1["本湖"] > f1.filter(like="Splink").iloc[0]


def test_the_zones_have_their_modes(published):
    def mode(path):
        return stat.S_IMODE(path.stat().st_mode)

    assert mode(published.root / "restricted") == 0o700
    assert mode(published.key_file) == 0o600
    assert mode(published.warehouse) & 0o044 == 0o044
    assert published.root not in published.key_file.parents


def test_nothing_published_names_a_phone_an_id_or_a_party(published, con):
    from warehouse.lake import Lake

    lake = Lake.standing(published.root)
    vault = set(lake.read("core_vault")["value"])
    party = lake.read("raw_party")  # who has an ID number is a person, whatever the cleaning made of the name
    names = {
        name
        for name in party.loc[party["id_number"].str.len() >= 15, "name"].dropna()
        if re.fullmatch("[一-龥]{3,4}", name) and not re.search("某|先生|女士|市民|群众|匿名", name)
    }
    texts = published_texts(con)
    assert vault
    assert names
    numbers = set(re.findall(r"(?<![0-9A-Za-z_])\d{11}(?:\d{6}[\dXx])?(?![0-9A-Za-z])", texts))
    assert numbers & vault == set()
    assert {name for name in names if name in texts} == set()


def published_texts(con):
    parts = []
    columns = con.execute(
        "SELECT table_name, column_name FROM duckdb_columns() WHERE data_type = 'VARCHAR' "
        "AND column_name NOT LIKE '%_id' AND column_name NOT IN ('file', 'raised_for') AND NOT internal"
    ).fetchall()
    for table, column in columns:
        if table in {"area", "category", "data_dictionary", "indicator_definition"}:
            continue
        parts += [str(row[0]) for row in con.execute(f'SELECT DISTINCT "{column}" FROM "{table}"').fetchall()]
    return "\n".join(parts)


def test_a_second_run_has_nothing_to_do_and_changes_nothing(own):
    before = own.warehouse.stat()
    outcome = runs.run(own)
    assert not outcome.is_published
    assert outcome.taken == ()
    assert own.warehouse.stat().st_mtime_ns == before.st_mtime_ns


def test_a_corrected_delivery_replaces_the_old_and_takes_its_vanished_rows_back(own):
    [file] = sorted((own.landing / "police").glob("2025-03-08/*.csv"))
    standing = snapshot(own)
    before = standing["event"]
    lines = file.read_text("gb18030").splitlines(keepends=True)
    once = set(before.loc[(before["version_count"] == 1) & before["is_dispute"], "source_record_id"])
    [position] = [number for number, line in enumerate(lines) if line.split(",")[0].strip('"') in once][:1]
    gone = lines.pop(position).split(",")[0].strip('"')
    file.write_text("".join(lines), "gb18030")
    outcome = runs.run(own)
    assert [source for _, source in outcome.taken] == ["police"]
    seen = snapshot(own)
    assert set(before["source_record_id"]) - set(seen["event"]["source_record_id"]) == {gone}
    [event_id] = before.loc[before["source_record_id"] == gone, "event_id"]
    assert event_id in set(standing["dispute_event"]["event_id"])
    for view, columns in {"dispute_event": ["event_id"], "link": ["event_id_l", "event_id_r"]}.items():
        assert not seen[view][columns].isin([event_id]).any(axis=None)
    assert gone not in set(seen["warning"]["raised_for"])
    assert seen["dispute"]["event_count"].sum() == len(seen["dispute_event"]) == len(standing["dispute_event"]) - 1


def test_ids_given_once_are_kept_when_unrelated_records_arrive_later(exports, own, tmp_path):
    late = settings_in(tmp_path / "late", tmp_path / "late_landing")
    for folder in sorted((exports / "landing").glob("*/*")):
        if folder.name < "2025-03-09":
            target = late.landing / folder.parent.name / folder.name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.symlink_to(folder)
    late.root.parent.mkdir()
    runs.run(late)
    first = snapshot(late)["dispute_event"].set_index("event_id")["dispute_id"]
    late.landing.rename(tmp_path / "old_landing")
    late.landing.symlink_to(exports / "landing")
    runs.run(late)
    after = snapshot(late)
    ledger = after["dispute_ledger"]
    living = after["dispute_event"].set_index("event_id")["dispute_id"]
    moved = first[first.index.isin(living.index) & (living.reindex(first.index) != first)]
    explained = set(ledger.loc[ledger["action"] != "mint", "other_dispute_id"]) | set(
        ledger.loc[ledger["action"] == "split", "dispute_id"]
    )
    assert set(moved) <= explained | set(ledger.loc[ledger["action"] == "absorb", "other_dispute_id"])
    assert pd.Series(ledger.loc[ledger["action"] == "mint", "dispute_id"]).is_unique


def test_as_of_takes_in_only_what_had_been_delivered_by_then_and_judges_at_that_day(exports, tmp_path):
    settings = settings_in(tmp_path, exports / "landing")
    early = replace(settings, as_of=date(2025, 3, 6))
    outcome = runs.run(early)
    assert outcome.is_published
    assert {day for day, _ in outcome.taken} == {date(2025, 3, day) for day in range(2, 7)}
    seen = snapshot(early)
    assert seen["quality_result"]["as_of"].astype("str").str.startswith("2025-03-06").all()
    assert not (seen["warning"]["first_seen_at"].astype("str") > "2025-03-06").any()
    assert not runs.run(early).is_published
    assert min(day for day, _ in runs.run(settings).taken) == date(2025, 3, 7)
