"""Asset checks: what is looked at after each stage, and what stops a publication.

Here: wiring only. Not here: the rules (`quality`). A broken delivery is reported as ERROR but never blocks: in a
single-run backfill a blocking check would stop every other delivery with it. Only rules of the whole lake block.
delivery, warning, quality_result -> AssetCheckResult
"""

import dagster as dg
import duckdb

from pipelines.ingest import DELIVERY_DATES, delivery
from pipelines.judge import warning
from pipelines.resources import Workspace
from pipelines.stages import check_lake
from quality.invariants import broken
from quality.reconcile import unbalanced, unmatched

EXAMPLES = 20
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


@dg.asset_check(asset=dg.AssetKey("quality_result"), description="各套件的期望（观察，不阻断）")
def expectations_are_met(workspace: Workspace) -> dg.AssetCheckResult:
    """Lists the expectations of the newest publication that were not met."""
    with duckdb.connect(str(workspace.settings.warehouse), read_only=True) as con:
        wrong = con.execute(
            """
            SELECT suite, expectation, severity, unexpected_count, evaluated_rows, says FROM quality_result
            WHERE NOT success AND as_of = (SELECT max(as_of) FROM quality_result)
            ORDER BY severity, suite, expectation
            """
        ).df()
    return dg.AssetCheckResult(
        passed=wrong.empty,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={"未满足": len(wrong), "例": dg.MetadataValue.json(wrong.head(EXAMPLES).to_dict("records"))},
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
