"""Secrets: from the environment or from files, never from the configuration, never in a log."""

import base64
import logging
import os
import secrets as randomness
from dataclasses import dataclass
from pathlib import Path

from canonical.failures import Misconfigured

log = logging.getLogger("orderlane.secrets")


@dataclass(frozen=True, slots=True)
class Secrets:
    """Reads secrets by their place. own: a folder where a secret that nobody set is made up once, for trying things out."""

    own: Path | None = None

    def read(self, place: str) -> bytes:
        """The secret at `env:NAME` or `file:/path`, made up where that is allowed. Misconfigured where there is none."""
        if self.own is not None and self.makes_up(place):
            self._make(self.own / place.removeprefix("env:"))
        return self.look(place)

    def makes_up(self, place: str) -> bool:
        """Whether nobody set the secret at a place, and one is made up when it is read."""
        kind, where = place.split(":", 1)
        return kind == "env" and self.own is not None and not os.environ.get(where) and not (self.own / where).exists()

    def look(self, place: str) -> bytes:
        """The secret where there is one by now; nothing is made up. Misconfigured otherwise."""
        kind, where = place.split(":", 1)
        if kind == "file":
            return _file(Path(where), place)
        if value := os.environ.get(where):
            return value.encode()
        if self.own is not None and (self.own / where).exists():
            return _file(self.own / where, place)
        raise Misconfigured(f"secret {place}: the environment variable is not set")

    def _make(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        secret = b"whsec_" + base64.b64encode(randomness.token_bytes(32))
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(secret)
        log.info("made a secret", extra={"variable": path.name, "file": str(path)})


def _file(path: Path, place: str) -> bytes:
    try:
        return path.read_bytes().strip()
    except OSError as error:
        raise Misconfigured(f"secret {place}: {error.strerror}") from error
