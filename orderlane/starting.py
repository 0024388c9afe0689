"""What `orderlane up` and `orderlane api` make sure of before they start: a free port, and nobody else on an embedded database."""

import errno
import fcntl
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from canonical.failures import Misconfigured, Transient
from orderlane.settings import Settings
from store.database import Database


def check_port(host: str, port: int) -> None:
    """Misconfigured where the HTTP door could not listen."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise Misconfigured(f"{host} port {port}: {os.strerror(error.errno)} (another port: --port)") from error
            if isinstance(error, socket.gaierror) or error.errno == errno.EADDRNOTAVAIL:
                raise Misconfigured(
                    f"ORDERLANE_HOST: expected an address of this machine, such as 127.0.0.1; found {host!r}"
                ) from error
            raise Misconfigured(f"{host} port {port}: {error.strerror} (another port: --port)") from error


@contextmanager
def let_in(database: Database) -> Iterator[None]:
    """Misconfigured where PostgreSQL is there and keeps us out: at the start that is a mistake, not an outage."""
    try:
        yield
    except Transient as error:
        if database.keeps_us_out(error):
            raise Misconfigured(f"ORDERLANE_DATABASE_URL: {str(error).removeprefix('database: ')}") from error
        raise


def be_alone(settings: Settings) -> None:
    """Claim the SQLite file for this process until it ends, however it ends. Misconfigured where another hub has it.

    Two embedded hubs on one file would each hold messages in memory that the other takes for lost.
    """
    file = settings.sqlite_file
    if not settings.embedded or file is None:
        return
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        claim = os.open(Path(f"{file}.lock"), os.O_RDWR | os.O_CREAT, 0o600)  # stays open: closing lets go
        fcntl.flock(claim, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise Misconfigured(f"another `orderlane up` works on {file}") from error
    except OSError as error:
        raise Misconfigured(f"{file}.lock: {error.strerror}") from error
