"""Finding orders as they stand, and what partners call our things."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from canonical.amounts import ZERO, from_minor, price_of
from canonical.documents.orders import OrderLine, OrderPlaced
from canonical.reading import read
from handlers.order.derive import derive
from handlers.order.facts import Facts
from handlers.order.ledger import BEYOND, Ledger
from handlers.order.policies.settings import HoldSettings
from handlers.order.words import display
from operations import cursors, showing
from operations.failing import not_found
from operations.find_invoices import invoice_views, payment_view
from operations.find_shipments import shipment_view
from operations.order_views import (
    CrossReference,
    InvoiceView,
    OrderLineView,
    OrderSummary,
    OrderView,
    WaitsFor,
)
from operations.views import Page
from store import business, references
from store.business import OrderFilter
from store.database import Database, Row, from_micros
from store.exact import from_micro_units, to_micro_units
from store.references import ReferenceFilter

MOST_NAMES = 200


def orders(
    database: Database, wanted: OrderFilter | None = None, *, cursor: str | None = None, limit: int = 50
) -> Page[OrderSummary]:
    """Orders, newest first. BadCursor."""
    before = cursors.read(cursor, "orders", int, str) if cursor else None
    with database.reading() as tx:
        rows = business.orders(tx, wanted or OrderFilter(), before=(before[0], before[1]) if before else None, limit=limit + 1)
    items = [OrderSummary(**_summary(row)) for row in rows[:limit]]
    return Page(items=items, next=cursors.following(rows, limit, "orders", "placed_at", "order_no"))


def order(database: Database, order_no: str) -> OrderView:
    """One order with its lines, shipments, invoices and payments. NotFound."""
    with database.reading() as tx:
        row = business.order(tx, order_no)
        if row is None:
            raise not_found(tx, "order", order_no)
        document, facts = read(OrderPlaced, row.document), Facts.kept(row.facts)
        invoices = invoice_views(tx, business.invoices_of_order(tx, order_no))
        names = [order_no, *([row.source_order_id] if row.source_order_id else []), *(i.invoice_no for i in invoices)]
        holds = derive(document, facts).holds
        return OrderView(
            **_summary(row),
            revision=row.revision,
            customer_no=row.customer_no,
            holds=list(holds),
            waits_for=_waits_for(facts, holds, row.state),
            lines=_lines(document, facts, business.stock_lines_of_order(tx, order_no)),
            shipments=[shipment_view(s) for s in business.shipments(tx, list(facts.shipments))],
            invoices=invoices,
            payments=[payment_view(p) for p in business.payments_for(tx, names)],
            known_as=[_reference(r) for r in references.of_things(tx, _things(order_no, facts, invoices))],
            document=showing.document(row.document, row.currency),
        )


ENDED = frozenset({"cancelled", "rejected", "closed"})
"""Nobody has to decide about such an order, unless goods have moved that should not have."""


def _waits_for(facts: Facts, holds: Sequence[str], state: str) -> list[WaitsFor]:
    """The holds nobody is asked to lift by approving, then whoever has not approved yet. Holds that follow from what is known
    belong to whom they belong by default."""
    asked = facts.approval.get("request", {"lifts": (), "roles": (), "fields": ""})
    answered = {one["role"] for one in facts.approval.get("answers", ()) if one["fields"] == asked["fields"]}
    owners = {code: HoldSettings().owner(code) for code in holds} | {code: hold["owner"] for code, hold in facts.holds.items()}
    held = [WaitsFor(code=code, role=role) for code, role in owners.items() if code not in asked["lifts"]]
    if state in ENDED:
        return [one for one in held if one.code in BEYOND]
    return held + [WaitsFor(code="approval", role=role) for role in asked["roles"] if role not in answered]


def order_no_of(database: Database, number: str) -> str:
    """Our number of an order that is known to us or to one partner alone under `number`; else the number as it is."""
    with database.reading() as tx:
        if business.order(tx, number) is not None:
            return number
        found = references.references(tx, ReferenceFilter(kind="order", id=number), limit=MOST_NAMES)
    ours = {str(row.our_id) for row in found if row.their_id == number}
    return ours.pop() if len(ours) == 1 else number


def _things(order_no: str, facts: Facts, invoices: Sequence[InvoiceView]) -> list[tuple[str, str]]:
    """The order and what came of it, by kind and our id."""
    shipments = [("shipment", number) for number in facts.shipments]
    return [("order", order_no), *shipments, *(("invoice", i.invoice_no) for i in invoices)]


def cross_references(
    database: Database, wanted: ReferenceFilter, *, cursor: str | None = None, limit: int = 50
) -> Page[CrossReference]:
    """What partners call our things, by our id. BadCursor."""
    after = cursors.read(cursor, "references", str, str, str) if cursor else None
    with database.reading() as tx:
        rows = references.references(tx, wanted, after=(after[0], after[1], after[2]) if after else None, limit=limit + 1)
    following = cursors.following(rows, limit, "references", "our_id", "kind", "endpoint")
    return Page(items=[_reference(row) for row in rows[:limit]], next=following)


def _reference(row: Row) -> CrossReference:
    return CrossReference(
        endpoint=row.endpoint,
        kind=row.kind,
        our_id=row.our_id,
        their_id=row.their_id,
        seen_in=row.seen_in,
        seen_at=from_micros(row.seen_at),
    )


def _summary(row: Row) -> dict[str, Any]:
    english, chinese = display(row.state, row.fulfilment, row.billing)
    return {
        "order_no": row.order_no, "origin": row.origin, "source_order_id": row.source_order_id, "display": english,
        "display_zh": chinese, "state": row.state, "fulfilment": row.fulfilment, "billing": row.billing, "payment": row.payment,
        "buyer": row.buyer or row.buyer_id, "currency": row.currency,
        "payable": None if row.payable is None else from_minor(row.payable, row.currency),
        "placed_at": from_micros(row.placed_at), "changed_at": from_micros(row.changed_at),
    }  # fmt: skip


COUNTED = ("ordered", "cancelled", "shipped", "delivered", "returned", "invoiced", "open")


def _lines(document: OrderPlaced, facts: Facts, in_stock: Sequence[Row]) -> list[OrderLineView]:
    ledger = derive(document, facts).lines
    stock = {row.line_no: row for row in in_stock}
    return [_line(line, ledger[line.line_no], stock.get(line.line_no), document.currency) for line in document.lines]


def _line(line: OrderLine, figures: Ledger, stock: Row | None, currency: str) -> OrderLineView:
    counted: dict[str, Any] = {name: showing.quantity(getattr(figures, name)) for name in COUNTED}
    return OrderLineView(
        line_no=line.line_no,
        item=line.item,
        description=line.description,
        uom=line.qty.uom,
        unit_price=None if line.unit_price is None else price_of(line.unit_price, currency),
        line_amount=None if line.line_amount is None else price_of(line.line_amount, currency),
        **counted,
        reserved=_in_line_units(line, stock, stock.reserved) if stock else ZERO,
        backordered=_in_line_units(line, stock, stock.backordered) if stock else ZERO,
        location=(stock.location or None) if stock else None,
    )


def _in_line_units(line: OrderLine, stock: Row, micro: int) -> Decimal:
    """What stock counts in the item's unit, in the order line's: stock knows how much of the item the whole line is."""
    ordered = to_micro_units(line.qty.value)
    return from_micro_units(micro * ordered // stock.demanded if stock.demanded else micro)
