"""A private server: its own data, ports and processes, gone when its owner is gone.

    with RabbitMQ() as broker:      # started and ready, `broker.url` answers
        broker.kill()               # SIGKILL, as a power cut would
        broker.restart()            # same port, same data

Subclasses say how to prepare data, launch, and tell that the server is ready.
"""

import json
import secrets
import shutil
import signal
import subprocess
import time
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any, ClassVar, Self

from tools.services import places, ports, processes
from tools.services.guard import start_guard
from tools.services.processes import Identity

USER = "orderlane"
SETTINGS, OUTPUT = "settings.json", "output.log"


class ServiceFailed(RuntimeError):
    """A server did not start; the message ends with its last words."""


class Service(ABC):
    """One private server. `directory`: where it lives, a new one when not given. `keep`: it outlives this process."""

    kind: ClassVar[str]
    start_seconds: ClassVar[float] = 300.0

    def __init__(self, directory: Path | None = None, *, keep: bool = False) -> None:
        self.directory = directory or places.new_directory(self.kind)
        self.directory.mkdir(parents=True, exist_ok=True)
        self._keep = keep
        self._claim: ports.Claim | None = None
        self._guard: subprocess.Popen[bytes] | None = None
        self._children: list[subprocess.Popen[bytes]] = []
        if not keep:
            places.write_owner(self.directory)
        self.settings = self._settings()

    # What each kind of server says of itself.

    @property
    @abstractmethod
    def title(self) -> str:
        """Name and version, for people."""

    @property
    @abstractmethod
    def url(self) -> str:
        """Where clients connect, with user and password."""

    @abstractmethod
    def _launch(self) -> None:
        """Create missing data and start the processes."""

    @abstractmethod
    def _ready(self) -> bool:
        """Whether clients are served."""

    @abstractmethod
    def _end(self) -> None:
        """Ask the server to stop in order; what is left after a while is killed."""

    @abstractmethod
    def _data(self) -> Path:
        """The folder that a lost disk would take away."""

    # What all have in common.

    @property
    def port(self) -> int:
        return int(self.settings["port"])

    @property
    def running(self) -> bool:
        return bool(places.read_processes(self.directory))

    def start(self) -> Self:
        """Start and wait until clients are served. ServiceFailed with the server's last words otherwise."""
        if self.running and self._ready():
            return self
        if self._guard is None and not self._keep:
            self._guard = start_guard(self.directory)
        self.kill()  # what is left of a start that did not come to its end
        self._launch()
        self._wait_ready()
        return self

    def stop(self) -> None:
        """Stop in order; the data stays for the next `start`."""
        self._end()
        self.kill()

    def kill(self) -> None:
        """SIGKILL every process of the server at once; returns when they are gone."""
        processes.kill(places.read_processes(self.directory).values())
        self._reap()

    def restart(self) -> None:
        """Stop if it runs, and start with the same data and ports."""
        self.stop()
        self.start()

    def wipe_data(self) -> None:
        """Kill the server and delete its data, as a lost disk would; the next `start` begins empty."""
        self.kill()
        shutil.rmtree(self._data(), ignore_errors=True)

    def remove(self) -> None:
        """Stop and leave nothing behind."""
        self.stop()
        places.clear(self.directory)
        if self._guard is not None:
            self._guard.kill()
            self._guard.wait()
            self._guard = None
        if self._claim is not None:
            self._claim.release()

    def __enter__(self) -> Self:
        try:
            return self.start()
        except BaseException:
            self.remove()
            raise

    def __exit__(self, *_: object) -> None:
        self.remove()

    # Parts for the subclasses.

    def _settings(self) -> dict[str, Any]:
        """The ports and the password: those of the last start where they are free, else new ones."""
        file = self.directory / SETTINGS
        noted: dict[str, Any] = json.loads(file.read_text()) if file.exists() else {"password": secrets.token_hex(12)}
        if self.running:
            return noted
        self._claim = ports.claim_at(noted["port"]) if "port" in noted else None
        self._claim = self._claim or ports.claim()
        settings = {**noted, "port": self._claim.first}
        file.touch(mode=0o600)
        file.write_text(json.dumps(settings))
        return settings

    def _spawn(self, name: str, command: list[str], *, env: dict[str, str], user: str | None = None) -> None:
        """Start one process of the server in a session of its own, its output appended to a file."""
        with (self.directory / OUTPUT).open("ab") as output:
            child = subprocess.Popen(
                command,
                env=env,
                cwd=self.directory,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                **as_user(user),
            )
        self._children.append(child)
        started = processes.identity(child.pid) or Identity(child.pid, 0)
        places.write_processes(self.directory, {**places.read_processes(self.directory), name: started})

    def _stop_process(self, name: str, number: signal.Signals, *, seconds: float) -> None:
        """Signal one process by name and wait for its end."""
        if process := places.read_processes(self.directory).get(name):
            processes.send(process, signal.SIGCONT)
            processes.send(process, number)
            processes.wait_gone([process, *processes.descendants(process.pid)], seconds=seconds)

    def _wait_ready(self) -> None:
        deadline = time.monotonic() + self.start_seconds
        while not self._ready():
            if not self._all_run() or time.monotonic() > deadline:
                raise ServiceFailed(f"{self.title} did not start; its last words:\n{self._last_words()}")
            time.sleep(0.05)

    def _all_run(self) -> bool:
        return all(child.poll() is None for child in self._children)

    def _last_words(self) -> str:
        file = self.directory / OUTPUT
        lines = file.read_text(errors="replace").splitlines() if file.exists() else []
        return "\n".join(f"  {line}" for line in lines[-8:])

    def _reap(self) -> None:
        for child in self._children:
            child.wait()
        self._children.clear()


def as_user(name: str | None) -> dict[str, Any]:
    """Arguments for subprocess that run a command as this user, in no group but its own; none for None."""
    return {"user": name, "group": name, "extra_groups": []} if name else {}
