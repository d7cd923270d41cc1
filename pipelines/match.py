"""Match: which events are the same dispute, over the whole lake and unpartitioned.

Here: wiring only. Not here: candidates, scores, clusters and identity (`transforms.matching`).
event -> link, dispute_event, dispute_ledger
"""

from collections.abc import Iterator
from typing import Any

import dagster as dg

from pipelines import modelling
from pipelines.ingest import delivery, event
from pipelines.resources import Workspace
from pipelines.stages import match_lake

DESCRIPTIONS = {
    "link": "打过分的记录对：官方编号优先，其余由模型打分，每对附中文理由。",
    "dispute_event": "哪条记录属于哪个纠纷，怎样归入（首次、重复、异人同事、移送）。",
    "dispute_ledger": "纠纷编号的户口簿：产生、并入、拆分、裁定；编号一经给出永不改变。",
}
COMMON: dict[str, Any] = {"group_name": "match", "kinds": {"duckdb", "splink"}, "owners": ["team:data"]}


@dg.multi_asset(
    specs=[
        dg.AssetSpec(name, deps=[event, delivery], description=description, **COMMON)
        for name, description in DESCRIPTIONS.items()
    ]
)
def match(workspace: Workspace) -> Iterator[dg.MaterializeResult]:
    """官方编号、Splink 打分、聚类、编号，一次完成，三张表一起替换。"""
    with workspace.lake() as lake:
        matched = match_lake(lake, as_of=workspace.now(lake), engine=workspace.settings.engine)
    metadata = {"匹配报告": dg.MetadataValue.json(matched.report), **modelling.metadata(matched.report)}
    rows = {
        "link": len(matched.link),
        "dispute_event": len(matched.dispute_event),
        "dispute_ledger": len(matched.ledger),
    }
    for name, count in rows.items():
        yield dg.MaterializeResult(asset_key=name, metadata={"dagster/row_count": count, **metadata})
