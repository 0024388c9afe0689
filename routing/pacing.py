"""Pacing: how eagerly a loop takes its next batch."""

import time

ENOUGH = 100
LONGEST_REST = 0.05


def rest(began: float, taken: int) -> None:
    """After a small batch, rest as long as the work took, at most 50 ms: under load the next one is larger and costs less
    per message, without load nobody waits noticeably. A batch of ENOUGH messages is followed at once."""
    if taken < ENOUGH:
        time.sleep(min(time.monotonic() - began, LONGEST_REST))
