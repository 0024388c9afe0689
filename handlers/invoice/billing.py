"""Goods that left are billed, goods that came back are credited. Each gives the token the message has to wait for, or None."""

from collections.abc import Container, Iterable, Mapping
from decimal import Decimal
from typing import cast

from canonical.amounts import ZERO
from canonical.documents.finance import InvoiceIssued
from canonical.documents.returns import ReturnReceived
from canonical.documents.shipments import ShipmentDispatched
from canonical.envelope import Message
from handlers.invoice.accounts import Account, Books
from handlers.invoice.correcting import credit_note, follow
from handlers.invoice.crediting import creditable, taken_back, with_lots
from handlers.invoice.desk import Desk
from handlers.invoice.drafting import draft, invoice_name, unbilled
from handlers.invoice.extra import extra_of, owed_for, unheard
from handlers.invoice.issuing import credit, credit_no, kept
from handlers.invoice.refunding import Share, stated_amounts
from handlers.worth import billed, priced

PART_OF = "part_of_return"
"""In a credit note for a part of what came back: which return it is; the rest of it waits."""


def bill(desk: Desk, message: Message) -> str | None:
    """shipment.dispatched: one invoice per order it carries. All of them must be known and have prices.

    What it carries beyond an order waits for the order to be raised, and is billed by a further invoice then; or for somebody to
    accept it as it is.
    """
    document, books = cast(ShipmentDispatched, message.document), desk.books
    order_nos = list(dict.fromkeys(line.order_no for line in document.lines))
    waits_for = _missing(books, order_nos)
    if waits_for is not None:
        return waits_for
    bought = [order_no for order_no in order_nos if billed(books.accounts[order_no].order)]
    over = [order_no for order_no in bought if _bill_order(desk, books.accounts[order_no], document, message)]
    return f"raised:{over[0]}" if over else None


def _bill_order(desk: Desk, account: Account, document: ShipmentDispatched, message: Message) -> bool:
    """Bill what the shipment carries of one order; whether some of it is beyond what was ordered. One whose invoice a person has
    voided is not billed again."""
    known = [invoice for invoice in account.invoices if invoice.kept.shipment_no == document.shipment_no]
    if any(invoice.void for invoice in known):
        return False
    mine = [invoice.document for invoice in known]
    before = [invoice.document for invoice in account.invoices if not invoice.void]
    issued = draft(account.order, account.worth, account.stored.origin, document, before, mine)
    if issued is not None:
        _enter(desk, account, issued, message, len(mine))
        mine.append(issued)
    follow(desk, account, message)
    accepted = account.accepted("S_OVER_SHIPPED")
    return any(qty > accepted.get(no, ZERO) for no, qty in unbilled(document, account.stored.order_no, mine).items())


def look_again(desk: Desk, message: Message) -> None:
    """order.confirmed, order.held, order.reduced: it is worth something else now, and so is what was billed of it; or it is new and
    waits. Money may lie ready for it."""
    account = desk.books.accounts.get(message.subject)
    if account is not None:
        account.cause = message
        follow(desk, account, message)


