"""Commands about stock: an item by place and lot, adjustments, the trace of a recall, cases."""

from datetime import datetime
from typing import Annotated

import typer

from operations.choices import CaseState, GoodsStatus
from orderlane.cli_numbers import number
from orderlane.cli_options import Actor, Json, Reason
from orderlane.environment import operations
from orderlane.shown_tables import out, print_json

stock_app = typer.Typer()
cases_app = typer.Typer(invoke_without_command=True)
stock_app.add_typer(cases_app, name="cases")


@stock_app.command()
def stock(
    item: Annotated[str, typer.Argument(help="The item's name in stock: our SKU.")],
    at: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day of delivery to promise for; today by default.")
    ] = None,
    min_days: Annotated[int, typer.Option(help="How many days goods have to live after it.", min=0)] = 0,
    as_json: Json = False,
) -> None:
    """Show an item at every place by lot, who waits for it, what is expected, and what may be promised."""
    from operations import stocks
    from orderlane.shown_stock import print_stock

    found = stocks.stock(operations().database, item, at=at.date() if at else None, min_days=min_days)
    (print_json if as_json else print_stock)(found)


@stock_app.command()
def adjust(
    item: Annotated[str, typer.Argument(help="The item's name in stock: our SKU.")],
    location: Annotated[str, typer.Argument(help="The place.")],
    qty: Annotated[str, typer.Argument(help="How much more lies there; negative: less. Put -- before a negative one.")],
    reason: Reason,
    actor: Actor,
    lot: Annotated[str | None, typer.Option(help="Of which lot.")] = None,
    serial: Annotated[str | None, typer.Option(help="Of which serial number.")] = None,
    expiry: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="When it expires.")] = None,
    status: Annotated[GoodsStatus, typer.Option(help="Of which status.")] = "released",
    becomes: Annotated[GoodsStatus | None, typer.Option(help="The status the goods have from now on; none come or go.")] = None,
) -> None:
    """Say what lies on a shelf otherwise than the books say: goods found, lost, spoilt, or released from quarantine."""
    from operations import adjusting

    found = adjusting.adjust(
        operations(), item, location, number(qty, "a number", hint="QTY"), actor=actor, reason=reason, lot=lot, serial=serial,
        expiry=expiry.date() if expiry else None, status=status, becomes=becomes,
    )  # fmt: skip
    out.print(f"told stock as message {found.message_id}")


@stock_app.command()
def recall(recall_no: Annotated[str, typer.Argument(help="The recall's number.")], as_json: Json = False) -> None:
    """Trace a recall: what is in stock, who has the rest, whom they sold it to, and what nobody can tell of."""
    from operations import recalls
    from orderlane.shown_stock import print_trace

    (print_json if as_json else print_trace)(recalls.trace(operations().database, recall_no))


@stock_app.command()
def trace(
    item: Annotated[str, typer.Argument(help="The item's name in stock: our SKU.")],
    lot: Annotated[list[str] | None, typer.Option(help="Of this lot; may be given several times.")] = None,
    serial: Annotated[list[str] | None, typer.Option(help="Of this serial number; may be given several times.")] = None,
    as_json: Json = False,
) -> None:
    """Trace goods as for a recall, without one: where they came from, who has them."""
    from operations import recalls
    from orderlane.shown_stock import print_trace

    found = recalls.trace_goods(operations().database, item, lots=lot or (), serials=serial or ())
    (print_json if as_json else print_trace)(found)


@cases_app.callback()
def cases(
    context: typer.Context,
    state: Annotated[CaseState | None, typer.Option(help="Only cases that stand so.")] = None,
    as_json: Json = False,
) -> None:
    """List goods that went ways they should not: others had them, outside a territory, delivered elsewhere, unfit; close a case."""
    if context.invoked_subcommand is not None:
        return
    from operations import recalls
    from orderlane.shown_stock import print_cases

    found = recalls.cases(operations().database, state=state, limit=200)
    (print_json if as_json else print_cases)(found)


@cases_app.command("close")
def close_case(case_no: Annotated[str, typer.Argument(help="The case's number.")], reason: Reason, actor: Actor) -> None:
    """Close a case that no later news explain (unfit goods that left, a sale outside the territory): it has been looked into."""
    from operations import closing

    found = closing.close_case(operations(), case_no, actor=actor, reason=reason)
    out.print(f"{found.case_no} is {found.state}, told as message {found.message_id}")
