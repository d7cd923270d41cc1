"""The one screen as a person uses it: clicks and keys in Chromium, from a number to its rows to a dispute's course."""

import csv
import json

import duckdb
import pytest

from tests.browser.chromium import Chromium
from warehouse.publish import copy_publication
from warehouse.screen.app import Screen, Server
from warehouse.screen.snapshot import Follower
from warehouse.screen.users import Sittings, Users

PASSWORD = "一个足够长的口令句子"
DRAWN = "document.querySelector('#headline .big') && document.querySelector('#trend canvas')"
ROWS = "document.querySelector('#drawer-body tbody tr')"
PAGE = "document.querySelector('.pages span')"
SUM = "reduce((sum, each) => sum + Number(each.textContent.replace(',', '')), 0)"
ALL = "?since=2000-01-01"


@pytest.fixture(scope="module")
def follower(published):
    return Follower(published.warehouse)


@pytest.fixture(scope="module")
def server(follower):
    with Server(Screen(follower, label="模拟数据")) as server:
        yield server


@pytest.fixture
def page(server, tmp_path):
    with Chromium(tmp_path / "profile") as browser:
        browser.open(server.address + ALL)
        browser.wait(DRAWN)
        yield browser
        assert browser.console == []


def number(text):
    return int(text.replace(",", ""))


def tile(page, name):
    """The big number of a tile."""
    return number(
        page.look(
            "[...document.querySelectorAll('.tile')].find(each => "
            f"each.querySelector('h3').textContent.startsWith({json.dumps(name)})).querySelector('.big').textContent"
        )
    )


def rows_shown(page):
    """Opens nothing; counts the rows of all pages of the drawer by turning them with the arrow key."""
    count = 0
    while True:
        at = page.wait(f"{ROWS} && {PAGE}.textContent")
        count += page.look("document.querySelectorAll('#drawer-body tbody tr').length")
        if page.look("document.querySelector('#after').disabled"):
            return count
        page.press("ArrowRight")
        page.wait(f"{PAGE} && {PAGE}.textContent !== {at!r} && {ROWS}")


def test_all_panels_are_filled_and_the_head_says_what_is_shown(page):
    head = page.look("document.querySelector('header').innerText")
    assert "模拟数据" in head
    assert "号发布" in head
    assert "截至" in head
    for panel in ("warnings", "late", "areas", "ladder", "categories", "sources"):
        assert page.look(f"document.querySelectorAll('#{panel} a').length") > 0, panel
    assert page.look("document.documentElement.scrollWidth <= innerWidth && document.body.scrollHeight <= innerHeight")


@pytest.mark.parametrize("name", ["新增纠纷", "在办纠纷", "超期未办结", "生效预警"])
def test_a_click_on_a_number_opens_as_many_rows(page, name):
    expected = tile(page, name)
    assert expected > 0
    page.look(
        "[...document.querySelectorAll('.tile')].find(each => "
        f"each.querySelector('h3').textContent.startsWith({json.dumps(name)})).querySelector('.big a').id = 'wanted'"
    )
    page.click("#wanted")
    assert rows_shown(page) == expected
    page.press("Escape")
    page.wait("!document.querySelector('#drawer').open")


def test_from_a_late_dispute_to_its_course_over_all_systems_and_back(page):
    page.click("#late .items a")
    page.wait("document.querySelector('#drawer .facts')")
    told = page.look("document.querySelector('#drawer').innerText")
    for part in ("风险依据", "各系统何时知道", "经过", "时限", "超期"):
        assert part in told
    assert page.look("document.querySelectorAll('#drawer .lanes i').length") == page.look(
        "document.querySelectorAll('#drawer ol.steps > li').length"
    )
    page.press("Escape")
    page.wait("!document.querySelector('#drawer').open && location.hash === ''")


def test_from_the_rows_to_a_dispute_and_back_to_the_rows(page):
    page.click("#ladder tbody a.n:not(.zero)")
    page.wait(ROWS)
    title = page.look("document.querySelector('#drawer-title').textContent")
    page.click("#drawer-body tbody tr a")
    page.wait("document.querySelector('#drawer .facts')")
    page.click("#back")
    page.wait(f"document.querySelector('#drawer-title').textContent === {title!r} && {ROWS}")


