"""What people get wrong at the start: one clear line and an exit code, never a traceback (the fixture looks)."""

import errno
import os
import socket
from pathlib import Path

import pytest

from orderlane import cli_options
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
    ran = orderlane("migrate", ORDERLANE_DATABASE_URL=f"sqlite:///{tmp_path}/file/orderlane.db")
    told = f"the folder {tmp_path}/file cannot be made: {os.strerror(errno.EEXIST)}"
    assert (ran.returncode, ran.stderr) == (2, f"orderlane: ORDERLANE_DATABASE_URL: {told}\n")
    ran = orderlane("migrate", ORDERLANE_DATABASE_URL=f"sqlite:///{tmp_path}")
    told = f"the file {tmp_path} cannot be written: {os.strerror(errno.EISDIR)}"
    assert (ran.returncode, ran.stderr) == (2, f"orderlane: ORDERLANE_DATABASE_URL: {told}\n")


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


@pytest.mark.parametrize("url", ["postgresql://u:secret@host:port/orderlane", "postgresql://u:secret@host:5432a/orderlane"])
def test_an_address_of_a_database_that_cannot_be_read_is_one_line_without_its_password(orderlane: Orderlane, url: str) -> None:
    ran = orderlane("migrate", ORDERLANE_DATABASE_URL=url)
    assert (ran.returncode, ran.stderr) == (
        2, "orderlane: ORDERLANE_DATABASE_URL: expected postgresql://user:password@host:port/name\n",
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


@pytest.mark.parametrize(
    ("variable", "value", "expected"),
    [
        ("NAMESPACE", "No Spaces", "small letters, digits, - and _ behind a first letter, such as orderlane"),
        ("PARTITIONS", "many", "a whole number from 1 to 64, such as 8"),
        ("PARTITIONS", "65", "a whole number from 1 to 64, such as 8"),
        ("MAX_BODY_BYTES", "10MB", "a whole number of bytes from 1024 on, such as 10485760"),
        ("TRUSTED_PROXIES", "here", "addresses or networks with commas between, such as 10.0.0.0/8,192.0.2.7"),
        ("LOG_LEVEL", "loud", "DEBUG, INFO, WARNING, ERROR or CRITICAL"),
    ],
)
def test_a_wrong_variable_is_told_with_what_was_expected(orderlane: Orderlane, variable: str, value: str, expected: str) -> None:
    ran = orderlane("check", **{f"ORDERLANE_{variable}": value})
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr == f"orderlane: ORDERLANE_{variable}: expected {expected}; found {value!r}\n"


def test_every_wrong_or_mistyped_variable_is_told_in_one_line(orderlane: Orderlane) -> None:
    ran = orderlane("check", ORDERLANE_PARTITIONS="0", ORDERLANE_LOG_LEVEL="loud", ORDERLANE_DATABSE_URL="sqlite:///x.db")
    assert (ran.returncode, len(ran.stderr.splitlines())) == (2, 1)
    told = "orderlane: ORDERLANE_DATABSE_URL: there is no such variable. Did you mean `ORDERLANE_DATABASE_URL`?; "
    assert ran.stderr.startswith(f"{told}ORDERLANE_PARTITIONS: expected ")
    assert "; ORDERLANE_LOG_LEVEL: expected " in ran.stderr


def test_who_decides_without_a_name_is_told_by_number(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody() -> str:
        raise KeyError("getpwuid(): uid not found")

    monkeypatch.setattr(cli_options.getpass, "getuser", nobody)
    assert cli_options.who() == f"user {os.getuid()}"


def test_variables_of_others_are_nobodys_mistake(orderlane: Orderlane) -> None:
    compose = {f"ORDERLANE_{name}": "x" for name in ("DATABASE_PASSWORD", "BROKER_PASSWORD", "PORT")}
    assert orderlane("check", **compose).returncode == 0


def test_a_configuration_that_is_not_there_is_one_line(orderlane: Orderlane) -> None:
    ran = orderlane("check", ORDERLANE_CONFIG="/nowhere")
    told = "ORDERLANE_CONFIG: there is no folder /nowhere; start where it is, or set the variable"
    assert (ran.returncode, ran.stdout, ran.stderr) == (2, "", f"orderlane: {told}\n")


@pytest.mark.parametrize("host", ["192.0.2.1", "no.such.host.invalid"])
def test_an_address_of_another_machine_is_one_line(orderlane: Orderlane, host: str) -> None:
    ran = orderlane("up", ORDERLANE_HOST=host)
    assert (ran.returncode, ran.stderr) == (
        2, f"orderlane: ORDERLANE_HOST: expected an address of this machine, such as 127.0.0.1; found {host!r}\n",
    )  # fmt: skip


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
