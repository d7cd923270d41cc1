"""`dispute-lake`: the command line, in Chinese, with exit codes that a script can trust.

Here: options, what is printed, exit codes. Not here: groups of commands (`commands`), any work (`runs`, `stages`, and
the layers below).
arguments -> runs, stages -> text, exit code

Exit codes of `run`: 0 published, or nothing was pending; 1 failed; 2 refused before any change; 3 published with
deliveries held.
"""

import getpass
import os
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import click
from rich.progress import Progress

from pipelines.commands.backtest import backtest
from pipelines.commands.delivery import delivery
from pipelines.commands.explain import explain
from pipelines.commands.model import model
from pipelines.commands.orders import notify, orders
from pipelines.commands.quality import quality
from pipelines.commands.quarantine import quarantine
from pipelines.commands.read import read
from pipelines.commands.report import report
from pipelines.commands.review import review
from pipelines.commands.risk import risk
from pipelines.commands.screen import screen
from pipelines.commands.source import source
from pipelines.commands.warning import warning
from pipelines.settings import Settings
from pipelines.terminal import (
    DAY,
    FAILED,
    HELD,
    REFUSED,
    console,
    display,
    errors,
    program,
    settings_from,
    show,
    shown,
    stop,
)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="dispute-lake", message="dispute-lake %(version)s")
def main() -> None:
    """矛盾纠纷数据湖：五个系统的导出合成一张纠纷表，供比对与预警。

    目录由环境变量给出：LAKE_LANDING 交付文件夹（默认 ./landing），LAKE_ROOT 湖（默认 ./lake），
    LAKE_KEY_FILE 密钥文件（默认在湖旁边）。
    """


@main.command()
@click.option("--as-of", type=DAY, help="运行的“现在”，默认取最新一批交付的日期")
@click.option("--relink", is_flag=True, help="全部记录重新匹配，而不只匹配新到的；纠纷编号不变")
def run(as_of: datetime | None, relink: bool) -> None:
    """处理 LAKE_LANDING 中全部待处理的交付，并发布到 LAKE_ROOT。"""
    sys.exit(run_and_report(settings_from(as_of), relink=relink))


def run_and_report(settings: Settings, *, relink: bool = False) -> int:
    """Runs, prints what came of it, and returns the exit code."""
    from pipelines import runs
    from sources.contract import ContractError
    from sources.deliveries import LandingError

    try:
        with display():
            outcome = runs.run(settings, relink=relink)
    except (runs.Refused, LandingError, ContractError) as error:
        errors.print(str(error), markup=False)
        return REFUSED
    for problem in outcome.found.problems:
        errors.print(f"注意：{problem.sentence}", markup=False)
    for waiting in outcome.found.incomplete:
        errors.print(f"等待：{waiting.sentence}", markup=False)
    if outcome.failures:
        errors.print("运行失败，已发布的内容保持不变：", markup=False)
        for sentence in outcome.failures:
            errors.print(f"  {sentence}", markup=False)
        return FAILED
    if not outcome.is_published:
        console.print("没有待处理的交付，已发布的内容保持不变。")
        return 0
    console.print(f"已处理 {len(outcome.taken)} 批交付，发布在 {settings.published}", markup=False)
    if not outcome.held:
        return 0
    from warehouse.reports import first_look

    show(first_look.held(settings.warehouse, outcome.held), "未能全部采用的交付")
    console.print(
        "查看：dispute-lake quarantine；确认无误后接收：dispute-lake delivery accept 来源 日期 --by 姓名 --note 理由"
    )
    return HELD


