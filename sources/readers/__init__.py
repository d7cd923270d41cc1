"""Readers: the bytes of one file to sheets of text cells, whatever a department made of them.

Here: choosing the reader by content and name. Not here: what the columns mean (`sources.read`).
bytes -> list[Sheet], or FileRefused with a sentence for the user
"""

from sources.readers import csv, jsonl, xlsx
from sources.readers.sheet import Fault, FileRefused, Sheet

MAX_BYTES = 1 << 30
"""A single file beyond this (1 GiB) is refused: a day's export is a thousandth of it."""

_OLE = bytes.fromhex("D0CF11E0A1B11AE1")
_SPREADSHEETS = (".xlsx", ".xlsm")
_LINES = (".jsonl", ".ndjson", ".json")

__all__ = ["MAX_BYTES", "Fault", "FileRefused", "Sheet", "read_bytes"]


def read_bytes(content: bytes, file: str, *, encoding: str | None = None) -> list[Sheet]:
    """Reads one file.

    Args:
        content: its bytes.
        file: its name, for the choice of reader and for sentences.
        encoding: the encoding its source is registered with; another one that fits is used and reported.

    Raises:
        FileRefused: nothing can be read; rule and sentence say why and what to do.
    """
    if not content:
        raise FileRefused("empty_file", f"{file} 是空文件（0 字节），可能导出或传输失败：请重新导出后再交付")
    if len(content) > MAX_BYTES:
        raise FileRefused("too_large", f"{file} 超过 {MAX_BYTES >> 30} GB，没有读：请按日期分成多个文件再交付")
    name = file.lower()
    if content.startswith(b"PK\x03\x04"):
        sheets = xlsx.read(content, file)
        if not name.endswith(_SPREADSHEETS):
            sheets[0].findings.append(f"{file} 的内容是 XLSX 工作簿，与扩展名不符，已按 XLSX 读取")
        return sheets
    if content.startswith(_OLE):
        raise _ole(content, file)
    if name.endswith(_SPREADSHEETS):
        raise _not_xlsx(content, file)
    if not content.strip(b"\0"):
        raise FileRefused("nul_file", f"{file} 全是空字节（NUL），可能磁盘已满或传输中断：请重新导出后再交付")
    if _is_html(content):
        raise _html(file)
    if name.endswith(_LINES):
        return [jsonl.read(content, file)]
    return [csv.read(content, file, encoding=encoding)]


def _is_html(content: bytes) -> bool:
    head = content[:2048].replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").lower()
    return head.startswith((b"<!doctype html", b"<html", b"<table", b"<meta", b"<head", b"<div", b"<script"))


def _html(file: str) -> FileRefused:
    return FileRefused(
        "html_file",
        f"{file} 其实是网页（HTML），不是表格文件，多半是系统“导出 Excel”的旧写法或登录页："
        "请用 Excel 打开后另存为 .xlsx，再交付",
    )


def _ole(content: bytes, file: str) -> FileRefused:
    """An OLE container is a workbook with a password, or one of Excel 97-2003.

    The latter is not read although calamine could: a damaged one can send it round in a circle for ever (tried).
    """
    if "EncryptedPackage".encode("utf-16-le") in content:
        return FileRefused("password", f"{file} 有打开密码，无法读取：请在 Excel 中去掉密码后另存，再交付")
    return FileRefused("old_xls", f"{file} 是旧版 Excel（.xls）格式，不是 .xlsx：请用 Excel 打开后另存为 .xlsx，再交付")


def _not_xlsx(content: bytes, file: str) -> FileRefused:
    if _is_html(content):
        return _html(file)
    if not content.strip(b"\0"):
        return FileRefused("nul_file", f"{file} 全是空字节（NUL），可能磁盘已满或传输中断：请重新导出后再交付")
    return FileRefused(
        "corrupt_xlsx",
        f"{file} 的扩展名是 .xlsx，内容却不是 XLSX 工作簿（开头的字节不对），可能已损坏或改过扩展名："
        "请用 Excel 打开确认，另存为 .xlsx 后再交付",
    )
