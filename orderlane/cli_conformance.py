"""`orderlane conformance`: what becomes of folders of real documents."""

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from orderlane.environment import hub_from_environment
from orderlane.shown_tables import out, show, table

conformance = typer.Typer()

Folders = Annotated[list[Path], typer.Argument(help="Folders with a folder of documents per kind.", exists=True, file_okay=False)]


@conformance.command("conformance")
def conform(
    folders: Folders,
    currency: Annotated[str | None, typer.Option(help="Where a document names none.")] = None,
    time_zone: Annotated[str | None, typer.Option(help="For times without a zone, as in Europe/Berlin.")] = None,
) -> None:
    """Translate every document of folders and tell per kind what becomes of them.

    Exit 1 where the hub is at fault: a crash, or a document translated by half without a word.
    """
    from orderlane.conformance import Seen, kinds, look

    hub = hub_from_environment(secrets=False)
    options = {name: value for name, value in (("currency", currency), ("time_zone", time_zone)) if value}
    rows = table(
        "kind", "read by", "files", "translated", "in part", "refused", "parts skipped", whole=("kind", "files", "translated")
    )
    refused: list[tuple[str, Seen]] = []
    for folder in folders:
        for kind, readers, files in kinds(folder, hub.connectors):
            if not readers:
                rows.add_row(kind, "no connector", str(len(files)), "-", "-", "-", "-")
                continue
            seen = [look(file, readers, hub.translations, options) for file in files]
            partly = sum(bool(one.messages and one.problems) for one in seen)
            whole = sum(bool(one.messages and not one.problems) for one in seen)
            skipped = str(sum(one.skipped for one in seen))
            names = ", ".join(one.name for one in readers)
            rows.add_row(kind, names, str(len(files)), str(whole), str(partly), str(sum(one.refused for one in seen)), skipped)
            refused += [(kind, one) for one in seen if one.problems or one.broken]
    show(rows, nothing="no documents")
    for kind, one in refused:
        out.print(f"\n[bold]{escape(f'{kind}/{one.name}')}[/] {'refused' if one.refused else 'in part'}", soft_wrap=True)
        for line in one.told():
            out.print(f"  {line}", markup=False, soft_wrap=True)
    if any(one.broken for _, one in refused):
        raise typer.Exit(1)
