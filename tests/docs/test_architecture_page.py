"""docs/architecture.md knows the tables and the rooms there are."""

import re
import tomllib
from pathlib import Path

from store import auditing
from store.tables import metadata

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "architecture.md").read_text()


def _first_cells(heading: str) -> list[str]:
    """The names in the first column of the table under a heading."""
    section = PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    cells = re.findall(r"^\| (`.*?) \|", section, re.MULTILINE)
    return [name.rstrip("/") for cell in cells for name in re.findall(r"`([^`]+)`", cell)]


def test_every_table_of_the_database_is_explained() -> None:
    assert auditing.audit.metadata is metadata
    assert sorted(_first_cells("Tables")) == sorted(metadata.tables)


def test_every_room_is_explained() -> None:
    include = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"]["find"]["include"]
    assert _first_cells("Rooms") == [pattern.rstrip("*") for pattern in include]
