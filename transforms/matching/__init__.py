"""Which records are one dispute: candidates, comparison, weights, clusters, identity, and the reasons in words.

Here: the one call that others make. Not here: how records are cleaned (`transforms.event`), what a dispute is judged to
be (`transforms.dispute_record`).
current_event, current_party, current_reference -> match -> core_link, core_dispute_event, core_ledger
"""

from transforms.matching.linking import Matched, match

__all__ = ["Matched", "match"]
