"""The review page as a person uses it: keys and clicks in Chromium, acts in the lake."""

import os
import signal
import subprocess
import sys
import threading

import pytest

from pipelines import reviewing, runs
from pipelines.review.desk import Desk
from pipelines.review.server import ReviewServer
from tests.browser.chromium import Chromium

SHOWN = "document.querySelector('#sides tbody tr') && document.querySelector('#ask .count').textContent"
ANSWERED = "document.querySelector('#told.on') && document.querySelector('#told').textContent"


@pytest.fixture
def lake(own):
    return runs.standing(own)


@pytest.fixture
def page(own, lake, tmp_path):
    """The page of a fresh copy of the lake, open in Chromium."""
    desk = Desk(lake, own.warehouse, by="张三")
    with ReviewServer(desk, note="模拟数据") as server, Chromium(tmp_path / "profile") as browser:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        browser.open(server.address)
        browser.wait(SHOWN)
        yield browser
        assert [each for each in browser.console if "409" not in each] == []  # 409: an act that was refused
        server.shutdown()
        thread.join()
    desk.close()


def acts(lake):
    return [(row.by, row.what, row.state) for row in reviewing.acts(lake)[::-1].itertuples(index=False)]


def counted(page, number):
    return page.wait(f"document.querySelector('#ask .count').textContent.startsWith('第 {number} /')")


def test_keys_judge_undo_and_move_and_every_act_is_in_the_lake(page, lake):
    assert "1 / " in page.look(SHOWN)
    page.press("1")
    counted(page, 2)
    page.press("2")
    counted(page, 3)
    page.press("3")
    counted(page, 4)
    assert [what for _, what, _ in acts(lake)] == ["裁定同一", "裁定不同", "裁定不确定"]
    page.press("u")
    counted(page, 3)
    assert acts(lake)[-2:] == [("张三", "裁定不确定", "已撤回"), ("张三", acts(lake)[-1][1], "撤回")]
    page.press("k")
    counted(page, 2)
    assert "已裁定：不同" in page.wait("document.querySelector('#ask .before').textContent")
    page.press("j")
    counted(page, 3)
    page.wait("document.querySelector('#state').textContent.includes('4 次待运行')")


def test_a_reason_is_written_with_the_verdict_and_its_letters_are_no_keys(page, lake):
    page.press("w")
    page.write("u1 同一户")
    assert page.look("document.activeElement.id") == "why"
    page.press("Enter")
    page.click("[data-verdict=same]")
    counted(page, 2)
    assert reviewing.acts(lake)["reason"].tolist() == ["u1 同一户"]
    assert page.look("document.querySelector('#why').value") == ""


def test_both_records_stand_side_by_side_with_marks_reasons_and_timelines(page):
    assert page.look("document.querySelectorAll('#sides tbody tr').length") >= 8
    for _ in range(20):  # somewhere among the first there is a difference and a shared part
        if page.look("!!document.querySelector('#sides td mark') && !!document.querySelector('#lines li.here-l')"):
            break
        before = page.look(SHOWN)
        page.press("j")
        page.wait(f"({SHOWN}) !== {before!r}")
    assert page.look("!!document.querySelector('#sides td mark')")
    assert page.look("document.querySelectorAll('#ask .reasons span, #ask .reasons i').length") >= 2
    assert page.look("document.querySelectorAll('#lines li.here-l, #lines li.here-r').length") == 2


def test_nothing_is_wider_than_the_window_and_the_keys_are_always_in_sight(page):
    for tab in ("pairs", "disputes", "records", "acts"):
        page.click(f"nav [data-tab={tab}]")
        page.wait(f"!document.querySelector('main#{tab}').hidden")
        assert page.look("document.documentElement.scrollWidth") <= 1366
        assert page.look("document.documentElement.scrollHeight") <= 768
    page.click("nav [data-tab=pairs]")
    assert page.look("document.querySelector('footer').getBoundingClientRect().bottom") <= 768


def test_a_contradiction_is_told_and_can_be_cleared_on_the_spot(page, lake):
    # what the page will ask next is denied beforehand by a detour over a third record
    left, right = page.look("[current().left, current().right]")
    third = next(each for each in lake.read("core_dispute_event")["event_id"] if each not in (left, right))
    desk = Desk(lake, lake.published / "warehouse.duckdb", by="李四")
    first = desk.judge(left, third, "same", None)
    desk.judge(right, third, "same", None)
    desk.close()
    page.press("2")
    page.wait("!document.querySelector('#refused').hidden")
    assert "矛盾" in page.look("document.querySelector('#refused p').textContent")
    page.press("2")  # no key passes the notice
    assert len(acts(lake)) == 2
    page.click("#refused .against button")
    page.wait("document.querySelector('#refused').hidden")
    assert ("李四", "裁定同一", "已撤回") in acts(lake)
    page.press("2")
    counted(page, 2)
    assert acts(lake)[-1] == ("张三", "裁定不同", "待运行")
    assert first.number


