"""Several tables replaced as one: all of them, or after a kill none, then all.

Here: the redo log. Not here: how one table is replaced (`warehouse.lake`).
frames -> restricted/together/ (renamed into place) -> Lake.replace for each -> gone

Identity needs it: a ledger that knows ids which the membership does not would mint other ids on the next run.
"""

import shutil
from collections.abc import Mapping
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq

from warehouse.lake import Lake
from warehouse.registry import RESTRICTED


def replace_together(lake: Lake, frames: Mapping[str, pd.DataFrame]) -> None:
    """Replaces the tables named in ``frames``, each as a whole.

    Once the log is in place the replacement counts as done: `finish_interrupted` carries on where a kill cut it short.

    Raises:
        KeyError: a table that is not registered, or a column that it does not declare; nothing is replaced then.
    """
    building = lake.restricted / ".together.building"
    shutil.rmtree(building, ignore_errors=True)
    building.mkdir(mode=0o700)
    for name, frame in frames.items():
        pq.write_table(RESTRICTED[name].conform(frame), building / f"{name}.parquet")
    finish_interrupted(lake)
    building.replace(_log(lake))
    finish_interrupted(lake)


def finish_interrupted(lake: Lake) -> bool:
    """Carries out a replacement that was cut short, if there is one; says whether there was."""
    log = _log(lake)
    if not log.exists():
        return False
    for file in sorted(log.glob("*.parquet")):
        lake.replace(file.stem, pq.read_table(file))
    done = log.with_name(".together.done")
    shutil.rmtree(done, ignore_errors=True)
    log.replace(done)  # in one step: a log half removed would be carried out in part
    shutil.rmtree(done)
    return True


def _log(lake: Lake) -> Path:
    return lake.restricted / "together"
