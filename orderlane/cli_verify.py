"""The command that checks the books."""

from typing import Annotated

import typer

from orderlane.cli_options import Json
from orderlane.environment import operations
from orderlane.shown_tables import print_json

verifying = typer.Typer()


@verifying.command("verify")
def verify_ledger(
    settled: Annotated[bool, typer.Option("--settled", help="Give young messages no grace: nothing is on its way.")] = False,
    as_json: Json = False,
) -> None:
    """Check the ledger: everything accepted has one end, stock and invoices add up. Exit 1 on any difference."""
    from operations import verify
    from orderlane.shown_verification import print_verification

    result = verify.verify_hub(operations(), grace=0.0 if settled else verify.GRACE)
    (print_json if as_json else print_verification)(result)
    if not result.exact:
        raise typer.Exit(1)