def test_drilling_from_county_to_village_narrows_everything_and_the_way_back_is_named(page):
    whole = tile(page, "新增纠纷")
    for depth in (2, 3, 4):
        name = page.look("document.querySelector('#areas tbody td.name a').textContent")
        expected = number(page.look("document.querySelector('#areas tbody td.bar a').textContent"))
        page.click("#areas tbody td.name a")
        page.wait(f"document.querySelectorAll('#path > *').length === {depth}")
        assert page.look("document.querySelector('#path > :last-child').textContent") == name
        assert tile(page, "新增纠纷") == expected
    page.click("#path a")
    page.wait("document.querySelectorAll('#path > *').length === 1")
    assert tile(page, "新增纠纷") == whole


def test_the_filter_applies_to_all_and_stands_in_the_address(page):
    page.click("#risks button:nth-child(2)")
    page.wait("location.search.includes('risk=')")
    page.wait("document.querySelector('#risks button:nth-child(2)').getAttribute('aria-pressed') === 'true'")
    high = tile(page, "新增纠纷")
    assert high == page.look(f"[...document.querySelectorAll('#areas td.bar a')].{SUM}")
    assert page.look("[...document.querySelectorAll('#late .badge')].every(each => each.textContent === '高')")
    page.look("history.back()")
    page.wait("document.querySelector('#risks button:nth-child(1)').getAttribute('aria-pressed') === 'true'")
    assert tile(page, "新增纠纷") > high


def test_the_trend_as_a_table_opens_each_stretch_of_time(page):
    page.click("#h-trend button")
    total = page.look(f"[...document.querySelectorAll('#trend tbody td:nth-child(2)')].{SUM}")
    assert total == tile(page, "新增纠纷")
    expected = number(page.look("document.querySelector('#trend tbody a.n:not(.zero)').textContent"))
    page.click("#trend tbody a.n:not(.zero)")
    assert rows_shown(page) == expected


def test_a_click_on_a_bar_of_the_trend_opens_its_rows(page):
    place = page.look("(() => { const b = document.querySelector('#trend canvas').getBoundingClientRect();"
                      " return [b.right - b.width * .08, b.bottom - b.height * .2]; })()")  # fmt: skip
    for kind in ("mouseMoved", "mousePressed", "mouseReleased"):
        page._ask("Input.dispatchMouseEvent", type=kind, x=place[0], y=place[1], button="left", clickCount=1)
    page.wait(ROWS)
    assert "受理" in page.look("document.querySelector('#drawer-title').textContent")


def test_everything_can_be_done_by_keyboard(page):
    page.press("4")
    page.press("Tab")
    page.press("Tab")
    for _ in range(12):  # past the heads to the first link of the table
        if page.look("document.activeElement.matches('#areas td a')"):
            break
        page.press("Tab")
    name = page.look("document.activeElement.textContent")
    page.press("Enter")
    page.wait(f"document.querySelector('#path > :last-child').textContent === {name!r}")
    page.press("1")
    for _ in range(12):
        if page.look("document.activeElement.matches('#warnings a, #h-warnings a')"):
            break
        page.press("Tab")
    wanted = page.look("document.activeElement.getAttribute('href')")
    page.press("Enter")
    page.wait(
        "document.querySelector('#drawer').open && document.querySelector('#drawer-title').textContent !== '正在取…'"
    )
    assert page.look("document.querySelector('#drawer').contains(document.activeElement)")
    page.press("Escape")
    page.wait(f"document.activeElement.getAttribute('href') === {wanted!r}")
    page.press("?")
    page.wait("document.querySelector('#usage').open")


def test_what_is_focused_is_seen(page):
    page.press("Tab")
    assert page.look("getComputedStyle(document.activeElement).outlineStyle") == "solid"


def test_text_stands_out_from_its_ground_and_no_level_is_colour_alone(page):
    measured = page.look("""(() => {
        const light = text => { const [r, g, b] = text.match(/[0-9.]+/g).map(v => { v /= 255; return v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4; }); return .2126 * r + .7152 * g + .0722 * b; };
        const ground = e => { while (e) { const c = getComputedStyle(e).backgroundColor; if (c !== 'rgba(0, 0, 0, 0)') return c; e = e.parentElement; } return 'rgb(255, 255, 255)'; };
        return [...document.querySelectorAll('body *')].filter(e => e.checkVisibility() && !e.disabled && [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim())).map(e => {
            const [a, b] = [light(getComputedStyle(e).color), light(ground(e))];
            return [(Math.max(a, b) + .05) / (Math.min(a, b) + .05), e.className, e.textContent.slice(0, 20), parseFloat(getComputedStyle(e).fontSize)]; });
    })()""")  # fmt: skip  # noqa: E501
    assert len(measured) > 200
    assert [each for each in measured if each[0] < 4.5] == []  # WCAG AA
    assert min(each[3] for each in measured) >= 11
    assert page.look(
        "[...document.querySelectorAll('.badge')].every(each => '红橙黄蓝高中低'.includes(each.textContent))"
    )


