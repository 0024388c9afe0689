"""A private PostgreSQL cluster from the installed server: loopback only, durable (fsync and synchronous commit on)."""

import os
import pwd
import shutil
import signal
import subprocess
from functools import cached_property
from pathlib import Path
from urllib.parse import quote

from tools.services import finding
from tools.services.service import USER, Service, ServiceFailed, as_user

LOOPBACK = "127.0.0.1"
SERVER_USER = "postgres"  # PostgreSQL refuses to run as root

LONGEST_SOCKET = 107
"""Characters in the path of a socket, by the kernel's measure."""

SETTINGS = {
    "listen_addresses": LOOPBACK,
    "fsync": "on",
    "synchronous_commit": "on",
    "max_connections": "500",
    "shared_buffers": "256MB",
    "timezone": "UTC",
}


class PostgreSQL(Service):
    """One cluster with a superuser and a database of our own. Run as root, its processes belong to the user postgres."""

    kind = "postgresql"

    @property
    def url(self) -> str:
        return self.url_of(USER)

    def url_of(self, database: str) -> str:
        """The URL of a database in this cluster."""
        return f"postgresql://{USER}:{self.settings['password']}@{LOOPBACK}:{self.port}/{database}"

    def local_url_of(self, database: str) -> str:
        """The URL of a database over the socket in the server's own folder, which costs less than TCP; over TCP where the name of
        the folder is too long for a socket."""
        if not (folder := self._sockets()):
            return self.url_of(database)
        return f"postgresql://{USER}:{self.settings['password']}@/{database}?host={quote(folder)}&port={self.port}"

    @cached_property
    def programs(self) -> Path:
        """The folder of the installed programs, as finding.postgresql_programs() gave it."""
        found = finding.postgresql_programs()
        if found is None:
            raise FileNotFoundError("PostgreSQL is not installed")
        return found

    @property
    def title(self) -> str:
        said = subprocess.run([str(self.programs / "postgres"), "--version"], capture_output=True, text=True, check=True)
        return f"PostgreSQL {said.stdout.split()[2]}"

    def sql(self, statement: str, *, database: str = USER) -> str:
        """What `psql` prints for a statement, columns parted by |. subprocess.CalledProcessError when it fails."""
        command = [str(self.programs / "psql"), "-XAtq", "-v", "ON_ERROR_STOP=1", "-c", statement, self.url_of(database)]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()

    def _launch(self) -> None:
        if not (self._data() / "PG_VERSION").exists():
            self._create_cluster()
        settings = SETTINGS | {"unix_socket_directories": self._sockets()}
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        command = [str(self.programs / "postgres"), "-D", str(self._data()), "-p", str(self.port), *options]
        self._spawn("postmaster", command, env=_environment(), user=_server_user())

    def _ready(self) -> bool:
        command = [str(self.programs / "pg_isready"), "-q", "-h", LOOPBACK, "-p", str(self.port), "-t", "2"]
        return subprocess.run(command, capture_output=True, check=False).returncode == 0 and self._has_database()

    def _has_database(self) -> bool:
        """Our own database is there, created now in a new cluster."""
        if (self.directory / "created").exists():
            return True
        self.sql(f"CREATE DATABASE {USER}", database="postgres")
        (self.directory / "created").touch()
        return True

    def _end(self) -> None:
        self._stop_process("postmaster", signal.SIGINT, seconds=20)  # SIGINT: fast shutdown, with a checkpoint

    def _data(self) -> Path:
        return self.directory / "data"

    def _sockets(self) -> str:
        """Where its socket is; nowhere when the path would be too long."""
        return str(self._data()) if len(f"{self._data()}/.s.PGSQL.{self.port}") <= LONGEST_SOCKET else ""

    def _create_cluster(self) -> None:
        (self.directory / "created").unlink(missing_ok=True)
        password = self.directory / "password"
        password.touch(mode=0o600)
        password.write_text(self.settings["password"])
        shutil.rmtree(self._data(), ignore_errors=True)
        self._data().mkdir(mode=0o700)
        for path in (password, self._data()):
            give_to_server(path)
        command = [str(self.programs / "initdb"), "-D", str(self._data()), "-U", USER, "--pwfile", str(password)]
        command += ["--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync", "--no-instructions"]
        made = subprocess.run(
            command,
            env=_environment(),
            cwd=self.directory,
            capture_output=True,
            text=True,
            check=False,
            start_new_session=True,
            **as_user(_server_user()),
        )
        if made.returncode != 0:
            raise ServiceFailed(f"{self.title} could not create its data:\n{made.stderr.strip()}")


def give_to_server(path: Path) -> None:
    """Make the user that PostgreSQL runs as the owner of a path."""
    if user := _server_user():
        shutil.chown(path, user, user)


def _server_user() -> str | None:
    return SERVER_USER if os.getuid() == 0 else None


def _environment() -> dict[str, str]:
    home = pwd.getpwnam(SERVER_USER).pw_dir if os.getuid() == 0 else os.environ.get("HOME", "/")
    return {"PATH": os.environ["PATH"], "HOME": home, "LC_ALL": "C.UTF-8"}
