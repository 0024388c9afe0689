"""What stock tells about an order, and the release: what is set aside is asked of the warehouse, unless something speaks against
it now (domain R3, R5, R9)."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, cast

import msgspec

from canonical.amounts import ZERO, exact
from canonical.documents.shipments import ShipmentLine, ShipmentRequested
from canonical.documents.stock import StockReleased
from canonical.envelope import Message
from canonical.lean import bare, lean
from canonical.reading import read
from canonical.values import LotRef, Party
from handlers.order import chain, crediting, recording, withdrawing
from handlers.order.books import Books, Order
from handlers.order.ledger import Ledger
from handlers.order.policies.approval import approved_fields
from handlers.order.policies.base import Case

shipment_requested, shipment_line = lean(ShipmentRequested), bare(ShipmentLine)
BILL_ONLY = ("trunk_stock_bill_only", "implant_bill_only")
"""Kinds of orders whose goods lie with the buyer already: nothing is shipped."""
Group = tuple[str, bool, str]
"""(who receives it, kept cold, carrier service): what goes in one shipment"""
NO_LOTS: Mapping[str, Any] = {}


class Asked(msgspec.Struct, gc=False):
    """What is asked for in one shipment. quantities: by line, as text."""

    receiver: Party
    lines: list[ShipmentLine] = []
    quantities: dict[str, str] = {}


class ReservedLine(msgspec.Struct, gc=False):
    """A line of `Reserved`, as the facts have it: quantities are text, lots JSON."""

    line_no: str
    qty: str
    lots: tuple[dict[str, Any], ...] = ()


class Reserved(msgspec.Struct, gc=False):
    """What an order goes by of stock.reserved."""

    order_no: str
    seq: int
    location: str
    lines: list[ReservedLine]
    soft: bool = False

    def as_fact(self) -> dict[str, Any]:
        lines: dict[str, str] = {}
        lots: dict[str, list[dict[str, Any]]] = {}
        for line in self.lines:
            lines[line.line_no] = line.qty
            if line.lots:
                lots[line.line_no] = [{"qty": "1"} | lot for lot in line.lots]
        return {"at": self.location, "lines": lines, "lots": lots} if lots else {"at": self.location, "lines": lines}


def prepare(books: Books, batch: Sequence[Message]) -> None:
    """Ask once more, for every order of which stock sets something aside, whether its goods may be sold on the day they leave."""
    if not books.catalogue.knows("products"):
        return
    for message in batch:
        order = books.orders.get(message.subject) if message.type == "stock.reserved" else None
        if order is not None and order.order_no not in books.releases:
            books.releases[order.order_no] = release_case(books, order)
    chain.check_release(books.releases.values(), books)


def release_case(books: Books, order: Order) -> Case:
    """The order as it shall leave today."""
    document = order.document
    customer = books.catalogue.customer_in_force(order.customer_no) if order.customer_no is not None else None
    private_buyer = customer is None and document.channel in books.settings.customer.private_channels
    return Case(document, order.origin, books.now, books.today, customer, private_buyer=private_buyer)


def reserve(books: Books, message: Message) -> str | None:
    """stock.reserved: the goods shall leave. A soft reservation is stock's own affair."""
    told = message.seen_as(Reserved)
    order = books.orders.get(told.order_no)
    if order is None:
        return f"order:{told.order_no}"
    seq = str(told.seq)
    if told.soft or seq in order.facts.reserved:
        return None
    order.facts.reserved[seq] = told.as_fact()
    order.change()
    ask_for_shipments(books, order, message)
    return None


def release(books: Books, message: Message) -> str | None:
    """stock.released: so much is no longer set aside."""
    document = cast(StockReleased, message.document)
    order = books.orders.get(document.order_no)
    if order is None:
        return f"order:{document.order_no}"
    if not document.soft and str(document.seq) not in order.facts.released:
        order.facts.released[str(document.seq)] = withdrawing.forget(order, document)
        order.change()
        withdrawing.withdraw(books, order, document, message)
    return None


