"""预警交办单: what a centre is asked to look into today, as a workbook that it can print, sign and file.

Here: the rows of a day, one XLSX per recipient with a list and one page for each warning. Not here: who is told
(`transforms.warnings.notices`), messages and the ledger of what was sent (`pipelines.outgoing`).
published warehouse -> rows of a day -> workbook per recipient

Only published views are read: what leaves is masked already. A confidential dispute shows no content, a dispute outside
the recipient's area no details. The same publication gives the same bytes.
"""

import io
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import xlsxwriter
import yaml

from sources import contract

_SQL = Path(__file__).parents[1] / "sql" / "delivery"
_FONT = "仿宋"
_BAND = {"红": "#C00000", "橙": "#E36C09", "黄": "#BF9000", "蓝": "#1F4E79"}
_LIST = (
    ("序", 5, "rank"), ("级别", 6, "level"), ("预警", 14, "rule_name"), ("区域", 22, "area_name"),
    ("纠纷", 30, "title"), ("风险", 6, "risk_level"), ("责任层级", 8, "responsible_tier"),
    ("办理期限", 17, "deadline_at"), ("反馈时限", 17, "feedback_due"), ("签收", 14, ""),
)  # fmt: skip


@cache
def settings() -> dict[str, Any]:
    """The contents of orders.yml."""
    loaded: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("orders.yml").read_text("utf-8"))
    return loaded


@dataclass(frozen=True)
class Day:
    """What is to be handed out for one day: ``rows`` as `orders.sql` gives them, with ``feedback_due``.

    ``label``: what the publication is marked with (模拟数据), None for real data; ``as_of``: its now; ``publication``:
    its number.
    """

    day: date
    rows: pd.DataFrame
    label: str | None
    as_of: datetime
    publication: int

    def recipients(self) -> list[str]:
        """Codes of those who are told something, ascending."""
        return sorted(self.rows["recipient_code"].unique())


def read(con: duckdb.DuckDBPyConnection, day: date | None = None) -> Day:
    """Reads what was told on ``day``, by default the last day on which anything was told.

    Raises:
        LookupError: nothing was told on that day; the sentence is for the user.
        duckdb.Error: the warehouse is of an older version.
    """
    number, as_of, label = con.execute("SELECT number, as_of, label FROM publication").fetchall()[0]
    first, last = con.execute("SELECT min(notice_date), max(notice_date) FROM warning_notice").fetchall()[0]
    if last is None:
        raise LookupError("没有告知过任何预警，没有交办单可出。")
    wanted = day or last
    frame = con.execute((_SQL / "orders.sql").read_text("utf-8"), {"day": wanted}).df()
    if frame.empty:
        raise LookupError(f"{wanted} 没有告知任何预警；有告知的日期在 {first} 至 {last} 之间。")
    hours = frame["level"].map(settings()["feedback_hours"])
    frame["feedback_due"] = pd.to_datetime(frame["notice_date"]) + pd.to_timedelta(hours, unit="h")
    labels = {name: contract.load(name).label for name in contract.names()}
    frame["sources"] = (
        frame["sources"]
        .str.split(",")
        .map(lambda names: "、".join(labels.get(name, name) for name in names), na_action="ignore")
    )
    return Day(wanted, frame, label, as_of, int(number))


def write(told: Day, folder: Path, *, tiers: tuple[str, ...] | None = None, code: str | None = None) -> pd.DataFrame:
    """Writes one workbook for each recipient into ``folder``, each whole or not at all.

    Args:
        told: of `read`.
        folder: made where it is not there.
        tiers: 市 县 乡 村 to write for; by default those of orders.yml.
        code: only this recipient.

    Returns:
        One row a workbook: ``recipient_code``, ``recipient_name``, ``order_count``, ``file``.
    """
    folder.mkdir(parents=True, exist_ok=True)
    chosen = told.rows.loc[told.rows["recipient_tier"].isin(tiers or settings()["tiers"])]
    if code is not None:
        chosen = told.rows.loc[told.rows["recipient_code"] == code]
    made = []
    for recipient, rows in chosen.groupby("recipient_code", sort=True):
        path = folder / file_name(told, rows)
        beside = path.with_name(f".{path.name}.writing")
        beside.write_bytes(workbook(told, rows))
        beside.replace(path)
        made.append((recipient, rows["recipient_name"].iloc[0], len(rows), path.name))
    return pd.DataFrame(made, columns=["recipient_code", "recipient_name", "order_count", "file"])


def file_name(told: Day, rows: pd.DataFrame) -> str:
    """How the workbook of one recipient (``rows``: its own) is called."""
    parts = [told.label or "", rows["recipient_code"].iloc[0], rows["recipient_name"].iloc[0], f"交办单_{told.day}"]
    return "_".join(part for part in parts if part) + ".xlsx"


def workbook(told: Day, rows: pd.DataFrame) -> bytes:
    """The workbook of one recipient: a list, and one A4 page for each warning."""
    buffer = io.BytesIO()
    # a cell from outside that begins with = stays text
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(buffer, options) as book:
        book.set_properties({"title": settings()["title"], "created": told.as_of, "comments": told.label or ""})
        _list_sheet(book, told, rows)
        for number, row in enumerate(rows.astype(object).where(rows.notna(), None).to_dict("records"), start=1):
            _order_sheet(book, told, row, number)
    return buffer.getvalue()


