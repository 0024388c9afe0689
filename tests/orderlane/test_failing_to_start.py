"""What people get wrong at the start: one clear line and an exit code, never a traceback (the fixture looks)."""

import os
import socket
from pathlib import Path

import pytest

from tests.orderlane.conftest import Orderlane

BROKER = "amqp://guest:guest@127.0.0.1:1/"


@pytest.mark.parametrize("role", [("relay",), ("handle", "order"), ("worker",), ("beat",), ("topology",)])
def test_a_role_of_its_own_without_a_broker_says_so(orderlane: Orderlane, role: tuple[str, ...]) -> None:
    orderlane("migrate")
    ran = orderlane(*role)
    assert (ran.returncode, ran.stderr) == (
        2, "orderlane: ORDERLANE_BROKER_URL is not set: a role in its own process needs RabbitMQ (or use `orderlane up`)\n",
    )  # fmt: skip


def test_a_broker_that_does_not_answer_is_one_line_and_exit_1(orderlane: Orderlane) -> None:
    ran = orderlane("topology", ORDERLANE_BROKER_URL=BROKER)
    assert (ran.returncode, ran.stdout) == (1, "")
    assert ran.stderr.splitlines()[-1].startswith("orderlane: not available: RabbitMQ at 127.0.0.1:1: ")


def test_a_database_that_does_not_answer_is_one_line_and_exit_1(orderlane: Orderlane) -> None:
    ran = orderlane("migrate", ORDERLANE_DATABASE_URL="postgresql://orderlane:secret-word@127.0.0.1:1/orderlane")
    assert (ran.returncode, len(ran.stderr.splitlines())) == (1, 1)
    assert ran.stderr.startswith("orderlane: not available: database: ")
    assert "secret-word" not in ran.stderr


def test_health_tells_on_one_screen_what_stands_still(orderlane: Orderlane) -> None:
    orderlane("migrate")
    ran = orderlane("health")
    assert (ran.returncode, ran.stderr) == (1, "")
    told = [line.split(maxsplit=2) for line in ran.stdout.splitlines()[1:]]
    assert [" ".join(one).rstrip() for one in told[:2]] == [
        "warning relay no relay holds the lease",
        "warning schedule no scheduled work has run yet: do beat and a worker run?",
    ]
    assert {status for status, _, _ in told[2:]} == {"ok"}


def test_health_without_a_database_tells_so_and_before_its_first_migration_too(orderlane: Orderlane) -> None:
    ran = orderlane("health", ORDERLANE_DATABASE_URL="postgresql://127.0.0.1:1/orderlane")
    assert (ran.returncode, ran.stderr, ran.stdout.splitlines()[1].split()[:2]) == (1, "", ["failing", "database"])
    ran = orderlane("health")
    assert (ran.returncode, ran.stdout, len(ran.stderr.splitlines())) == (2, "", 1)


def test_a_database_that_cannot_be_written_is_one_line(orderlane: Orderlane, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    ran = orderlane("up", ORDERLANE_DATABASE_URL=f"sqlite:///{tmp_path}/file/orderlane.db")
    assert (ran.returncode in {1, 2}, len(ran.stderr.splitlines())) == (True, 1)
    assert ran.stderr.startswith("orderlane: ")


def test_a_file_that_is_no_database_is_one_line_and_exit_2(orderlane: Orderlane, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("what to buy\n" * 100)
    ran = orderlane("up", ORDERLANE_DATABASE_URL=f"sqlite:///{tmp_path}/notes.txt")
    assert (ran.returncode, ran.stderr) == (2, "orderlane: ORDERLANE_DATABASE_URL: file is not a database\n")


@pytest.mark.parametrize("url", ["mysql://localhost/orderlane", "sqlite:orderlane.db", "nonsense", "postgresql:orderlane"])
def test_a_database_of_another_kind_is_one_line(orderlane: Orderlane, url: str) -> None:
    ran = orderlane("migrate", ORDERLANE_DATABASE_URL=url)
    found = url.split(":", maxsplit=1)[0]
    assert (ran.returncode, ran.stderr) == (
        2, f"orderlane: ORDERLANE_DATABASE_URL: expected postgresql://... or sqlite:///..., found {found}:\n",
    )  # fmt: skip


@pytest.mark.parametrize("url", ["http://127.0.0.1/", "rabbit", "amqp://127.0.0.1:port/"])
def test_a_broker_of_another_kind_is_one_line(orderlane: Orderlane, url: str) -> None:
    ran = orderlane("topology", ORDERLANE_BROKER_URL=url)
    assert (ran.returncode, ran.stderr.splitlines()[-1]) == (
        2, "orderlane: ORDERLANE_BROKER_URL: expected amqp://user:password@host:port/vhost",
    )  # fmt: skip


def test_a_database_that_was_never_migrated_says_what_to_do(orderlane: Orderlane) -> None:
    ran = orderlane("order", "1001")
    assert (ran.returncode, len(ran.stderr.splitlines())) == (2, 1)
    assert ran.stderr.rstrip().endswith("run `orderlane migrate`")


def test_a_port_that_is_in_use_is_one_line_and_exit_2(orderlane: Orderlane) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        ran = orderlane("up", "--port", str(port))
    assert (ran.returncode, len(ran.stderr.splitlines())) == (2, 1)
    assert f"port {port}: {os.strerror(98)}" in ran.stderr


def test_wrong_settings_are_all_told_in_one_line(orderlane: Orderlane) -> None:
    ran = orderlane("check", ORDERLANE_PARTITIONS="many", ORDERLANE_NAMESPACE="No Spaces")
    assert (ran.returncode, len(ran.stderr.splitlines())) == (2, 1)
    assert "ORDERLANE_PARTITIONS" in ran.stderr
    assert "ORDERLANE_NAMESPACE" in ran.stderr


@pytest.mark.parametrize(
    "arguments", [("--colour",), ("fly",), ("up", "--port", "99999"), ("handle",), ("translate", "shopify", "/nowhere.json")]
)
def test_a_wrong_option_command_or_argument_is_exit_2(orderlane: Orderlane, arguments: tuple[str, ...]) -> None:
    ran = orderlane(*arguments)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert "Usage: " in ran.stderr


def test_a_handler_nobody_knows_is_one_line(orderlane: Orderlane) -> None:
    ran = orderlane("handle", "invoices", ORDERLANE_BROKER_URL=BROKER)
    told = "there is no handler 'invoices'. Did you mean `invoice`? There are invoice, master, order, stock."
    assert (ran.returncode, ran.stderr) == (2, f"orderlane: {told}\n")
