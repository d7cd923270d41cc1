"""Ingest: from the landing folder to events, one partition for each delivery date.

Here: wiring only. Reading lives in `sources`, cleaning in `transforms`, batching and order of writes in `intake`.
landing/ -> raw -> event -> delivery
"""

from datetime import date
from typing import Any

import dagster as dg

from pipelines import intake
from pipelines.resources import Workspace
from transforms.tables import CORE_ACCEPTANCE
from warehouse.lake import Lake

DELIVERY_DATES = dg.DailyPartitionsDefinition(start_date="2015-01-01", timezone="Asia/Shanghai", end_offset=1)
COMMON: dict[str, Any] = {
    "group_name": "ingest",
    "partitions_def": DELIVERY_DATES,
    "backfill_policy": dg.BackfillPolicy.single_run(),
    "kinds": {"deltalake", "parquet"},
    "owners": ["team:data"],
}


def dates_of(context: dg.AssetExecutionContext) -> set[date]:
    """The delivery dates of this run."""
    return {date.fromisoformat(key) for key in context.partition_keys}


def intakes_of(context: dg.AssetExecutionContext, workspace: Workspace, lake: Lake) -> list[intake.Intake]:
    """The complete deliveries in landing of this run's dates."""
    dates = dates_of(context)
    found = intake.intakes(workspace.found().complete, lake.read(CORE_ACCEPTANCE))
    return [each for each in found if each.delivery.delivery_date in dates]


@dg.asset(**COMMON)
def raw(context: dg.AssetExecutionContext, workspace: Workspace) -> dg.MaterializeResult:
    """读入各系统当日导出：每一行原样入库并记下去向（采用、忽略、隔离），合格的行统一成同一组列。"""
    with workspace.lake() as lake:
        counts = intake.read_into(lake, intakes_of(context, workspace, lake), workers=workspace.settings.workers)
    return dg.MaterializeResult(
        metadata={
            "dagster/row_count": counts["accepted"] + counts["ignored"] + counts["quarantined"],
            "文件数": counts["files"],
            "可采用": counts["accepted"],
            "按规则忽略": counts["ignored"],
            "隔离": counts["quarantined"],
        }
    )


@dg.asset(deps=[raw], **COMMON)
def event(context: dg.AssetExecutionContext, workspace: Workspace) -> dg.MaterializeResult:
    """清洗与编码：电话证件换成密钥令牌，地址到 12 位区划代码，类别到 GB/T 31000，判断是否纠纷。"""
    with workspace.lake() as lake:
        counts = intake.clean_into(lake, dates_of(context), workspace.tokens(), workers=workspace.settings.workers)
    return dg.MaterializeResult(metadata={"dagster/row_count": counts["events"], "属于纠纷的记录": counts["disputes"]})


@dg.asset(deps=[event], **COMMON)
def delivery(context: dg.AssetExecutionContext, workspace: Workspace) -> dg.MaterializeResult:
    """收件登记：哪些交付已处理完毕、哪些被挂起；写在最后，因此中断后再跑会从头补齐。"""
    with workspace.lake() as lake:
        taken = intake.finish(lake, intakes_of(context, workspace, lake))
    return dg.MaterializeResult(
        metadata={"dagster/row_count": len(taken), "挂起": int((taken["status"] == "held").sum())}
    )
