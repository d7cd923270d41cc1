"""Which records changed since the last linking: what is asked of the lake before `linking.advance`.

Here: fingerprints of what matching compares and of how a matter ended. Not here: linking.
current_event, current_party -> fingerprints; store's table ``known`` (event_id, n, compared, ending)
"""

from typing import Any

from transforms.matching.records import COMPARED, ENDING, PARTY
from transforms.matching.store import Store


def fingerprints(con: Any) -> None:
    """Writes ``m_print``: event_id of every dispute's record, with a fingerprint of what is ``compared`` and one of its
    ``ending``."""
    con.execute(
        f"""
        create or replace temp table m_print as
        with party as (
            select event_id, bit_xor(hash({", ".join(PARTY)})) as parties, count(*) as rows from current_party
            group by event_id
        )
        select event_id, hash({", ".join(COMPARED)}, parties, rows) as compared, hash({", ".join(ENDING)}) as ending
        from current_event left join party using (event_id) where is_dispute
        """
    )


def write(con: Any, store: Store) -> None:
    """Keeps the fingerprints of all records, with their numbers (null: not compared), in the store."""
    fingerprints(con)
    con.execute(
        "copy (select event_id, n, compared, ending from m_print left join m_number using (event_id) "
        f"order by event_id) to '{store.segment('known', whole=True)}'"
    )
