"""Which RabbitMQ and PostgreSQL to use: the installed ones, else newly installed ones, else containers."""

from collections.abc import Callable
from pathlib import Path

from tools.services import finding, installing
from tools.services.containers import PostgreSQLContainer, RabbitMQContainer, docker_runs
from tools.services.postgresql import PostgreSQL
from tools.services.rabbitmq import RabbitMQ

Broker = RabbitMQ | RabbitMQContainer
Database = PostgreSQL | PostgreSQLContainer

PACKAGES: dict[str, Callable[[], Path | None]] = {
    "rabbitmq-server": finding.rabbitmq_home,
    "postgresql": finding.postgresql_programs,
}
HOW_TO_GO_ON = (
    "Install them (Debian, Ubuntu: apt-get install rabbitmq-server postgresql), or start Docker, "
    "or set ORDERLANE_BROKER_URL and ORDERLANE_DATABASE_URL to servers of your own."
)


class Missing(RuntimeError):
    """There is no way to a server on this machine; the message says what would help."""


def broker(directory: Path | None = None, *, keep: bool = False) -> Broker:
    """A private RabbitMQ, not started yet. Missing when this machine has no way to one."""
    return (RabbitMQ if _installed("rabbitmq-server") else RabbitMQContainer)(directory, keep=keep)


def database(directory: Path | None = None, *, keep: bool = False) -> Database:
    """A private PostgreSQL, not started yet. Missing when this machine has no way to one."""
    return (PostgreSQL if _installed("postgresql") else PostgreSQLContainer)(directory, keep=keep)


def _installed(package: str) -> bool:
    """True when the server is installed, perhaps only now; False when Docker has to serve."""
    if PACKAGES[package]():
        return True
    if installing.can_install():
        print(f"services: {package} is not on this machine; installing it with apt-get, once", flush=True)
        return _install(package)
    if docker_runs():
        return False
    raise Missing(f"{package} is not installed. {HOW_TO_GO_ON}")


def _install(package: str) -> bool:
    try:
        installing.install([package])
    except installing.InstallFailed as failed:
        if docker_runs():
            return False
        raise Missing(f"{package} could not be installed ({failed}). {HOW_TO_GO_ON}") from failed
    if PACKAGES[package]() is None:
        raise Missing(f"{package} was installed, but its programs are not where they are looked for. {HOW_TO_GO_ON}")
    return True
