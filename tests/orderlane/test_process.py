"""The program as a program: started by the interpreter, with nothing loaded before."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from demo.partners import ROOT, SECRETS
from tests.support.waiting import PATIENCE
from tools.services.ports import free_port

pytestmark = pytest.mark.slow


def test_the_program_starts_and_lists_its_commands() -> None:
    ran = subprocess.run([sys.executable, "-m", "orderlane", "--help"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stderr) == (0, "")
    for command in ("up", "api", "relay", "handle", "worker", "beat", "topology", "migrate", "translate", "send", "order",
                    "messages", "dead", "check", "connectors", "health", "verify"):  # fmt: skip
        assert f" {command} " in ran.stdout


def test_a_process_that_is_told_to_stop_while_it_starts_does_stop(tmp_path: Path) -> None:
    """The signal comes after the hub has announced itself and before its HTTP door has taken over signals, or later."""
    environment = {**os.environ, **SECRETS, "ORDERLANE_DATABASE_URL": f"sqlite:///{tmp_path}/orderlane.db"}
    environment.pop("ORDERLANE_BROKER_URL", None)
    command = [sys.executable, "-m", "orderlane", "up", "--port", str(free_port())]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        try:
            assert any(line.startswith("Orderlane is up") for line in process.stderr)
            process.terminate()
            assert process.wait(timeout=PATIENCE) in {0, -15}
        finally:
            process.kill()


def test_ctrl_c_while_the_program_still_loads_ends_it_quietly() -> None:
    start = (
        "import runpy, signal; signal.signal(signal.SIGINT, signal.default_int_handler);"
        "runpy.run_module('orderlane', run_name='__main__')"
    )
    command = [sys.executable, "-X", "importtime", "-c", start, "--help"]  # it tells each module that is loaded
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        assert process.stdout is not None
        assert any("canonical.failures" in line for line in process.stderr)
        process.send_signal(signal.SIGINT)
        told = [line for line in process.stderr if not line.startswith("import time:")]
        assert (process.wait(timeout=PATIENCE), told, process.stdout.read()) == (130, [], "")


def test_what_calls_soap_services_is_loaded_by_the_first_call() -> None:
    ask = "import connectors.table, sys; print(sorted({'zeep', 'httpx', 'requests'} & set(sys.modules)))"
    ran = subprocess.run([sys.executable, "-c", ask], cwd=ROOT, capture_output=True, text=True, check=True)
    assert ran.stdout == "[]\n"


def test_a_role_that_dies_takes_its_process_down() -> None:
    die = "from orderlane.running import run_roles; run_roles({'toy': lambda stop: 1 / 0})"
    ran = subprocess.run([sys.executable, "-c", die], cwd=ROOT, capture_output=True, text=True, check=False, timeout=PATIENCE)
    assert ran.returncode == 1
    assert ran.stderr.endswith("ZeroDivisionError: division by zero\n")
