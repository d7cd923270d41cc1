"""Simulator: a labelled imitation of the five systems' exports, marked as simulated wherever it goes.

Here: the two names that others use. What happens inside: `world` (who and where), `disputes` (what and when), `clerks`
(how it is written down), `exports` (files), `truth` (labels), `run` (day by day).
simulate(out, rows, days, seed) -> out/landing, out/truth, out/说明.txt
"""

from sources.simulator.run import Summary, simulate

__all__ = ["Summary", "simulate"]
