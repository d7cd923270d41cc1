"""All definitions, built alike for the server, the command line and tests; importing this reads no file.

Here: the list. Not here: any behaviour.
assets, checks, jobs, schedule, sensor -> Definitions
"""

import warnings
from typing import Any

import dagster as dg

# `backfill_policy` and partitioned checks are marked beta in 1.13; the lake is tested with the pinned version.
warnings.filterwarnings("ignore", category=dg.BetaWarning)
warnings.filterwarnings("ignore", category=dg.PreviewWarning)

from pipelines import checks, ingest, judge, match, publish, reporting, schedules, telling  # noqa: E402
from pipelines.resources import Workspace  # noqa: E402

INGEST = dg.define_asset_job(
    "take_in", selection=dg.AssetSelection.groups("ingest"), description="只收件与清洗，不匹配不发布"
)
DAILY = dg.define_asset_job(
    "daily", selection=dg.AssetSelection.all(), description="收件、清洗、匹配、研判、检查、发布"
)
REBUILD = dg.define_asset_job(
    "rebuild",
    selection=dg.AssetSelection.all() - dg.AssetSelection.groups("ingest"),
    description="对已收件的数据重新匹配、研判、检查并发布",
)


def build_definitions(**overrides: Any) -> dg.Definitions:
    """Returns the definitions; ``overrides`` replace resources by name (`workspace`)."""
    return dg.Definitions(
        assets=dg.load_assets_from_modules([ingest, match, judge, checks, publish]),
        asset_checks=dg.load_asset_checks_from_modules([ingest, match, judge, checks, publish]),
        jobs=[INGEST, DAILY, REBUILD, *reporting.JOBS, *telling.JOBS],
        schedules=[schedules.build_schedule(DAILY.name), *reporting.SCHEDULES],
        sensors=[schedules.build_sensor(DAILY.name), *telling.SENSORS],
        resources={"workspace": Workspace(), **overrides},
        executor=dg.in_process_executor,  # one writer, one import of everything, one DuckDB at a time
    )


defs = build_definitions()
