"""Publish: what analysts and the data team open, swapped in whole.

Here: wiring only. Not here: masking, files and views (`warehouse.publish`), suites and site (`quality`).
warning -> quality_result, warehouse, quality_site
"""

from collections.abc import Iterator
from typing import Any

import dagster as dg

from pipelines.judge import dispute, warning
from pipelines.outgoing import write_orders
from pipelines.previews import rows
from pipelines.resources import Workspace, history_sources
from pipelines.stages import publish_lake

DESCRIPTIONS = {
    "quality_result": "各来源与各表的期望套件（Great Expectations）：只存计数，不存值。",
    "warehouse": "发布区：Parquet 表与 warehouse.duckdb，已打码，整体替换；读者不会看到写了一半的内容。",
    "quality_site": "数据质量网页：首页与 Data Docs，无需网络。",
}
COMMON: dict[str, Any] = {"group_name": "publish", "owners": ["team:data"]}
KINDS = {"quality_result": {"greatexpectations"}, "warehouse": {"duckdb", "parquet"}, "quality_site": {"html"}}


@dg.multi_asset(
    specs=[
        dg.AssetSpec(name, deps=[dispute, warning], description=description, kinds=KINDS[name], **COMMON)
        for name, description in DESCRIPTIONS.items()
    ]
)
def publication(workspace: Workspace) -> Iterator[dg.MaterializeResult]:
    """检查、发布、生成质量网页，一次完成。"""
    with workspace.lake() as lake:
        done = publish_lake(
            lake,
            as_of=workspace.now(lake),
            history_sources=history_sources(),
            label=workspace.settings.label,
        )
    handed_out = write_orders(workspace.settings)
    met = int(done.quality_result["success"].sum())
    yield dg.MaterializeResult(
        asset_key="quality_result",
        metadata={"dagster/row_count": len(done.quality_result), "满足": met, "未满足": len(done.quality_result) - met},
    )
    yield dg.MaterializeResult(
        asset_key="warehouse",
        metadata={
            "dagster/row_count": sum(done.publication.rows.values()),
            "各视图行数": dg.MetadataValue.json(dict(done.publication.rows)),
            "文件": dg.MetadataValue.path(str(done.publication.warehouse)),
            "新写文件": done.publication.files_written,
            "沿用文件": done.publication.files_shared,
            **({"交办单": handed_out} if handed_out else {}),
            **{name: rows(frame) for name, frame in done.previews.items()},
        },
    )
    yield dg.MaterializeResult(asset_key="quality_site", metadata={"网页": dg.MetadataValue.path(str(done.page))})
