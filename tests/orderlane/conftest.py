"""Runs `orderlane` as people do: a process of its own, its environment given, nothing of this one's settings."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from demo.partners import ROOT, SECRETS

Ran = subprocess.CompletedProcess[str]
Orderlane = Callable[..., Ran]


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A copy of the shipped configuration, to be spoilt."""
    return Path(shutil.copytree(ROOT / "config", tmp_path / "config"))


@pytest.fixture
def orderlane(tmp_path: Path, config: Path) -> Orderlane:
    """orderlane(*arguments, NAME=value) runs a command; never with a traceback, whatever happens."""

    def run(*arguments: str | Path, **environment: str) -> Ran:
        own = {name: value for name, value in os.environ.items() if not name.startswith("ORDERLANE_")}
        given = {
            **own, **SECRETS, "COLUMNS": "200", "ORDERLANE_DATABASE_URL": f"sqlite:///{tmp_path}/orderlane.db",
            "ORDERLANE_CONFIG": str(config), **environment,
        }  # fmt: skip
        command = [sys.executable, "-m", "orderlane", *map(str, arguments)]
        ran = subprocess.run(command, env=given, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)
        assert "Traceback" not in ran.stderr, ran.stderr
        return ran

    return run