def test_a_dispute_is_split_by_ticking_and_two_are_merged(page, lake):
    largest = lake.read("core_dispute_event")["dispute_id"].value_counts().index[0]
    page.click("nav [data-tab=disputes]")
    page.wait("document.querySelectorAll('#found button').length > 3")
    page.click("#seek")
    page.write(largest)
    page.press("Enter")
    page.wait("document.querySelectorAll('#found button').length === 1")
    page.click("#found button")
    page.wait("document.querySelector('#first li')")
    assert page.look("document.querySelector('#first .cut').disabled")
    page.click("#first li:nth-child(2) input")
    page.click("#first .cut")
    assert "拆分" in page.wait(ANSWERED)
    page.click("#first .do button:last-child")
    page.wait("!document.querySelector('#first li')")
    page.look("document.querySelector('#seek').value = ''")
    page.click("#seeking")
    page.wait("document.querySelectorAll('#found button').length > 3")
    listed = page.look("[...document.querySelectorAll('#found button')].map(each => each.dataset.id)")
    others = [number for number, each in enumerate(listed, 1) if each != largest]
    page.click(f"#found button:nth-child({others[0]})")
    page.wait("document.querySelector('#first li')")
    page.click(f"#found button:nth-child({others[1]})")
    page.wait("document.querySelector('#second li')")
    page.click("#first .join")
    page.wait("!document.querySelector('#second li')")
    assert [what[:4] for _, what, _ in acts(lake)] == ["拆分纠纷", "合并纠纷"]


def test_a_record_is_corrected_and_the_correction_withdrawn(page, lake):
    page.click("nav [data-tab=records]")
    page.click("#doubts [data-doubt=category]")
    page.wait("document.querySelector('#doubts [data-doubt=category]').disabled")
    page.click("#hits button:nth-child(1)")
    page.click("#record input[list=choices-category_code]")
    page.write("0201")
    page.press("Enter")
    page.wait("document.querySelector('#record .said')")
    assert reviewing.acts(lake)["what"].iloc[0].endswith("→ 邻里纠纷/用水、排水、通行、通风、采光纠纷")
    page.click("nav [data-tab=acts]")
    page.click("#log tbody tr button")
    page.wait("document.querySelectorAll('#log tbody tr').length === 2")
    assert [state for *_, state in acts(lake)] == ["已撤回", "撤回"]


def test_names_are_shown_on_demand_and_hidden_again(page, own):
    log = own.root / "restricted" / "reveal.log"
    masked = page.look("document.querySelector('#sides').innerText")
    assert not log.exists()
    page.press("v")
    page.wait(f"document.querySelector('#sides').innerText !== {masked!r}")
    assert len(log.read_text("utf-8").splitlines()) == 2  # one look for each record
    page.press("v")
    page.wait(f"document.querySelector('#sides').innerText === {masked!r}")


def test_what_was_judged_survives_the_kill_of_the_command(own, lake, tmp_path):
    environment = os.environ | {
        "LAKE_LANDING": str(own.landing), "LAKE_ROOT": str(own.root), "LAKE_KEY_FILE": str(own.key_file)
    }  # fmt: skip
    command = [sys.executable, "-m", "pipelines.cli", "review", "--by", "张三"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as server:
        assert "要裁定的" in server.stdout.readline()
        address = server.stdout.readline().strip()
        with Chromium(tmp_path / "profile") as page:
            page.open(address)
            page.wait(SHOWN)
            page.press("1")
            counted(page, 2)
            os.kill(server.pid, signal.SIGKILL)
            server.wait()
            page.press("1")
            page.wait("!document.querySelector('#refused').hidden")
            assert "连不上" in page.look("document.querySelector('#refused p').textContent")
    assert acts(lake) == [("张三", "裁定同一", "待运行")]


def test_a_key_pressed_twice_judges_one_pair_only(page, lake):
    page.look("['1', '1'].forEach(key => document.dispatchEvent(new KeyboardEvent('keydown', {key})))")
    counted(page, 2)
    page.press("3")
    counted(page, 3)
    assert [what for _, what, _ in acts(lake)] == ["裁定同一", "裁定不确定"]


def test_what_the_weight_is_made_of_is_shown_on_demand_for_the_pair_in_sight(page):
    page.press("e")
    page.wait("document.querySelectorAll('#bars .bar').length > 3")
    assert "合计" in page.look("document.querySelector('#bars').innerText")
    page.press("j")
    page.wait("document.querySelector('#bars').hidden")
