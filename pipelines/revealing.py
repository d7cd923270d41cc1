"""Giving a person back a phone or ID number behind a token, and keeping a record of who asked.

Here: look-up and log. Not here: the vault's making (`transforms.event`).
token, core_vault -> value, reveal.log
"""

import json
import os
from datetime import datetime

from transforms.tables import CORE_VAULT
from warehouse.lake import Lake

LOG = "reveal.log"


def reveal(lake: Lake, token: str, *, by: str, reason: str) -> str:
    """Returns the value behind ``token``; the request is logged first, whatever comes of it.

    Raises:
        LookupError: no such token in this lake.
    """
    line = {"at": datetime.now().astimezone().isoformat(timespec="seconds"), "by": by, "token": token, "reason": reason}
    handle = os.open(lake.restricted / LOG, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as log:
        log.write(json.dumps(line, ensure_ascii=False) + "\n")
    with lake.connect() as con:
        found = con.execute(f"SELECT value FROM {CORE_VAULT.name} WHERE token = ? LIMIT 1", [token]).fetchone()
    if found is None:
        raise LookupError(f"湖中没有令牌 {token}；令牌可在受限区的 core_party.phone_tokens、id_token 中查到")
    return str(found[0])
