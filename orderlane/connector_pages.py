"""The table of docs/connectors.md, made of the table of connectors."""

from collections.abc import Iterable, Iterator, Sequence

from connectors.base import Connector


def markdown_table(connectors: Iterable[Connector]) -> Iterator[str]:
    """The lines of the table, by family and name."""
    yield "| connector | family | receives | sends |"
    yield "|---|---|---|---|"
    for connector in sorted(connectors, key=lambda one: (one.family, one.name)):
        link = f"[`{connector.name}`](../connectors/{connector.family}/{connector.name}/README.md)"
        yield f"| {link} | {connector.family} | {_names(connector.documents_in)} | {_names(connector.documents_out)} |"


def _names(documents: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in documents) or "-"
