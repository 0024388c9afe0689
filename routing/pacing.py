"""Pacing: how eagerly a loop takes its next batch."""

import time

ENOUGH = 100
LONGEST_REST = 0.01
BETWEEN_LOOKS = 0.015
SHORTEST_IDLE, LONGEST_IDLE = 0.005, 0.025


def rest(began: float, taken: int) -> None:
    """After a small batch, rest as long as the work took, at most 10 ms: under load the next one is larger and costs less per
    message, without load nobody waits noticeably. A batch of ENOUGH messages is followed at once."""
    if taken < ENOUGH:
        time.sleep(min(time.monotonic() - began, LONGEST_REST))


def gather(published: int) -> None:
    """After a small batch of the relay, which does not wait for the disk: let as many messages come together as if it had. What it
    publishes at once, its handler commits at once."""
    if published < ENOUGH:
        time.sleep(BETWEEN_LOOKS)


def idle(quiet: float) -> float:
    """How long to wait before looking again when nothing has come for `quiet` seconds: a fiftieth of it, 5 to 25 ms."""
    return min(max(quiet / 50, SHORTEST_IDLE), LONGEST_IDLE)
