"""Asset checks: what is looked at after each stage, and what stops a publication.

Here: wiring only. Not here: the rules and suites (`quality`). A broken delivery is reported as ERROR but never blocks:
in a single-run backfill a blocking check would stop every other delivery with it. Only rules of the whole lake block.
Suites are one check each, on the asset they speak of, and say what the page will say once the run has published.
event, delivery, dispute_event, dispute, warning, warehouse -> AssetCheckResult
"""

from collections.abc import Collection, Iterable, Iterator
from datetime import date, timedelta
from typing import Any

import dagster as dg
import duckdb
import pandas as pd

from pipelines.ingest import DELIVERY_DATES, delivery
from pipelines.judge import warning
from pipelines.resources import Workspace, history_sources
from pipelines.stages import check_lake, quality_folder
from quality import checking, freshness
from quality.invariants import broken
from quality.reconcile import unbalanced, unmatched
from quality.suites import load_all, names
from sources import contract

EXAMPLES = 20
NO_DAY = date(2000, 1, 1)  # of a lake without any delivery: nothing is late, nothing is new
LATE_DAYS = 7  # 假定：最近 7 天内有该交付而未交付的，才算没有按时交付
SUITES_OF_DISPUTES = ("dispute_event", "dispute", "warning")
SUITES_OF_EVENTS = tuple(name for name in names() if name not in SUITES_OF_DISPUTES)
COUNTS = "SELECT source, count(*) AS event_count FROM event GROUP BY source ORDER BY source"


@dg.asset_check(asset=delivery, partitions_def=DELIVERY_DATES, description="交付没有整批挂起或无法读取的文件")
def deliveries_are_whole(context: dg.AssetCheckExecutionContext, workspace: Workspace) -> dg.AssetCheckResult:
    """Names the files that were held or could not be read."""
    with workspace.lake() as lake:
        files = lake.read("raw_file", columns=["delivery_date", "source", "file", "status", "reason"])
    here = files["delivery_date"].astype(str).isin(set(context.partition_keys))
    wrong = files.loc[here & (files["status"] != "accepted")].astype({"delivery_date": str})
    return dg.AssetCheckResult(
        passed=wrong.empty,
        severity=dg.AssetCheckSeverity.ERROR,
        metadata={"文件数": len(wrong), "例": dg.MetadataValue.json(wrong.head(EXAMPLES).to_dict("records"))},
    )


@dg.asset_check(asset=warning, blocking=True, description="全湖规则：不满足则不发布，上一次的发布保持不变")
def lake_rules_hold(workspace: Workspace) -> dg.AssetCheckResult:
    """Runs the rules of the whole lake; a breach blocks the publication."""
    with workspace.lake() as lake:
        findings = check_lake(lake)
    wrong = findings.loc[~findings["passed"], ["rule", "says", "failing", "examples"]]
    return dg.AssetCheckResult(
        passed=wrong.empty,
        severity=dg.AssetCheckSeverity.ERROR,
        metadata={
            "规则数": len(findings),
            "说明": broken(findings) or "全部满足",
            "不满足": dg.MetadataValue.json(wrong.to_dict("records")),
        },
    )


@dg.asset_check(asset=dg.AssetKey("warehouse"), description="每份文件的行数对得上，采用的行数等于已发布的事件数")
def rows_add_up(workspace: Workspace) -> dg.AssetCheckResult:
    """Compares the published accounts with the published events."""
    with duckdb.connect(str(workspace.settings.warehouse), read_only=True) as con:
        delivery, events = (con.execute(query).df() for query in ("FROM delivery", COUNTS))
    wrong = unbalanced(delivery).astype({"delivery_date": str})
    surplus = unmatched(delivery, events)
    return dg.AssetCheckResult(
        passed=wrong.empty and surplus.empty,
        severity=dg.AssetCheckSeverity.ERROR,
        metadata={
            "对不上的文件": dg.MetadataValue.json(wrong.head(EXAMPLES).to_dict("records")),
            "对不上的来源": dg.MetadataValue.json(surplus.to_dict("records")),
        },
    )


def _specs(names: Iterable[str]) -> list[dg.AssetCheckSpec]:
    return [
        dg.AssetCheckSpec(f"suite_{name}", asset=_asset_of(name), description=f"期望套件 {name}（观察，不阻断）")
        for name in names
    ]


def _asset_of(suite: str) -> str:
    """Suites of disputes are named after their asset; sources and events are judged once events stand."""
    return suite if suite in SUITES_OF_DISPUTES else "event"


