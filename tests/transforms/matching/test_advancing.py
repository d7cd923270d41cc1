"""A lake of simulated exports (模拟数据), linked at once and day by day: the same disputes, under the same ids."""

from datetime import timedelta

import duckdb
import pandas as pd
import pytest

from transforms.matching import match
from transforms.matching.advancing import advance
from transforms.matching.evaluation import agreement
from transforms.matching.identity import living
from transforms.matching.linking import SETTINGS
from transforms.matching.store import Store
from warehouse.lake import Lake

SMALL = SETTINGS | {"incremental": {"smallest": 100, "growth": 3.0}}
VIEWS = ("current_event", "current_party", "current_reference")


@pytest.fixture(scope="module")
def frames(published, tmp_path_factory):
    """Parquet files of the three views, and the delivery dates."""
    folder = tmp_path_factory.mktemp("views")
    with Lake.standing(published.root).connect() as con:
        for view in VIEWS:
            con.execute(f"copy (from {view}) to '{folder / view}.parquet'")
        days = con.execute("select distinct first_delivery_date from current_event order by 1").fetchall()
    return folder, [day for (day,) in days]


def lake_on(frames, day, change=""):
    """A connection with what was delivered up to ``day``; ``change``: SQL that replaces columns of the events."""
    con = duckdb.connect()
    con.execute(
        f"create table current_event as select * {change} from '{frames[0]}/current_event.parquet' "
        f"where first_delivery_date <= '{day}'"
    )
    for view in VIEWS[1:]:
        file = frames[0] / f"{view}.parquet"
        con.execute(f"create view {view} as select v.* from '{file}' v semi join current_event using (event_id)")
    return con


def link_whole(frames, day, root=None, **more):
    return match(lake_on(frames, day), as_of=pd.Timestamp(day), run_id=f"run-{day}", settings=SMALL, root=root, **more)


def link_on(con, last, root, day):
    return advance(
        con, Store.standing(root), as_of=pd.Timestamp(day), run_id=f"run-{day}", link=last.link,
        previous=last.dispute_event, ledger=last.ledger, settings=SMALL,
    )  # fmt: skip


@pytest.fixture(scope="module")
def daily(frames, tmp_path_factory):
    """Linked in full on the eighth day from the end, then each day; the result of each."""
    root = tmp_path_factory.mktemp("store")
    days = frames[1]
    runs = [link_whole(frames, days[-5], root)]
    runs[0].store.commit()
    for day in days[-4:]:
        runs.append(link_on(lake_on(frames, day), runs[-1], root, day))
        runs[-1].store.commit()
    return root, runs


def test_a_day_taken_out_and_linked_again_makes_the_disputes_that_stood_before(frames, tmp_path):
    """Both linkings then go by the same counts over the lake, but for the day's own words. One record that moves is
    already some 3 % of the pairs of so small a lake."""
    before, day = frames[1][-2:]
    whole = link_whole(frames, day, tmp_path)
    whole.store.commit()
    without = link_on(lake_on(frames, before), whole, tmp_path, before)
    without.store.commit()
    assert len(without.dispute_event) < len(whole.dispute_event)
    after = link_on(lake_on(frames, day), without, tmp_path, day)
    assert set(after.dispute_event["event_id"]) == set(whole.dispute_event["event_id"])
    assert agreement(after.dispute_event, whole.dispute_event)["share"] >= 0.95


def test_days_linked_one_by_one_lose_no_record(frames, daily):
    whole = link_whole(frames, frames[1][-1])
    last = daily[1][-1]
    assert set(last.dispute_event["event_id"]) == set(whole.dispute_event["event_id"])
    assert last.dispute_event["event_id"].is_unique


def test_an_id_once_given_means_a_dispute_for_ever(daily):
    runs = daily[1]
    now = set(runs[-1].dispute_event["dispute_id"])
    into = living(runs[-1].ledger)
    for run in runs[:-1]:
        known = run.dispute_event["dispute_id"].drop_duplicates()
        assert set(known.map(into).fillna(known)) <= now


def test_only_disputes_that_something_new_can_touch_are_looked_at(daily):
    for before, after in zip(daily[1][:-1], daily[1][1:], strict=True):
        assert after.report["mode"] == "incremental"
        assert after.report["touched"] < len(after.dispute_event)
        old = before.link.set_index(["event_id_l", "event_id_r"])["match_weight"]
        new = after.link.set_index(["event_id_l", "event_id_r"])["match_weight"]
        both = old.index.intersection(new.index)
        assert len(both) > 0.9 * len(old)


def test_a_run_without_anything_new_changes_nothing(frames, daily):
    root, runs = daily
    again = link_on(lake_on(frames, frames[1][-1]), runs[-1], root, frames[1][-1])
    pd.testing.assert_frame_equal(again.dispute_event, runs[-1].dispute_event)
    pd.testing.assert_frame_equal(again.link, runs[-1].link)
    pd.testing.assert_frame_equal(again.ledger, runs[-1].ledger)


def test_a_record_that_says_something_else_now_is_linked_anew(frames, daily):
    root, runs = daily
    day = frames[1][-1] + timedelta(days=1)
    sizes = runs[-1].dispute_event.groupby("dispute_id")["event_id"].agg(["size", "min"])
    event = sizes[sizes["size"] > 2]["min"].iloc[0]
    change = (
        f"replace (if(event_id = '{event}', '咨询办理退休手续需要哪些材料', text) as text, "
        f"if(event_id = '{event}', '咨询退休手续', title) as title)"
    )
    con = lake_on(frames, day, change)
    after = link_on(con, runs[-1], root, day)
    assert after.report["retired"] == 1
    assert after.dispute_event["event_id"].is_unique
    assert event in set(after.dispute_event["event_id"])


def test_a_record_that_is_no_dispute_any_more_leaves(frames, daily):
    root, runs = daily
    day = frames[1][-1] + timedelta(days=1)
    event = runs[-1].link["event_id_l"].iloc[0]
    con = lake_on(frames, day, f"replace (is_dispute and event_id <> '{event}' as is_dispute)")
    after = link_on(con, runs[-1], root, day)
    assert event not in set(after.dispute_event["event_id"])
    assert event not in {*after.link["event_id_l"], *after.link["event_id_r"]}
    assert len(after.dispute_event) == len(runs[-1].dispute_event) - 1


def test_another_version_of_the_settings_asks_for_a_full_linking(frames, daily):
    root, runs = daily
    last = runs[-1]
    changed = SMALL | {"identity": {"recurrence_days": 60}}
    given = {"as_of": pd.Timestamp(frames[1][-1]), "run_id": "run", "link": last.link, "ledger": last.ledger}
    con = lake_on(frames, frames[1][-1])
    assert advance(con, Store.standing(root), previous=last.dispute_event, settings=changed, **given) is None
