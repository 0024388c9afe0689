"""docs/operations.md names every setting and metric, and the commands that documents show exist."""

import re
from pathlib import Path

import pytest
import typer.main

from operations.metrics import GAUGES
from orderlane.cli import app
from orderlane.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")), *sorted((ROOT / "connectors").rglob("README.md"))]
COMMAND = re.compile(r"(?:\.venv/bin/|`|^\$ ?)orderlane ([a-z]+)(?: ([a-z]+))?", re.MULTILINE)


def test_every_setting_is_explained_with_its_default() -> None:
    rows = re.findall(r"^\| `ORDERLANE_([A-Z_]+)` \| (.*?) \|", (ROOT / "docs" / "operations.md").read_text(), re.MULTILINE)
    wanted = {}
    for name, field in Settings.model_fields.items():
        wanted[name.upper()] = "none" if field.default is None else f"`{field.default}`"
    assert dict(rows) == wanted


def test_every_metric_is_named() -> None:
    text = (ROOT / "docs" / "operations.md").read_text()
    assert [metric for _, metric, _ in GAUGES if f"`{metric}`" not in text] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_commands_that_a_page_names_exist(page: Path) -> None:
    top = typer.main.get_command(app).commands
    unknown = []
    for command, second in COMMAND.findall(page.read_text()):
        group = getattr(top.get(command), "commands", None)
        if command not in top or (group is not None and second and second not in group):
            unknown.append(f"orderlane {command} {second}".strip())
    assert unknown == []