@main.command()
@click.option("--rows", default=20_000, show_default=True, help="总行数（约）")
@click.option("--days", default=120, show_default=True, help="天数")
@click.option("--seed", default=1, show_default=True, help="随机种子；同样的参数得到同样的文件")
@click.option("--start", type=DAY, default="2025-03-01", show_default=True, help="第一天")
@click.option("--hard", is_flag=True, help="更难：姓名电话缺得更多，地址更含糊")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="写到哪里：其下 landing/ 与 truth/")
def simulate(rows: int, days: int, seed: int, start: datetime, hard: bool, out: Path) -> None:
    """生成模拟的五个系统导出（带真值表），供试用与评测。"""
    from sources.simulator import simulate as make

    with Progress(console=errors, transient=True, disable=not errors.is_terminal) as progress:
        bar = progress.add_task("模拟导出", total=days)

        def advance(done: int, total: int) -> None:
            progress.update(bar, completed=done, total=total)

        summary = make(out, rows=rows, days=days, seed=seed, hard=hard, start=start.date(), progress=advance)
    console.print(str(summary), markup=False)


@main.command()
@click.option("--out", type=click.Path(path_type=Path), default=Path("demo"), show_default=True)
@click.option("--rows", default=20_000, show_default=True)
@click.option("--days", default=120, show_default=True)
@click.pass_context
def demo(context: click.Context, out: Path, rows: int, days: int) -> None:
    """模拟五个系统的导出，跑完整条流水线，并告诉您去哪里看。"""
    out = out.absolute()
    if not (out / "landing").exists():
        context.invoke(simulate, rows=rows, days=days, seed=1, start=datetime(2025, 3, 1), hard=False, out=out)  # noqa: DTZ001
    settings = Settings(landing=out / "landing", root=out / "lake", key_file=out / "lake.key")
    code = run_and_report(settings)
    if code not in (0, HELD):
        sys.exit(code)
    look_at(settings)
    console.print("以上全部是模拟数据。", style="bold")


@main.command()
def look() -> None:
    """第一眼：各来源行数、纠纷数、最高的五条预警、质量报告在哪里。"""
    settings = settings_from()
    if not settings.warehouse.exists():
        stop(f"{settings.root} 还没有发布。请先运行 dispute-lake run，或检查 LAKE_ROOT。")
    look_at(settings)


def look_at(settings: Settings) -> None:
    """Prints the first look at a published lake."""
    from sources import contract
    from warehouse.reports import first_look

    seen = first_look.read(settings.warehouse)
    labels = {name: contract.load(name).label for name in contract.names()}
    sources = seen.sources.assign(来源=seen.sources["来源"].replace(labels))
    show(sources, "各来源的行数：读入 = 采用 + 被新版本取代 + 忽略（标题、空行、合计，及并入所属记录的附表行）+ 隔离")
    show(seen.disputes, "纠纷")
    console.print("最高的五条预警：")
    for found in seen.warnings.astype("object").where(seen.warnings.notna(), "—").to_dict("records"):
        console.print("  {级别} {规则}　{区域}　{事由}（{首次可知}）".format_map(found), markup=False)
        console.print("     依据：{依据}；此事生效预警 {同事由预警数} 条；{纠纷编号}".format_map(found), markup=False)
    console.print(f"质量报告：{settings.published / 'quality' / 'index.html'}", markup=False)
    console.print(f"数据仓库：{settings.warehouse}（DuckDB 直接打开，或 dispute-lake sql）", markup=False)
    started = f"  LAKE_ROOT={shown(settings.root)} {program()}"
    console.print("一屏全览、研判报告、今日预警：")
    for command in ("screen", "report --last month", "warning list --which told"):
        console.print(f"{started} {command}", markup=False)
    console.print("试试这两条查询：")
    for query in first_look.QUERIES:
        console.print(f'{started} sql "{query}"', markup=False)


@main.command()
@click.argument("query", required=False)
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "csv", "json", "xlsx"]),
    default="table",
    show_default=True,
    help="结果的形式",
)
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="写成文件，按扩展名 .xlsx .csv .json")
def sql(query: str | None, form: str, out: Path | None) -> None:
    """对已发布的数据跑 SQL；不带参数则打开交互窗口（只读），.help 列出命令、视图与宏。

    常问的问题与 SQL 见 docs/sql-cookbook.md。
    """
    from warehouse import shell

    if out is not None and query is None:
        stop("--out 要与一条查询一起用；在交互窗口里用 .export 文件")
    sys.exit(shell.run(settings_from().warehouse, query, form=form, out=out))


