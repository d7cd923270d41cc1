"""Looking at what the restricted zone protects, one thing at a time, and keeping a record of who asked.

Here: a number behind a token, a quarantined row as it came, the log of both and of records that a reviewer saw in full.
Not here: the vault's making (`transforms.event`), masks (`warehouse.masking`).
token, core_vault -> value, reveal.log; place, raw_row -> cells, reveal.log
"""

import json
import os
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sources.tables import RAW_ROW
from transforms.tables import CORE_VAULT
from warehouse.lake import Lake

LOG = "reveal.log"


def reveal(lake: Lake, token: str, *, by: str, reason: str) -> str:
    """Returns the value behind ``token``; the request is logged first, whatever comes of it.

    Raises:
        LookupError: no such token in this lake.
    """
    _log(lake, by=by, reason=reason, token=token)
    with lake.connect() as con:
        found = con.execute(f"SELECT value FROM {CORE_VAULT.name} WHERE token = ? LIMIT 1", [token]).fetchone()
    if found is None:
        raise LookupError(f"湖中没有令牌 {token}；令牌可在受限区的 core_party.phone_tokens、id_token 中查到")
    return str(found[0])


def as_delivered(lake: Lake, place: Mapping[str, Any], *, by: str, reason: str) -> dict[str, str]:
    """Returns the cells of a quarantined row as it came; the look is logged first, whatever comes of it.

    Args:
        lake: an open lake.
        place: source, delivery_date, file, sheet, row_number; quarantine_id for the log.
        by: who looks.
        reason: why.

    Raises:
        LookupError: the lake no longer holds the row, or it is a file of which nothing could be read.
    """
    told = {name: None if value is None else str(value) for name, value in place.items()}
    _log(lake, by=by, reason=reason, quarantine=told)
    with lake.connect() as con:
        found = con.execute(
            f"""
            SELECT content FROM {RAW_ROW.name}
            WHERE disposition = 'quarantined' AND source = $source AND delivery_date = $delivery_date
                AND file = $file AND sheet IS NOT DISTINCT FROM $sheet AND row_number IS NOT DISTINCT FROM $row_number
            """,
            {name: place[name] for name in ("source", "delivery_date", "file", "sheet", "row_number")},
        ).fetchone()
    if found is None:
        raise LookupError("湖中已没有这一行（已重新交付或已采用）；请用 dispute-lake quarantine 重新查看")
    if not found[0]:
        raise LookupError("整份文件无法读取，没有行可看；请打开交付文件夹里的原文件")
    loaded = json.loads(found[0])
    return {
        name: value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        for name, value in loaded.items()
    }


def log_look(lake: Lake, events: list[str], *, by: str, reason: str) -> None:
    """Logs that somebody looked at these records as they came, with names and addresses; before they are shown."""
    _log(lake, by=by, reason=reason, events=events)


def _log(lake: Lake, **asked: Any) -> None:
    line = {"at": datetime.now().astimezone().isoformat(timespec="seconds"), **asked}
    handle = os.open(lake.restricted / LOG, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as log:
        log.write(json.dumps(line, ensure_ascii=False) + "\n")
