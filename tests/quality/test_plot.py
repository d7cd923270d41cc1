import itertools
import re
from xml.etree import ElementTree

import pandas as pd

from quality.plot import PLOTTED, TOP, svg
from quality.suites import DIMENSIONS


def drawn(count, *, stopped=(), marks=99.0):
    days = pd.date_range("2024-03-01", periods=count)
    files = pd.DataFrame(
        {
            "delivery_date": days,
            "status": ["held" if i in stopped else "accepted" for i in range(count)],
            "rows_read": 100,
            "rows_accepted": [0 if i in stopped else 90 for i in range(count)],
            "rows_superseded": 5,
            "rows_ignored": 5,
            "rows_quarantined": [90 if i in stopped else 0 for i in range(count)],
        }
    )
    total = [0.0 if i in stopped else marks for i in range(count)]
    scores = pd.DataFrame({"delivery_date": days} | dict.fromkeys((*DIMENSIONS, "总分"), total))
    return ElementTree.fromstring(svg(files, scores, "110"))


def classes(picture, tag):
    return [element.get("class") for element in picture.iter(tag)]


def test_one_delivery_is_a_bar_a_dot_and_its_date():
    picture = drawn(1)
    assert classes(picture, "polyline") == []
    assert classes(picture, "circle") == ["low", "total"]
    assert [text.text for text in picture.iter("text")][-1] == "2024-03-01"


def test_a_year_stays_small_and_its_dates_do_not_lie_on_each_other():
    picture = drawn(366)
    assert len(ElementTree.tostring(picture, encoding="unicode")) < 120_000
    places = [float(text.get("x")) for text in picture.iter("text") if re.fullmatch(r"\d{4}-\d\d-\d\d", text.text)]
    assert places == sorted(places)
    assert len(places) >= 5
    assert min(right - left for left, right in itertools.pairwise(places)) >= 70


def test_more_than_a_year_is_cut_at_its_old_end():
    titles = [title.text for title in drawn(PLOTTED + 10).iter("title")]
    assert len(titles) == PLOTTED
    assert titles[0].startswith("2024-03-11")


def test_a_held_delivery_is_marked_by_a_shape_and_does_not_flatten_the_marks_of_others():
    picture = drawn(20, stopped={7}, marks=95.0)
    assert "h" in classes(picture, "path")
    assert "60" in [text.text for text in picture.iter("text")]
    told = [title.text for title in picture.iter("title")]
    assert told[7].endswith("有文件挂起或无法读取")
    assert "隔离 90" in told[7]


def test_bars_stand_on_each_other_and_fill_the_height_of_the_largest_delivery():
    picture = drawn(1)
    highs = [float(high) for path in picture.iter("path") for high in re.findall(r"v([\d.]+)h-", path.get("d"))]
    assert sum(highs) == 104.0
    tops = [float(y) for path in picture.iter("path") for y in re.findall(r"M[\d.]+ ([\d.]+)h", path.get("d"))]
    assert min(tops) == TOP