@main.command()
@click.option(
    "--truth",
    type=click.Path(exists=True, path_type=Path),
    help="真值表 record.csv（或其文件夹）；不写则对照人工裁定",
)
@click.option("--no-baselines", is_flag=True, help="只评本湖的结果，不跑三种对照方法")
def evaluate(truth: Path | None, no_baselines: bool) -> None:
    """评测匹配：对照真值表（成对与 B³ 的查准、查全、F1，三种对照方法同场），或对照人工裁定。"""
    from pipelines import evaluating
    from warehouse.lake import LakeRefused

    settings = settings_from()
    if truth is None:
        try:
            found = evaluating.against_verdicts(settings.root)
        except LakeRefused as error:
            stop(str(error))
        if found.empty:
            stop("还没有人裁定过，也没有给出真值表；请用 --truth 指明，或先 dispute-lake review --by 姓名")
        show(found, "裁定前的匹配与人工裁定相比")
        console.print("裁定的多是最拿不准的对：这里的查准、查全低于全部记录的，不能代表全部。", markup=False)
        return
    file = truth / "record.csv" if truth.is_dir() else truth
    for title, frame in evaluating.compare(settings.root, file, with_baselines=not no_baselines):
        show(frame, title)


@main.command()
@click.argument("token")
@click.option("--by", default=getpass.getuser, show_default="当前用户", help="查询人")
@click.option("--reason", required=True, help="事由，留档")
def reveal(token: str, by: str, reason: str) -> None:
    """凭令牌还原电话或证件号码；每次还原都留档（受限区 reveal.log）。"""
    from pipelines import revealing, runs

    settings = settings_from()
    try:
        lake = runs.standing(settings)
    except runs.Refused as error:
        stop(str(error))
    try:
        value = revealing.reveal(lake, token, by=by, reason=reason)
    except LookupError as error:
        stop(str(error), FAILED)
    console.print(value, markup=False)


@main.command()
@click.option(
    "--copy", "folder", type=click.Path(path_type=Path), required=True, help="复制到哪个文件夹（须不存在或为空）"
)
def publish(folder: Path) -> None:
    """把当前发布复制成一份可搬走的拷贝：搬到哪里都能打开。"""
    from warehouse.publish import copy_publication

    try:
        copied = copy_publication(settings_from().published, folder)
    except (OSError, ValueError) as error:
        stop(str(error))
    console.print(f"已复制到 {copied}", markup=False)


@main.command()
@click.option("--port", default=3000, show_default=True)
@click.option("--host", default="127.0.0.1", show_default=True, help="默认只在本机可见；Dagster 网页没有登录")
def up(port: int, host: str) -> None:
    """打开 Dagster 网页与守护进程（每天 06:00 的计划、交付完整即处理的传感器）；Ctrl-C 停止。"""
    from pipelines import runs
    from pipelines.instance import prepare_home

    settings = settings_from()
    try:
        runs.prepare(settings)
    except runs.Refused as error:
        stop(str(error))
    home = prepare_home(settings)
    program = Path(sys.executable).with_name("dagster")
    command = [str(program), "dev", "-m", "pipelines.definitions", "--host", host, "--port", str(port)]
    environment = os.environ | {
        "LAKE_LANDING": str(settings.landing),
        "LAKE_ROOT": str(settings.root),
        "LAKE_KEY_FILE": str(settings.key_file),
    }
    console.print(f"Dagster 网页：http://{host}:{port}", markup=False)
    sys.exit(subprocess.call(command, env=environment, cwd=home))


for group in (
    backtest,
    delivery,
    explain,
    model,
    notify,
    orders,
    quality,
    quarantine,
    read,
    report,
    review,
    risk,
    screen,
    source,
    warning,
):
    main.add_command(group)


if __name__ == "__main__":
    main()
