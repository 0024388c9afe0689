"""Processor time and memory of groups of processes, read from /proc.

A group is named by its root processes and counts everything they started. Processor time is user + system time,
children that have ended included. Memory is the resident proportional set size, where a page mapped by several processes
counts once in their sum: PostgreSQL's buffers and what forked workers share are not counted over and over. It is read once,
when what is measured has ended: to read it every two seconds stopped a run for a tenth of a second each time, which was most
of the highest latencies.
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")
TICKS_PER_S = os.sysconf("SC_CLK_TCK")

Roots = Mapping[str, Sequence[int]]
"""Root process ids by the name of their group."""


@dataclass(frozen=True)
class Usage:
    """What each group used: processor seconds, and the peak of its memory in MiB."""

    cpu_s: dict[str, float]
    peak_rss_mb: dict[str, float]


class Meter:
    """Measures groups of processes from when it is made, or told to `begin`, until `stop`."""

    def __init__(self, roots: Roots) -> None:
        self._roots = roots
        self.begin()

    def begin(self) -> None:
        """What was used before this is not counted."""
        self._before = {group: cpu_seconds(pids) for group, pids in self._roots.items()}

    def stop(self) -> Usage:
        """What was used since the start."""
        cpu = {group: round(cpu_seconds(pids) - self._before[group], 2) for group, pids in self._roots.items()}
        return Usage(cpu, {group: round(peak_mb(pids), 1) for group, pids in self._roots.items()})


def tree(roots: Sequence[int]) -> list[int]:
    """The processes and all their descendants that are alive."""
    children: dict[int, list[int]] = {}
    for entry in PROC.iterdir():
        if entry.name.isdigit() and (fields := _stat(int(entry.name))):
            children.setdefault(int(fields[1]), []).append(int(entry.name))
    found, waiting = [], list(roots)
    while waiting:
        pid = waiting.pop()
        found.append(pid)
        waiting.extend(children.get(pid, []))
    return found


def cpu_seconds(roots: Sequence[int]) -> float:
    """User and system seconds of the trees so far; of ended children, too."""
    stats = [fields for pid in tree(roots) if (fields := _stat(pid))]
    return sum(int(ticks) for fields in stats for ticks in fields[11:15]) / TICKS_PER_S


def memory_mb(roots: Sequence[int]) -> float:
    """Memory of the trees now, in MiB."""
    return sum(_kb(pid, "smaps_rollup", "Pss") for pid in tree(roots)) / 1024


def peak_mb(roots: Sequence[int]) -> float:
    """The most memory the trees can have had so far, in MiB: what they have now, and what the kernel says each had more of once."""
    above = sum(_kb(pid, "status", "VmHWM") - _kb(pid, "status", "VmRSS") for pid in tree(roots)) / 1024
    return memory_mb(roots) + above


def _kb(pid: int, file: str, name: str) -> int:
    try:
        lines = (PROC / str(pid) / file).read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith(f"{name}:")), 0)


def _stat(pid: int) -> list[str]:
    """Fields of /proc/PID/stat from the state on: [0] state, [1] parent, [11:15] own and ended children's ticks."""
    try:
        return (PROC / str(pid) / "stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return []
