"""Processes by identity: a pid with its start time, so that a reused pid is never mistaken for ours (Linux, /proc)."""

import os
import signal
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")
DEAD_STATES = ("Z", "X", "x")
STATE, PARENT, STARTED = 0, 1, 19  # fields of /proc/PID/stat counted after the command name


@dataclass(frozen=True, slots=True)
class Identity:
    """A process: its pid and its start time in clock ticks since boot."""

    pid: int
    started: int


def identity(pid: int) -> Identity | None:
    """Who has this pid now; None when nobody has, or only a zombie."""
    fields = _stat(pid)
    if fields is None or fields[STATE] in DEAD_STATES:
        return None
    return Identity(pid, int(fields[STARTED]))


def alive(process: Identity) -> bool:
    return identity(process.pid) == process


def descendants(pid: int) -> list[Identity]:
    """Children, their children and so on, of a pid."""
    children: dict[int, list[int]] = {}
    for entry in PROC.iterdir():
        fields = _stat(int(entry.name)) if entry.name.isdigit() else None
        if fields is not None:
            children.setdefault(int(fields[PARENT]), []).append(int(entry.name))
    found, waiting = [], children.get(pid, [])
    while waiting:
        child = waiting.pop()
        waiting.extend(children.get(child, []))
        found.append(identity(child))
    return [process for process in found if process is not None]


def send(process: Identity, number: signal.Signals) -> None:
    """Signal a process if it is still the same one."""
    if alive(process):
        try:
            os.kill(process.pid, number)
        except ProcessLookupError:
            return


def kill(processes: Iterable[Identity]) -> None:
    """SIGKILL the processes and everything they started; returns when all are gone."""
    roots = [process for process in processes if alive(process)]
    everyone = [*roots, *(child for root in roots for child in descendants(root.pid))]
    for process in everyone:
        send(process, signal.SIGKILL)
    wait_gone(everyone, seconds=10)


def wait_gone(processes: Iterable[Identity], *, seconds: float) -> bool:
    """Wait until none of them runs any more; False when the time is up first."""
    waiting, deadline = list(processes), time.monotonic() + seconds
    while waiting := [process for process in waiting if alive(process)]:
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def _stat(pid: int) -> list[str] | None:
    try:
        return (PROC / str(pid) / "stat").read_text().rsplit(")", 1)[1].split()
    except (OSError, IndexError):
        return None
