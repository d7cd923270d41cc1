"""When centres are told of warnings: two sensors, off until somebody turns them on, each starting a run that sends.

Here: sensors, the two jobs, when a failed message is tried again. Not here: configuration, messages, ledger
(`outgoing`), workbooks (`warehouse.delivery.orders`).
new publication -> sensor -> run -> messages -> ledger
"""

import hashlib
from datetime import datetime

import dagster as dg
import duckdb

from pipelines import outgoing
from pipelines.resources import Workspace
from pipelines.settings import Settings

_SAYS = {"webhook": "接口", "mail": "邮件"}


class Undelivered(Exception):
    """Some messages did not arrive; they are tried again."""


def due(settings: Settings, channel: str, now: datetime) -> list[outgoing.Message] | str:
    """The messages that are to be sent now, or in a sentence why there are none."""
    if not settings.warehouse.exists():
        return "还没有发布"
    try:
        config = outgoing.read_config(settings)
    except outgoing.NotifyRefused as error:
        return str(error)
    if config is None or channel not in config.channels:
        return f"没有配置{_SAYS[channel]}通知（{outgoing.FILE_VARIABLE}，见 docs/delivery.md）"
    try:
        messages = outgoing.pending(settings, config, channel)
    except duckdb.Error as error:
        return f"读不了已发布的预警告知，请先运行 dispute-lake run：{error}"
    wanted = [message for message in messages if outgoing.is_due(settings, message, now)]
    return wanted or ("没有待发的预警" if not messages else "没有送达的尚未到重试时间，或已放弃")


def requests(settings: Settings, channel: str, now: datetime) -> list[dg.RunRequest] | dg.SkipReason:
    """One run for what is due; its key follows from the messages and how often they failed, so a retry is a new run."""
    found = due(settings, channel, now)
    if isinstance(found, str):
        return dg.SkipReason(found)
    parts = [f"{message.message_id} {outgoing.attempts(settings, message)[0]}" for message in found]
    key = hashlib.sha256("\n".join([channel, *parts]).encode()).hexdigest()[:16]
    return [dg.RunRequest(run_key=key, tags={"messages": str(len(found)), "publication": str(found[0].publication)})]


def _job(channel: str) -> dg.JobDefinition:
    @dg.op(
        name=f"send_{channel}",
        description=f"用{_SAYS[channel]}把没有送达的预警发给各中心；一个不通不影响其余",
    )
    def send(context: dg.OpExecutionContext, workspace: Workspace) -> None:
        settings, now = workspace.settings, datetime.now().astimezone()
        found = due(settings, channel, now)
        config = outgoing.read_config(settings)
        if isinstance(found, str) or config is None:
            context.log.info(found if isinstance(found, str) else "没有配置")
            return
        states = [(message.recipient_name, outgoing.send(settings, config, message)) for message in found]
        failed = [f"{name} {state}" for name, state in states if state != "已送达"]
        context.log.info(f"送达 {len(states) - len(failed)} 个中心，没有送达 {len(failed)} 个")
        if failed:
            raise Undelivered("；".join(failed) + "。稍后自动再发，已送达的不会再发")

    @dg.job(name=f"tell_by_{channel}", description=f"用{_SAYS[channel]}通知各中心（默认关闭，见 docs/delivery.md）")
    def tell() -> None:
        send()

    return tell


def _sensor(channel: str, job: dg.JobDefinition) -> dg.SensorDefinition:
    @dg.sensor(
        name=f"tell_by_{channel}_sensor",
        job=job,
        minimum_interval_seconds=60,
        default_status=dg.DefaultSensorStatus.STOPPED,
        description=f"每次发布后用{_SAYS[channel]}通知各中心；默认关闭，须配置 {outgoing.FILE_VARIABLE} 并在此打开",
    )
    def tell(workspace: Workspace) -> list[dg.RunRequest] | dg.SkipReason:
        return requests(workspace.settings, channel, datetime.now().astimezone())

    return tell


JOBS = [_job(channel) for channel in outgoing.CHANNELS]
SENSORS = [_sensor(channel, job) for channel, job in zip(outgoing.CHANNELS, JOBS, strict=True)]
