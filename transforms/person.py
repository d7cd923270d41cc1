"""Personal names as clerks write them: full, titled (李女士), masked (张**, 王某某), or no name at all.

Here: one name cell. Not here: names inside sentences (`transforms.mentions`), likeness of names
(`transforms.matching`). Word lists are 假定 and stand in `person.yml`.
cell -> kind, name, surname, is_full_name, gender hint, masked form
"""

import re
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Literal, NamedTuple

import pandas as pd
import yaml

from sources import reference
from transforms import organisation
from transforms.text import clean_one

Kind = Literal["person", "organisation", "unknown"]


@cache
def rules() -> dict[str, Any]:
    """The word lists of `person.yml`."""
    loaded: dict[str, Any] = yaml.safe_load(Path(__file__).with_suffix(".yml").read_text("utf-8"))
    return loaded


@cache
def _nobody_words() -> frozenset[str]:
    return frozenset(str(word) for word in rules()["nobody"])


@cache
def _titles() -> dict[str, str | None]:
    """Title to the gender it tells, longest first."""
    titles: dict[str, str | None] = dict.fromkeys(rules()["titles"]["neutral"])
    titles.update(dict.fromkeys(rules()["titles"]["male"], "男"))
    titles.update(dict.fromkeys(rules()["titles"]["female"], "女"))
    return {title: titles[title] for title in sorted(titles, key=len, reverse=True)}


@cache
def _title_at_end() -> re.Pattern[str]:
    return re.compile(f"(?:{'|'.join(map(re.escape, _titles()))})$")


_CHINESE = re.compile(r"[\u3400-\u9fff]+")
_BRACKETS = re.compile(r"[（(【\[].*?[）)】\]]")
_MASK = re.compile(r"[*×某○〇●]|(?<=[\u4e00-\u9fff])[xX]{1,2}$")
_DOT = re.compile(r"[·•・‧∙.･●](?=.)")
# One-character titles that also end full names (陈工, 李总, but 王建工)
_SHORT_TITLES = ("总", "工", "妹", "氏", "姐", "哥", "嫂", "婶", "叔", "伯", "爷", "妈")
# What stands around the name in its cell: a whole cell in brackets, a phone, a gender, others who are not named
_WHOLE_BRACKETS = re.compile(r"^[（(【\[](.+)[）)】\]]$")
_OTHERS = r"等(?:[\d一二两三四五六七八九十几]+余?[人名户位]|人)?"
_AROUND = re.compile(rf"(?<![A-Za-z\d\-+])[\d\-+]{{7,}}|(?<=[\u3400-\u9fff]{{2}})(?:{_OTHERS}|\s+[男女])$")
_SEVERAL = re.compile(r"[、,，;；/]|(?<=[\u3400-\u9fff]{2})\s+(?=[\u3400-\u9fff]{2,3}(?:\s|$))")


@cache
def _relation() -> re.Pattern[str]:
    """A relative of the named one: 张伟之妻, 张伟的父亲, 张伟家属."""
    words = "|".join(map(re.escape, rules()["relatives"]))
    return re.compile(f"^([\u3400-\u9fff·]{{2,}}?)[之的]?({words})$")


@cache
def _office_first() -> re.Pattern[str]:
    """Words for a role that stand before the name: 村民代表张伟, 业主李芳."""
    return re.compile(f"^(?:{'|'.join(map(re.escape, rules()['before']))})+")


_EDGES = " ,，、;；:：。.-/\"'“”·•・"


class Person(NamedTuple):
    """What a name cell says. ``name`` null when it names nobody; ``surname`` null when it cannot be told."""

    kind: Kind
    name: str | None
    surname: str | None
    is_full_name: bool
    gender: str | None
    masked: str | None


_NOBODY = Person("unknown", None, None, False, None, None)


@cache
def surnames() -> frozenset[str]:
    """Known surnames of one and two characters; rarer ones of 云南 are added (假定)."""
    names = reference.names()
    return frozenset(names.surnames) | names.compound | frozenset(rules()["surnames"])


@cache
def compound_surnames() -> frozenset[str]:
    """Known surnames of two characters."""
    return frozenset(name for name in surnames() if len(name) == 2)


@cache
def ambiguous_surnames() -> frozenset[str]:
    """Surnames that far oftener begin a word than a name: 和, 于, 公, 安."""
    begun: dict[str, int] = {}
    for word in reference.common_words():
        if len(word) == 2:
            begun[word[0]] = begun.get(word[0], 0) + 1
    weight = reference.names().surnames
    often = {name for name in surnames() if begun.get(name, 0) >= 25 and weight.get(name, 0.0) < 0.0035}
    return frozenset(often | set(rules()["ambiguous"]))


@cache
def _role() -> re.Pattern[str]:
    """Words for a person whom nobody names: 楼上住户, 那家, 管水员."""
    words = rules()["roles"]
    return re.compile("|".join([*map(re.escape, words["inside"]), f"..(?:{'|'.join(words['at_end'])})$"]))


def is_role(name: str) -> bool:
    """Returns whether words for a person whom nobody names stand in the cell: 楼上住户, 办案民警."""
    # 谢学生 is a name, 和学生 none
    given = len(name) == 3 and name[1:] in rules()["roles"]["given"] and name[0] in surnames() - ambiguous_surnames()
    return bool(_role().search(name)) and not given


