"""Processor time and memory of groups of processes, read from /proc.

A group is named by its root processes and counts everything they started. Processor time is user + system time,
children that have ended included. Memory is the resident proportional set size, where a page mapped by several processes
counts once in their sum: PostgreSQL's buffers and what forked workers share are not counted over and over. It is sampled
seldom, as reading it costs the measured machine time: a peak shorter than SAMPLE_S can be missed.
"""

import os
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

PROC = Path("/proc")
TICKS_PER_S = os.sysconf("SC_CLK_TCK")
SAMPLE_S = 2.0

Roots = Mapping[str, Sequence[int]]
"""Root process ids by the name of their group."""


@dataclass(frozen=True)
class Usage:
    """What each group used: processor seconds, and the peak of its memory in MiB."""

    cpu_s: dict[str, float]
    peak_rss_mb: dict[str, float]


class Meter:
    """Measures groups of processes between `begin` and `stop`, while it is entered."""

    def __init__(self, roots: Roots) -> None:
        self._roots = roots
        self._peak = dict.fromkeys(roots, 0.0)
        self._stopping = threading.Event()
        self._sampler = threading.Thread(target=self._sample, daemon=True)

    def __enter__(self) -> Self:
        self.begin()
        self._sampler.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._stopping.set()
        self._sampler.join()

    def begin(self) -> None:
        """What was used before this is not counted; entering begins, too."""
        self._before = {group: cpu_seconds(pids) for group, pids in self._roots.items()}

    def stop(self) -> Usage:
        """What was used since the start."""
        cpu = {group: round(cpu_seconds(pids) - self._before[group], 2) for group, pids in self._roots.items()}
        self._take_sample()
        return Usage(cpu, {group: round(peak, 1) for group, peak in self._peak.items()})

    def _sample(self) -> None:
        while not self._stopping.wait(SAMPLE_S):
            self._take_sample()

    def _take_sample(self) -> None:
        for group, pids in self._roots.items():
            self._peak[group] = max(self._peak[group], memory_mb(pids))


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
    return sum(_memory_kb(pid) for pid in tree(roots)) / 1024


def _memory_kb(pid: int) -> int:
    try:
        lines = (PROC / str(pid) / "smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)


def _stat(pid: int) -> list[str]:
    """Fields of /proc/PID/stat from the state on: [0] state, [1] parent, [11:15] own and ended children's ticks."""
    try:
        return (PROC / str(pid) / "stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return []
