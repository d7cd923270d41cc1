"""The life of a warning: raised, raised by a level, closed with a reason, raised again; never by what came later."""

from datetime import datetime

import numpy as np
import pandas as pd
import pytest

from transforms import dispute_record, warnings
from transforms.tables import CORE_DISPUTE, CORE_WARNING, CORE_WARNING_NOTICE, CORE_WARNING_STEP
from transforms.warnings import acts, life

AS_OF = datetime.fromisoformat("2025-04-30")


@pytest.fixture
def replay(lake_of):
    def run(rows, as_of=AS_OF, said=None):
        con = lake_of(rows)
        disputes = CORE_DISPUTE.conform(dispute_record.build(con, as_of=as_of))
        con.register("core_dispute", disputes)
        lived = warnings.replay(con, as_of=as_of, history_sources=[], said=said)
        for table, frame in zip((CORE_WARNING, CORE_WARNING_STEP, CORE_WARNING_NOTICE), lived, strict=True):
            table.conform(frame)
            assert not frame.duplicated(list(table.key)).any()
        return lived

    return run


def record(number, at, dispute="D1", **more):
    return {"id": f"R{number}", "at": at, "dispute": dispute, **more}


def other_days(first, last):
    """Deliveries of something else, so that there is a run on each day of March."""
    return [record(900 + day, f"2025-03-{day:02}", dispute=f"X{day}") for day in range(first, last)]


def story(lived, rule):
    """What happened to the only warning of a rule: (day, what, level, reason)."""
    mine = lived.warning.loc[lived.warning["rule"] == rule, "warning_id"]
    assert len(mine) == 1
    rows = lived.step[lived.step["warning_id"] == mine.iloc[0]]
    return [
        (f"{row.day:%m-%d}", row.what, row.level, None if pd.isna(row.reason) else row.reason)
        for row in rows.itertuples()
    ]


def one(lived, rule):
    [row] = lived.warning[lived.warning["rule"] == rule].to_dict("records")
    return row


THREE = [record(n, f"2025-03-0{n}", status="已办结", closed_at=f"2025-03-0{n} 20:00") for n in (1, 2, 3)]
THREE[2] |= {"status": "办理中", "closed_at": None}


def ended(number, at, day, **more):
    """A record of D1, and its version that says that it was closed on ``day``, delivered the day after."""
    closed = {"status": "已办结", "closed_at": f"2025-03-{day:02} 12:00", "delivered": f"2025-03-{day + 1:02}"}
    return [record(number, at, status="办理中", **more), record(number, at, **closed, **more)]


def test_a_warning_is_raised_once_updated_while_it_lasts_and_closed_with_its_reason(replay):
    rows = [*ended(1, "2025-03-01", 9), *ended(2, "2025-03-02", 9), *ended(3, "2025-03-03", 9)]
    rows += [*ended(4, "2025-03-05", 9), *ended(5, "2025-03-06", 9)]
    assert story(replay(rows), "repeat_complaint") == [
        ("03-04", "新发", "蓝", None), ("03-06", "更新", "蓝", None), ("03-07", "升级", "黄", None),
        ("03-10", "解除", "黄", "纠纷已化解"),
    ]  # fmt: skip


def test_it_is_the_same_warning_when_the_dispute_is_back_within_the_window(replay):
    rows = [*ended(1, "2025-03-01", 9), *ended(2, "2025-03-02", 9), *ended(3, "2025-03-03", 9)]
    rows += [record(4, "2025-03-20", status="办理中")]
    lived = replay(rows)
    assert story(lived, "repeat_complaint") == [
        ("03-04", "新发", "蓝", None), ("03-10", "解除", "蓝", "纠纷已化解"), ("03-21", "再发", "蓝", None),
    ]  # fmt: skip
    row = one(lived, "repeat_complaint")
    assert (row["times_raised"], row["status"], f"{row['first_seen_at']:%m-%d}") == (2, "open", "03-04")
    assert f"{row['last_raised_at']:%m-%d}" == "03-21" and pd.isna(row["closed_reason"])


def test_what_returns_after_the_window_is_another_warning(replay):
    rows = [*ended(1, "2025-03-01", 5), *ended(2, "2025-03-02", 5), *ended(3, "2025-03-03", 5)]
    lived = replay([*rows, record(4, "2025-04-20", status="办理中")])
    found = lived.warning[lived.warning["rule"] == "repeat_complaint"]
    assert [f"{day:%m-%d}" for day in found["first_seen_at"]] == ["03-04", "04-21"]
    assert found["status"].tolist() == ["closed", "open"] and found["times_raised"].tolist() == [1, 1]


