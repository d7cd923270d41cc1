"""SQL on the published warehouse from the command line: one query, or a prompt.

Here: reading statements, showing tables. Not here: which warehouse (`pipelines.settings`), macros (`warehouse/sql`).
query -> DuckDB, read-only -> table on the terminal
"""

import contextlib
import shutil
import sys
from pathlib import Path

import duckdb

_HELP = """\
以分号结束一条语句，回车执行；只读。
  .tables        列出视图
  .columns 视图  列出某视图的列与说明
  .macros        列出宏：dispute_timeline(编号) 等
  .quit          退出（或 Ctrl-D）"""
_DOT = {
    ".tables": "SELECT view_name, any_value(view_comment) AS comment FROM data_dictionary GROUP BY 1 ORDER BY 1",
    ".columns": "SELECT column_name, type, comment FROM data_dictionary WHERE view_name = $name ORDER BY position",
    ".macros": "SELECT function_name AS macro, any_value(comment) AS comment FROM duckdb_functions() "
    "WHERE NOT internal AND comment IS NOT NULL GROUP BY 1 ORDER BY 1",
}


def run(warehouse: Path, query: str | None = None) -> int:
    """Runs ``query`` and shows its result, or opens a prompt without one; returns the exit code.

    0: done; 1: the query failed, with DuckDB's message; 2: nothing is published there.
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
        if query is not None:
            return _show(con, query)
        return _prompt(con)


def _prompt(con: duckdb.DuckDBPyConnection) -> int:
    with contextlib.suppress(ImportError):
        import readline  # noqa: F401 - importing it gives input() its history
    if sys.stdin.isatty():
        _say(_HELP)
    pending: list[str] = []
    code = 0
    while True:
        try:
            line = input(("   ... " if pending else "lake> ") if sys.stdin.isatty() else "")
        except EOFError:
            break
        except KeyboardInterrupt:
            _say("")
            pending.clear()
            continue
        if not pending and line.strip().startswith("."):
            word, _, name = line.strip().rstrip(";").partition(" ")
            if word in (".quit", ".exit"):
                break
            if word in _DOT:
                code = _show(con, _DOT[word], {"name": name.strip()} if word == ".columns" else None)
            else:
                _say(_HELP)
            continue
        if line.strip() or pending:
            pending.append(line)
        if line.rstrip().endswith(";"):
            code = _show(con, "\n".join(pending))
            pending.clear()
    if pending:
        code = _show(con, "\n".join(pending))
    return 0 if sys.stdin.isatty() else code


def _show(con: duckdb.DuckDBPyConnection, query: str, parameters: dict[str, str] | None = None) -> int:
    """Shows all columns and rows where output is no terminal, what fits where it is one."""
    wide = not sys.stdout.isatty()
    try:
        result = con.sql(query, params=parameters) if parameters else con.sql(query)
        if result is not None:
            result.show(
                max_width=100_000 if wide else shutil.get_terminal_size().columns,
                max_rows=100_000 if wide else 200,
                max_col_width=200 if wide else 60,
            )
    except duckdb.Error as error:
        _say(str(error), error=True)
        return 1
    return 0


def _say(text: str, *, error: bool = False) -> None:
    stream = sys.stderr if error else sys.stdout
    stream.write(text + "\n")
    stream.flush()
