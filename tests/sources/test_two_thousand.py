"""Two thousand randomly damaged exports of all five systems: no crash, and every row that was there is accounted for.

`deliver` checks the account of each (rows read = valid + ignored + quarantined, in the file's account and row by row).
Where only cells, rows and columns were changed the number of rows is known, and that many must have been read.
"""

import json
import random
from dataclasses import dataclass

import pytest

from tests.sources.exports import (
    CITYMGMT,
    HOTLINE,
    MEDIATION,
    PARTIES,
    POLICE,
    assert_adds_up,
    hotline,
    write_xlsx,
)
from tests.sources.test_damage import cut, double, drop, flip, inside, scatter

ROUNDS = 50
ROWS = 8
NASTY = [
    "", " ", "\n", "合计", "无", "NULL", "1.38E+10", "2062-01-01", "2025-02-30 08:00:00", '{"address": "东', '"', ",",
    "\u200b", "\ufeff", "=1+1", "０１", "x" * 4000, "🏠", "工单编号", "-0", "1e400", "9" * 40, "NaN", "true", "'",
]  # fmt: skip

Grid = list[list[str | None]]


@dataclass
class Export:
    """Tables of text cells, the first one with the records; ``key`` is the first column of a header row."""

    source: str
    tables: dict[str, Grid]
    kind: str

    def rows(self) -> int:
        """Rows of all tables as written: CSV and JSON keep blank ones, a sheet ends with its last filled cell."""
        if self.kind == "xlsx":
            return sum(
                max((n for n, row in enumerate(grid, 1) if any(row)), default=0) for grid in self.tables.values()
            )
        return sum(map(len, self.tables.values())) - (self.kind == "jsonl")

    def files(self, folder, encoding="utf-8") -> dict[str, bytes]:
        """The bytes of each file."""
        if self.kind == "xlsx":
            path = write_xlsx(folder / "made", self.tables)
            content = path.read_bytes()
            path.unlink()
            return {"a.xlsx": content}
        if self.kind == "jsonl":
            [header, *rows] = self.tables["a"]
            lines = [dict(zip(map(str, header), row, strict=True)) for row in rows]
            return {"a.jsonl": "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines).encode(encoding)}
        return {
            f"{name}.csv": "".join(",".join(map(_quoted, row)) + "\n" for row in grid).encode(encoding)
            for name, grid in self.tables.items()
        }


def _quoted(cell):
    return '"' + (cell or "").replace('"', '""') + '"'


def grid(header, rows, above=()):
    """Rows above, the header, and the rows, each as wide as the header."""
    return [
        *[[text, *[None] * (len(header) - 1)] for text in above],
        list(header),
        *[[None if (cell := row.get(name)) is None else str(cell) for name in header] for row in rows],
    ]


def exports():
    """A small sound export of each system."""
    call = {"报警时间": "20250301081502", "报警电话": "13800000001", "报警内容": "邻居吵架", "警情级别": "三级"}
    case = {"受理日期": "2025-03-01", "纠纷简要情况": "漏水", "调解结果": "调解成功"}
    party = {"当事人类型": "申请人", "姓名或名称": "张三", "联系电话": "13800000001", "更新时间": "2025-03-01 08:00:00"}
    task = {"上报时间": "2025-03-01 08:00:00", "问题描述": "争摊位", "当前阶段名称": "处置", "X坐标": "11413572.31"}
    delay = {"延期次数": "1", "延期理由": "下雨"}
    event = {"发生日期": "2025-03-01", "事件简述": "争地", "当事人": '[{"姓名": "张三"}]', "处理状态": "01"}
    address = '{"address": "东风中路5号", "lng": 102.5, "lat": 24.3}'
    numbers = range(ROWS)
    return [
        Export(
            "hotline",
            {"工单": grid(HOTLINE, [hotline(n, 详细地址=address) for n in numbers], ["工单", "导出"])},
            "xlsx",
        ),
        Export(
            "police",
            {"110警情": grid(POLICE, [{"接警单编号": f"53040220250301{n:013}"} | call for n in numbers])},
            "csv",
        ),
        Export(
            "mediation",
            {
                "案件信息": grid(MEDIATION, [{"案件编号": f"AJ{n}"} | case for n in numbers]),
                "当事人信息": grid(PARTIES, [{"案件编号": f"AJ{n}"} | party for n in numbers]),
            },
            "xlsx",
        ),
        Export(
            "citymgmt",
            {
                "数字城管": grid(CITYMGMT, [{"任务号": f"T{n}"} | task for n in numbers]),
                "延期清单_1": grid(["任务号", *delay], [{"任务号": f"T{n}"} | delay for n in numbers]),
            },
            "csv",
        ),
        Export("grid", {"a": grid(["事件编号", *event], [{"事件编号": f"G{n}"} | event for n in numbers])}, "jsonl"),
    ]


# --- what is done to columns, rows and cells


def columns(table, random_):
    """Columns are gone, renamed, doubled, in another order."""
    order = list(range(len(table[-1])))
    what = random_.choice(["drop", "rename", "double", "shuffle"])
    if what == "drop":
        order = sorted(random_.sample(order, random_.randrange(1, len(order))))
    elif what == "double":
        order += random_.choices(order, k=2)
    elif what == "shuffle":
        random_.shuffle(order)
    table = [[row[place] for place in order] for row in table]
    if what == "rename":
        row = table[random_.randrange(min(3, len(table)))]
        row[random_.randrange(len(row))] = random_.choice(["别的", "工单编码", "", "（工单编号）", "*来电 时间"])
    return table


def rows(table, random_):
    """Rows come twice, are gone, change places, stand above the header."""
    table = [*table, *random_.choices(table, k=random_.randrange(3))]
    for _ in range(random_.randrange(3)):
        left, right = random_.randrange(len(table)), random_.randrange(len(table))
        table[left], table[right] = table[right], table[left]
    if random_.random() < 0.3:
        del table[random_.randrange(len(table))]
    if random_.random() < 0.3:
        table.insert(random_.randrange(len(table) + 1), [None] * len(table[0]))
    return [list(row) for row in table]


def cells(table, random_):
    """Cells change places or hold something else."""
    table = [list(row) for row in table]
    for _ in range(random_.choice([1, 5, 30])):
        row, other = random_.choice(table), random_.choice(table)
        place, there = random_.randrange(len(row)), random_.randrange(len(other))
        if random_.random() < 0.5:
            row[place], other[there] = other[there], row[place]
        else:
            row[place] = random_.choice(NASTY)
    return table


def damaged_tables(export, change, random_):
    """The export with one table changed; JSON Lines keep their keys apart from their rows."""
    name = random_.choice(list(export.tables))
    table = export.tables[name]
    if export.kind == "jsonl" and change is rows:
        return Export(export.source, export.tables | {name: [table[0], *rows(table[1:], random_)]}, export.kind)
    return Export(export.source, export.tables | {name: change(table, random_)}, export.kind)


@pytest.mark.parametrize("export", exports(), ids=lambda export: export.source)
@pytest.mark.parametrize("change", [columns, rows, cells])
def test_changed_columns_rows_and_cells(tmp_path, deliver, export, change):
    random_ = random.Random(f"{export.source} {change.__name__}")
    for _ in range(ROUNDS):
        other = damaged_tables(export, change, random_)
        encoding = random_.choice(["utf-8", "utf-8-sig", "gb18030", "utf-16"])
        reading = deliver(export.source, other.files(tmp_path, encoding))
        assert_adds_up(reading)
        headers = 0 if export.kind == "jsonl" else len(export.tables)
        read = int(reading.file["rows_read"].sum())
        assert other.rows() - headers <= read <= other.rows()


@pytest.mark.parametrize("export", exports(), ids=lambda export: export.source)
@pytest.mark.parametrize("damage", [flip, cut, double, drop, scatter])
def test_damaged_bytes(tmp_path, deliver, export, damage):
    random_ = random.Random(f"{export.source} {damage.__name__}")
    sound = export.files(tmp_path, "gb18030" if export.source == "police" else "utf-8")
    for number in range(ROUNDS):
        name = random_.choice(list(sound))
        # every other workbook is damaged inside its ZIP: whatever breaks the ZIP is refused before any row is read
        hurt = inside(damage) if export.kind == "xlsx" and number % 2 else damage
        deliver(export.source, sound | {name: hurt(sound[name], random_)})
