"""Pacing: how eagerly a loop takes its next batch."""

import time

LONGEST_REST = 0.05


def rest(began: float, *, full: bool) -> None:
    """Rest as long as the work took, at most 50 ms: under load the next batch is larger and costs less per message,
    without load nobody waits noticeably. A full batch is followed at once."""
    if not full:
        time.sleep(min(time.monotonic() - began, LONGEST_REST))
