"""SQL on the published warehouse from the command line: one query, or a prompt; shown, or written to a file.

Here: reading statements, showing and exporting results, errors in Chinese with what to do. Not here: which warehouse
(`pipelines.settings`), macros (`warehouse/sql/macros`), questions to start from (docs/sql-cookbook.md).
query -> DuckDB, read-only -> table on the terminal, or CSV, JSON, XLSX
"""

import contextlib
import json
import os
import re
import shutil
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TextIO

import duckdb
import pandas as pd
import xlsxwriter

FORMS = ("table", "csv", "json", "xlsx")
PROMPT, MORE = "湖> ", " …> "
_EXCEL_ROWS = 1_048_575
_HELP = """\
以分号结束一条语句，回车执行；只读，改不了任何数据。Tab 补全，上下键翻历史，Ctrl-C 中断，Ctrl-D 退出。
  .help             本说明，并列出视图与宏
  .tables           列出视图及说明
  .columns 视图     列出某视图的列与说明
  .macros           列出宏及用法
  .mode 形式        结果的形式：table（默认）csv json
  .export 文件      把上一条查询的结果写成文件，按扩展名 .xlsx .csv .json
  .quit             退出
常问的问题与 SQL：docs/sql-cookbook.md"""
_DOT = {
    ".tables": "SELECT view_name, any_value(view_comment) AS comment FROM data_dictionary GROUP BY 1 ORDER BY 1",
    ".columns": "SELECT column_name, type, comment FROM data_dictionary WHERE view_name = $name ORDER BY position",
    ".macros": "SELECT function_name AS macro, any_value(comment) AS comment FROM duckdb_functions() "
    "WHERE NOT internal AND comment IS NOT NULL GROUP BY 1 ORDER BY 1",
}
_LISTED = (
    "SELECT string_agg(DISTINCT view_name, ' ' ORDER BY view_name) FROM data_dictionary",
    "SELECT string_agg(DISTINCT function_name || '(' || array_to_string(parameters, ', ') || ')', ' ' "
    "ORDER BY function_name || '(' || array_to_string(parameters, ', ') || ')') "
    "FROM duckdb_functions() WHERE NOT internal AND comment IS NOT NULL",
)
_KEYWORDS = (
    "SELECT FROM WHERE GROUP BY ORDER LIMIT HAVING JOIN LEFT USING COUNT SUM WITH DISTINCT DESC CASE WHEN THEN ELSE END"
)
_HINTS: tuple[tuple[type[Exception], str], ...] = (
    (duckdb.ParserException, "语句写法有误：看箭头所指之处，是否少了逗号、括号、引号（文字用单引号，全角标点不行）"),
    (duckdb.BinderException, "找不到这一列，或列与宏的用法不对：.columns 视图 列出各列，.macros 列出宏的用法"),
    (duckdb.CatalogException, "找不到这个视图或函数：.tables 列出视图，.macros 列出宏"),
    (duckdb.ConversionException, "有的值转换不了：文字转数用 TRY_CAST(… AS BIGINT)，日期写成 DATE '2025-03-01'"),
    (duckdb.InvalidInputException, "这里只读：可以查询，不能建表、改表、删表；要存结果请用 --out 或 .export"),
    (duckdb.OutOfMemoryException, "结果太大，内存不够：请加 WHERE 或 LIMIT，或先汇总"),
    (duckdb.IOException, "文件读不了：发布可能刚被替换，请重新打开；自己的文件请检查路径"),
)


class ExportRefused(Exception):
    """A result cannot be written; the sentence is for the user."""


def run(warehouse: Path, query: str | None = None, *, form: str = "table", out: Path | None = None) -> int:
    """Runs ``query`` and shows or writes its result, or opens a prompt without one; returns the exit code.

    Args:
        warehouse: the published DuckDB file.
        query: one or more statements.
        form: of `FORMS`; ``xlsx`` needs ``out``.
        out: a file for the result; None: the terminal.

    Returns:
        0: done; 1: the query failed, with a hint and DuckDB's message; 2: nothing is published there, or the result
        cannot be written like that.
    """
    if not warehouse.exists():
        _say(f"{warehouse} 不存在：还没有发布。请先运行 dispute-lake run，或检查 LAKE_ROOT。", error=True)
        return 2
    try:
        con = duckdb.connect(str(warehouse), read_only=True)
    except duckdb.Error as error:
        _say(f"{warehouse} 打不开：{error}", error=True)
        return 2
    with con:
        if query is None:
            return _Prompt(con, form).run()
        if out is None and form == "table":
            return _show(con, query)
        return _export(con, query, form, out)