def surname_of(name: str) -> str | None:
    """Returns the surname at the start of ``name``, the compound one first; null when none is known."""
    if name[:2] in compound_surnames():
        return name[:2]
    if name[:1] in surnames():
        return name[:1]
    return name if name in surnames() else None


def _doubtful(name: str) -> bool:
    return name in reference.common_words() and name[0] in ambiguous_surnames()


@lru_cache(maxsize=200_000)
def parse(text: str | None) -> Person:
    """Returns what one name cell says.

    张伟 -> full; 张** 王某某 李女士 老赵 王师傅 -> surname only; 阿依古丽·买买提 -> full, no surname;
    XX物业公司 -> organisation; 匿名, 市民, 无 -> nobody.
    """
    if not text:
        return _NOBODY
    name = clean_one(text).strip(_EDGES)
    whole = _WHOLE_BRACKETS.match(name)
    bare = whole.group(1) if whole else _BRACKETS.sub("", name).strip() or name
    bare = _AROUND.sub("", bare).strip(_EDGES)
    compact = bare.replace(" ", "")
    if not compact or compact.lower() in _nobody_words() or not (_CHINESE.search(compact) or compact.isalpha()):
        return _NOBODY
    if organisation.is_organisation(compact):
        return Person("organisation", compact, None, False, None, compact)
    several = _SEVERAL.split(bare)
    if len(several) > 1:
        # 李建国、王芳: the first one; a cell of one name is one person
        first, second = (_person(part.replace(" ", "").strip(_EDGES) or "-") for part in several[:2])
        if first.surname and (second.surname or second.kind == "unknown"):
            return first
    return _person(compact)


def _person(name: str) -> Person:
    gender = None
    stem = name
    after = stem[found.end() :] if (found := _office_first().match(stem)) else ""
    if 2 <= len(after) <= 4 and surname_of(after) and not is_role(after):
        return _person(after)
    relative = _relation().match(stem)
    if relative and surname_of(relative.group(1)) and not is_role(relative.group(1)):
        # the one who calls is not the one who is named, and may bear another surname
        surname = surname_of(relative.group(1))
        return Person("person", name, None, False, rules()["relatives"][relative.group(2)], f"{surname}**")
    if len(stem) > 1 and stem[0] in "老小大" and len(stem) == 2:
        surname = surname_of(stem[1])
        if surname:
            return Person("person", name, surname, False, None, surname + "**")
    title = ""
    ending = _title_at_end().search(stem, 1)
    if ending:
        candidate, head = ending.group(), stem[: ending.start()]
        if candidate not in _SHORT_TITLES or surname_of(head) == head:
            title, stem, gender = candidate, head, _titles()[candidate]
    if title and stem[:1] in "老小" and len(stem) == 2 and surname_of(stem[1]):
        stem = stem[1]
    masked_at = _MASK.search(stem)
    if masked_at:
        head = stem[: masked_at.start()]
        surname = surname_of(head) if head else None
        return Person("person", name, surname, False, gender, (surname or "*") + "**")
    if title:
        # 李建国先生 holds the full name, 李女士 does not
        surname = surname_of(stem)
        if surname is None and is_role(stem):
            return Person("unknown", name, None, False, None, name)
        if surname and 2 <= len(stem) <= 4 and stem != surname and _CHINESE.fullmatch(stem):
            return Person("person", stem, surname, True, gender, surname + "**")
        return Person("person", name, surname, False, gender, (surname or "*") + "**")
    if _DOT.search(stem):
        return Person("person", _DOT.sub("·", stem), None, True, gender, stem[0] + "**")
    if not _CHINESE.fullmatch(stem):
        return Person("person", stem, None, stem.isalpha() and len(stem) > 3, gender, stem[0] + "**")
    if is_role(stem):
        return Person("unknown", name, None, False, None, name)
    if stem in reference.common_words() and len(stem) > 2:
        return Person("unknown", name, None, False, None, name)
    if len(stem) == 2 and stem not in compound_surnames() and (stem[1] in "家厂店馆局" or _doubtful(stem)):
        # 安宁 may be a person, 何家 a family: nobody is matched by it, and it is hidden all the same
        return Person("unknown", name, None, False, gender, stem[0] + "**")
    if stem[0] in "老小" and len(stem) == 3 and stem[2] in "头子" and surname_of(stem[1]):
        return Person("person", name, stem[1], False, None, stem[1] + "**")
    surname = surname_of(stem)
    if stem == surname or len(stem) == 1:
        return Person("person", name, surname, False, gender, (surname or "*") + "**")
    if len(stem) > 4 and surname is None:
        return Person("unknown", name, None, False, gender, "**")
    if surname is None and len(stem) == 2:
        # 荷塘, 祥瑞: more often a shop's short name than a person of a rare surname
        return Person("unknown", stem, None, False, gender, stem[0] + "**")
    return Person("person", stem, surname or stem[0], len(stem) <= 5, gender, (surname or stem[0]) + "**")


def parse_all(names: pd.Series) -> pd.DataFrame:
    """Returns the fields of `Person` for a column (n), worked out once per distinct cell."""
    parsed = {name: parse(name) for name in names.dropna().unique().tolist()}
    rows = [parsed[name] if isinstance(name, str) else _NOBODY for name in names.tolist()]
    return pd.DataFrame(rows, columns=list(Person._fields), index=names.index).astype(
        {"kind": "str", "name": "str", "surname": "str", "is_full_name": bool, "gender": "str", "masked": "str"}
    )
