from urllib.parse import quote

import duckdb
import pytest

from tests.browser.chromium import Chromium
from warehouse.reports import writing


@pytest.fixture
def page(published, tmp_path):
    paths = writing.write(published.warehouse, tmp_path / "reports", "week", "2025-W10")
    with Chromium(tmp_path / "profile") as browser:
        browser.open("file://" + quote(str(paths[1])))
        browser.wait("document.querySelector('h1')")
        yield browser
        assert browser.console == []


def panel(page):
    return page.look("document.getElementById('panel').hidden ? null : document.getElementById('sql').textContent")


def test_a_click_on_a_number_shows_the_statement_that_gives_it(page, published):
    shown = page.look("document.querySelector('a.n').textContent")
    assert panel(page) is None
    page.click("a.n")
    statement = page.wait("document.getElementById('sql').textContent")
    with duckdb.connect(str(published.warehouse), read_only=True) as con:
        assert con.execute(statement).fetchone()[0] == float(shown)
    page.press("Escape")
    assert panel(page) is None
    assert page.look("document.activeElement.classList.contains('n')")


def test_numbers_are_reached_and_opened_by_keys_alone(page):
    page.press("Tab")
    assert page.look("document.activeElement.classList.contains('n')")
    page.press("Enter")
    assert page.wait("document.getElementById('sql').textContent")


def test_plots_are_drawn_and_told_to_who_cannot_see_them(page):
    labels = page.look("[...document.querySelectorAll('figure.chart svg')].map(e => e.getAttribute('aria-label'))")
    assert len(labels) == 2
    assert all("最多" in label for label in labels)
    assert page.look("document.querySelector('svg polyline').getBoundingClientRect().width") > 300


def test_nothing_is_cut_off_at_the_side_of_a_small_screen(page):
    assert page.look("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
