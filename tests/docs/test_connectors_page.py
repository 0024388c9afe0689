"""docs/connectors.md lists the connectors as their table has them."""

import re
from pathlib import Path

from connectors.base import Connector
from connectors.table import CONNECTORS

DOCS = Path(__file__).resolve().parents[2] / "docs"


def _row(connector: Connector) -> str:
    """The row of a connector as the page has to have it."""
    link = f"[`{connector.name}`](../connectors/{connector.family}/{connector.name}/README.md)"
    received = ", ".join(f"`{name}`" for name in connector.documents_in) or "-"
    sent = ", ".join(f"`{name}`" for name in connector.documents_out) or "-"
    return f"| {link} | {connector.family} | {received} | {sent} |"


def test_page_lists_every_connector_with_its_documents_in_the_order_of_the_table() -> None:
    rows = [line for line in (DOCS / "connectors.md").read_text().splitlines() if line.startswith("| [`")]
    assert rows == [_row(connector) for connector in CONNECTORS.values()]


def test_every_connector_has_a_readme_where_its_row_leads() -> None:
    text = (DOCS / "connectors.md").read_text()
    assert [link for link in re.findall(r"\]\((\.\./[^)]+)\)", text) if not (DOCS / link).resolve().is_file()] == []
