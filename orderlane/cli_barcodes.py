"""A command about labels: what a device's barcode says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from canonical.udi import Udi

barcodes = typer.Typer()
NOT_READ = 2


@barcodes.command()
def udi(texts: Annotated[list[str], typer.Argument(metavar="TEXT...", help="Codes as scanned or printed: GS1 or HIBC.")]) -> None:
    """Tell what device barcodes say: identifier, lot, serial number, dates, and what is wrong. Exit 2 for an unreadable one."""
    from canonical.barcodes import read_udi

    found = [read_udi(text) for text in texts]
    for text, label in zip(texts, found, strict=True):
        print(_plain(text))
        for name, value in rows(label):
            print(f"  {name:<17}{_plain(value)}")
    if not all(label.is_readable for label in found):
        raise typer.Exit(NOT_READ)


def _plain(text: str) -> str:
    """The text as a terminal may show it: separators and other control characters spelled out."""
    return text if text.isprintable() else ascii(text)[1:-1]


def rows(label: Udi) -> list[tuple[str, str]]:
    """What is told of a label, a name and a text each."""
    told = {
        "agency": label.agency, "device": label.di, "lot": label.lot, "serial": label.serial, "expires": label.expiry,
        "made": label.mfg_date, "quantity": label.quantity,
    }  # fmt: skip
    said = [(name, str(value)) for name, value in told.items() if value is not None]
    fields = [(f"({one.identifier})", f"{one.value}  {one.meaning}".rstrip()) for one in label.elements]
    wrong = [(one.code, f"{one.path}: {one.message}, found {one.value}") for one in label.problems]
    return [*said, *fields, *wrong]
