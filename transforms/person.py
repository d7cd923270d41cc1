"""Personal names as clerks write them: full, titled (李女士), masked (张**, 王某某), or no name at all.

Here: one name cell. Not here: names inside sentences (`transforms.mentions`), likeness of names (`transforms.matching`).
cell -> kind, name, surname, is_full_name, gender hint, masked form
"""

import re
from functools import cache
from typing import Literal, NamedTuple

import pandas as pd

from sources import reference
from transforms import organisation
from transforms.text import clean_one

Kind = Literal["person", "organisation", "unknown"]

# 不是姓名的写法（假定，可增）
NO_NAME = frozenset(
    "无 匿名 不详 未知 不明 群众 市民 热心市民 居民 村民 业主 路人 过路人 当事人 本人 报警人 来电人 诉求人 投诉人 举报人 反映人 网友 用户 "
    "匿名用户 匿名市民 不愿透露 不愿透露姓名 未提供 未登记 拒绝提供 保密 要求保密 空 null none nan 测试 某人 一男子 一女子 男子 女子 男 女 "
    "暂无 略 - -- / 、 某男子 某女子 无名氏 不知名 对方 他人 其他".split()
)
_TITLES_MALE = ("先生", "大爷", "大叔", "叔叔", "大哥", "大伯", "爷爷", "师傅")
_TITLES_FEMALE = ("女士", "小姐", "阿姨", "大妈", "大姐", "奶奶", "太太", "大娘", "女生", "大嫂", "妹")
_TITLES = (
    "老师", "同志", "老板", "老板娘", "经理", "总", "医生", "氏", "姓业主", "姓市民", "姓男子", "姓女子", "姓", "同学", "书记",
    "主任", "村长", "工", "队长", "律师",
)  # fmt: skip
_ALL_TITLES = tuple(sorted((*_TITLES_MALE, *_TITLES_FEMALE, *_TITLES), key=len, reverse=True))
_CHINESE = re.compile(r"[\u3400-\u9fff]+")
_BRACKETS = re.compile(r"[（(【\[].*?[）)】\]]")
_MASK = re.compile(r"[*×某○〇●]|(?<=[\u4e00-\u9fff])[xX]{1,2}$")
_DOT = re.compile(r"[·•・‧∙.]")


# 云南常见而通行姓氏表未收的姓（假定，可增）
_LOCAL_SURNAMES = "普矣者刀岩玉龙白施师资业保沐起飞赛纳马合桂官雷石鲁代肖付闫禄自字沙适旃侬召线鲍喻尚邢缪阚郜角卯晋母卜吉罕方尹柏柴瞿晏宗解蔺苗倪陶鄢敖冉查郎奎楚"


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
    return frozenset(names.surnames) | names.compound | frozenset(_LOCAL_SURNAMES)


@cache
def compound_surnames() -> frozenset[str]:
    """Known surnames of two characters."""
    return frozenset(name for name in surnames() if len(name) == 2)


def surname_of(name: str) -> str | None:
    """Returns the surname at the start of ``name``, the compound one first; null when none is known."""
    if name[:2] in compound_surnames():
        return name[:2]
    if name[:1] in surnames():
        return name[:1]
    return name if name in surnames() else None


def parse(text: str | None) -> Person:
    """Returns what one name cell says.

    张伟 -> full; 张** 王某某 李女士 老赵 王师傅 -> surname only; 阿依古丽·买买提 -> full, no surname;
    XX物业公司 -> organisation; 匿名, 市民, 无 -> nobody.
    """
    if not text:
        return _NOBODY
    name = clean_one(text).strip(" ,，、;；:：。.-/\"'“”")
    bare = _BRACKETS.sub("", name).strip() or name
    compact = bare.replace(" ", "")
    if not compact or compact.lower() in NO_NAME or not (_CHINESE.search(compact) or compact.isalpha()):
        return _NOBODY
    if organisation.is_organisation(compact):
        return Person("organisation", compact, None, False, None, compact)
    return _person(compact)


def _person(name: str) -> Person:
    gender = None
    stem = name
    if len(stem) > 1 and stem[0] in "老小" and len(stem) == 2:
        surname = surname_of(stem[1])
        if surname:
            return Person("person", name, surname, False, None, surname + "**")
    for title in _ALL_TITLES:
        if len(stem) > len(title) and stem.endswith(title):
            head = stem[: -len(title)]
            if title in ("总", "工", "妹", "氏") and surname_of(head) != head:
                continue
            gender = "男" if title in _TITLES_MALE else "女" if title in _TITLES_FEMALE else None
            stem = head
            break
    else:
        title = ""
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
        if surname and 2 <= len(stem) <= 4 and stem != surname and _CHINESE.fullmatch(stem):
            return Person("person", stem, surname, True, gender, surname + "**")
        return Person("person", name, surname, False, gender, (surname or "*") + "**")
    if _DOT.search(stem):
        return Person("person", _DOT.sub("·", stem), None, True, gender, stem[0] + "**")
    if not _CHINESE.fullmatch(stem):
        return Person("person", stem, None, stem.isalpha() and len(stem) > 3, gender, stem[0] + "**")
    surname = surname_of(stem)
    if stem == surname or len(stem) == 1:
        return Person("person", name, surname, False, gender, (surname or "*") + "**")
    if len(stem) > 4 and surname is None:
        return Person("unknown", name, None, False, gender, "**")
    return Person("person", stem, surname or stem[0], len(stem) <= 5, gender, (surname or stem[0]) + "**")


def parse_all(names: pd.Series) -> pd.DataFrame:
    """Returns the fields of `Person` for a column (n), worked out once per distinct cell."""
    parsed = {name: parse(name) for name in names.dropna().unique().tolist()}
    rows = [parsed[name] if isinstance(name, str) else _NOBODY for name in names.tolist()]
    return pd.DataFrame(rows, columns=list(Person._fields), index=names.index).astype(
        {"kind": "str", "name": "str", "surname": "str", "is_full_name": bool, "gender": "str", "masked": "str"}
    )