def ask_for_shipments(books: Books, order: Order, cause: Message) -> None:
    """Ask for what is set aside, still open, and was not asked for yet, unless the order is held or has to be held now."""
    waiting = [seq for seq in order.facts.reserved if seq not in order.facts.asked]
    if not waiting or order.facts.pending or order.facts.rejected or order.holds:
        return
    if not _may_leave(books, order, cause):
        return
    for seq in waiting:
        order.facts.asked.append(seq)
        reservation = order.facts.reserved[seq]
        groups = _groups(books, order, reservation) if order.document.kind not in BILL_ONLY else {}
        for group in sorted(groups) if len(groups) > 1 else groups:
            _ask(books, order, reservation["at"], group, groups[group], cause)
    order.restate()


def _may_leave(books: Books, order: Order, cause: Message) -> bool:
    """Licences, certificates, recalls and credit once more, on the day of release; what speaks against it holds the order."""
    case = books.releases.pop(order.order_no, None)
    if case is None and (books.catalogue.knows("products") or order.account is not None):
        case = release_case(books, order)
        chain.check_release([case], books)
    if case is None:
        return True
    crediting.check(case, order, books)
    recording.record(books, order, "release", cause, case.decisions)
    against = case.codes("hold")
    if not against:
        return True
    fields = approved_fields(order.document, order.customer_no, {})
    held = [code for code in against if order.facts.waived.get(code) != fields]
    for code in held:
        order.facts.holds[code] = {"owner": books.settings.holds.owner(code), "step": "release"}
    if held:
        order.restate()
    return not held


def _groups(books: Books, order: Order, reservation: Mapping[str, Any]) -> dict[Group, Asked]:
    """What is to be asked for of a reservation, by what goes in one shipment."""
    document, figures, aside, requested = order.document, order.lines, order.aside, withdrawing.requested(order.facts)
    lines, products = order.terms.lines, books.catalogue.by_sku
    service = document.references.get("carrier_service", "")
    lots = reservation.get("lots", NO_LOTS)
    groups: dict[Group, Asked] = {}
    for line_no, written in reservation["lines"].items():
        line = lines.get(line_no)
        if line is None:
            continue
        figure, left, reserved = figures[line_no], aside.get(line_no, ZERO), exact(written)
        qty = _least(reserved, figure.open, left - requested[line_no] if line_no in requested else left)
        if qty <= ZERO:
            continue
        product = products.get(line.sku or "")
        cold = line.cold_chain or (product is not None and product.storage.cold_chain)
        receiver = line.ship_to or document.ship_to
        own = line.references.get("carrier_service") if line.references else None
        group = receiver.party_id, cold, own or service
        asked = groups.get(group)
        if asked is None:
            asked = groups[group] = Asked(receiver)
        asked.quantities[line_no] = written if qty is reserved else str(qty)
        asked.lines.append(
            shipment_line(
                order_no=order.order_no,
                line_no=line_no,
                item=line.item,
                qty=qty,
                outstanding_qty=ZERO if qty == figure.open else _outstanding(figure, qty, left),
                lots=tuple(_picked(lots[line_no], qty)) if line_no in lots else (),
            )
        )
    return groups


def _least(reserved: Decimal, still_open: Decimal, aside: Decimal) -> Decimal:
    """What of a reservation is to be asked for. No `min`: this runs for every line, and that takes twice as long."""
    least = reserved if reserved < still_open else still_open
    return least if least < aside else aside


def _outstanding(line: Ledger, asked: Decimal, aside: Decimal) -> Decimal:
    """What of the line will still be missing when so much has left: open, and not set aside."""
    return max(ZERO, min(line.open - asked, line.ordered - line.cancelled - aside)) or ZERO


def _ask(books: Books, order: Order, location: str, group: Group, asked: Asked, cause: Message) -> None:
    facts = order.facts
    facts.requests += 1
    facts.requested[str(facts.requests)] = {"at": location, "lines": asked.quantities}
    books.outcome.emit(
        shipment_requested(
            shipment_no=f"{order.order_no}-S{facts.requests}",
            order_no=order.order_no,
            origin=order.origin,
            warehouse=location,
            requested_delivery_date=order.document.requested_delivery_date,
            ship_to=asked.receiver,
            cold_chain=group[1],
            service=group[2] or None,
            lines=tuple(asked.lines),
        ),
        cause,
    )


def _picked(lots: Iterable[Mapping[str, Any]], asked: Decimal) -> Iterable[LotRef]:
    """The lots that stock picked, as far as so much is still asked for."""
    for kept in lots:
        lot = read(LotRef, msgspec.json.encode(kept))
        qty = min(lot.qty, asked)
        asked -= qty
        if qty > 0:
            yield lot.but(qty=qty)
