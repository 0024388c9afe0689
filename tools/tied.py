"""Processes tied to the one that started them: however that one ends, kill -9 included, they end too.

A small process beside them waits at a pipe that only their starter holds open. When it closes, what is left of them is told
to end, and killed where it does not.
"""

import signal
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import IO

from tools.services.processes import alive, identity, kill, send, wait_gone

ROOT = Path(__file__).resolve().parent.parent
END_WITHIN_S = 10.0


def tie(process: "subprocess.Popen[bytes]") -> "subprocess.Popen[bytes]":
    """End this process with ours, whatever ends ours; the process."""
    pipe = _pipe()
    pipe.write(f"{process.pid}\n".encode())
    pipe.flush()
    return process


@cache
def _pipe() -> IO[bytes]:
    command = [sys.executable, "-m", "tools.tied"]
    quiet = subprocess.DEVNULL
    waiting = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=quiet, stderr=quiet, start_new_session=True)
    assert waiting.stdin is not None
    return waiting.stdin


def end_with_the_pipe(pids: IO[str]) -> None:
    """Read pids until there are no more to come, then end what is alive of them."""
    found = [known for line in pids if (known := identity(int(line))) is not None]
    left = [process for process in found if alive(process)]
    for process in left:
        send(process, signal.SIGTERM)
    if not wait_gone(left, seconds=END_WITHIN_S):
        kill(left)


if __name__ == "__main__":
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    end_with_the_pipe(sys.stdin)
