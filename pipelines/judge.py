"""Judge: one record for each dispute with risk level and responsible tier, and the warnings.

Here: wiring only. Not here: how a dispute record, a risk level or a warning comes about (`transforms`).
dispute_event -> dispute -> warning
"""

from typing import Any

import dagster as dg

from pipelines.previews import bars, table
from pipelines.resources import Workspace, history_sources
from pipelines.stages import judge_disputes, raise_warnings

COMMON: dict[str, Any] = {"group_name": "judge", "kinds": {"duckdb"}, "owners": ["team:data"]}


@dg.asset(deps=["dispute_event", "dispute_ledger"], **COMMON)
def dispute(workspace: Workspace) -> dg.MaterializeResult:
    """每个矛盾纠纷一行：类别、地点、涉及系统与人数、化解情况、风险等级与理由、负责层级。"""
    with workspace.lake() as lake:
        disputes = judge_disputes(lake, as_of=workspace.now(lake))
    return dg.MaterializeResult(
        metadata={
            "dagster/row_count": len(disputes),
            "风险等级": table(disputes["risk_level"].value_counts(), "等级", "纠纷数"),
            "类别分布": bars(disputes["category_code"].str[:2].value_counts(), "纠纷类别（大类代码）"),
        }
    )


@dg.asset(deps=[dispute, "link"], **COMMON)
def warning(workspace: Workspace) -> dg.MaterializeResult:
    """预警：各条规则逐日重放，写明依据；已解除的也保留。"""
    with workspace.lake() as lake:
        warnings = raise_warnings(lake, as_of=workspace.now(lake), history_sources=history_sources())
    return dg.MaterializeResult(
        metadata={
            "dagster/row_count": len(warnings),
            "规则": table(warnings["rule_name"].value_counts(), "规则", "预警数"),
            "级别": bars(warnings["level"].value_counts(), "预警级别"),
        }
    )
