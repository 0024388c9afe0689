"""The table of connectors, printed, and as docs/connectors.md has it."""

from collections.abc import Iterable, Iterator, Sequence

from connectors.base import Connector
from orderlane.shown_tables import show, table


def print_connectors(connectors: Iterable[Connector]) -> None:
    """A line a connector and direction."""
    rows = table("connector", "family", "", "documents", whole=("connector", "family", ""))
    for connector in sorted(connectors, key=lambda one: one.name):
        directions = {"in": connector.documents_in, "out": connector.documents_out}
        for number, (direction, names) in enumerate((one, names) for one, names in directions.items() if names):
            told = (connector.name, connector.family) if number == 0 else ("", "")
            rows.add_row(*told, direction, ", ".join(names))
    show(rows, nothing="none")


def markdown_table(connectors: Iterable[Connector]) -> Iterator[str]:
    """The lines of the table, by family and name."""
    yield "| connector | family | receives | sends |"
    yield "|---|---|---|---|"
    for connector in sorted(connectors, key=lambda one: (one.family, one.name)):
        link = f"[`{connector.name}`](../connectors/{connector.family}/{connector.name}/README.md)"
        yield f"| {link} | {connector.family} | {_names(connector.documents_in)} | {_names(connector.documents_out)} |"


def _names(documents: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in documents) or "-"
