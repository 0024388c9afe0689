"""Pacing: how eagerly a loop takes its next batch."""

import time

ENOUGH = 100
LONGEST_REST = 0.01
BETWEEN_LOOKS, BETWEEN_LARGE_LOOKS = 0.015, 0.03
SHORTEST_IDLE, LONGEST_IDLE = 0.005, 0.025


def rest(began: float, taken: int) -> None:
    """After a small batch, rest as long as the work took, at most 10 ms: under load the next one is larger and costs less per
    message, without load nobody waits noticeably. A batch of ENOUGH messages is followed at once."""
    if taken < ENOUGH:
        time.sleep(min(time.monotonic() - began, LONGEST_REST))


def gather(published: int, most: int) -> None:
    """Between batches of the relay, which does not wait for the disk: let messages come together, for what it publishes at once its
    handler commits at once. Where many came they cost less the more come, and wait for their handler anyway; where `most` came more
    are there already."""
    if published < most:
        time.sleep(BETWEEN_LOOKS if published < ENOUGH else BETWEEN_LARGE_LOOKS)


def idle(quiet: float) -> float:
    """How long to wait before looking again when nothing has come for `quiet` seconds: a fiftieth of it, 5 to 25 ms."""
    return min(max(quiet / 50, SHORTEST_IDLE), LONGEST_IDLE)
