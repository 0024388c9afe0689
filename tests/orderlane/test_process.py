"""The program as a program: started by the interpreter, with nothing loaded before."""

import subprocess
import sys

from demo.partners import ROOT


def test_the_program_starts_and_lists_its_commands() -> None:
    ran = subprocess.run([sys.executable, "-m", "orderlane", "--help"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stderr) == (0, "")
    for command in ("up", "api", "relay", "handle", "worker", "beat", "topology", "migrate", "translate", "send", "order",
                    "messages", "dead", "check", "connectors", "verify"):  # fmt: skip
        assert f" {command} " in ran.stdout
