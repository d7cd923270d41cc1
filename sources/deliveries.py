"""Which deliveries are there, and which are complete: the landing folder, looked at without reading a table.

Here: finding folders, the complete-delivery rule, the signature of what lies in a folder, and what is in the wrong
place. Not here: what the files hold (`sources.read`), which deliveries are pending (the pipeline compares signatures).
landing/<source>/<YYYY-MM-DD>/ -> Found(complete, incomplete, problems)
"""

import fnmatch
import hashlib
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path

from sources import contract

SUCCESS = "_SUCCESS"
TEMPORARY = (".*", "~$*", "*.tmp", "*.part", "*.partial", "*.crdownload", "*.swp", "*~", "Thumbs.db", "desktop.ini")
"""Names that are no part of a delivery: hidden files, Office lock files, downloads under way."""

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


class LandingError(ValueError):
    """The landing folder cannot be looked at at all; the message is for the user."""


@dataclass(frozen=True)
class Delivery:
    """All that one source handed over for one day.

    ``files`` are the data files, by name; ``signature`` is 64 hex digits over their names and contents.
    """

    source: str
    delivery_date: date
    folder: Path
    files: tuple[Path, ...]
    signature: str


@dataclass(frozen=True)
class Incomplete:
    """A delivery that is still being copied; ``sentence`` tells the user what is waited for."""

    source: str
    delivery_date: date
    folder: Path
    sentence: str


@dataclass(frozen=True)
class Problem:
    """Something in the landing folder that is no delivery.

    ``kind``: empty_landing, unknown_source, bad_date, impossible_date, stray, no_files, nested_folder, unreadable.
    """

    kind: str
    path: Path
    sentence: str


@dataclass(frozen=True)
class Found:
    """What `find` saw, each list ordered by date and source (problems by path)."""

    complete: list[Delivery] = field(default_factory=list)
    incomplete: list[Incomplete] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def find(landing: Path, *, now: datetime, quiet_minutes: float = 10, sources: Iterable[str] | None = None) -> Found:
    """Looks through ``landing``.

    Args:
        landing: folder with one subfolder for each source.
        now: the moment of looking, with a time zone (file times are compared with it).
        quiet_minutes: without a `_SUCCESS` file a delivery is complete once no file changed for so long.
        sources: names of known sources; by default those of `sources.contract`.

    Raises:
        LandingError: the folder does not exist, is no folder, or may not be read.
        ValueError: ``now`` has no time zone.
    """
    if now.tzinfo is None:
        raise ValueError("now needs a time zone: file times are instants")
    known = list(contract.names() if sources is None else sources)
    found = Found()
    children = _children(landing)
    if not children:
        sentence = f"交付文件夹 {landing} 是空的：请把导出放到其下的 <来源>/<交付日期>/，如 hotline/2025-03-02/"
        found.problems.append(Problem("empty_landing", landing, sentence))
    for child in children:
        if not child.is_dir():
            found.problems.append(Problem("stray", child, _stray(child, landing, "<来源>/<交付日期>/")))
        elif child.name not in known:
            near = get_close_matches(child.name, known, 1)
            hint = f"是否应为 {near[0]}？" if near else "新来源须先有 source.yml，见 docs/adding-a-source.md。"
            sentence = f"文件夹 {child.name} 不是已登记的来源（{'、'.join(known)}），其中的文件没有读。{hint}"
            found.problems.append(Problem("unknown_source", child, sentence))
        else:
            _look_into_source(child, now, quiet_minutes, found)
    found.complete.sort(key=lambda delivery: (delivery.delivery_date, delivery.source))
    found.incomplete.sort(key=lambda delivery: (delivery.delivery_date, delivery.source))
    found.problems.sort(key=lambda problem: str(problem.path))
    return found


def signature(files: Iterable[Path]) -> str:
    """Returns sha256 over the names and contents of ``files`` in name order, read in pieces of 1 MiB."""
    digest = hashlib.sha256()
    for path in sorted(files, key=lambda path: path.name):
        state = path.stat()
        content = _content_digest(path, state.st_size, state.st_mtime_ns)
        digest.update(path.name.encode("utf-8", "surrogateescape") + b"\0" + content + b"\0")
    return digest.hexdigest()


@lru_cache(maxsize=65536)
def _content_digest(path: Path, size: int, changed: int) -> bytes:
    """sha256 of a file's content. The sensor looks every minute: a file of the same size and time is not read again."""
    del size, changed
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").digest()


