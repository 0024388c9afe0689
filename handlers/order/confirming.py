"""What becomes of an order once the policies have spoken: rejected, held, put before approvers, or confirmed."""

from collections.abc import Sequence

import orjson

from canonical.documents.orders import OrderPlaced
from canonical.envelope import Message
from canonical.reading import read
from handlers.order import answering, chain, recording, reserving
from handlers.order.books import Books, Order
from handlers.order.expiring import EXPIRED
from handlers.order.ledger import BEYOND
from handlers.order.policies.approval import approved_fields, lifted_by, roles_of
from handlers.order.policies.approving import Request
from handlers.order.policies.base import Case, Decision, Result
from handlers.order.progress import tell, tell_money
from handlers.order.repricing import billed_otherwise
from handlers.worth import priced

NOTHING_BILLED: Sequence[Decision] = ()
AGREED: frozenset[Result] = frozenset({"pass", "unchecked"})
"""What policies say where nothing speaks against an order."""


def settle(books: Books, order: Order, case: Case, step: str, cause: Message) -> None:
    """Take the last decisions, keep them all, and do what follows. The order is pending until it is confirmed."""
    chain.finish(case, order, books)
    recording.record(books, order, step, cause, case.decisions)
    if case.new_customer is not None:
        books.outcome.emit(case.new_customer, cause)
    if order.placed_by is None and priced(order.document):
        books.outcome.arrived.add(f"price:{order.order_no}")
    facts, said = order.facts, {decision.result for decision in case.decisions}
    if "reject" in said:
        reject(books, order, case.codes("reject"), cause)
        return
    if not said <= AGREED or facts.holds or facts.approval:
        _hold(books, order, case)
    if not facts.approval and BEYOND.issuperset(order.state.holds):
        confirm(books, order, case, cause)
        return
    answering.hold(books, order, case, cause)


def reject(books: Books, order: Order, codes: Sequence[str], cause: Message, text: str = "") -> None:
    """The order is not taken on; its sender is told why, and stock need not keep anything for it."""
    facts = order.facts
    held = bool(facts.held)
    facts.rejected, facts.approval = list(codes), {}
    facts.holds = {code: hold for code, hold in facts.holds.items() if hold["step"] == "person"}
    order.change()
    if held:
        answering.let_go(books, order, codes, cause)
    answering.respond(order, "RE", cause, books.outcome, reasons=(*codes, *([text] if text else ())))
    tell(order, "rejected", cause, books.outcome, seq=facts.runs, reasons=tuple(codes))


def confirm(books: Books, order: Order, case: Case, cause: Message) -> None:
    """The order is taken on: stock serves it, the sender hears it, goods that wait for it may leave. A changed one may be paid by
    what came before."""
    facts, billed = order.facts, NOTHING_BILLED
    if facts.before:
        books.outcome.arrived.add(f"raised:{order.order_no}")
        billed = _billed_otherwise(books, order, cause)
    facts.pending, facts.before = "", {}
    order.touch()
    answering.confirm(books, order, case, cause)
    cut = facts.refused or (facts.cancels and any(line.cancelled for line in order.lines.values()))
    said = {one.line_no or "": one.code or "" for one in billed}
    answering.respond(order, "CA" if cut else "AP", cause, books.outcome, reasons=tuple(said.values()), said=said)
    if facts.invoices:
        tell_money(order, cause, books.outcome)
    reserving.ask_for_shipments(books, order, cause)


def _billed_otherwise(books: Books, order: Order, cause: Message) -> Sequence[Decision]:
    """What of a change concerns goods that were billed otherwise; kept as a run of its own."""
    if not order.facts.invoices:
        return []
    before = read(OrderPlaced, orjson.dumps(order.facts.before["document"]))
    found = list(billed_otherwise(before, order.document, order.lines))
    if found:
        recording.record(books, order, "correct", cause, found)
    return found


def _hold(books: Books, order: Order, case: Case) -> None:
    """Enter the holds that nobody has lifted for just this, and who has to approve it."""
    facts, settings = order.facts, books.settings
    roles = roles_of(case.decisions, settings.approval)
    against = (*case.codes("hold"), *case.codes("change"))
    fields = fields_of(order)
    kept = {code: hold for code, hold in facts.holds.items() if hold["step"] == "person"}
    found = [code for code in against if facts.waived.get(code) != fields]
    facts.holds = kept | {code: {"owner": settings.holds.owner(code), "step": "confirm"} for code in found}
    asked = facts.approval
    if not roles or facts.approved == fields:
        facts.approval = {}
    elif not facts.approval or facts.approval["request"]["fields"] != fields:
        request = Request(fields, roles, books.now, asked_by(order, case), lifted_by(case.decisions))
        facts.approval = {"request": request.as_json(), "answers": []}
    if facts.approval is not asked:
        facts.holds.pop(EXPIRED, None)
    order.change()


def fields_of(order: Order) -> str:
    """The hash of what approvals and lifted holds of the order are bound to."""
    return approved_fields(order.document, order.customer_no, {})


def asked_by(order: Order, case: Case) -> tuple[str, ...]:
    """Every name of who wants the order: the buyer's, and our salesperson's where the order was taken by phone or visit."""
    document = order.document
    names = [document.sold_to.party_id, document.sold_to.contact, document.sold_to.email, document.sold_to.name]
    names += [document.references.get(name) for name in ("entered_by", "requested_by")]
    if document.channel == "direct" and case.customer is not None and case.customer.salesperson is not None:
        names.append(case.customer.salesperson.person_id)
    return tuple(dict.fromkeys(name for name in names if name))
