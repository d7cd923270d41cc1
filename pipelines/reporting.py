"""When reports are written by themselves: 日报 every morning, 周报 on Mondays, 月报 on the first; off until turned on.

Here: three jobs and their schedules. Not here: anything that a report says (`warehouse.reports`).
clock -> run -> warehouse.duckdb -> published/reports/
"""

import dagster as dg

from pipelines.resources import Workspace

_KINDS = {"day": ("日报", "30 7 * * *"), "week": ("周报", "40 7 * * 1"), "month": ("月报", "50 7 1 * *")}
"""After the run of 06:00: each reports the last whole day, week or month that the publication covers."""


def _job(kind: str) -> dg.JobDefinition:
    label = _KINDS[kind][0]

    @dg.op(name=f"write_{kind}_report", description=f"按最近一次发布写全市{label}（Word、网页、附表、取数语句）")
    def write(context: dg.OpExecutionContext, workspace: Workspace) -> None:
        from warehouse.reports import writing

        settings = workspace.settings
        paths = writing.write(settings.warehouse, settings.published / "reports", kind)
        context.add_output_metadata({path.name: dg.MetadataValue.path(str(path)) for path in paths})

    @dg.job(name=f"report_{kind}", description=f"全市{label}，写到发布区的 reports（定时默认关闭，见 docs/reports.md）")
    def report() -> None:
        write()

    return report


def _schedule(kind: str, job: dg.JobDefinition) -> dg.ScheduleDefinition:
    label, cron = _KINDS[kind]
    return dg.ScheduleDefinition(
        name=f"report_{kind}_schedule",
        job=job,
        cron_schedule=cron,
        execution_timezone="Asia/Shanghai",
        default_status=dg.DefaultScheduleStatus.STOPPED,
        description=f"定时写全市{label}；默认关闭，在此打开",
    )


JOBS = [_job(kind) for kind in _KINDS]
SCHEDULES = [_schedule(kind, job) for kind, job in zip(_KINDS, JOBS, strict=True)]
