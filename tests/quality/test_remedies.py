import ast
from pathlib import Path

import pytest

import sources
from quality import remedies
from sources.holding import HELD

RULE_AT = {"quarantine": 1, "reject": 1, "refuse": 0, "FileRefused": 0, "Fault": 0}
"""Calls that set something aside, and which argument is the code of the rule."""


def rules_in_the_code():
    found = {HELD}
    for path in Path(sources.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = getattr(node.func, "attr", getattr(node.func, "id", None))
            position = RULE_AT.get(name)
            if position is not None and len(node.args) > position:
                rule = node.args[position]
                if isinstance(rule, ast.Constant) and isinstance(rule.value, str):
                    found.add(rule.value)
    return found


def test_every_reason_that_the_readers_give_is_explained_and_no_other():
    assert rules_in_the_code() == set(remedies.catalogue())


@pytest.mark.parametrize("rule", sorted(remedies.catalogue()))
def test_each_says_who_does_what_and_fills_in_its_places(rule):
    told = remedies.of(rule).told(source="grid", column="事件编号", file="事件.jsonl", date="2025-03-02")
    for text in (told.name, told.why, told.department, told.team):
        assert text
        assert "{" not in text


def test_a_rule_that_a_sources_parser_made_up_is_explained_too():
    told = remedies.of("strange").told(source="grid", column="", file="", date="")
    assert told.name == "strange"
    assert "sources/grid/parse.py" in told.team