def test_on_a_wall_the_type_fills_the_screen_and_nothing_runs_over(server, tmp_path):
    with Chromium(tmp_path / "profile", width=3840, height=2160) as page:
        page.open(server.address + ALL)
        page.wait(DRAWN)
        assert page.look("document.querySelector('#wall').getAttribute('aria-pressed')") == "true"
        assert page.look("parseFloat(getComputedStyle(document.querySelector('#areas td')).fontSize)") > 30
        assert page.look(
            "document.documentElement.scrollWidth <= innerWidth && document.body.scrollHeight <= innerHeight"
        )
        wide = "each => each.scrollWidth > each.clientWidth + 1"
        parts = "document.querySelectorAll('.tile, .panel > h2, #ladder, #sources')"
        assert page.look(f"[...{parts}].filter({wide}).map(each => each.textContent)") == []
        page.press("b")
        page.wait("parseFloat(getComputedStyle(document.querySelector('#areas td')).fontSize) < 30")
        assert page.console == []


def test_who_must_log_in_does_so_and_can_leave(follower, tmp_path):
    users = Users({}).with_user("李四", PASSWORD)
    with (
        Server(Screen(follower, sittings=Sittings(users), is_local=False)) as server,
        Chromium(tmp_path / "profile") as page,
    ):
        page.open(server.address)
        page.wait("document.querySelector('input[name=password]')")
        page.click("input[name=name]")
        page.write("李四")
        page.press("Tab")
        page.write("wrong password")
        page.press("Enter")
        assert "不对" in page.wait(
            "document.querySelector('.refused') && document.querySelector('.refused').textContent"
        )
        page.click("input[name=name]")
        page.write("李四")
        page.press("Tab")
        page.write(PASSWORD)
        page.press("Enter")
        page.wait(DRAWN)
        assert page.look("document.cookie") == ""
        page.click("#leave button")
        page.wait("document.querySelector('input[name=password]')")


def test_the_csv_of_what_is_shown_can_be_taken_along(page):
    page.click("#headline .tile:nth-child(4) .big a")
    page.wait(ROWS)
    expected = number(page.look("document.querySelector('#drawer-title').textContent.match(/([0-9,]+) 条/)[1]"))
    text = page.look("fetch(document.querySelector('#export').href).then(answer => answer.text())")
    assert len(list(csv.reader(text.strip().splitlines()))) - 1 >= expected


def test_an_open_page_follows_a_new_publication(published, tmp_path):
    warehouse = copy_publication(published.published, tmp_path / "first")
    with Server(Screen(Follower(warehouse))) as server, Chromium(tmp_path / "profile") as page:
        page.open(server.address + ALL)
        page.wait(DRAWN)
        before = tile(page, "新增纠纷")
        beside = copy_publication(published.published, tmp_path / "second")
        with duckdb.connect(str(beside)) as con:
            con.execute("UPDATE publication SET number = 99")
            con.execute("DELETE FROM dispute WHERE risk_level = '低'")
        beside.replace(warehouse)
        page.wait("follow().then(() => document.querySelector('#edition').textContent.includes('第 99 号'))")
        assert tile(page, "新增纠纷") < before
        assert "第 99 号" in page.look("document.querySelector('#told').textContent")
        assert page.console == []


def test_a_surge_opens_the_disputes_of_its_area_and_category(page):
    link = page.look(
        "matter({dispute_id: null, area_code: '530402', category_code: '06', first_seen_at: '2025-03-12'})"
    )
    page.look(f"location.hash = {link!r}")
    page.wait("document.querySelector('#drawer-title').textContent.includes('红塔区')")
    title = page.look("document.querySelector('#drawer-title').textContent")
    assert "合同及相关纠纷" in title
    assert "2025-03-05 至 2025-03-11" in title
