"""Servers in Docker, checked against a docker command that only notes what it was told."""

from pathlib import Path

import pytest

from tools.services import places, provision
from tools.services.containers import PostgreSQLContainer, RabbitMQContainer

FAKE = """#!/bin/sh
echo "$@" >> {log}
case "$1" in
  start) test -e {made} && touch {up} ;;
  run) touch {made} {up} ;;
  inspect) test -e {up} && echo true ;;
  stop | kill) rm -f {up} ;;
  rm) rm -f {made} {up} ;;
esac
"""


@pytest.fixture
def told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file in which the fake docker notes its commands."""
    log, program = tmp_path / "told", tmp_path / "bin" / "docker"
    program.parent.mkdir()
    program.write_text(FAKE.format(log=log, made=tmp_path / "made", up=tmp_path / "up"))
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent), prepend=":")
    return log


def _verbs(told: Path) -> list[str]:
    return [line.split()[0] for line in told.read_text().splitlines() if not line.startswith("inspect")]


def test_container_is_run_once_started_again_after_a_kill_and_removed_with_its_data(told: Path, tmp_path: Path) -> None:
    with PostgreSQLContainer(tmp_path / "server") as server:
        server.kill()
        server.restart()
    assert _verbs(told) == ["kill", "start", "run", "exec", "kill", "stop", "kill", "kill", "start", "exec", "stop", "kill", "rm"]
    assert f"rm --force --volumes {server.container}" in told.read_text().splitlines()
    assert not (tmp_path / "server").exists()


def test_container_listens_on_loopback_only_and_its_url_says_where(told: Path, tmp_path: Path) -> None:
    with PostgreSQLContainer(tmp_path / "server") as server:
        [run] = [line for line in told.read_text().splitlines() if line.startswith("run")]
        password = server.settings["password"]
        assert f"--publish 127.0.0.1:{server.port}:5432" in run and f"POSTGRES_PASSWORD={password} " in run
        assert server.url == f"postgresql://orderlane:{password}@127.0.0.1:{server.port}/orderlane"


def test_container_of_a_dead_owner_is_removed(told: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "bases", lambda: [tmp_path / "base"])
    server = RabbitMQContainer(tmp_path / "base" / "server", keep=True)
    (server.directory / places.OWNER).write_text("[1, -1]")
    assert places.clear_leftovers() == [server.directory]
    assert f"rm --force --volumes {server.container}" in told.read_text().splitlines()


def test_docker_serves_where_nothing_is_installed_and_nothing_can_be(
    told: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(provision.PACKAGES, "rabbitmq-server", lambda: None)
    monkeypatch.setattr(provision.installing, "can_install", lambda: False)
    assert isinstance(provision.broker(tmp_path / "server", keep=True), RabbitMQContainer)
    assert _verbs(told) == ["info"]
