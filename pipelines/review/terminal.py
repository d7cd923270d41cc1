"""Judging pairs in the terminal: the same questions in the same order as the page, one key and Enter each.

Here: what is printed and which key does what. Not here: what a verdict does (`desk`).
desk -> text -> keys -> desk
"""

import unicodedata
from collections.abc import Callable
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from pipelines.review.desk import Desk
from pipelines.review.marks import Pieces
from pipelines.reviewing import ReviewRefused
from transforms.matching.verdicts import VERDICTS
from warehouse.lake import LakeBusy

KEYS = {"1": "same", "2": "different", "3": "unsure"}
HELP = "1 同一　2 不同　3 不确定　（其后可写理由，如：2 不是一栋楼）　u 撤销　j 下一对　k 上一对　v 看原文　q 结束"


def sit(desk: Desk, console: Console, ask: Callable[[str], str]) -> int:
    """Asks until the questions or the reviewer's patience end; returns how many verdicts were given.

    Args:
        desk: the reviewer's desk.
        console: where to print.
        ask: prints a prompt and returns a line; EOFError and KeyboardInterrupt end the sitting.
    """
    items = desk.queue()["items"]
    at = given = 0
    reveal, shown = False, (-1, False)
    where: dict[str, int] = {}
    while at < len(items):
        item = items[at]
        if shown != (at, reveal):
            _show(desk.pair(item["left"], item["right"], reveal=reveal), item, at, len(items), console)
            shown = (at, reveal)
        try:
            line = ask("> ").strip()
        except (EOFError, KeyboardInterrupt):
            break
        key, _, why = unicodedata.normalize("NFKC", line).partition(" ")  # a Chinese keyboard gives １ for 1
        try:
            if key in KEYS:
                done = desk.judge(item["left"], item["right"], KEYS[key], why.strip() or None)
                where[done.number] = at
                console.print(f"已记下：{VERDICTS[KEYS[key]]}（{done.number}）", markup=False)
                at, given = at + 1, given + done.is_new
            elif key == "u":
                number = desk.undo()
                console.print(f"已撤销 {number}", markup=False)
                at, given, shown = where.pop(number, at), given - 1, (-1, False)
            elif key == "j":
                at += 1
            elif key == "k":
                at = max(0, at - 1)
            elif key == "v":
                reveal = not reveal
            elif key == "q":
                break
            else:
                console.print(HELP, markup=False)
        except (ReviewRefused, LakeBusy) as error:
            console.print(str(error), markup=False)
    if at >= len(items):
        console.print("没有更多要裁定的对。", markup=False)
    return given


def _show(pair: dict[str, Any], item: dict[str, Any], at: int, count: int, console: Console) -> None:
    sizes = f"{item['size_l']} 条与 {item['size_r']} 条，两边平均 {item['average']:.0%}"
    console.print()
    console.rule(f"第 {at + 1} / {count} 对　{item['kind_name']}（{sizes}）", align="left")
    table = Table(expand=True)
    for name in ("", "甲", "乙"):
        table.add_column(name, overflow="fold")
    for field in pair["fields"]:
        table.add_row(field["label"], *(_marked(field[side], field["name"]) for side in ("left", "right")))
    console.print(table)
    reasons = pair["reasons"]
    told = "；".join(reasons["why"]) if reasons else "没有足以打分的共同点，由其他记录相连"
    odds = f"；{reasons['decided_by']}判同一的概率 {reasons['probability']:.0%}" if reasons else ""
    console.print(f"相近之处：{told}{odds}" + (f"；{pair['days']}" if pair["days"] else ""), markup=False)
    if pair["verdict"]:
        said = pair["verdict"]
        console.print(f"已裁定：{said['name']}（{said['by']} {said['at']}）", markup=False)
    console.print(HELP, markup=False, style="dim")


def _marked(pieces: Pieces, name: str) -> Text:
    """Own parts in yellow; persons, who come one by one, apart."""
    shown = [Text(piece, style="" if shared else "yellow") for piece, shared in pieces]
    return Text("、" if name == "parties" else "").join(shown)
