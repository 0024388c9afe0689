"""A small supervisor: the hub's roles as processes of their own, each started again when it has ended."""

import os
import signal
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.system import OUT, NotUp, last_words
from tools.tied import tie

LOOK_EVERY_S = 0.05
LONGEST_PAUSE_S = 2.0
LIVED_WELL_S = 5.0


@dataclass(slots=True)
class Role:
    """One role's process. pause: seconds before the next start, longer while it keeps ending soon after a start."""

    command: Sequence[str]
    process: subprocess.Popen[bytes]
    started: float
    pause: float = 0.0
    start_at: float | None = None
    ended_by_itself: Counter[int] = field(default_factory=Counter)


class Supervisor:
    """Keeps roles running until `stop`. Their output is appended to log files."""

    def __init__(self, name: str, env: Mapping[str, str], roles: Mapping[str, Sequence[str]]) -> None:
        self._name = name
        inherited = {key: value for key, value in os.environ.items() if not key.startswith("ORDERLANE_")}
        self._env = inherited | dict(env)
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        for role in roles:
            self.log(role).unlink(missing_ok=True)
        self._roles = {role: Role(command, self._spawn(role, command), time.monotonic()) for role, command in roles.items()}
        self._thread = threading.Thread(target=self._watch, name="supervisor", daemon=True)
        self._thread.start()

    @property
    def roles(self) -> tuple[str, ...]:
        return tuple(self._roles)

    @property
    def ended_by_themselves(self) -> dict[str, dict[int, int]]:
        """Exit codes of roles that ended without being killed from here, and how often: {role: {code: n}}."""
        return {name: dict(role.ended_by_itself) for name, role in self._roles.items() if role.ended_by_itself}

    def log(self, role: str) -> Path:
        return OUT / "logs" / f"{self._name}-{role}.log"

    def kill(self, role: str) -> float:
        """kill -9 to a role, which is started again at once; when it died, in seconds since 1970."""
        with self._lock:
            found = self._roles[role]
            found.process.kill()
            found.process.wait()
            died = time.time()
            self._start(role, found)
        return died

    def terminate(self, role: str, seconds: float) -> tuple[int, float]:
        """SIGTERM to a role, which is not started again: its exit code and how many seconds it took.

        NotUp when it is still there after `seconds`.
        """
        with self._lock:
            found = self._roles.pop(role)
        began = time.monotonic()
        found.process.send_signal(signal.SIGTERM)
        try:
            return found.process.wait(seconds), time.monotonic() - began
        except subprocess.TimeoutExpired:
            found.process.kill()
            found.process.wait()
            raise NotUp(f"{role} did not end within {seconds:.0f} s of SIGTERM:\n{last_words(self.log(role))}") from None

    def start(self, role: str, command: Sequence[str]) -> None:
        """Start one more role."""
        with self._lock:
            self._roles[role] = Role(command, self._spawn(role, command), time.monotonic())

    def stop(self) -> None:
        """SIGTERM to all; what is left after 30 s is killed."""
        self._stopping.set()
        self._thread.join()
        for role in self._roles.values():
            role.process.terminate()
        deadline = time.monotonic() + 30
        for role in self._roles.values():
            try:
                role.process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                role.process.kill()
                role.process.wait()

    def _watch(self) -> None:
        while not self._stopping.wait(LOOK_EVERY_S):
            with self._lock:
                for name, role in self._roles.items():
                    self._look_after(name, role)

    def _look_after(self, name: str, role: Role) -> None:
        code = role.process.poll()
        if code is None:
            return
        if role.start_at is None:
            role.ended_by_itself[code] += 1
            lived_well = time.monotonic() - role.started > LIVED_WELL_S
            role.pause = 0.1 if lived_well else min(max(role.pause, 0.1) * 2, LONGEST_PAUSE_S)
            role.start_at = time.monotonic() + role.pause
        elif time.monotonic() >= role.start_at:
            self._start(name, role)

    def _start(self, name: str, role: Role) -> None:
        role.process, role.started, role.start_at = self._spawn(name, role.command), time.monotonic(), None

    def _spawn(self, role: str, command: Sequence[str]) -> subprocess.Popen[bytes]:
        self.log(role).parent.mkdir(parents=True, exist_ok=True)
        with self.log(role).open("ab") as output:
            return tie(
                subprocess.Popen(
                    command, env=self._env, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
                )
            )
