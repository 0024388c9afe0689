"""Commands that tell of one order: its journey, and why it stands as it does."""

from typing import Annotated

import typer

from orderlane.cli_options import Json, OrderNo
from orderlane.environment import operations
from orderlane.shown_tables import print_json

order_app = typer.Typer()


@order_app.command()
def order(
    order_no: OrderNo,
    why: Annotated[bool, typer.Option("--why", help="Show every decision taken about it instead of its journey.")] = False,
    as_json: Json = False,
) -> None:
    """Show an order and its journey: every message about it, what each led to, what was sent to whom."""
    from operations import decisions, find, timeline
    from orderlane.shown_decisions import print_decisions
    from orderlane.shown_order import print_order

    database = operations().database
    order_no = find.order_no_of(database, order_no)
    if why:
        decided = decisions.decisions(database, order_no)
        (print_json if as_json else print_decisions)(decided)
    elif as_json:
        print_json(find.order(database, order_no))
    else:
        print_order(find.order(database, order_no), timeline.timeline(database, order_no).steps)
