"""Warnings as daily runs would have raised them.

`replay` is the door; `rules` holds the rules about single disputes, `surge` the one about areas, `life` what all share.
core_event (all versions) + core_dispute_event + core_dispute -> core_warning
"""

from transforms.warnings.life import replay

__all__ = ["replay"]
