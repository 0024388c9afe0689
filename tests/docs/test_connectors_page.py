"""docs/connectors.md lists the connectors as their table has them."""

import re
from pathlib import Path

from connectors.table import CONNECTORS
from orderlane.shown_connectors import markdown_table

DOCS = Path(__file__).resolve().parents[2] / "docs"


def test_page_has_the_table_that_the_command_prints() -> None:
    """`orderlane connectors --markdown` prints what has to stand there."""
    rows = [line for line in (DOCS / "connectors.md").read_text().splitlines() if line.startswith("|")]
    assert rows == list(markdown_table(CONNECTORS.values()))


def test_every_connector_has_a_readme_where_its_row_leads() -> None:
    text = (DOCS / "connectors.md").read_text()
    assert [link for link in re.findall(r"\]\((\.\./[^)]+)\)", text) if not (DOCS / link).resolve().is_file()] == []