class _Prompt:
    """A prompt: what is typed so far, how results are shown, the last query."""

    def __init__(self, con: duckdb.DuckDBPyConnection, form: str) -> None:
        self.con = con
        self.form = form
        self.last: str | None = None
        self.code = 0

    def run(self) -> int:
        is_terminal = sys.stdin.isatty()
        if is_terminal:
            _keep_history(self.con)
            _say(_HELP)
        pending: list[str] = []
        while True:
            try:
                line = input((MORE if pending else PROMPT) if is_terminal else "")
            except EOFError:
                break
            except KeyboardInterrupt:
                _say("")
                pending.clear()
                continue
            if not pending and line.strip().startswith("."):
                if line.split()[0] in (".quit", ".exit"):
                    break
                self._command(line)
                continue
            if line.strip() or pending:
                pending.append(line)
            if line.rstrip().endswith((";", "；")):
                self._ask("\n".join(pending))
                pending.clear()
        if pending:
            self._ask("\n".join(pending))
        return 0 if is_terminal else self.code

    def _ask(self, query: str) -> None:
        query = re.sub(r"；\s*$", ";", query)
        self.last = query
        self.code = _show(self.con, query) if self.form == "table" else _export(self.con, query, self.form, None)

    def _command(self, line: str) -> None:
        word, _, name = line.strip().rstrip(";；").partition(" ")
        name = name.strip()
        if word in _DOT:
            self.code = _show(self.con, _DOT[word], {"name": name} if word == ".columns" else None)
        elif word == ".mode" and name in FORMS and name != "xlsx":
            self.form = name
        elif word == ".export" and self.last is not None and name:
            self.code = _export(self.con, self.last, Path(name).suffix.lstrip(".").lower(), Path(name))
        elif word == ".export":
            _say("先查询，再 .export 文件名.xlsx（或 .csv .json）", error=True)
        elif word == ".help":
            _say(_HELP)
            for label, query in zip(("视图", "宏"), _LISTED, strict=True):
                _say(f"{label}：{self.con.execute(query).fetchall()[0][0]}")
        else:
            _say(f"没有“{line.strip()}”这样的命令。\n{_HELP}", error=True)


def _keep_history(con: duckdb.DuckDBPyConnection) -> None:
    """Keys of the terminal: history over sessions (a file that only this user reads), completion of names."""
    with contextlib.suppress(ImportError, OSError):
        import atexit
        import readline

        state = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state") / "dispute-lake"
        state.mkdir(parents=True, exist_ok=True)
        file = state / "sql_history"
        file.touch(mode=0o600)
        readline.read_history_file(file)
        readline.set_history_length(1000)
        atexit.register(readline.write_history_file, file)
        readline.set_completer(completer(con))
        readline.set_completer_delims(" \t\n,()=<>;'\"")
        readline.parse_and_bind("tab: complete")


def completer(con: duckdb.DuckDBPyConnection) -> Callable[[str, int], str | None]:
    """Completes keywords, views, columns, macros and commands, in the way that readline asks."""
    names = con.execute(
        "SELECT view_name FROM data_dictionary UNION SELECT column_name FROM data_dictionary "
        "UNION SELECT function_name || '(' FROM duckdb_functions() WHERE NOT internal"
    ).fetchall()
    words = sorted({row[0] for row in names} | set(_KEYWORDS.split()) | {".help", ".mode", ".export", ".quit", *_DOT})

    def complete(text: str, state: int) -> str | None:
        found = [word for word in words if word.lower().startswith(text.lower())]
        return found[state] if state < len(found) else None

    return complete


def _show(con: duckdb.DuckDBPyConnection, query: str, parameters: dict[str, str] | None = None) -> int:
    """Shows all columns and rows where output is no terminal, what fits where it is one."""
    wide = not sys.stdout.isatty()

    def show() -> None:
        result = con.sql(query, params=parameters) if parameters else con.sql(query)
        if result is not None:
            result.show(
                max_width=100_000 if wide else shutil.get_terminal_size().columns,
                max_rows=100_000 if wide else 200,
                max_col_width=200 if wide else 60,
            )

    return _told(con, show)


