"""The deployment in containers: every command exists, everything waits for what it needs, secrets have no default."""

import os
import re
import subprocess
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import typer
import yaml

from demo.partners import SECRETS, wait_for
from orderlane.cli import app
from orderlane.handlers import HANDLERS
from tests.support.waiting import PATIENCE
from tools.services.ports import free_port

ROOT = Path(__file__).resolve().parents[1]
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
OURS = {name: service for name, service in COMPOSE["services"].items() if str(service["image"]).startswith("orderlane:")}
ONE_SHOT = {"migrate", "topology"}


@pytest.mark.parametrize("name", OURS)
def test_container_command_is_one_the_program_has(name: str) -> None:
    command, *arguments = OURS[name]["command"]
    known = typer.main.get_command(app).commands
    assert command in known
    accepted = {option for parameter in known[command].params for option in parameter.opts if option.startswith("--")}
    assert [argument for argument in arguments if argument.startswith("--") and argument not in accepted] == []
    assert command != "handle" or arguments[0] in HANDLERS


def test_every_handler_and_role_has_a_container() -> None:
    roles = {
        " ".join(service["command"][:2]) if service["command"][0] == "handle" else service["command"][0]
        for service in OURS.values()
    }
    assert roles == {"api", "relay", "worker", "beat", "migrate", "topology", *(f"handle {name}" for name in HANDLERS)}


@pytest.mark.parametrize("name", COMPOSE["services"])
def test_container_waits_for_what_it_needs_and_can_be_watched(name: str) -> None:
    service: dict[str, Any] = COMPOSE["services"][name]
    if name not in ONE_SHOT:
        assert service["healthcheck"]["test"][0] == "CMD"
    if name in OURS and name not in ONE_SHOT:
        conditions = {needed: rule["condition"] for needed, rule in service["depends_on"].items()}
        assert conditions == {
            "postgres": "service_healthy",
            "rabbitmq": "service_healthy",
            "migrate": "service_completed_successfully",
            "topology": "service_completed_successfully",
        }
    if name in OURS:
        assert service["read_only"] is True and service["cap_drop"] == ["ALL"]


def test_secrets_of_the_containers_come_from_the_env_file_and_have_no_default() -> None:
    text = (ROOT / "docker-compose.yml").read_text()
    named = set(re.findall(r"\$\{([A-Z_]+)", text))
    offered = set(re.findall(r"^([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
    assert named <= offered
    assert re.findall(r"\$\{[A-Z_]+PASSWORD\}", text) == []
    assert re.search(r"^ORDERLANE_[A-Z]+_PASSWORD=.", (ROOT / ".env.example").read_text(), re.MULTILINE) is None


def test_image_runs_as_nobody_in_particular_and_says_whether_it_is_well() -> None:
    final = (ROOT / "Dockerfile").read_text().split("\nFROM ")[-1]
    assert re.search(r"^USER [1-9]\d{3,}$", final, re.MULTILINE)
    assert re.search(r"^HEALTHCHECK ", final, re.MULTILINE)
    assert "gcc" not in final and "build-essential" not in final


@pytest.mark.slow
def test_containers_start_in_their_order_and_become_healthy(
    postgres_url: str, rabbit_url: str, namespace: str, tmp_path: Path
) -> None:
    """Every command and every health check of ours is run as the file has them, on real servers but without containers."""
    ports = {"5672": urlsplit(rabbit_url).port, "5432": urlsplit(postgres_url).port, "8080": free_port()}

    def here(parts: Sequence[str]) -> list[str]:
        for inside, outside in ports.items():
            parts = [re.sub(rf"\b{inside}\b", str(outside), part) for part in parts]
        return [part.replace("/app/", f"{ROOT}/tools/") for part in parts]

    environment = {
        **os.environ,
        **SECRETS,
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "ORDERLANE_CONFIG": str(ROOT / "config"),
        "ORDERLANE_DATABASE_URL": postgres_url,
        "ORDERLANE_BROKER_URL": rabbit_url,
        "ORDERLANE_NAMESPACE": namespace,
    }

    def command(name: str) -> list[str]:
        return [sys.executable, "-m", "orderlane", *here(OURS[name]["command"])]

    def healthy(name: str) -> bool:
        check = here(OURS[name]["healthcheck"]["test"][1:])
        return subprocess.run(check, env=environment, capture_output=True, check=False).returncode == 0

    for name in ONE_SHOT:
        subprocess.run(command(name), env=environment, cwd=ROOT, check=True, capture_output=True)
    with ExitStack() as stack:
        log = stack.enter_context((tmp_path / "log").open("ab"))
        roles = {
            name: stack.enter_context(subprocess.Popen(command(name), env=environment, cwd=ROOT, stderr=log))
            for name in OURS.keys() - ONE_SHOT
        }
        for role in roles.values():
            stack.callback(role.terminate)
        for name in roles:
            wait_for(f"{name} to be healthy", lambda name=name: healthy(name), seconds=PATIENCE)
        assert {name: role.poll() for name, role in roles.items()} == dict.fromkeys(roles)
