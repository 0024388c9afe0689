"""Servers that are there and keep us out: a mistake in a URL, told in one line when a command starts. Nothing waits for it."""

import re

import pytest

from demo.partners import SECRETS
from tests.orderlane.conftest import Orderlane

ROLES = [("relay",), ("handle", "order"), ("worker",), ("beat",), ("topology",)]
NO_LOGIN = "does not take this user and password"
NO_HOST = "has no such virtual host, or keeps this user out of it"


def with_password(url: str, word: str) -> str:
    return re.sub(r"://([^:/@]+)(:[^@]*)?@", rf"://\1:{word}@", url)


@pytest.mark.parametrize("role", ROLES, ids=" ".join)
def test_a_wrong_password_of_the_broker_is_one_line(orderlane: Orderlane, rabbit_url: str, role: tuple[str, ...]) -> None:
    orderlane("migrate")
    ran = orderlane(*role, ORDERLANE_BROKER_URL=with_password(rabbit_url, "s3cret-word"), **SECRETS)
    assert (ran.returncode, ran.stdout, len(ran.stderr.splitlines())) == (2, "", 1)
    assert re.fullmatch(rf"orderlane: ORDERLANE_BROKER_URL: RabbitMQ at \S+:\d+ {NO_LOGIN}\n", ran.stderr)
    assert "s3cret-word" not in ran.stderr


def test_a_virtual_host_that_is_not_there_is_one_line(orderlane: Orderlane, rabbit_url: str) -> None:
    ran = orderlane("topology", ORDERLANE_BROKER_URL=f"{rabbit_url.rpartition('/')[0]}/nowhere")
    assert re.fullmatch(rf"orderlane: ORDERLANE_BROKER_URL: RabbitMQ at \S+:\d+ {NO_HOST}\n", ran.stderr)
    assert ran.returncode == 2


@pytest.mark.parametrize("command", [("migrate",), ("order", "1001")], ids=" ".join)
def test_a_wrong_password_of_the_database_is_one_line(orderlane: Orderlane, postgres_url: str, command: tuple[str, ...]) -> None:
    ran = orderlane(*command, ORDERLANE_DATABASE_URL=with_password(postgres_url, "s3cret-word"))
    assert (ran.returncode, ran.stdout, len(ran.stderr.splitlines())) == (2, "", 1)
    assert ran.stderr.startswith("orderlane: ORDERLANE_DATABASE_URL: ")
    assert "password authentication failed" in ran.stderr
    assert "s3cret-word" not in ran.stderr


def test_a_database_that_is_not_there_is_one_line(orderlane: Orderlane, postgres_url: str) -> None:
    ran = orderlane("migrate", ORDERLANE_DATABASE_URL=f"{postgres_url.rpartition('/')[0]}/nowhere")
    assert (ran.returncode, len(ran.stderr.splitlines())) == (2, 1)
    assert 'database "nowhere" does not exist' in ran.stderr


def test_a_host_that_nobody_knows_is_one_line(orderlane: Orderlane) -> None:
    ran = orderlane("migrate", ORDERLANE_DATABASE_URL="postgresql://no.such.host.invalid/x")
    assert (ran.returncode, len(ran.stderr.splitlines())) == (2, 1)
    assert "no.such.host.invalid" in ran.stderr
