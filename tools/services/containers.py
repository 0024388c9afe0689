"""The same two servers as Docker containers, for machines where they are neither installed nor installable."""

import secrets
import shutil
import subprocess
from abc import abstractmethod
from pathlib import Path
from typing import ClassVar

from tools.services import places
from tools.services.rabbitmq import LOOPBACK, answers_amqp
from tools.services.service import USER, Service, ServiceFailed


def docker_runs() -> bool:
    """Whether a Docker client is here and an engine answers it."""
    if shutil.which("docker") is None:
        return False
    return subprocess.run(["docker", "info"], capture_output=True, check=False).returncode == 0


class Container(Service):
    """A server in a container, its port on loopback only. Data lives in the container and goes with it."""

    image: ClassVar[str]
    inner_port: ClassVar[int]

    def __init__(self, directory: Path | None = None, *, keep: bool = False) -> None:
        super().__init__(directory, keep=keep)
        note = self.directory / places.CONTAINER
        self.container = note.read_text() if note.exists() else f"orderlane-{self.kind}-{secrets.token_hex(4)}"
        note.write_text(self.container)

    @property
    def title(self) -> str:
        return f"{self.image} (Docker)"

    @property
    def running(self) -> bool:
        note = self.directory / places.CONTAINER
        if not note.exists():
            return False
        asked = ["docker", "inspect", "--format", "{{.State.Running}}", note.read_text()]
        return subprocess.run(asked, capture_output=True, text=True, check=False).stdout.strip() == "true"

    def kill(self) -> None:
        _docker_agrees("kill", self.container)

    def wipe_data(self) -> None:
        _docker_agrees("rm", "--force", "--volumes", self.container)

    @abstractmethod
    def _options(self) -> list[str]:
        """What the container is run with, beside its name, port and image."""

    def _command(self) -> list[str]:
        return []

    def _launch(self) -> None:
        if _docker_agrees("start", self.container):
            return
        publish = f"{LOOPBACK}:{self.port}:{self.inner_port}"
        names = ["--name", self.container, "--hostname", USER, "--publish", publish]
        _docker("run", "--detach", *names, *self._options(), self.image, *self._command())

    def _end(self) -> None:
        _docker_agrees("stop", "--time", "20", self.container)

    def _data(self) -> Path:
        return self.directory / "data"

    def _all_run(self) -> bool:
        return self.running

    def _last_words(self) -> str:
        said = subprocess.run(["docker", "logs", "--tail", "8", self.container], capture_output=True, text=True, check=False)
        return said.stdout + said.stderr


class RabbitMQContainer(Container):
    kind = "rabbitmq"
    image = "rabbitmq:4"
    inner_port = 5672

    @property
    def url(self) -> str:
        return f"amqp://{USER}:{self.settings['password']}@{LOOPBACK}:{self.port}/{USER}"

    def _options(self) -> list[str]:
        values = {"USER": USER, "PASS": self.settings["password"], "VHOST": USER}
        return [part for name, value in values.items() for part in ("--env", f"RABBITMQ_DEFAULT_{name}={value}")]

    def _ready(self) -> bool:
        return answers_amqp(self.port)


class PostgreSQLContainer(Container):
    kind = "postgresql"
    image = "postgres:17"
    inner_port = 5432

    @property
    def url(self) -> str:
        return self.url_of(USER)

    def url_of(self, database: str) -> str:
        """The URL of a database in this cluster."""
        return f"postgresql://{USER}:{self.settings['password']}@{LOOPBACK}:{self.port}/{database}"

    local_url_of = url_of

    def sql(self, statement: str, *, database: str = USER) -> str:
        """What `psql` prints for a statement, columns parted by |."""
        inside = ("psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-U", USER, "-d", database, "-c", statement)
        return _docker("exec", self.container, *inside)

    def _options(self) -> list[str]:
        values = {"USER": USER, "PASSWORD": self.settings["password"], "DB": USER}
        return [part for name, value in values.items() for part in ("--env", f"POSTGRES_{name}={value}")]

    def _command(self) -> list[str]:
        return ["-c", "max_connections=500", "-c", "shared_buffers=256MB"]

    def _ready(self) -> bool:
        """Asked over TCP: while it prepares its data, the image serves its own socket only."""
        return _docker_agrees("exec", self.container, "pg_isready", "-q", "-h", LOOPBACK, "-U", USER)


def _docker(*arguments: str) -> str:
    """What docker printed. ServiceFailed with its own words when it refused."""
    done = subprocess.run(["docker", *arguments], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise ServiceFailed(f"docker {arguments[0]}: {done.stderr.strip()}")
    return done.stdout.strip()


def _docker_agrees(*arguments: str) -> bool:
    return subprocess.run(["docker", *arguments], capture_output=True, check=False).returncode == 0