def _style(book: Any, **more: Any) -> Any:
    return book.add_format({"font_name": _FONT, "font_size": 12, "valign": "vcenter", "text_wrap": True, **more})


def _page(sheet: Any, told: Day, *, landscape: bool) -> None:
    sheet.set_paper(9)  # A4
    if landscape:
        sheet.set_landscape()
    sheet.set_margins(left=0.6, right=0.6, top=0.8, bottom=0.8)
    sheet.fit_to_pages(1, 0)
    label = f"&R{told.label}" if told.label else ""
    sheet.set_header(f"&L{settings()['list_title']}　{told.day}{label}")
    sheet.set_footer("&C第 &P 页，共 &N 页")


def _list_sheet(book: Any, told: Day, rows: pd.DataFrame) -> None:
    sheet = book.add_worksheet("清单")
    _page(sheet, told, landscape=True)
    cell, head = _style(book, border=1, font_size=10), _style(book, border=1, bold=True, bg_color="#E7E6E6")
    first = rows.iloc[0]
    last = len(_LIST) - 1
    sheet.merge_range(0, 0, 0, last, f"{first['recipient_name']}{settings()['list_title']}",
                      _style(book, font_size=18, bold=True, align="center"))  # fmt: skip
    says = f"告知日期 {told.day}，共 {len(rows)} 条，以最急者在前。{told.label or ''}"
    sheet.merge_range(1, 0, 1, last, says, _style(book, align="left"))
    sheet.set_row(0, 32)
    for column, (name, width, _) in enumerate(_LIST):
        sheet.set_column(column, column, width)
        sheet.write_string(2, column, name, head)
    sheet.repeat_rows(0, 2)
    sheet.freeze_panes(3, 0)
    for number, row in enumerate(rows.astype(object).where(rows.notna(), None).to_dict("records")):
        for column, (_, _, field) in enumerate(_LIST):
            shade = _style(book, border=1, font_size=10, bold=True, font_color=_BAND[row["level"]])
            sheet.write_string(3 + number, column, _text(row.get(field)), shade if field == "level" else cell)
    sheet.merge_range(4 + len(rows), 0, 4 + len(rows), last, settings()["note"], _style(book, font_size=10))
    sheet.print_area(0, 0, 4 + len(rows), last)


def _order_sheet(book: Any, told: Day, row: dict[str, Any], number: int) -> None:
    sheet = book.add_worksheet(f"交办单{number:02d}")
    _page(sheet, told, landscape=False)
    sheet.set_column(0, 0, 16)
    sheet.set_column(1, 3, 24)
    name, value = _style(book, border=1, bold=True, bg_color="#F2F2F2"), _style(book, border=1)
    sheet.merge_range(0, 0, 0, 3, settings()["title"], _style(book, font_size=20, bold=True, align="center"))
    sheet.set_row(0, 36)
    band = _style(book, bold=True, font_color="#FFFFFF", bg_color=_BAND[row["level"]], align="center", border=1)
    head = f"{row['recipient_name']}　{told.day}　第 {row['rank']} 条　{row['level']}色预警：{row['rule_name']}"
    sheet.merge_range(1, 0, 1, 3, head, band)
    sheet.set_row(1, 24)
    place = "　".join(part for part in (_text(row["area_name"]), _text(row["place"])) if part)
    risk = "：".join(part for part in (_text(row["risk_level"]), _text(row["risk_reasons"])) if part)
    fields = (
        ("预警编号", row["warning_id"], 20), ("纠纷编号", row["dispute_id"], 20), ("纠纷", row["title"], 36),
        ("类别", row["category_name"], 20), ("地点", place, 20), ("状态", row["dispute_status"], 20),
        ("反映情况", _known(row), 20), ("风险", risk, 54), ("责任层级", row["responsible_tier"], 20),
        ("办理期限", row["deadline_at"], 20), ("预警首次可知", row["first_seen_at"], 20),
        ("预警依据", row["evidence"], 72), ("反馈时限", row["feedback_due"], 20),
    )  # fmt: skip
    line = 2
    for title, content, height in fields:
        sheet.write_string(line, 0, title, name)
        sheet.merge_range(line, 1, line, 3, "", value)
        sheet.write_string(line, 1, _text(content) or "—", value)
        sheet.set_row(line, height)
        line += 1
    for title in settings()["signatures"]:
        sheet.write_string(line, 0, title, name)
        sheet.merge_range(line, 1, line, 3, "", value)
        sheet.set_row(line, 54 if title in ("办理意见", "办理结果") else 24)
        line += 1
    sheet.merge_range(line, 0, line, 3, settings()["note"], _style(book, font_size=10))
    sheet.set_row(line, 32)
    sheet.print_area(0, 0, line, 3)
    sheet.fit_to_pages(1, 1)


def _known(row: dict[str, Any]) -> str:
    if not row["sources"]:
        return ""
    return f"{int(row['event_count'])} 条记录，来自 {row['sources']}"


def _text(value: Any) -> str:
    """A value as it is printed; times to the minute, a day without its midnight."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d}" if value.time() == time() else f"{value:%Y-%m-%d %H:%M}"
    return str(value)
