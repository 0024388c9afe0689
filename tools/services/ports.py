"""Free ports for private servers, claimed so that two runs on one machine never pick the same ones.

The range lies below the ports the system hands to outgoing connections: a client that keeps trying a stopped server
can then neither take that server's port nor connect to itself.
"""

import fcntl
import os
import random
import socket
import tempfile
from io import TextIOWrapper
from pathlib import Path

FIRST, SLOTS, WIDTH = 21000, 1200, 8
OURS: "list[Claim]" = []
"""What `free_port` gave out."""


class NoFreePorts(RuntimeError):
    """Every slot is taken."""


class Claim:
    """A slot of WIDTH neighbouring ports, ours until `release` or the end of this process."""

    def __init__(self, first: int, lock: TextIOWrapper) -> None:
        self.first = first
        self._lock = lock

    def release(self) -> None:
        self._lock.close()


def claim() -> Claim:
    """A slot whose ports are all free now. NoFreePorts when there is none."""
    for slot in random.sample(range(SLOTS), SLOTS):
        if found := claim_at(FIRST + slot * WIDTH):
            return found
    raise NoFreePorts(f"no {WIDTH} neighbouring ports are free between {FIRST} and {FIRST + SLOTS * WIDTH}")


def claim_at(first: int) -> Claim | None:
    """The slot that begins at this port, if nobody holds it and its ports are free."""
    lock = (_lock_folder() / str(first)).open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.close()
        return None
    if all(is_free(port) for port in range(first, first + WIDTH)):
        return Claim(first, lock)
    lock.close()
    return None


def free_port() -> int:
    """A port that is this process's until it ends, for what it starts: one of the range for outgoing connections might be gone
    again before anybody listens there."""
    OURS.append(claim())
    return OURS[-1].first


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _lock_folder() -> Path:
    folder = Path(tempfile.gettempdir()) / f"orderlane-ports-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder
