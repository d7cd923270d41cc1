"""One run of the lake from the command line: refuse early, take in what is pending, and publish.

Here: the order of jobs and the outcome. Not here: what is printed (`cli`), what the jobs do (the assets).
Settings -> Outcome
"""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import dagster as dg

from pipelines import intake
from pipelines.definitions import DAILY, INGEST, REBUILD, build_definitions
from pipelines.ingest import DELIVERY_DATES
from pipelines.instance import instance
from pipelines.resources import Workspace, look, run_now
from pipelines.schedules import RANGE_END, RANGE_START
from pipelines.settings import Settings
from pipelines.stages import forget_links, is_published
from sources.deliveries import Found, Problem
from transforms.tables import CORE_ACCEPTANCE, CORE_INTAKE
from transforms.tokens import KeyFileError, new_key, read_key
from warehouse.lake import Lake, LakeRefused, inspect


class Refused(Exception):
    """The run was refused before any change; the message is a sentence for the user."""


@dataclass(frozen=True)
class Outcome:
    """What a run did. ``held``: source and date of each delivery of this run of which something is held back."""

    found: Found
    taken: tuple[tuple[date, str], ...] = ()
    held: tuple[tuple[date, str], ...] = ()
    is_published: bool = False
    failures: tuple[str, ...] = ()


def prepare(settings: Settings) -> Lake:
    """Opens the lake, or makes a new one with a new key; everything that can be refused is refused here.

    Raises:
        Refused: root unwritable or no lake, written by a newer version, key absent or another one.
    """
    try:
        if inspect(settings.root) == "new" and not settings.key_file.exists():
            new_key(settings.key_file)
        return Lake.open(settings.root, read_key(settings.key_file))
    except (LakeRefused, KeyFileError) as error:
        raise Refused(str(error)) from error
    except OSError as error:
        raise Refused(
            f"密钥文件 {settings.key_file} 无法写入：{error.strerror}；请用 LAKE_KEY_FILE 另指位置"
        ) from error


def standing(settings: Settings) -> Lake:
    """Opens the lake that a run has made, for an act of a person: signing, accepting, revealing make none.

    Raises:
        Refused: there is no lake; and see `prepare`.
    """
    try:
        Lake.standing(settings.root)
    except LakeRefused as error:
        raise Refused(str(error)) from error
    return prepare(settings)


def run(settings: Settings, *, relink: bool = False) -> Outcome:
    """Takes in all that is pending up to ``as_of`` and publishes; does nothing where nothing changed.

    Args:
        settings: the run's folders and now.
        relink: link all records anew, not only what came since the last run.

    Raises:
        Refused: see `prepare`; also where another run holds the lake.
        sources.deliveries.LandingError: the landing folder cannot be looked at.
    """
    found = look(settings)
    lake = prepare(settings)
    try:
        with lake.lock():
            if relink:
                forget_links(lake)
            return _run_locked(settings, lake, found)
    except LakeRefused as error:
        raise Refused(str(error)) from error


def _run_locked(settings: Settings, lake: Lake, found: Found) -> Outcome:
    last = settings.as_of or date.max
    found = _within_dates(found)
    standing = intake.intakes(found.complete, lake.read(CORE_ACCEPTANCE))
    wanted = [each for each in intake.pending(standing, lake.read(CORE_INTAKE)) if each.delivery.delivery_date <= last]
    spans = intake.ranges(
        [each.delivery.delivery_date for each in wanted], [each.delivery.delivery_date for each in standing]
    )
    if not spans and (lake.read(CORE_INTAKE).empty or is_published(lake, as_of=run_now(settings, lake))):
        return Outcome(found)
    with instance(settings) as history:
        failures: list[str] = []
        for first, final in spans[:-1]:
            failures += _execute(INGEST.name, settings, history, first, final)
        if not failures:
            span = spans[-1] if spans else (None, None)
            failures += _execute(DAILY.name if spans else REBUILD.name, settings, history, *span)
    taken = {each.partition for each in wanted}
    return Outcome(
        found,
        taken=tuple(sorted(taken)),
        held=tuple(sorted(taken & _not_whole(lake))),
        is_published=not failures,
        failures=tuple(failures),
    )


def _within_dates(found: Found) -> Found:
    """Sets deliveries aside whose date cannot be: before the lake's first day, or after today."""
    first, last = DELIVERY_DATES.get_first_partition_key(), DELIVERY_DATES.get_last_partition_key()
    possible = {each.folder: DELIVERY_DATES.has_partition_key(str(each.delivery_date)) for each in found.complete}
    problems = [
        Problem(
            "impossible_date",
            each.folder,
            f"交付 {each.source}/{each.delivery_date} 没有处理：交付日期应在 {first} 至 {last} 之间，请核对文件夹名",
        )
        for each in found.complete
        if not possible[each.folder]
    ]
    return replace(
        found,
        complete=[each for each in found.complete if possible[each.folder]],
        problems=[*found.problems, *problems],
    )


def _not_whole(lake: Lake) -> set[tuple[date, str]]:
    """Deliveries of which a file was held or could not be read."""
    files = lake.read("raw_file", columns=["delivery_date", "source", "status"])
    files = files.loc[files["status"] != "accepted"]
    return set(zip(files["delivery_date"], files["source"], strict=True))


def _execute(
    job: str, settings: Settings, history: dg.DagsterInstance, first: date | None, last: date | None
) -> list[str]:
    """Runs a job in this process; returns the sentences of what failed."""
    workspace = Workspace(
        landing=str(settings.landing),
        root=str(settings.root),
        key_file=str(settings.key_file),
        as_of=str(settings.as_of) if settings.as_of else "",
    )
    definitions = build_definitions(workspace=workspace)
    quiet: dict[str, Any] = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
    tags = {RANGE_START: str(first), RANGE_END: str(last)} if first is not None else {}
    result = definitions.resolve_job_def(job).execute_in_process(
        instance=history, run_config=quiet, tags=tags, raise_on_error=False
    )
    if result.success:
        return []
    rules = [
        str(evaluation.metadata["说明"].value)
        for evaluation in result.get_asset_check_evaluations()
        if evaluation.blocking and not evaluation.passed
    ]
    steps = [_sentence(event) for event in result.all_events if event.is_step_failure]
    return rules or steps or ["运行失败，原因见 Dagster 网页"]


def _sentence(event: dg.DagsterEvent) -> str:
    """The step and the innermost error of a failure."""
    error = event.step_failure_data.error
    while error is not None and error.cause is not None:
        error = error.cause
    return f"{event.step_key}：{error.message.strip() if error is not None else '原因不明'}"