def _export(con: duckdb.DuckDBPyConnection, query: str, form: str, out: Path | None) -> int:
    """Writes a result as CSV, JSON or XLSX to ``out``, or to the terminal's output."""

    def export() -> None:
        chosen = form
        if form == "table" and out is not None:
            chosen = out.suffix.lstrip(".").lower()
        if chosen not in FORMS[1:]:
            raise ExportRefused("形式须是 csv、json 或 xlsx：写明 --format，或用这样的扩展名")
        if chosen == "xlsx" and out is None:
            raise ExportRefused("xlsx 须写明文件：--out 文件.xlsx")
        result = con.sql(query)
        if result is None:
            return
        frame = result.df()
        if out is None:
            (_csv if chosen == "csv" else _json)(frame, sys.stdout)
            return
        if chosen == "xlsx" and len(frame) > _EXCEL_ROWS:
            raise ExportRefused(f"结果有 {len(frame):,} 行，一张工作表放不下：请加 WHERE，或用 csv")
        beside = out.with_name(f".{out.name}.writing")
        try:
            if chosen == "xlsx":
                _xlsx(frame, beside)
            else:
                # Excel takes a CSV file for Chinese only with this mark
                with beside.open("w", encoding="utf-8-sig" if chosen == "csv" else "utf-8", newline="") as handle:
                    (_csv if chosen == "csv" else _json)(frame, handle)
            beside.replace(out)
        except OSError as error:
            raise ExportRefused(f"写不到 {out}：{error.strerror}") from error
        _say(f"{len(frame):,} 行写在 {out}")

    return _told(con, export)


def _csv(frame: pd.DataFrame, handle: TextIO) -> None:
    """Text that a spreadsheet would take for a formula gets an apostrophe before it."""
    safe = frame.copy()
    for name in safe.columns:
        if pd.api.types.is_string_dtype(safe[name]) or safe[name].dtype == object:
            starts = safe[name].astype("str").str.match(r"[=+@\t\r]|-\D") & safe[name].notna()
            safe[name] = safe[name].where(~starts, "'" + safe[name].astype("str"))
    safe.to_csv(handle, index=False, lineterminator="\n")


def _json(frame: pd.DataFrame, handle: TextIO) -> None:
    rows = [{name: _plain(value) for name, value in row.items()} for row in frame.to_dict("records")]
    json.dump(rows, handle, ensure_ascii=False, indent=1)
    handle.write("\n")


def _xlsx(frame: pd.DataFrame, path: Path) -> None:
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(str(path), options) as book:
        sheet = book.add_worksheet("结果")
        head = book.add_format({"bold": True, "bg_color": "#E7E6E6", "border": 1})
        for column, name in enumerate(frame.columns):
            sheet.write_string(0, column, str(name), head)
            values = [_plain(value) for value in frame[name].tolist()]
            for row, value in enumerate(values, start=1):
                if isinstance(value, bool):
                    sheet.write_string(row, column, "是" if value else "否")
                elif isinstance(value, int | float):
                    sheet.write_number(row, column, value)
                elif value is not None:
                    sheet.write_string(row, column, str(value))
            widest = max([_width(str(name)), *(_width(str(value)) for value in values[:200] if value is not None)])
            sheet.set_column(column, column, min(widest + 2, 60))
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, max(len(frame), 1), max(len(frame.columns) - 1, 0))


def _width(text: str) -> int:
    """Cells that a text takes: a Chinese character is as wide as two letters."""
    return sum(2 if ord(letter) > 0x2E7F else 1 for letter in text)


def _plain(value: Any) -> Any:
    """A value as JSON and Excel take it: null, number, truth value, or text; times as text."""
    if value is None or (not isinstance(value, list | dict) and bool(pd.isna(value) is True)):
        return None
    if isinstance(value, bool | int | float | str):
        return value
    if hasattr(value, "item"):
        return _plain(value.item()) if getattr(value, "ndim", 0) == 0 else [_plain(each) for each in value.tolist()]
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return str(value)


def _told(con: duckdb.DuckDBPyConnection, work: Callable[[], None]) -> int:
    """Runs ``work``; a failure becomes a hint in Chinese and DuckDB's own message, and the exit code.

    It runs on a thread of its own: Ctrl-C reaches this one at once, while DuckDB, when it holds this one, looks for it
    only now and then, and on a busy machine not at all.
    """
    with ThreadPoolExecutor(1) as beside:
        running = beside.submit(work)
        while True:
            try:
                running.result()
            except KeyboardInterrupt:
                con.interrupt()
                continue
            except duckdb.InterruptException:
                _say("已中断。", error=True)
                return 1
            except ExportRefused as error:
                _say(str(error), error=True)
                return 2
            except duckdb.Error as error:
                _say(f"{explained(error)}\n{error}", error=True)
                return 1
            return 0


def explained(error: Exception) -> str:
    """What an error of DuckDB means and what to do, in Chinese; with the names that DuckDB takes for near."""
    hint = next((text for kind, text in _HINTS if isinstance(error, kind)), "查询没有成功")
    near = re.search(r'Did you mean "([^"]+)"|Candidate bindings: (.+)', str(error))
    if near is None:
        return hint
    return f"{hint}；是否指 {near[1] or near[2].replace(chr(34), '').replace(', ', '、')}？"


def _say(text: str, *, error: bool = False) -> None:
    stream = sys.stderr if error else sys.stdout
    stream.write(text + "\n")
    stream.flush()