@dg.multi_asset_check(specs=_specs(SUITES_OF_EVENTS), description="各来源与事件的期望套件")
def events_meet_expectations(workspace: Workspace) -> Iterator[dg.AssetCheckResult]:
    """One check for each source and one for all events."""
    yield from _run_suites(workspace, SUITES_OF_EVENTS)


@dg.multi_asset_check(specs=_specs(SUITES_OF_DISPUTES), description="归属、纠纷、预警的期望套件")
def disputes_meet_expectations(workspace: Workspace) -> Iterator[dg.AssetCheckResult]:
    """One check each for memberships, disputes and warnings."""
    yield from _run_suites(workspace, SUITES_OF_DISPUTES)


@dg.multi_asset_check(
    specs=[
        dg.AssetCheckSpec(
            f"delivered_{name}",
            asset=delivery.key,
            description=f"{name} 在平常会交付的日子都有交付",
        )
        for name in contract.names()
    ],
    description="各系统按平常的习惯交付",
)
def systems_deliver(workspace: Workspace) -> Iterator[dg.AssetCheckResult]:
    """Tells which system did not deliver on a day when it usually does, up to the day the data stands at."""
    with workspace.lake() as lake:
        files = lake.read("raw_file", columns=["source", "delivery_date"])
        page = quality_folder(lake) / "index.html"
    as_of = _stands_at(workspace, files)
    missing = freshness.missing(files, as_of=as_of, history_sources=frozenset(history_sources()))
    late = missing.loc[missing["delivery_date"] > pd.Timestamp(as_of - timedelta(days=LATE_DAYS))]
    for name in contract.names():
        mine = late.loc[late["source"] == name]
        newest = files.loc[files["source"] == name, "delivery_date"].max()
        yield dg.AssetCheckResult(
            asset_key=delivery.key,
            check_name=f"delivered_{name}",
            passed=mine.empty,
            severity=dg.AssetCheckSeverity.WARN,
            metadata={
                "未交付的天数": len(mine),
                "说明": "；".join(mine["says"]) or "没有缺少的交付",
                "最近一次交付": "从未交付" if pd.isna(newest) else str(newest),
                "质量网页": dg.MetadataValue.path(str(page)),
            },
        )


def _run_suites(workspace: Workspace, wanted: Collection[str]) -> Iterator[dg.AssetCheckResult]:
    histories = history_sources()
    with workspace.lake() as lake, lake.connect() as con:
        as_of = _stands_at(workspace, lake.read("raw_file", columns=["source", "delivery_date"]))
        page = quality_folder(lake) / "index.html"
        for suite in [suite for suite in load_all() if suite.name in wanted]:
            found = checking.check(con, suite, as_of=as_of, histories=histories)
            yield dg.AssetCheckResult(
                asset_key=dg.AssetKey(_asset_of(suite.name)),
                check_name=f"suite_{suite.name}",
                **_verdict(found),
                metadata={"套件": suite.label} | _metadata(found) | {"质量网页": dg.MetadataValue.path(str(page))},
            )


def _verdict(found: pd.DataFrame) -> dict[str, Any]:
    wrong = found.loc[~found["success"].astype(bool)]
    is_error = bool((wrong["severity"] == "error").any())
    severity = dg.AssetCheckSeverity.ERROR if is_error else dg.AssetCheckSeverity.WARN
    return {"passed": wrong.empty, "severity": severity}


def _metadata(found: pd.DataFrame) -> dict[str, Any]:
    wrong = found.loc[~found["success"].astype(bool)].sort_values("severity", kind="stable")
    judged = int((found["evaluated_rows"] > 0).sum())
    return {
        "查了": f"{judged} 条期望" if judged else "没有数据，无可检查",
        "未满足": len(wrong),
        "不符的行": int(wrong["unexpected_count"].sum()),
        "明细": dg.MetadataValue.json(
            [
                {
                    "期望": row.expectation,
                    "说明": row.says,
                    "级别": row.severity,
                    "查了": int(row.evaluated_rows),
                    "不符": int(row.unexpected_count),
                    "看到": row.detail if isinstance(row.detail, str) else "",
                    "例": list(row.examples),
                }
                for row in wrong.head(EXAMPLES).itertuples(index=False)
            ]
        ),
    }


def _stands_at(workspace: Workspace, files: pd.DataFrame) -> date:
    """The day that the data is judged at: the run's, or the newest delivery's while none is finished yet."""
    newest = files["delivery_date"].max()
    return workspace.settings.as_of or (NO_DAY if pd.isna(newest) else newest)
