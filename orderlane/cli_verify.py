"""The commands that tell how the hub stands, and whether the books are right."""

from contextlib import suppress
from typing import Annotated

import typer

from canonical.failures import Transient
from orderlane.cli_options import Json
from orderlane.environment import hub_from_environment, operations
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


@verifying.command("health")
def show_health(as_json: Json = False) -> None:
    """What waits, for how long, and what a person should look at. Exit 1 unless everything is fine."""
    from operations.health import health
    from orderlane.shown_health import print_health
    from store.migrating import check_version

    hub = hub_from_environment(secrets=False)
    with suppress(Transient):  # which is told as a check
        check_version(hub.database)
    found = health(hub.operations)
    (print_json if as_json else print_health)(found)
    if any(check.status != "ok" for check in found.checks):
        raise typer.Exit(1)
