"""Commands about stock: an item by place and lot, adjustments, the trace of a recall, cases."""

import getpass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Annotated, Literal

import typer
from rich.markup import escape

from operations import adjusting, recalls, stocks
from operations.adjusting import Status
from operations.recalls import NO_RECALL
from operations.stock_views import RecallTrace, StockView
from operations.views import View
from orderlane.cli_tables import out, show, table
from orderlane.environment import ready_hub
from store.database import Database

stock_app = typer.Typer()
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def _database() -> Database:
    return ready_hub(secrets=False).operations.database


def _json(view: View) -> None:
    print(view.model_dump_json(exclude_none=True))


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
    found = stocks.stock(_database(), item, at=at.date() if at else None, min_days=min_days)
    if as_json:
        _json(found)
        return
    out.print(f"[bold]{escape(found.item)}[/]  on hand {found.on_hand}, reserved {found.reserved}, available {found.available}")
    out.print(f"may be promised for {found.promise.at}: {found.promise.available}\n")
    _print_places(found)
    for backorder in found.waiting:
        out.print(
            f"{escape(backorder.order_no)} line {escape(backorder.line_no)} waits for {backorder.qty}, due {backorder.due or 'now'}"
        )
    for receipt in found.expected:
        out.print(f"{receipt.qty} expected at {escape(receipt.location)} on {receipt.due} ({escape(receipt.shipment_no)})")


def _print_places(found: StockView | RecallTrace) -> None:
    places = found.places if isinstance(found, StockView) else found.stock
    shown = table(
        "place", "lot", "serial", "status", "expiry", "on hand", "reserved", "available", whole=("place", "lot", "serial", "expiry")
    )
    for place in places:
        held = f"{place.location} (at {place.holder})" if place.holder else place.location
        shown.add_row(escape(held), "", "", "", "", str(place.on_hand), str(place.reserved), str(place.available))
        for lot in place.lots:
            status = f"{lot.status}, recalled" if lot.recalled else lot.status
            cells = (lot.lot or "", lot.serial or "", status, str(lot.expiry or ""))
            shown.add_row("", *map(escape, cells), str(lot.on_hand), str(lot.reserved), str(lot.available))
    show(shown, nothing="nothing lies anywhere")


@stock_app.command()
def adjust(
    item: Annotated[str, typer.Argument(help="The item's name in stock: our SKU.")],
    location: Annotated[str, typer.Argument(help="The place.")],
    qty: Annotated[str, typer.Argument(help="How much more lies there; negative: less. Put -- before a negative one.")],
    reason: Annotated[str, typer.Option(help="Why; kept with the message.")],
    actor: Annotated[str, typer.Option(help="Who says so; kept with the message.", default_factory=getpass.getuser)],
    lot: Annotated[str | None, typer.Option(help="Of which lot.")] = None,
    serial: Annotated[str | None, typer.Option(help="Of which serial number.")] = None,
    expiry: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="When it expires.")] = None,
    status: Annotated[Status, typer.Option(help="Of which status.")] = "released",
    becomes: Annotated[Status | None, typer.Option(help="The status the goods have from now on; none come or go then.")] = None,
) -> None:
    """Say what lies on a shelf otherwise than the books say: goods found, lost, spoilt, or released from quarantine."""
    try:
        number = Decimal(qty)
    except InvalidOperation as error:
        raise typer.BadParameter("expected a number", param_hint="QTY") from error
    found = adjusting.adjust(
        ready_hub(secrets=False).operations, item, location, number, actor=actor, reason=reason, lot=lot, serial=serial,
        expiry=expiry.date() if expiry else None, status=status, becomes=becomes,
    )  # fmt: skip
    out.print(f"told stock as message {found.message_id}")


@stock_app.command()
def recall(recall_no: Annotated[str, typer.Argument(help="The recall's number.")], as_json: Json = False) -> None:
    """Trace a recall: what is in stock, who has the rest, whom they sold it to, and what nobody can tell of."""
    _print_trace(recalls.trace(_database(), recall_no), as_json=as_json)


@stock_app.command()
def trace(
    item: Annotated[str, typer.Argument(help="The item's name in stock: our SKU.")],
    lot: Annotated[list[str] | None, typer.Option(help="Of this lot; may be given several times.")] = None,
    serial: Annotated[list[str] | None, typer.Option(help="Of this serial number; may be given several times.")] = None,
    as_json: Json = False,
) -> None:
    """Trace goods as for a recall, without one: where they came from, who has them."""
    _print_trace(recalls.trace_goods(_database(), item, lots=lot or (), serials=serial or ()), as_json=as_json)


def _print_trace(found: RecallTrace, *, as_json: bool) -> None:
    if as_json:
        _json(found)
        return
    title = "Goods" if found.recall_no == NO_RECALL else f"Recall {escape(found.recall_no)}"
    out.print(f"[bold]{title}[/]  {escape(found.sku)}, {found.status}: {escape(found.reason)}")
    out.print(
        f"received {found.received} = in stock {found.in_stock} + shipped from it - returned to it; difference {found.difference}"
    )
    out.print(
        f"shipped {found.shipped} = returned {found.returned} + scrapped {found.scrapped} + sold on {found.confirmed}"
        f" + unlocated {found.unlocated}\n"
    )
    _print_places(found)
    shown = table("region", "buyer", "shipped", "returned", "sold on", "unlocated", "shipments", "sold to", whole=("buyer",))
    for buyer in found.buyers:
        figures = (buyer.shipped, buyer.returned, buyer.confirmed, buyer.unlocated)
        shipments = ", ".join(dict.fromkeys(one.shipment_no or one.order_no for one in buyer.shipments))
        sold = ", ".join(f"{one.qty} {one.to or 'unknown'}" for one in buyer.sold_on)
        shown.add_row(buyer.region or "", escape(buyer.buyer), *map(str, figures), escape(shipments), escape(sold))
    show(shown, nothing="nobody has any of it from us")
    for one in found.unknown_lot:
        out.print(f"{one.qty} left for {escape(one.order_no)} line {escape(one.line_no)}, and nobody told of which lot")


@stock_app.command()
def cases(
    state: Annotated[Literal["open", "explained"] | None, typer.Option(help="Only cases that stand so.")] = None,
    as_json: Json = False,
) -> None:
    """List goods that went ways they should not: others had them, outside a territory, delivered elsewhere."""
    found = recalls.cases(_database(), state=state, limit=200)
    if as_json:
        _json(found)
        return
    shown = table("case", "state", "reported by", "had", "sold", "others who had it", "region", whole=("case",))
    for case in found.items:
        told = case.document
        figures = (told.get("had", ""), told.get("sold", ""), ", ".join(told.get("sources", [])), told.get("region", ""))
        cells = (case.case_no, case.state, told["reported_by"], *figures)
        shown.add_row(*(escape(str(cell)) for cell in cells))
    show(shown, nothing="no cases")
