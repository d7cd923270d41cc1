"""The page's tab of warnings as a person uses it: whose, which day, judged by key, undone; acts in the lake."""

import threading

import pytest

from pipelines import reviewing, runs
from pipelines.review.desk import Desk
from pipelines.review.server import ReviewServer
from tests.browser import chromium
from tests.browser.chromium import Chromium
from transforms.tables import CORE_WARNING_ACT

CHOSEN = "document.querySelector('#alarms .on') && document.querySelector('#alarms .on').dataset.id"
OPENED = "document.querySelector('#alarm h2 small') && document.querySelector('#alarm h2 small').textContent"


@pytest.fixture
def lake(own):
    return runs.standing(own)


@pytest.fixture
def page(own, lake, tmp_path, monkeypatch):
    """The tab of warnings of a fresh copy of the lake, open in Chromium."""
    monkeypatch.setattr(chromium, "PATIENCE", 120.0)  # the questions of the first tab are worked out meanwhile
    desk = Desk(lake, own.warehouse, by="张三")
    with ReviewServer(desk, note="模拟数据") as server, Chromium(tmp_path / "profile") as browser:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        browser.open(server.address)
        browser.wait("typeof alarms === 'function'")
        browser.click("nav [data-tab=alerts]")
        browser.wait(CHOSEN)
        yield browser
        assert [each for each in browser.console if "409" not in each] == []
        server.shutdown()
        thread.join()
    desk.close()


def said(lake):
    """(warning, what, whether a note was written) of each act, in order."""
    rows = lake.read(CORE_WARNING_ACT).sort_values("acted_at")
    assert set(rows["acted_by"]) == {"张三"}
    return list(zip(rows["warning_id"], rows["judgement"].fillna(rows["kind"]), rows["note"].notna(), strict=True))


def opened(page, number):
    page.wait(f"({OPENED} || '').includes({number!r})")
    return number


def test_todays_warnings_of_the_city_stand_with_evidence_course_and_records(page):
    first = opened(page, page.look(CHOSEN))
    assert page.look("document.querySelector('#area').value").startswith("530400")
    shown = page.look("document.querySelector('#alarm').innerText")
    assert "依据" in shown and "新发" in shown and first in shown
    assert page.look("document.querySelectorAll('#alarm li.paper').length") >= 1
    assert page.look("document.querySelectorAll('#alarm li.paper.here-l').length") == 1
    assert page.look("document.documentElement.scrollWidth") <= 1366
    assert page.look("document.querySelector('#alerts footer').getBoundingClientRect().bottom") <= 768


def test_keys_judge_acknowledge_move_and_undo_and_every_act_is_in_the_lake(page, lake):
    page.click("#alerts [data-which=open]")
    page.wait("document.querySelectorAll('#alarms button').length > 3")
    first = opened(page, page.look(CHOSEN))
    page.press("4")
    page.wait("document.querySelector('#alarms .on .seen')")
    page.press("w")
    page.write("1 已核实")
    page.press("Enter")
    page.press("1")
    second = opened(page, page.wait(f"{CHOSEN} !== {first!r} && {CHOSEN}"))
    page.press("2")
    page.wait(f"{CHOSEN} !== {second!r}")
    assert said(lake) == [(first, "acknowledge", False), (first, "属实", True), (second, "不实", False)]
    assert lake.read(CORE_WARNING_ACT)["note"].dropna().tolist() == ["1 已核实"]
    page.press("u")
    page.wait(f"{CHOSEN} === {second!r} && !document.querySelector('#alarms .on .said')")
    page.press("k")
    page.wait(f"{CHOSEN} === {first!r}")
    assert page.look("document.querySelector('#alarms .on .said').textContent") == "属实"
    held = {row.number: row.state for row in reviewing.acts(lake).itertuples()}
    assert sorted(held.values()) == ["已撤回", "待运行", "待运行", "撤回"]


def test_another_area_another_day_and_what_is_open(page):
    told = page.look("state.alarms.map(each => each.warning_id)")
    page.click("#alerts [data-which=open]")
    page.wait("document.querySelector('#alerts [data-which=open].on')")
    assert page.look("state.alarms.length") >= len(told)
    page.click("#area")
    page.write("红塔区")
    page.press("Enter")
    page.wait("document.querySelector('#area').value.startsWith('530402')")
    assert page.look("state.alarms.length > 0 && state.alarms.every(each => each.area_code.startsWith('530402'))")
    assert page.look("state.alarms.every(each => each.is_open)")
    page.look("(() => { const day = document.querySelector('#day'); day.value = '2025-03-05';"
              " day.dispatchEvent(new Event('change')); })()")  # fmt: skip
    page.wait("document.querySelector('#day').value === '2025-03-05' && state.alarms.length"
              " && state.alarms.every(each => each.first_seen_at <= '2025-03-05')")  # fmt: skip


def test_an_area_that_is_none_is_told(page):
    page.click("#area")
    page.write("没有这个镇")
    page.press("Enter")
    page.wait("!document.querySelector('#refused').hidden")
    assert "没有区域" in page.look("document.querySelector('#refused p').textContent")
