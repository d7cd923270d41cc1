"""Damaged files: whatever is done to an export, reading ends, and every row that was read is accounted for.

`deliver` checks the account after each reading; nothing else is asserted of most of them.
"""

import io
import json
import random
import zipfile

import pytest

from tests.sources.exports import (
    CITYMGMT,
    HOTLINE,
    MEDIATION,
    PARTIES,
    csv_text,
    hotline,
    hotline_sheet,
    write_xlsx,
)

ROUNDS = 12


def flip(content, random_):
    """Some bytes are others."""
    damaged = bytearray(content)
    for _ in range(random_.choice([1, 3, 30])):
        damaged[random_.randrange(len(damaged))] = random_.randrange(256)
    return bytes(damaged)


def cut(content, random_):
    """The end is missing."""
    return content[: random_.randrange(len(content))]


def double(content, random_):
    """A part comes twice."""
    start, end = sorted(random_.choices(range(len(content)), k=2))
    return content[:end] + content[start:]


def drop(content, random_):
    """A part is missing."""
    start, end = sorted(random_.choices(range(len(content)), k=2))
    return content[:start] + content[end:]


def scatter(content, random_):
    """Characters that mean something to a format stand where they should not."""
    damaged = bytearray(content)
    for _ in range(random_.choice([1, 5, 20])):
        place = random_.randrange(len(damaged))
        damaged[place:place] = random_.choice([b'"', b",", b"\n", b"\r", b"\0", b"{", b"}", b"<", b"\xff", b"E+20"])
    return bytes(damaged)


DAMAGES = [flip, cut, double, drop, scatter]


def inside(damage):
    """The same damage to one part of a workbook, packed again: gets past the ZIP checksums."""

    def damaged(content, random_):
        result = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(result, "w") as new:
            names = old.namelist()
            hit = random_.choice([name for name in names if "sheet" in name or "haredStrings" in name])
            for name in names:
                part = old.read(name)
                new.writestr(name, damage(part, random_) if name == hit else part)
        return result.getvalue()

    return damaged


def workbook(tmp_path, sheets):
    path = write_xlsx(tmp_path / "sound.xlsx", sheets)
    content = path.read_bytes()
    path.unlink()
    return content


def hotline_rows():
    address = '{"address": "东风中路5号", "lng": 102.5, "lat": 24.3}'
    return [hotline(number, 详细地址=address if number % 3 else "东风中路", 来电时间=45717.3) for number in range(12)]


@pytest.mark.parametrize("damage", [*DAMAGES, *map(inside, DAMAGES)])
def test_damaged_workbooks(tmp_path, deliver, damage):
    sound = workbook(tmp_path, hotline_sheet(hotline_rows()))
    random_ = random.Random(7)
    for _ in range(ROUNDS):
        deliver("hotline", {"12345工单_1.xlsx": damage(sound, random_)})


@pytest.mark.parametrize("damage", [inside(flip), inside(scatter), inside(drop)])
def test_damaged_workbooks_with_a_second_sheet(tmp_path, deliver, damage):
    cases = [[f"AJ{number}", None, "2025-03-01", "依申请"] for number in range(6)]
    parties = [[f"AJ{number}", "申请人", "张三", None, "138"] for number in range(6)]
    sound = workbook(tmp_path, {"案件信息": [MEDIATION, *cases], "当事人信息": [PARTIES, *parties]})
    random_ = random.Random(11)
    for _ in range(ROUNDS):
        deliver("mediation", {"人民调解_1.xlsx": damage(sound, random_)})


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("encoding", ["gb18030", "utf-8"])
def test_damaged_csv(deliver, damage, encoding):
    sound = csv_text(HOTLINE, [hotline(number, 主要内容="漏水,\n不修") for number in range(12)]).encode(encoding)
    random_ = random.Random(13)
    for _ in range(ROUNDS):
        deliver("hotline", {"12345工单_1.csv": damage(sound, random_)})


@pytest.mark.parametrize("damage", DAMAGES)
def test_no_intact_line_of_a_damaged_csv_vanishes(deliver, damage):
    """Whatever happens to other lines, the record number of an intact one stands in a row."""
    sound = csv_text(HOTLINE, [hotline(number, 主要内容='漏水,"不修"') for number in range(12)]).encode()
    intact = sound.split(b"\n")[1:-1]
    random_ = random.Random(29)
    for _ in range(ROUNDS):
        damaged = damage(sound, random_)
        reading = deliver("hotline", {"12345工单_1.csv": damaged})
        if reading.file["rows_read"].sum() == 0:
            continue  # refused whole, with a reason
        kept = "\n".join(reading.row["content"].dropna())
        for line in set(intact) & set(damaged.split(b"\n")[1:]):
            assert line.split(b",")[0].decode() in kept


def test_a_quote_in_the_last_cell_that_never_closes_swallows_nothing(deliver):
    lines = csv_text(HOTLINE, [hotline(number, 处理结果="已答复") for number in range(5)]).split("\n")
    lines[2] = lines[2].replace("已答复", '"已答复')
    lines[4] = lines[4].replace("王先生", '王"先生')
    reading = deliver("hotline", {"12345工单_1.csv": "\n".join(lines)})
    assert reading.record["row_number"].tolist() == [2, 4, 5, 6]
    assert reading.party["name"].tolist() == ["王先生", "王先生", '王"先生', "王先生"]


@pytest.mark.parametrize("damage", DAMAGES)
def test_damaged_side_lists(deliver, damage):
    tasks = csv_text(CITYMGMT, [{"任务号": f"T{number}", "上报时间": "2025-03-01"} for number in range(8)])
    side = "任务号,延期次数,延期理由\n" + "".join(f"T{number},1,下雨\n" for number in range(8))
    random_ = random.Random(17)
    for _ in range(ROUNDS):
        files = {"数字城管_1.csv": tasks, "延期清单_1.csv": damage(side.encode("utf-8-sig"), random_)}
        deliver("citymgmt", files)


@pytest.mark.parametrize("damage", DAMAGES)
def test_damaged_json_lines(deliver, damage):
    event = {"发生日期": "2025-03-01", "事件简述": "争地", "当事人": [{"姓名": "张三", "联系电话": "138"}]}
    lines = [json.dumps({"事件编号": f"G{number}"} | event, ensure_ascii=False) for number in range(12)]
    random_ = random.Random(19)
    for _ in range(ROUNDS):
        deliver("grid", {"a.jsonl": damage("\n".join(lines).encode(), random_)})


def test_every_json_type_in_every_place(deliver):
    values = [None, True, 0, -1.5, 1e300, "", "x" * 5000, [], [1], {}, {"a": {"b": []}}, [None], [[]], [{"姓名": {}}]]
    keys = ["事件编号", "发生日期", "经度", "当事人", "处理状态", "更新时间", "涉及人数", "关联事件编号"]
    event = {"事件编号": "G1", "发生日期": "2025-03-01", "事件简述": "争地"}
    lines = [json.dumps(event | {key: value}) for key in keys for value in values]
    deliver("grid", {"a.jsonl": "\n".join(lines)})


def test_columns_dropped_and_rows_doubled(deliver):
    random_ = random.Random(23)
    rows = [hotline(number) for number in range(10)]
    for _ in range(40):
        header = random_.sample(HOTLINE, random_.randrange(1, len(HOTLINE)))
        deliver("hotline", {"12345工单_1.csv": csv_text(header, [*rows, *random_.choices(rows, k=5)])})