def take_back(desk: Desk, message: Message) -> str | None:
    """return.received: a credit note per invoice that billed the goods, the newest first where no shipment is named.

    What came back beyond what is billed waits, unless somebody has accepted that it was more than had left. So of several returns
    that are too much together, as much is credited whichever comes first. One that states a sum for all of it is credited at once.
    What left beyond the order goes back first, and is not credited as long as it is not billed.
    """
    document, books = cast(ReturnReceived, message.document), desk.books
    account = _returned_to(books, document)
    if account is None:
        return f"order:{document.order_no}" if document.order_no else f"billed:{document.shipment_no or document.rma_no}"
    if not billed(account.order):
        return None
    unknown = unheard(account, document, message)
    if unknown is not None:
        return unknown
    before = taken_back([note.document for note in account.credits if note.document.references.get(PART_OF) == message.identity])
    wanted: dict[str, Decimal] = {}
    for line in document.credited_lines:
        wanted[line.line_no] = wanted.get(line.line_no, ZERO) + line.qty
    wanted = {no: qty - (before[no].qty if no in before else ZERO) for no, qty in wanted.items()}
    extra = extra_of(account)
    owed, undecided = owed_for(account, extra, wanted, message)
    shares, more = _shares(account, owed, document.shipment_no, extra)
    waits = undecided or (more and not account.accepted("S_OVER_RETURNED"))
    waits_for = f"billed:{document.shipment_no or account.stored.order_no}" if waits else None
    if waits and document.refund is not None:
        return waits_for
    on = document.returned_at or message.occurred_at
    stated = stated_amounts(document, shares, wanted, before)
    for (invoice, goods), amounts in zip(shares, stated, strict=True):
        number = credit_no(account, document.rma_no)
        note = with_lots(credit_note(account, invoice, goods, number, on.date(), document.rma_no, amounts), document)
        if waits:
            note = note.but(references=note.references | {PART_OF: message.identity})
        credit(desk, account, invoice, note, message)
    follow(desk, account, message)
    return waits_for


def _enter(desk: Desk, account: Account, issued: InvoiceIssued, cause: Message, part: int) -> None:
    """Keep an invoice and send it; for a customer who gets one for a whole period it stays a draft until then."""
    customer = desk.catalogue.customer_in_force(account.stored.customer_no) if account.stored.customer_no is not None else None
    invoice = kept(account, issued, cause, part)
    if customer is not None:
        invoice.kept.customer_no = customer.customer_no
    desk.books.add_invoice(invoice)
    if customer is not None and customer.consolidated_invoices:
        invoice.kept.state = "draft"
    else:
        desk.outcome.emit(issued, cause)
        desk.outcome.arrived |= {f"billed:{invoice.order_no}", f"billed:{invoice.kept.shipment_no}"}
    names = {invoice.invoice_no, *account.names}
    for payment in desk.books.payments.values():
        if payment.names & names:
            desk.books.link(payment, invoice.order_no)


def _missing(books: Books, order_nos: Iterable[str]) -> str | None:
    for order_no in order_nos:
        if order_no not in books.accounts:
            return f"order:{order_no}"
        if not priced(books.accounts[order_no].order):
            return f"price:{order_no}"
    return None


def _returned_to(books: Books, document: ReturnReceived) -> Account | None:
    """The order the goods belong to: the one named, or that of the shipment's only invoice."""
    name = document.order_no or invoice_name(document.shipment_no or document.rma_no)
    found = set(books.named.get(name, ()))
    if not document.order_no:
        found |= {invoice.order_no for invoice in books.invoices.values() if invoice.invoice_no == name}
    return books.accounts.get(found.pop()) if len(found) == 1 else None


def _shares(
    account: Account, wanted: Mapping[str, Decimal], shipment_no: str | None, extra: Container[str]
) -> tuple[list[Share], bool]:
    """Which invoice is credited for how much of each line, and whether more came back than is billed yet. Of lines with extra,
    other shipments than the one named are credited too: it may have gone back instead of theirs."""
    left = dict(wanted)
    shares: list[Share] = []
    counted = [invoice for invoice in reversed(account.invoices) if not (invoice.void or invoice.draft)]
    for invoice in sorted(counted, key=lambda one: one.kept.shipment_no != shipment_no):
        named = shipment_no in (None, invoice.kept.shipment_no)
        most = creditable(invoice.document, account.notes_of(invoice))
        goods = {no: min(qty, most[no]) for no, qty in left.items() if qty > 0 and no in most and (named or no in extra)}
        for line_no, qty in goods.items():
            left[line_no] -= qty
        if goods:
            shares.append((invoice, goods))
    return shares, any(qty > 0 for qty in left.values())
