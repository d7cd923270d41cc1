import os
from datetime import UTC, date, datetime, timedelta

import pytest

from sources import deliveries
from sources.deliveries import LandingError

NOW = datetime(2025, 3, 2, 6, 0, tzinfo=UTC)


def put(landing, name, content="x", minutes_ago=60.0):
    path = landing / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8")
    moment = (NOW - timedelta(minutes=minutes_ago)).timestamp()
    os.utime(path, (moment, moment))
    return path


def test_a_folder_with_success_is_complete_at_once(tmp_path):
    put(tmp_path, "hotline/2025-03-02/a.xlsx", minutes_ago=0)
    put(tmp_path, "hotline/2025-03-02/_SUCCESS", "")
    found = deliveries.find(tmp_path, now=NOW)
    assert [(d.source, d.delivery_date, [f.name for f in d.files]) for d in found.complete] == [
        ("hotline", date(2025, 3, 2), ["a.xlsx"])
    ]
    assert found.problems == found.incomplete == []


def test_a_half_copied_file_waits_until_it_was_quiet(tmp_path):
    put(tmp_path, "hotline/2025-03-02/a.xlsx", minutes_ago=3)
    found = deliveries.find(tmp_path, now=NOW)
    assert found.complete == []
    assert "hotline/2025-03-02 的 a.xlsx 在 10 分钟内有改动" in found.incomplete[0].sentence
    assert len(deliveries.find(tmp_path, now=NOW, quiet_minutes=2).complete) == 1


def test_deliveries_come_by_date_then_source(tmp_path):
    for name in ("police/2025-03-01/a.csv", "hotline/2025-03-02/a.csv", "citymgmt/2025-03-02/a.csv"):
        put(tmp_path, name)
    found = deliveries.find(tmp_path, now=NOW)
    assert [(str(d.delivery_date), d.source) for d in found.complete] == [
        ("2025-03-01", "police"),
        ("2025-03-02", "citymgmt"),
        ("2025-03-02", "hotline"),
    ]


def test_the_signature_follows_names_and_contents_and_nothing_else(tmp_path):
    put(tmp_path, "hotline/2025-03-02/a.csv", "1")
    put(tmp_path, "hotline/2025-03-02/b.csv", "2")
    first = deliveries.find(tmp_path, now=NOW).complete[0].signature
    put(tmp_path, "hotline/2025-03-02/_SUCCESS", "")
    put(tmp_path, "hotline/2025-03-02/~$a.xlsx", "lock")
    put(tmp_path, "hotline/2025-03-02/.DS_Store", "")
    put(tmp_path, "hotline/2025-03-02/a.csv", "1", minutes_ago=30)
    again = deliveries.find(tmp_path, now=NOW).complete[0]
    assert again.signature == first
    assert [path.name for path in again.files] == ["a.csv", "b.csv"]
    put(tmp_path, "hotline/2025-03-02/a.csv", "3", minutes_ago=20)
    assert deliveries.find(tmp_path, now=NOW).complete[0].signature != first


def test_a_missing_landing_folder_and_an_empty_one_are_told_apart(tmp_path):
    with pytest.raises(LandingError, match="不存在：请建立它，或用环境变量 LAKE_LANDING"):
        deliveries.find(tmp_path / "none", now=NOW)
    found = deliveries.find(tmp_path, now=NOW)
    assert [problem.kind for problem in found.problems] == ["empty_landing"]
    assert "是空的" in found.problems[0].sentence
    with pytest.raises(LandingError, match="是文件，不是文件夹"):
        deliveries.find(put(tmp_path, "file"), now=NOW)


@pytest.mark.parametrize(
    ("name", "kind", "part"),
    [
        ("hotlin/2025-03-02/a.csv", "unknown_source", "是否应为 hotline？"),
        ("hotline/20250302/a.csv", "bad_date", "请改成 YYYY-MM-DD"),
        ("hotline/2025-02-30/a.csv", "bad_date", "hotline/2025-02-30 的名字不是有效日期"),
        ("hotline/a.csv", "stray", "请移到 hotline/<交付日期>/ 下"),
        ("a.csv", "stray", "请移到 <来源>/<交付日期>/ 下"),
        ("hotline/2025-03-02/more/a.csv", "nested_folder", "里有子文件夹 more"),
        ("hotline/2025-03-02/_SUCCESS", "no_files", "没有数据文件"),
    ],
)
def test_what_lies_in_the_wrong_place_is_told(tmp_path, name, kind, part):
    put(tmp_path, name)
    found = deliveries.find(tmp_path, now=NOW)
    assert [problem.kind for problem in found.problems] == [kind]
    assert part in found.problems[0].sentence


def test_an_empty_delivery_is_complete_so_that_it_is_reported_and_not_waited_for(tmp_path):
    put(tmp_path, "grid/2025-03-02/_SUCCESS", "")
    assert deliveries.find(tmp_path, now=NOW).complete[0].files == ()


def test_a_broken_link_stops_that_delivery_only(tmp_path):
    put(tmp_path, "hotline/2025-03-02/_SUCCESS", "")
    (tmp_path / "hotline/2025-03-02/a.csv").symlink_to(tmp_path / "gone")
    put(tmp_path, "police/2025-03-02/a.csv")
    found = deliveries.find(tmp_path, now=NOW)
    assert [d.source for d in found.complete] == ["police"]
    assert "a.csv 无法读取" in found.problems[0].sentence


def test_a_moment_without_zone_is_refused(tmp_path):
    with pytest.raises(ValueError, match="time zone"):
        deliveries.find(tmp_path, now=NOW.replace(tzinfo=None))
