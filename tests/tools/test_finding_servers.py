"""Which servers are used: the newest installed ones, else what the machine allows, else one line that says what is missing."""

import subprocess
from pathlib import Path

import pytest

from tests.support.waiting import PATIENCE
from tools.services import finding, installing, places, ports, processes, provision


def _program(folder: Path, *names: str) -> None:
    folder.mkdir(parents=True)
    for name in names:
        (folder / name).touch()


def test_newest_installed_postgresql_server_is_used_and_a_lone_client_is_not_one(tmp_path: Path) -> None:
    versions = tmp_path / "usr/lib/postgresql"
    _program(versions / "9/bin", *finding.POSTGRESQL_NEEDED)
    _program(versions / "15/bin", *finding.POSTGRESQL_NEEDED)
    _program(versions / "16/bin", "psql", "pg_isready")
    assert finding.postgresql_programs(tmp_path) == versions / "15/bin"


def test_newest_installed_broker_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finding.shutil, "which", lambda name: f"/bin/{name}")
    for version in ("3.9.27", "3.10.8"):
        _program(tmp_path / f"usr/lib/rabbitmq/lib/rabbitmq_server-{version}/sbin", "rabbitmq-server")
    found = finding.rabbitmq_home(tmp_path)
    assert found is not None and found.name == "rabbitmq_server-3.10.8"


def test_nothing_installed_is_found_on_a_bare_machine(tmp_path: Path) -> None:
    assert (finding.rabbitmq_home(tmp_path), finding.postgresql_programs(tmp_path)) == (None, None)


def test_one_line_says_what_is_missing_when_there_is_no_way_to_a_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(provision.PACKAGES, "postgresql", lambda: None)
    monkeypatch.setattr(installing, "can_install", lambda: False)
    monkeypatch.setattr(provision, "docker_runs", lambda: False)
    with pytest.raises(provision.Missing) as missing:
        provision.database()
    assert str(missing.value) == f"postgresql is not installed. {provision.HOW_TO_GO_ON}"
    assert "\n" not in provision.HOW_TO_GO_ON


def test_missing_server_is_installed_once_with_fresh_lists_and_without_starting_a_service(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log, policy = tmp_path / "log", tmp_path / "policy-rc.d"
    apt = tmp_path / "apt-get"
    apt.write_text(f'#!/bin/sh\necho "$@" >> {log}\ncat {policy} >> {log}\n')
    apt.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    installing.install(["postgresql"], policy=policy)
    said = log.read_text().splitlines()
    assert [line.split()[-1] for line in said if line.startswith("--quiet")] == ["update", "postgresql"]
    assert said.count("exit 101") == 2
    assert not policy.exists()


def test_apt_that_refuses_is_told_with_its_last_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    apt = tmp_path / "apt-get"
    apt.write_text("#!/bin/sh\necho first >&2\necho 'E: Unable to locate package' >&2\nexit 100\n")
    apt.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    with pytest.raises(installing.InstallFailed, match=r"^apt-get update: E: Unable to locate package$"):
        installing.install(["postgresql"], policy=tmp_path / "policy-rc.d")
    assert not (tmp_path / "policy-rc.d").exists()


def test_policy_of_the_machine_is_left_as_it_was(tmp_path: Path) -> None:
    policy = tmp_path / "policy-rc.d"
    policy.write_text("theirs")
    with installing.services_held_back(policy):
        assert policy.read_text() == "theirs"
    assert policy.read_text() == "theirs"


def test_two_claims_never_share_a_port() -> None:
    claims = [ports.claim() for _ in range(5)]
    assert len({claim.first for claim in claims}) == 5
    assert ports.claim_at(claims[0].first) is None
    claims[0].release()
    again = ports.claim_at(claims[0].first)
    assert again is not None
    for claim in (*claims, again):
        claim.release()


def test_directory_of_a_dead_owner_is_cleared_and_one_without_an_owner_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(places, "bases", lambda: [tmp_path])
    abandoned, kept, ours = (tmp_path / name for name in ("abandoned", "kept", "ours"))
    for folder in (abandoned, kept, ours):
        folder.mkdir()
    places.write_owner(ours)
    leftover = subprocess.Popen(["sleep", "3600"])
    noted = processes.identity(leftover.pid)
    assert noted is not None
    places.write_processes(abandoned, {"node": noted})
    (abandoned / places.OWNER).write_text(f"[{leftover.pid}, {noted.started + 1}]")
    assert places.clear_leftovers() == [abandoned]
    assert leftover.wait(timeout=PATIENCE) == -9
    assert (abandoned.exists(), kept.exists(), ours.exists()) == (False, True, True)


def test_reused_pid_is_not_taken_for_the_process_that_had_it() -> None:
    other = subprocess.Popen(["sleep", "3600"])
    now = processes.identity(other.pid)
    assert now is not None
    processes.kill([processes.Identity(now.pid, now.started - 1)])
    assert other.poll() is None
    processes.kill([now])
    assert other.wait(timeout=PATIENCE) == -9