def test_a_deadline_is_raised_a_level_when_it_has_passed_long_enough(replay):
    lived = replay([record(1, "2025-03-01", status="办理中", deadline_at="2025-03-04 18:00"), *other_days(1, 28)])
    assert story(lived, "overdue") == [
        ("03-05", "新发", "蓝", None), ("03-09", "升级", "黄", None), ("03-19", "升级", "橙", None),
    ]  # fmt: skip
    assert "超期15天" in one(lived, "overdue")["evidence"]


def test_what_is_over_by_the_time_it_is_known_is_kept_and_nobody_is_told(replay):
    rows = [
        record(
            1, "2025-03-01", status="已办结", closed_at="2025-03-09", deadline_at="2025-03-04", delivered="2025-03-10"
        )
    ]
    lived = replay(rows)
    assert story(lived, "overdue") == [("03-10", "新发", "黄", None), ("03-10", "解除", "黄", "情形解除")]
    assert lived.notice[lived.notice["rule"] == "overdue"].empty


# --- what people said


def said_of(lived, rule, judgement, taken, kind="judge"):
    warning = lived.warning[lived.warning["rule"] == rule].iloc[0]
    row = acts.act(warning, kind, judgement=judgement, at=datetime.fromisoformat("2026-01-01"), by="甲")
    return row.assign(taken_as_of=pd.Timestamp(taken))


def test_judged_false_it_is_closed_and_stays_so_unless_it_grows_a_level(replay):
    rows = [record(n, f"2025-03-{n:02}", status="办理中") for n in range(1, 5)]
    said = said_of(replay(rows), "repeat_complaint", "不实", "2025-03-05")
    lived = replay(rows, said=said)
    row = one(lived, "repeat_complaint")
    assert (row["status"], row["closed_reason"], row["judgement"]) == ("closed", "人工判定不实", "不实")
    assert story(lived, "repeat_complaint")[-1] == ("03-05", "解除", "蓝", "人工判定不实")
    grown = replay([*rows, record(5, "2025-03-10", status="办理中")], said=said)
    assert story(grown, "repeat_complaint")[-1] == ("03-11", "再发", "黄", None)


def test_judged_true_or_known_it_goes_on(replay):
    rows = [record(n, f"2025-03-{n:02}", status="办理中") for n in range(1, 4)]
    before = replay(rows)
    for judgement in ("属实", "已知"):
        row = one(replay(rows, said=said_of(before, "repeat_complaint", judgement, "2025-03-05")), "repeat_complaint")
        assert (row["status"], row["judgement"]) == ("open", judgement)


def test_an_acknowledgement_closes_nothing(replay):
    rows = [record(n, f"2025-03-{n:02}", status="办理中") for n in range(1, 4)]
    said = said_of(replay(rows), "repeat_complaint", None, "2025-03-05", kind="acknowledge")
    row = one(replay(rows, said=said), "repeat_complaint")
    assert row["status"] == "open" and f"{row['acknowledged_at']:%Y}" == "2026" and pd.isna(row["judgement"])


def test_a_withdrawn_judgement_is_as_if_never_said(replay):
    rows = [record(n, f"2025-03-{n:02}", status="办理中") for n in range(1, 4)]
    said = said_of(replay(rows), "repeat_complaint", "不实", "2025-03-05")
    back = acts.withdrawal(said.iloc[0], at=datetime.fromisoformat("2026-01-02"), by="乙").assign(
        taken_as_of="2025-03-06"
    )
    lived = replay(rows, said=pd.concat([said, back], ignore_index=True))
    assert story(lived, "repeat_complaint") == story(replay(rows), "repeat_complaint")


def test_what_was_said_follows_the_dispute_when_another_record_makes_the_rule_true(replay):
    rows = [record(n, f"2025-03-{n:02}", status="办理中") for n in range(1, 4)]
    said = said_of(replay(rows), "repeat_complaint", "不实", "2025-03-05")
    found_since = record(8, "2025-03-02 08:00", status="办理中", delivered="2025-03-03")
    lived = replay([*rows, found_since], said=said)
    assert one(lived, "repeat_complaint")["raised_for"] != said["raised_for"].iloc[0]
    assert one(lived, "repeat_complaint")["closed_reason"] == "人工判定不实"


