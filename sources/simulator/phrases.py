"""Phrases with choices and slots, and the two YAML files that hold them.

Here: reading `matters.yml` and `frames.yml`, expanding ``(a|b)``, filling ``<slot>``. Not here: who says
what (`clerks`).
"(欠|没给)<m>" -> [("欠", "m", ""), ("没给", "m", "")] -> "欠8600元"
"""

import re
from dataclasses import dataclass
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

import yaml

EXPANSIONS = 64
"""How many readings of one phrase are kept."""

Phrase = tuple[str, ...]
"""Text, slot, text, slot, …, text: odd positions are slot names."""

_CHOICE = re.compile(r"\(([^()]*)\)")
_SLOT = re.compile(r"<([a-z]+)>")


def expand(template: str, limit: int = EXPANSIONS) -> list[Phrase]:
    """Returns up to ``limit`` readings of ``template``, spread evenly over all of them, without repeats."""
    parts = _CHOICE.split(template)
    choices = [part.split("|") if i % 2 else [part] for i, part in enumerate(parts)]
    readings = ["".join(reading) for reading in product(*choices)]
    step = max(1, len(readings) // limit)
    # An even step would walk in step with the last choice and never show some of its words.
    step += step > 1 and step % 2 == 0
    kept = dict.fromkeys(readings[::step][:limit])
    return [tuple(_SLOT.split(reading)) for reading in kept]


def fill(phrase: Phrase, slots: dict[str, str]) -> str:
    """Returns ``phrase`` with its slots filled.

    Raises:
        KeyError: a slot has no value.
    """
    if len(phrase) == 1:
        return phrase[0]
    return "".join([slots[part] if i & 1 else part for i, part in enumerate(phrase)])


Pool = list[list[Phrase]]
"""Wordings, each with its readings."""


def _pool(lines: str | list[str]) -> Pool:
    rows = lines.strip().split("\n") if isinstance(lines, str) else lines
    return [expand(row.strip()) for row in rows]


@dataclass(frozen=True, slots=True)
class Matter:
    """A type of quarrel; the head of `matters.yml` explains the fields. Pools hold wordings."""

    key: str
    code: str
    is_shared: bool
    where: str
    at: tuple[str, ...]
    against: str
    weight: float
    systems: tuple[float, ...]
    mass: float
    classes: dict[str, tuple[str, ...]]
    other: tuple[str, ...]
    names: tuple[str, ...]
    say: Pool
    write: Pool
    why: Pool
    want: Pool


def _read(name: str) -> dict[str, Any]:
    text = (Path(__file__).parent / name).read_text(encoding="utf-8")
    return dict(yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)))


@cache
def matters() -> tuple[Matter, ...]:
    """The matter types of `matters.yml`, in file order."""
    found = []
    for key, value in _read("matters.yml").items():
        found.append(
            Matter(
                key=key,
                code=value["code"],
                is_shared=value["shared"],
                where=value["where"],
                at=tuple(value["at"]),
                against=value["against"],
                weight=float(value["weight"]),
                systems=tuple(float(weight) for weight in value["systems"]),
                mass=float(value.get("mass", 0)),
                classes={
                    source: tuple(value.get(source) or ())
                    for source in ("hotline", "police", "mediation", "citymgmt", "grid")
                },
                other=tuple(value["other"]),
                names=tuple(value["names"]),
                say=_pool(value["say"]),
                write=_pool(value["write"]),
                why=_pool(value["why"]),
                want=_pool(value["want"]),
            )
        )
    return tuple(found)


@cache
def frames() -> dict[str, Pool]:
    """The pools of `frames.yml`, nested names joined by a dot: ``hotline.text``, ``threat``, …"""
    pools: dict[str, Pool] = {}
    for key, value in _read("frames.yml").items():
        if isinstance(value, dict):
            pools.update({f"{key}.{name}": _pool(lines) for name, lines in value.items()})
        else:
            pools[key] = _pool(value)
    return pools
