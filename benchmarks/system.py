"""What the benchmark asks of a measured system, and the processes one is made of."""

import contextlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from tools.tied import tie

OUT = Path(__file__).parent / "out"
START_S = 300.0
STOP_S = 15.0
FOUR_TIMES = "-6"
"""The niceness of a session that gets four times the time of others on a full processor (sched(7), "The autogroup feature")."""


class NotUp(RuntimeError):
    """A measured system did not start, or a process of it ended; the message ends with its last words."""


class System(Protocol):
    """One system, started: takes order webhooks at `port` and `path`, reserves stock in its database."""

    name: str
    secret: str
    port: int
    path: str

    def roots(self) -> dict[str, list[int]]:
        """Root process ids by kind, servers included."""
        ...

    def check_alive(self) -> None:
        """NotUp when one of its processes has ended."""
        ...

    def reservation_times(self, numbers: Sequence[int]) -> dict[int, float]:
        """When the reservation of each of these orders was committed, in seconds since 1970; those not reserved yet left out."""
        ...

    def problems(self, numbers: Sequence[int]) -> list[str]:
        """What is wrong with the stored result, if exactly these orders were sent since the system started."""
        ...


class Processes:
    """Started processes by kind, their output in log files. Leaving stops them."""

    def __init__(self, system: str) -> None:
        self._system = system
        self._running: dict[str, tuple[subprocess.Popen[bytes], Path]] = {}

    def start(self, kind: str, command: Sequence[str], env: Mapping[str, str], *, first: bool = False) -> None:
        """Start a command in a session of its own. first: it goes first, as those do that `docker-compose.yml` gives a larger
        share."""
        process, log = self._spawn(kind, command, env)
        self._running[kind] = (process, log)
        if first:
            go_first(process.pid)

    def run(self, kind: str, command: Sequence[str], env: Mapping[str, str]) -> None:
        """Run a command to its end; NotUp when it fails."""
        process, log = self._spawn(kind, command, env)
        if process.wait() != 0:
            raise NotUp(f"{self._system} {kind} ended with {process.returncode}:\n{last_words(log)}")

    def _spawn(self, kind: str, command: Sequence[str], env: Mapping[str, str]) -> tuple[subprocess.Popen[bytes], Path]:
        logs = OUT / "logs"
        logs.mkdir(parents=True, exist_ok=True)
        log = logs / f"{self._system}-{kind}.log"
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("ORDERLANE_")}
        with log.open("wb") as output:
            process = subprocess.Popen(
                command,
                env=inherited | dict(env),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        return tie(process), log

    def roots(self) -> dict[str, list[int]]:
        return {kind: [process.pid] for kind, (process, _) in self._running.items()}

    def check_alive(self) -> None:
        for kind, (process, log) in self._running.items():
            if process.poll() is not None:
                raise NotUp(f"{self._system} {kind} ended with {process.returncode}:\n{last_words(log)}")

    def wait_until(self, ready: Callable[[], bool], what: str) -> None:
        """Return once `ready()`; NotUp when a process ends or START_S pass before."""
        deadline = time.monotonic() + START_S
        while not ready():
            self.check_alive()
            if time.monotonic() > deadline:
                logs = "\n".join(last_words(log) for _, log in self._running.values())
                raise NotUp(f"{self._system}: {what} not ready after {START_S:.0f} s:\n{logs}")
            time.sleep(0.1)

    def stop(self) -> None:
        """SIGTERM to all, SIGKILL to what is left after STOP_S; returns when they have ended."""
        everyone = [process for process, _ in self._running.values()]
        for process in everyone:
            process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + STOP_S
        for process in everyone:
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        self._running.clear()


def go_first(pid: int) -> None:
    """Give the session of a process the larger share, where we may decide that (as root)."""
    with contextlib.suppress(OSError):
        Path(f"/proc/{pid}/autogroup").write_text(FOUR_TIMES)


def last_words(log: Path, lines: int = 8) -> str:
    """The end of a log file."""
    return "\n".join(f"  {line}" for line in log.read_text(errors="replace").splitlines()[-lines:])


def listens(port: int) -> bool:
    """Whether something accepts connections on a loopback port."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1):
            return True
    except OSError:
        return False
