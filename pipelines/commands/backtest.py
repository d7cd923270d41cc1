"""`dispute-lake backtest`: how good the warnings of some days were.

Here: options and what is printed. Not here: the figures (`pipelines.backtesting`).
arguments -> backtesting -> text
"""

from datetime import datetime
from pathlib import Path

import click

from pipelines.terminal import DAY, console, settings_from, show, stop


@click.command()
@click.option("--from", "first", type=DAY, required=True, help="第一天")
@click.option("--to", "last", type=DAY, required=True, help="最后一天（含）")
@click.option(
    "--truth", type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="真值文件夹（模拟数据的 truth：warning.csv、surge.csv）；不写则按之后发生了什么与人工判定",
)  # fmt: skip
def backtest(first: datetime, last: datetime, truth: Path | None) -> None:
    """回测：按当日所知逐日重放预警，看发出多少、告知多少、早几天、查全与查准。不改动湖。

    哪些记录是同一纠纷、人工更正，按现在的结果；其余（版本、结案、时限、地点）只用当日已交付的。
    应验看预警之后的记录（transforms/warnings/outcomes.yml，假定）：它们当时不可知，只用来评，不用来报。
    """
    from pipelines import backtesting, runs
    from pipelines.resources import history_sources, run_now
    from sources.contract import ContractError

    if last < first:
        stop("--to 早于 --from；请写成 --from 起始日 --to 结束日")
    settings = settings_from()
    try:
        lake = runs.standing(settings)
        found = backtesting.run(
            lake, as_of=run_now(settings, lake), history_sources=history_sources(), first=first.date(),
            last=last.date(), truth=truth,
        )  # fmt: skip
    except (runs.Refused, backtesting.TruthError, ContractError) as error:
        stop(str(error))
    span = f"{found.first} 至 {found.last}（{(found.last - found.first).days + 1} 天）"
    show(found.rules, f"各规则，{span}")
    console.print(
        "应验：预警之后 60 天内同一纠纷发生了所声明的事；未预警的同样发生：没有这条预警的纠纷自首次可知起同样算的比例。"
        if not truth else "应验等各列按之后发生了什么；对照真值见下。"
    )  # fmt: skip
    if found.truth is not None:
        show(found.truth, "对照真值")
    show(found.told, "各级中心收到的告知")
