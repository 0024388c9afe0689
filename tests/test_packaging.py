"""What is installed and built: pins and the wheel."""

import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
ROOMS = [pattern.rstrip("*") for pattern in PROJECT["tool"]["setuptools"]["packages"]["find"]["include"]]
DATA_SUFFIXES = {".yaml", ".wsdl", ".xsd", ".mako"}


def test_constraints_pin_names_to_versions_and_nothing_else() -> None:
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    assert [line for line in lines if not re.fullmatch(r"[A-Za-z0-9_.-]+==[A-Za-z0-9.+!]+", line)] == []
    assert len({canonicalize_name(line.split("==")[0]) for line in lines}) == len(lines)


def test_every_dependency_is_pinned_to_a_version_it_allows() -> None:
    pins = dict(line.split("==") for line in (ROOT / "constraints.txt").read_text().splitlines())
    pinned = {canonicalize_name(name): version for name, version in pins.items()}
    extras = [name for group in PROJECT["project"]["optional-dependencies"].values() for name in group]
    wanted = [Requirement(text) for text in (*PROJECT["project"]["dependencies"], *extras)]
    assert [str(one) for one in wanted if pinned.get(canonicalize_name(one.name), "") not in one.specifier] == []


@pytest.mark.slow
def test_wheel_carries_every_module_and_data_file_of_the_rooms(tmp_path: Path) -> None:
    for room in ROOMS:
        shutil.copytree(ROOT / room, tmp_path / room, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        if (ROOT / name).exists():
            shutil.copy(ROOT / name, tmp_path)
    command = [sys.executable, "-m", "pip", "-q", "wheel", "--no-deps", "--no-build-isolation", "-w", "wheel", "."]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    [wheel] = (tmp_path / "wheel").iterdir()
    carried = set(zipfile.ZipFile(wheel).namelist())
    kept = [file for room in ROOMS for file in (ROOT / room).rglob("*") if file.suffix in DATA_SUFFIXES | {".py"}]
    assert [str(file.relative_to(ROOT)) for file in kept if str(file.relative_to(ROOT)) not in carried] == []