# --- no look-ahead


def world(seed):
    """Random records of a dozen disputes in two months: versions, late deliveries, threats, deadlines, endings."""
    draw = np.random.default_rng(seed)
    rows = []
    for number in range(90):
        dispute, day = (
            f"D{draw.integers(14)}",
            pd.Timestamp("2025-03-01") + pd.Timedelta(hours=int(draw.integers(24 * 45))),
        )
        source = draw.choice(["hotline", "police", "mediation", "grid"])
        town = draw.choice(["530402001000", "530402002000", "530423100000"])
        base = {
            "source": source, "town_code": town, "county_code": town[:6], "status": "办理中",
            "people": [f"p{dispute}{draw.integers(8)}", *([{"id_token": "same"}] if draw.random() < 0.2 else [])],
            "estate": "领秀雅居" if draw.random() < 0.5 else None,
            "handling_tier": str(draw.choice(["村", "乡", "县"])),
            "deadline_at": str(day + pd.Timedelta(days=int(draw.integers(1, 20)))) if draw.random() < 0.6 else None,
            "headcount": int(draw.integers(2, 45)) if draw.random() < 0.3 else None,
            "threat_words": ["跳楼"] if draw.random() < 0.15 else None,
        }  # fmt: skip
        base = {name: value for name, value in base.items() if value is not None}
        late = day.normalize() + pd.Timedelta(days=int(draw.choice([1, 1, 1, 4])))
        rows.append(record(number, str(day), dispute=dispute, delivered=str(late.date()), **base))
        if draw.random() < 0.6:
            over = day + pd.Timedelta(days=int(draw.integers(1, 12)))
            how = {"outcome": "成功", "outcome_at": str(over)} if source == "mediation" else {"closed_at": str(over)}
            later = max(over.normalize() + pd.Timedelta(days=1), late)
            how |= {"fulfilment": "未履行", "outcome_text": "十日内付清。"} if source == "mediation" else {}
            more = base | {"status": "已办结", **how, "version_at": str(over), "delivered": str(later.date())}
            more |= {"threat_words": ["跳楼", "放火"]} if draw.random() < 0.2 else {}
            rows.append(record(number, str(day), dispute=dispute, **more))
    return rows


@pytest.mark.parametrize("seed", range(4))
def test_what_a_day_left_never_changes_with_later_data(replay, seed):
    rows = world(seed)
    whole = replay(rows)
    assert len(whole.warning) > 20 and {"升级", "解除", "再发"} <= set(whole.step["what"])
    days = sorted({row["delivered"] for row in rows})
    for cut in days[6::9]:
        part = replay([row for row in rows if row["delivered"] <= cut], as_of=datetime.fromisoformat(cut))
        for mine, all_days, day in ((part.step, whole.step, "day"), (part.notice, whole.notice, "notice_date")):
            before = all_days[pd.to_datetime(all_days[day]) <= cut]
            order = list(mine.columns)
            expected, seen = (frame.sort_values(order, ignore_index=True).astype("object") for frame in (before, mine))
            pd.testing.assert_frame_equal(seen, expected, obj=f"{day} {cut}")
        key = ["rule", "raised_for", "first_seen_at", "warning_id"]
        known = whole.warning[whole.warning["first_seen_at"] <= cut]
        assert part.warning[key].values.tolist() == known[key].values.tolist()


@pytest.mark.parametrize("seed", range(4))
def test_a_dispute_counts_as_resolved_just_where_its_record_says_so(lake_of, seed):
    rows = world(seed)
    con = lake_of(rows)
    disputes = dispute_record.build(con, as_of=AS_OF)
    con.register("core_dispute", CORE_DISPUTE.conform(disputes))
    lived = warnings.replay(con, as_of=AS_OF, history_sources=[])
    status = disputes.set_index("dispute_id")["status"]
    lasting = lived.warning["rule"].isin(["repeat_complaint", "mass", "extreme_words"])
    about = lived.warning[lasting].drop_duplicates(["rule", "raised_for"], keep="last")
    resolved = about["dispute_id"].map(status) == "已化解"
    assert resolved.any() and not resolved.all()
    assert ((about["closed_reason"] == life.RESOLVED) == resolved).all()
