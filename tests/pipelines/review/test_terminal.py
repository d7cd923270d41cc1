"""Judging in the terminal: what a person types and what is written."""

import io

import pytest
from rich.console import Console

from pipelines import reviewing, runs
from pipelines.review.desk import Desk
from pipelines.review.terminal import sit


@pytest.fixture
def sitting(own):
    desk = Desk(runs.standing(own), own.warehouse, by="张三")

    def typed(*lines):
        remaining = list(lines)
        screen = io.StringIO()

        def ask(_):
            if not remaining:
                raise EOFError
            return remaining.pop(0)

        given = sit(desk, Console(file=screen, width=160), ask)
        return given, screen.getvalue()

    typed.desk = desk
    yield typed
    desk.close()


def said(desk):
    rows = reviewing.acts(desk.lake)[::-1]
    rows = rows.assign(reason=rows["reason"].fillna(""))
    return [(row.what.removeprefix("裁定"), row.reason, row.state) for row in rows.itertuples(index=False)]


def test_keys_judge_with_a_reason_undo_and_move_on(sitting):
    first = sitting.desk.queue()["items"][:3]
    given, screen = sitting("２ 不是一栋楼", "1", "u", "j", "3", "q", "1")
    assert given == 2
    what = [(verdict, reason) for verdict, reason, state in said(sitting.desk) if state == "待运行"]
    assert what == [("不同", "不是一栋楼"), ("不确定", "")]
    held = reviewing.acts(sitting.desk.lake).query("state == '待运行'")
    assert {tuple(each) for each in held["events"]} == {
        tuple(sorted((item["left"], item["right"]))) for item in (first[0], first[2])
    }
    assert "第 1 / " in screen and "相近之处" in screen
    assert "已撤销" in screen


def test_what_is_no_key_is_answered_with_the_keys_and_the_end_of_input_ends(sitting):
    given, screen = sitting("同一", "u")
    assert given == 0
    assert screen.count("1 同一　2 不同　3 不确定") == 2
    assert "没有可撤销的裁定" in screen
    assert said(sitting.desk) == []
