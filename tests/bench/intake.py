"""From landing to `event` and no further, timed inside: `python -m tests.bench.intake` in the environment of a lake.

Here: reading and cleaning as the assets `raw` and `event` do, all that is pending. Not here: what they do
(`pipelines.intake`).
landing/ -> raw_*, core_* -> one line of JSON: rows, seconds to read and to clean, start-up apart
"""

import json
import sys
import time
from datetime import datetime

from pipelines import intake, runs
from pipelines.resources import look
from pipelines.settings import Settings
from transforms.tables import CORE_ACCEPTANCE, CORE_INTAKE
from transforms.tokens import Tokens, read_key


def main() -> None:
    """Takes in all that is pending and prints what it took."""
    settings = Settings.from_environment()
    began = time.monotonic()
    lake = runs.prepare(settings)
    with lake:
        found = intake.intakes(look(settings).complete, lake.read(CORE_ACCEPTANCE))
        wanted = intake.pending(found, lake.read(CORE_INTAKE))
        counts = intake.read_into(lake, wanted, workers=settings.workers)
        read = time.monotonic()
        dates = {each.delivery.delivery_date for each in wanted}
        counts += intake.clean_into(lake, dates, Tokens(read_key(settings.key_file)), workers=settings.workers)
        cleaned = time.monotonic()
        intake.finish(lake, wanted)
    result = {
        "at": datetime.now().astimezone().isoformat(timespec="seconds"),
        "deliveries": len(wanted),
        "rows": counts["accepted"] + counts["quarantined"],
        "events": counts["events"],
        "read_seconds": round(read - began, 1),
        "clean_seconds": round(cleaned - read, 1),
    }
    sys.stdout.write(json.dumps(result) + "\n")


if __name__ == "__main__":
    main()