def is_temporary(name: str) -> bool:
    """Tells whether a file of this name is no part of a delivery."""
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in TEMPORARY)


def _children(folder: Path) -> list[Path]:
    """What lies in ``folder`` without temporary files, by name."""
    try:
        return sorted(path for path in folder.iterdir() if not is_temporary(path.name))
    except FileNotFoundError as error:
        raise LandingError(f"交付文件夹 {folder} 不存在：请建立它，或用环境变量 LAKE_LANDING 指向正确的位置") from error
    except NotADirectoryError as error:
        raise LandingError(f"{folder} 是文件，不是文件夹：LAKE_LANDING 应指向存放各来源交付的文件夹") from error
    except PermissionError as error:
        raise LandingError(f"没有读取文件夹 {folder} 的权限：请让管理员授予本账户读权限") from error


def _stray(path: Path, root: Path, where: str) -> str:
    return f"文件 {path.relative_to(root.parent)} 不在任何一次交付里，没有读：请移到 {where} 下"


def _look_into_source(folder: Path, now: datetime, quiet_minutes: float, found: Found) -> None:
    """Adds the deliveries of one source to ``found``."""
    try:
        children = _children(folder)
    except LandingError as error:
        found.problems.append(Problem("unreadable", folder, str(error)))
        return
    for child in children:
        if not child.is_dir():
            where = f"{folder.name}/<交付日期>/"
            found.problems.append(Problem("stray", child, _stray(child, folder.parent, where)))
            continue
        day = _date_of(child.name)
        if day is None:
            sentence = (
                f"文件夹 {folder.name}/{child.name} 的名字不是有效日期，没有读："
                "请改成 YYYY-MM-DD（交付日期，即记录日期的次日），如 2025-03-02"
            )
            found.problems.append(Problem("bad_date", child, sentence))
            continue
        _look_into_delivery(folder.name, day, child, now, quiet_minutes, found)


def _date_of(name: str) -> date | None:
    if not _DATE.fullmatch(name):
        return None
    try:
        return date.fromisoformat(name)
    except ValueError:
        return None


def _look_into_delivery(
    source: str, day: date, folder: Path, now: datetime, quiet_minutes: float, found: Found
) -> None:
    """Adds one delivery folder to ``found``."""
    where = f"{source}/{day}"
    try:
        children = _children(folder)
        for child in children:
            if child.is_dir():
                sentence = f"交付 {where} 里有子文件夹 {child.name}，其中的文件没有读：请把文件直接放在 {where}/ 下"
                found.problems.append(Problem("nested_folder", child, sentence))
        files = tuple(child for child in children if child.name != SUCCESS and not child.is_dir())
        if not (folder / SUCCESS).is_file():
            waited_for = _waited_for(where, files, now, quiet_minutes)
            if waited_for:
                found.incomplete.append(Incomplete(source, day, folder, waited_for))
                return
        elif not files:
            sentence = f"交付 {where} 只有 {SUCCESS}，没有数据文件：若当日确实没有数据可以不管，否则请补交"
            found.problems.append(Problem("no_files", folder, sentence))
        for path in files:
            if not os.access(path, os.R_OK):
                raise PermissionError(13, "", str(path))
        found.complete.append(Delivery(source, day, folder, files, signature(files)))
    except LandingError as error:
        found.problems.append(Problem("unreadable", folder, str(error)))
    except OSError as error:
        name = Path(str(error.filename or folder)).name
        sentence = f"交付 {where} 的 {name} 无法读取（没有权限、链接失效或正被移走）：请检查后重新交付，整批暂未读"
        found.problems.append(Problem("unreadable", folder, sentence))


def _waited_for(where: str, files: tuple[Path, ...], now: datetime, quiet_minutes: float) -> str | None:
    """Why a delivery without `_SUCCESS` is not complete yet; None when it is."""
    if not files:
        return f"交付 {where} 还没有文件"
    newest = max(files, key=lambda path: path.stat().st_mtime)
    quiet = (now.timestamp() - newest.stat().st_mtime) / 60
    if quiet >= quiet_minutes:
        return None
    if quiet < 0:
        return f"交付 {where} 的 {newest.name} 的修改时间晚于现在：请核对时钟，或放入 {SUCCESS} 表示已传完"
    return (
        f"交付 {where} 的 {newest.name} 在 {quiet_minutes:g} 分钟内有改动，可能还在传："
        f"无改动满 {quiet_minutes:g} 分钟，或放入 {SUCCESS} 文件后再读"
    )
