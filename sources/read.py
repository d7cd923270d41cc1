"""One delivery to raw tables: every row of every file is valid, ignored or quarantined, none vanishes.

Here: files of a delivery, side lists, the contract that can hold a delivery, the account of each file. Not here: bytes
(`sources.readers`), where a table lies (`sources.layout`), values (`sources.rows`), cleaning (`transforms`).
Delivery -> Reading(row, file, record, party, reference)

What counts: every row of a table but its header row. Titles, blank rows, totals and repeated headers are ignored by
rule, and so are the rows of side lists once they are joined to their record (``side_row``, ``side_superseded``); a side
row whose record is not in the delivery is quarantined. `rows_read = rows_valid + rows_ignored + rows_quarantined`.
"""

import fnmatch
import gc
import importlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

import pyarrow as pa

from sources import contract as contracts
from sources import layout, readers, rows, sides
from sources.contract import FOLDER, Contract, Side
from sources.deliveries import Delivery
from sources.frames import Batches, File, Reading
from sources.layout import Fate, Table
from sources.readers import archive
from sources.readers.sheet import FileRefused, Sheet
from sources.reasons import name_of
from sources.rows import Rows
from sources.sides import SideTable

__all__ = ["NO_FILE", "Reading", "read_delivery", "read_group", "without_collector"]

NO_FILE = "（没有文件）"
"""Stands for the file of a delivery that holds none: it has an account too, so that it is known to have come."""

_EMPTY = "：若当日确实没有数据可以不管，否则请补交"


def read_delivery(delivery: Delivery, *, accept_held: bool = False, contract: Contract | None = None) -> Reading:
    """Reads one delivery.

    Args:
        delivery: a complete one, from `sources.deliveries.find`.
        accept_held: a person has accepted this content although it breaks its contract.
        contract: how the source is read; by default its source.yml.

    Returns:
        The frames. Whatever the files hold, no exception comes out of them: what cannot be read is quarantined.

    Raises:
        ContractError: there is no source.yml for the source, or it is faulty.
    """
    batches = Batches()
    _read_into(batches, delivery, contract or contracts.load(delivery.source), accept_held)
    return batches.reading()


def read_group(wanted: Iterable[tuple[Delivery, bool]]) -> dict[str, pa.Table]:
    """Reads many deliveries into one set of Arrow tables: small ones cost little more than their rows then.

    Args:
        wanted: deliveries, each with whether a person has accepted it (`accept_held`).

    Returns:
        The tables of `sources.frames.TABLES`, rows in the order of ``wanted``; `Reading.of` makes frames of them.

    Raises:
        ContractError: as for `read_delivery`.
    """
    batches = Batches()
    for delivery, accept_held in wanted:
        _read_into(batches, delivery, contracts.load(delivery.source), accept_held)
    return batches.tables()


def _read_into(batches: Batches, delivery: Delivery, rules: Contract, accept_held: bool) -> None:
    """Reads one delivery and adds what it holds to ``batches``."""
    with without_collector():
        files = []
        found: list[SideTable] = []
        for name, content in _contents(delivery):
            files.append(_read_file(delivery, rules, name, content, found))
        if not delivery.files:
            files.append(File(NO_FILE, findings=[f"交付 {delivery.source}/{delivery.delivery_date} 没有文件{_EMPTY}"]))
        sides.join((typed for file in files for typed in file.rows), found)
        held = _held_sentence(delivery, rules, files)
        is_held = held is not None and not accept_held
        for file in files:
            before = batches.counts()
            if not any(table.numbers for table in file.tables) and file.reason:
                batches.add_unreadable(delivery, file)
            for table in file.tables:
                batches.add_rows(delivery, table, held if is_held else None)
            batches.add_file(delivery, file, held, is_held, before)
            for typed in [] if is_held else file.rows:
                batches.add_records(delivery, typed)


