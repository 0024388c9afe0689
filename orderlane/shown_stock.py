"""What lies where, who had it and who has it, printed."""

from rich.markup import escape

from operations.recalls import NO_RECALL
from operations.stock_views import CaseView, RecallTrace, StockView
from operations.views import Page
from orderlane.shown_tables import out, show, table


def print_stock(found: StockView) -> None:
    """An item by place and lot, who waits for it and what is expected."""
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


def print_trace(found: RecallTrace) -> None:
    """What came in, what went out, and who has it."""
    title = "Goods" if found.recall_no == NO_RECALL else f"Recall {escape(found.recall_no)}"
    out.print(f"[bold]{title}[/]  {escape(found.sku)}, {found.status}: {escape(found.reason)}")
    left = found.received + found.returned - found.in_stock - found.difference
    out.print(
        f"received {found.received} + returned {found.returned} = in stock {found.in_stock} + left our places {left};"
        f" difference {found.difference}"
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


def print_cases(found: Page[CaseView]) -> None:
    """A line a case."""
    shown = table("case", "state", "code", "reported by", "had", "sold", "others who had it", "region", "closed", whole=("case",))
    for case in found.items:
        told = case.document
        figures = (told.get("had", ""), told.get("sold", ""), ", ".join(told.get("sources", [])), told.get("region", ""))
        why = f"{told['closed_by']}: {told['closed_because']}" if case.state == "closed" else ""
        cells = (case.case_no, case.state, case.code, told["reported_by"], *figures, why)
        shown.add_row(*(escape(str(cell)) for cell in cells))
    show(shown, nothing="no cases")
