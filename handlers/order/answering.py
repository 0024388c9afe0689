"""What an order says of itself when something was decided about it: to stock, and to whoever sent it."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Literal

from canonical.amounts import ZERO
from canonical.documents.decisions import OrderHeld
from canonical.documents.order_answers import ConfirmedLine, OrderConfirmed, OrderResponse, ResponseLine
from canonical.documents.orders import OrderLine
from canonical.envelope import Message
from canonical.handling import Outcome
from canonical.lean import lean
from canonical.values import QuantityOrZero
from handlers.order.books import Books, Order
from handlers.order.policies.base import Case, Decision

order_confirmed, order_held, confirmed_line = lean(OrderConfirmed), lean(OrderHeld), lean(ConfirmedLine)
order_response, response_line, quantity = lean(OrderResponse), lean(ResponseLine), lean(QuantityOrZero)
LineCode = Literal["accepted", "changed", "backordered", "substituted", "rejected"]
NOTHING: Mapping[str, str] = {}


def confirm(books: Books, order: Order, case: Case, cause: Message) -> None:
    """order.confirmed: the whole demand of the document in force."""
    document, customer = order.document, case.customer
    books.outcome.emit(
        order_confirmed(
            order_no=order.order_no,
            revision=order.revision,
            restated=order.facts.restated,
            changed=bool(order.facts.revisions),
            origin=order.origin,
            channel=document.channel,
            kind=document.kind,
            customer_no=order.customer_no,
            credit_grade=_grade(case),
            priority=_priority(order, case),
            allow_partial=document.allow_partial and (customer is None or customer.allow_partial),
            requested_delivery_date=document.requested_delivery_date,
            ship_to=document.ship_to,
            lines=tuple([_wanted(line, case) for line in document.lines]),
        ),
        cause,
    )


def hold(books: Books, order: Order, case: Case, cause: Message) -> None:
    """order.held: why the order waits and for whom. Quantities that may not be ordered are answered with those that may."""
    facts = order.facts
    asked = {one.code: one for one in case.decisions if one.result == "approve" and one.code is not None}
    roles = facts.approval["request"]["roles"] if facts.approval else []
    owners = dict.fromkeys([*(owner_of(books, order, code) for code in order.state.holds), *roles])
    codes = tuple(dict.fromkeys([*order.state.holds, *(asked if facts.approval else ())]))
    _held(books, order, case, codes, tuple(owners), books.now + books.settings.holds.soft_for, cause)
    suggested = {one.line_no: one for one in case.decisions if one.result == "change" and one.code in facts.holds}
    if suggested:
        respond(order, "CA", cause, books.outcome, changes=suggested.values())


def owner_of(books: Books, order: Order, code: str) -> str:
    """The role that decides about a hold of the order."""
    hold = order.facts.holds.get(code)
    return hold["owner"] if hold is not None else books.settings.holds.owner(code)


def _held(
    books: Books, order: Order, case: Case, codes: Sequence[str], owners: tuple[str, ...], until: datetime, cause: Message
) -> None:
    document = order.document
    books.outcome.emit(
        order_held(
            order_no=order.order_no,
            origin=order.origin,
            channel=document.channel,
            revision=order.revision,
            seq=order.facts.held,
            codes=tuple(codes),
            owners=owners,
            kind=document.kind,
            until=until,
            customer_no=order.customer_no,
            credit_grade=_grade(case),
            priority=_priority(order, case),
            allow_partial=document.allow_partial,
            requested_delivery_date=document.requested_delivery_date,
            ship_to=document.ship_to,
            lines=tuple([_wanted(line, case) for line in document.lines]),
        ),
        cause,
    )
    order.facts.held += 1
    order.touch()


def respond(
    order: Order,
    code: Literal["AP", "CA", "RE"],
    cause: Message,
    outcome: Outcome,
    *,
    reasons: Sequence[str] = (),
    changes: Iterable[Decision] = (),
    said: Mapping[str, str] = NOTHING,
) -> None:
    """order.response; a web shop knows none, it hears order.confirmed and order.progressed. said: {line_no: code} of what of the
    message that is answered cannot be done."""
    document = order.document
    if document.channel == "ecommerce":
        return
    seq = order.facts.answers
    order.facts.answers += 1
    order.touch()
    suggested = {one.line_no: one for one in changes}
    outcome.emit(
        order_response(
            order_no=order.order_no,
            origin=order.origin,
            channel=document.channel,
            code=code,
            revision=order.revision,
            seq=seq,
            price_date=document.price_date,
            sold_to=document.sold_to,
            currency=document.currency,
            reasons=tuple(dict.fromkeys([*reasons, *order.facts.refused.values()])),
            lines=tuple([_answer(order, line, code, suggested.get(line.line_no), said) for line in document.lines]),
        ),
        cause,
    )


def let_go(books: Books, order: Order, codes: Sequence[str], cause: Message) -> None:
    """order.held until now: nothing has to be set aside for the order any more."""
    _held(books, order, Case(order.document, order.origin, books.now, books.today), codes, (), books.now, cause)


def _answer(order: Order, line: OrderLine, code: str, suggested: Decision | None, said: Mapping[str, str]) -> ResponseLine:
    ledger, refused = order.lines[line.line_no], order.facts.refused
    kept = ledger.ordered - ledger.cancelled
    changed = suggested is not None or ledger.cancelled > ZERO
    line_code: LineCode = "rejected" if code == "RE" else "changed" if changed else "accepted"
    return response_line(
        line_no=line.line_no,
        code=line_code,
        qty=quantity(value=kept, uom=line.qty.uom),
        item=line.item or None,
        unit_price=line.unit_price,
        reason=_suggestion(suggested) if suggested is not None else said.get(line.line_no) or refused.get(line.line_no),
    )


def _suggestion(decision: Decision) -> str:
    nearest = " or ".join(str(decision.inputs[name]) for name in ("lower", "higher") if decision.inputs.get(name) is not None)
    return f"{decision.code}: {decision.text}" + (f"; next: {nearest}" if nearest else "")


def _grade(case: Case) -> str | None:
    return case.customer.credit.grade if case.customer is not None and case.customer.credit is not None else None


def _priority(order: Order, case: Case) -> int:
    """The more urgent of what the order and its customer say."""
    given = case.customer.priority if case.customer is not None else None
    return order.document.priority if given is None else min(order.document.priority, given)


def _wanted(line: OrderLine, case: Case) -> ConfirmedLine:
    product = case.products.get(line.line_no)
    shelf = line.min_remaining_shelf_days
    return confirmed_line(
        line_no=line.line_no,
        item=line.item,
        qty=line.qty,
        base_qty=case.base_qtys.get(line.line_no),
        base_uom=product.base_uom if product is not None else None,
        requested_date=line.requested_date,
        requested_lots=line.requested_lots,
        min_remaining_shelf_days=product.min_remaining_shelf_days if shelf is None and product is not None else shelf,
        cold_chain=line.cold_chain or (product is not None and product.storage.cold_chain),
        ship_to=line.ship_to,
    )
