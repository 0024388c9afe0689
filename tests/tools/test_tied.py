"""A process that is tied to its starter ends with it, however the starter ends."""

import signal
import subprocess
import sys

import pytest

from tests.support.waiting import PATIENCE
from tools.services.processes import identity, wait_gone
from tools.tied import ROOT

STARTER = """
import signal, subprocess, sys, time
signal.signal(signal.SIGINT, signal.default_int_handler)  # which a shell switches off for what it starts in the background
from tools.tied import tie
child = tie(subprocess.Popen([sys.executable, "-c", {child!r}], start_new_session=True))
print(child.pid, flush=True)
time.sleep(3600)
"""
OBEYS = "import time; time.sleep(3600)"
WILL_NOT = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(3600)"


def ended(child: str, number: signal.Signals) -> bool:
    command = [sys.executable, "-c", STARTER.format(child=child)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as starter:
        assert starter.stdout is not None
        process = identity(int(starter.stdout.readline()))
        assert process is not None
        starter.send_signal(number)
    return wait_gone([process], seconds=PATIENCE)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_tied_process_ends_with_its_starter(number: signal.Signals) -> None:
    assert ended(OBEYS, number)


@pytest.mark.slow
def test_a_tied_process_that_will_not_end_is_killed() -> None:
    assert ended(WILL_NOT, signal.SIGKILL)
