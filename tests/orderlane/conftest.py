"""Runs `orderlane` as people do, in a process with nothing of this one's settings. The process is forked from this one, which
has the program loaded already; that saves seconds of importing per command."""

import contextlib
import gc
import importlib
import os
import shutil
import subprocess
import sys
import traceback
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

import pytest

from demo.partners import ROOT, SECRETS
from mappings.translation import Translations
from orderlane import cli
from orderlane.hub import SPECS

Ran = subprocess.CompletedProcess[str]
Orderlane = Callable[..., Ran]
COMMANDS = "checking", "conformance", "customers", "everything", "loading.loading", "sending", "serving", "translating"
SHOWN = "connectors", "decisions", "messages", "money", "order", "stock", "verification"


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
        ran = run_forked([str(argument) for argument in arguments], given, tmp_path)
        assert "Traceback" not in ran.stderr, ran.stderr
        return ran

    return run


@cache
def load_the_program() -> None:
    """All that commands load when they run: once, here, and not in every child."""
    for name in (*COMMANDS, *(f"shown_{one}" for one in SHOWN)):
        importlib.import_module(f"orderlane.{name}")
    Translations.load(SPECS)


def run_forked(arguments: list[str], environment: Mapping[str, str], folder: Path) -> Ran:
    """What `python -m orderlane` does with these arguments, in a child process."""
    load_the_program()
    files = folder / "stdout", folder / "stderr"
    child = os.fork()
    if child == 0:
        code = 1
        with contextlib.suppress(BaseException):
            code = _as_child(arguments, environment, files)
        os._exit(code)
    _, status = os.waitpid(child, 0)
    return Ran(arguments, os.waitstatus_to_exitcode(status), *(file.read_text() for file in files))


def _as_child(arguments: list[str], environment: Mapping[str, str], files: tuple[Path, Path]) -> int:
    gc.freeze()  # or it would look through all that the tests had in memory, and thereby copy it
    os.chdir(ROOT)
    os.environ.clear()
    os.environ.update(environment)
    for number, file in enumerate(files, 1):
        os.dup2(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), number)
    sys.argv = ["orderlane", *arguments]
    sys.stdout, sys.stderr = os.fdopen(1, "w", closefd=False), os.fdopen(2, "w", closefd=False)
    code: int | str | None = 0
    try:
        cli.main()
    except SystemExit as end:
        code = end.code
    except BaseException:
        traceback.print_exc()
        code = 1
    sys.stdout.flush()
    sys.stderr.flush()
    return code if isinstance(code, int) else 0 if code is None else 1
