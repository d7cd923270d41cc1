"""When the lake runs by itself: every morning at six, and whenever a delivery becomes complete.

Here: what starts a run. Not here: what a run does (the assets), what is pending (`intake`).
clock, landing/ -> RunRequest
"""

import hashlib

import dagster as dg

from pipelines import intake
from pipelines.resources import Workspace
from sources.deliveries import LandingError
from transforms.tables import CORE_ACCEPTANCE, CORE_INTAKE
from warehouse.lake import Lake, LakeRefused

RANGE_START, RANGE_END = "dagster/asset_partition_range_start", "dagster/asset_partition_range_end"


def waiting(workspace: Workspace) -> list[intake.Intake]:
    """The pending intakes of a lake, which need not exist yet; looks only, changes nothing.

    Raises:
        sources.deliveries.LandingError: the landing folder cannot be looked at.
    """
    found = workspace.found().complete
    try:
        lake = Lake.standing(workspace.settings.root)
    except LakeRefused:
        return intake.intakes(found, CORE_ACCEPTANCE.empty())
    return intake.pending(intake.intakes(found, lake.read(CORE_ACCEPTANCE)), lake.read(CORE_INTAKE))


def requests(workspace: Workspace, job_name: str) -> list[dg.RunRequest] | dg.SkipReason:
    """One run for what is pending; its key follows from the content, so that the same delivery starts it once."""
    try:
        wanted = waiting(workspace)
    except LandingError as error:
        return dg.SkipReason(str(error))
    if not wanted:
        return dg.SkipReason("没有待处理的交付")
    days = [each.delivery.delivery_date for each in wanted]
    content = hashlib.sha256("".join(each.signature for each in wanted).encode()).hexdigest()[:16]
    return [
        dg.RunRequest(
            run_key=content,
            job_name=job_name,
            tags={RANGE_START: str(min(days)), RANGE_END: str(max(days)), "待处理交付": str(len(wanted))},
        )
    ]


def build_schedule(job_name: str) -> dg.ScheduleDefinition:
    """Every day at 06:00 Asia/Shanghai."""

    @dg.schedule(
        name="daily_at_six",
        cron_schedule="0 6 * * *",
        execution_timezone="Asia/Shanghai",
        job_name=job_name,
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description="每天 06:00 处理全部待处理的交付",
    )
    def daily_at_six(workspace: Workspace) -> list[dg.RunRequest] | dg.SkipReason:
        return requests(workspace, job_name)

    return daily_at_six


def build_sensor(job_name: str) -> dg.SensorDefinition:
    """Looks every minute whether a delivery has become complete."""

    @dg.sensor(
        name="complete_delivery",
        minimum_interval_seconds=60,
        job_name=job_name,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="某系统的交付一旦完整（有 _SUCCESS，或十分钟内无变化）即处理",
    )
    def complete_delivery(workspace: Workspace) -> list[dg.RunRequest] | dg.SkipReason:
        return requests(workspace, job_name)

    return complete_delivery