@contextmanager
def without_collector() -> Iterator[None]:
    """Keeps the cyclic collector out: a million new cells make it look through all of them again and again (a fifth of
    the time), and there are no cycles among them."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _contents(delivery: Delivery) -> Iterator[tuple[str, bytes | FileRefused]]:
    """Name and bytes of each file; a ZIP gives those inside it, named ``outer.zip/inner.xlsx``."""
    for path in delivery.files:
        try:
            content = _bytes(path)
            if path.suffix.lower() != ".zip":
                yield path.name, content
                continue
            inner = archive.members(content, path.name)
        except FileRefused as error:
            yield path.name, error
            continue
        if not inner:
            yield path.name, FileRefused("empty_zip", f"{path.name} 压缩包里没有文件：请重新打包后再交付")
        seen: Counter[str] = Counter()
        for name, member in inner:
            seen[name] += 1
            again = f"{seen[name]}/" if seen[name] > 1 else ""  # two folders inside may hold files of one name
            yield f"{path.name}/{again}{name}", member


def _bytes(path: Path) -> bytes:
    """The content of a file that may have gone or be too large by now."""
    try:
        if path.stat().st_size > readers.MAX_BYTES:
            raise FileRefused(
                "too_large", f"{path.name} 超过 {readers.MAX_BYTES >> 30} GB，没有读：请按日期分成多个文件再交付"
            )
        return path.read_bytes()
    except OSError as error:
        raise FileRefused(
            "unreadable_file", f"{path.name} 无法读取（已被移走，或没有权限）：请检查后重新交付"
        ) from error


def _fits(name: str, patterns: list[str]) -> bool:
    """Whether a file is meant by one of the patterns; the case of its name does not matter."""
    base = name.rsplit("/", 1)[-1].lower()
    return any(fnmatch.fnmatchcase(base, pattern.lower()) for pattern in patterns)


def _read_file(
    delivery: Delivery, rules: Contract, name: str, content: bytes | FileRefused, found: list[SideTable]
) -> File:
    """Reads one file: a main one, a side list, or one that does not belong here."""
    file = File(name)
    try:
        if isinstance(content, FileRefused):
            raise content
        side_of_file = next(((label, side) for label, side in rules.sides.items() if _fits(name, side.files)), None)
        if side_of_file is None and not _fits(name, rules.files):
            raise FileRefused(
                "unknown_file",
                f"{name} 的文件名不是 {rules.label} 的交付文件（应形如 {'、'.join(rules.files)}），没有读："
                "请改正文件名或移走",
            )
        encoding = side_of_file[1].encoding if side_of_file else rules.layout.encoding
        sheets = readers.read_bytes(content, name, encoding=encoding)
    except FileRefused as error:
        file.refuse(error)
        return file
    if side_of_file is not None:
        for sheet in sheets:
            _take_side(delivery, rules, file, sheet, *side_of_file, found)
    else:
        _take_sheets(delivery, rules, file, sheets, found)
    _settle(file)
    return file


def _take_sheets(delivery: Delivery, rules: Contract, file: File, sheets: list[Sheet], found: list[SideTable]) -> None:
    """Sorts the sheets of a main file into data, side lists, and others."""
    by_sheet = {side.sheet: (label, side) for label, side in rules.sides.items() if side.sheet}
    renamed = {
        id(sheet): side
        for sheet in sheets
        if sheet.name not in by_sheet and (sheet.name is None or sheet.name != rules.layout.sheet)
        for side in [_side_by_header(sheet, rules)]
        if side is not None
    }
    main = [
        sheet
        for sheet in sheets
        if sheet.name not in by_sheet
        and id(sheet) not in renamed
        and (sheet.name == rules.layout.sheet or layout.fitting(sheet, rules.columns, rules.record_id))
    ]
    if not main and not renamed:
        rest = [sheet for sheet in sheets if sheet.name not in by_sheet]
        main = rest[:1]
        if not main:
            file.refuse(
                FileRefused(
                    "no_sheet",
                    f"{file.name} 里没有工作表“{rules.layout.sheet}”，只有 {'、'.join(str(s.name) for s in sheets)}："
                    "请重新导出后再交付",
                )
            )
    for sheet in sheets:
        if any(sheet is one for one in main):
            if rules.layout.sheet and sheet.name is not None and sheet.name != rules.layout.sheet:
                file.findings.append(
                    f"{file.name} 的数据在工作表“{sheet.name}”（登记的是“{rules.layout.sheet}”），已按前者读取"
                )
            _take_main(delivery, rules, file, sheet)
        elif sheet.name in by_sheet:
            _take_side(delivery, rules, file, sheet, *by_sheet[sheet.name], found)
        elif id(sheet) in renamed:
            label, side = renamed[id(sheet)]
            where = f"{file.name} 的工作表“{sheet.name}”" if sheet.name else file.name
            file.findings.append(f"{where}按表头看是“{label}”，已按它读取")
            _take_side(delivery, rules, file, sheet, label, side, found)
        else:
            _pass_over(file, sheet)


def _side_by_header(sheet: Sheet, rules: Contract) -> tuple[str, Side] | None:
    """The side list that a sheet of another name is: it has most of its columns and as many as of the records', and
    lacks one that records must have."""
    if not rules.sides:
        return None
    needed = {name for name, rule in rules.columns.items() if rule.required}
    own = layout.fitting(sheet, rules.columns, rules.record_id)
    if needed <= own:
        return None
    for label, side in rules.sides.items():
        fitting = layout.fitting(sheet, side.columns, side.key)
        if len(fitting) > 1 and 2 * len(fitting) > len(side.columns) and len(fitting) >= len(own):
            return label, side
    return None


def _where(rules: Contract) -> str:
    return f"sources/{rules.name}/source.yml"


def _take_main(delivery: Delivery, rules: Contract, file: File, sheet: Sheet) -> None:
    table = layout.locate(
        sheet,
        file.name,
        rules.columns,
        key=rules.record_id,
        header_row=rules.layout.header_row,
        ignore=rules.layout.ignore,
        where=_where(rules),
    )
    typed = rows.read(table, rules.columns, rules.missing, delivery.delivery_date)
    derive = _derive(rules.name)
    if derive is not None and len(typed):
        derive(typed)
    file.tables.append(table)
    file.rows.append(typed)


@lru_cache(maxsize=64)
def _derive(name: str) -> Callable[[Rows], None] | None:
    """The ``derive`` function of ``sources/<name>/parse.py``: what source.yml cannot say. Most sources have none."""
    if not (FOLDER / name / "parse.py").is_file():
        return None
    function: Callable[[Rows], None] = importlib.import_module(f"sources.{name}.parse").derive
    return function


def _take_side(
    delivery: Delivery,
    rules: Contract,
    file: File,
    sheet: Sheet,
    label: str,
    side: Side,
    found: list[SideTable],
) -> None:
    table = layout.locate(
        sheet,
        file.name,
        side.columns,
        key=side.key,
        header_row=side.header_row,
        ignore=side.ignore,
        where=_where(rules),
    )
    file.tables.append(table)
    typed = rows.read(table, side.columns, rules.missing, delivery.delivery_date)
    found.append(SideTable(side, label, table, typed))


def _pass_over(file: File, sheet: Sheet) -> None:
    """A sheet that no one declared: its rows are kept as they came and counted as ignored."""
    if not sheet.numbers:
        return
    names = [f"第{number}列" for number in range(1, len(sheet.columns) + 1)]
    table = Table(file.name, sheet.name, names, sheet.columns, sheet.numbers)
    table.fates = {position: Fate("ignored", "other_sheet") for position in range(len(sheet.numbers))}
    file.tables.append(table)
    file.findings.append(
        f"{file.name} 的工作表“{sheet.name}”没有登记，其 {len(sheet.numbers)} 行原样存下、没有采用：如是数据请登记"
    )


def _settle(file: File) -> None:
    """A file of which no table can be used counts as quarantined, with that reason."""
    if file.rows and not any(_data_rows(typed.table) for typed in file.rows):
        file.findings.append(f"{file.name} 没有数据行{_EMPTY}")
    refusals = [table.refusal for table in file.tables if table.refusal]
    if refusals and len(refusals) == sum(table.refusal is not None or bool(table.index) for table in file.tables):
        file.status, file.rule, file.reason = "quarantined", refusals[0].rule, refusals[0].reason
    for table in file.tables:
        file.findings.extend(table.findings)
        if table.refusal and file.status != "quarantined":
            file.findings.append(str(table.refusal.reason))


def _held_sentence(delivery: Delivery, rules: Contract, files: list[File]) -> str | None:
    """Why the whole delivery is held, with figures; None when it keeps its contract.

    Files that cannot be read at all, and side lists, do not count: they are put aside by themselves.
    """
    reasons: Counter[str] = Counter()
    data = 0
    for file in files:
        if file.status != "accepted":
            continue
        for typed in file.rows:
            fates = typed.table.fates.values()
            reasons.update(name_of(fate.rule) for fate in fates if fate.disposition == "quarantined")
            data += _data_rows(typed.table)
    rejected = reasons.total()
    limit = rules.contract
    if data < limit.min_rows or rejected / data <= limit.max_rejected_share:
        return None
    most = "、".join(f"{reason} {count} 行" for reason, count in reasons.most_common(3))
    return (
        f"{rules.label} {delivery.delivery_date} 的交付有 {data} 行数据，其中 {rejected} 行（{rejected / data:.1%}）"
        f"不合格（{most}），超过上限 {limit.max_rejected_share:.0%}，整批挂起：请核对后重新交付；确认无误可由负责人接收"
        f"（dispute-lake delivery accept {delivery.source} {delivery.delivery_date} --note 理由）"
    )


def _data_rows(table: Table) -> int:
    """Rows that are no layout."""
    return len(table.numbers) - sum(fate.disposition == "ignored" for fate in table.fates.values())
