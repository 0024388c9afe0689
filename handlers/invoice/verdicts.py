"""What people decide about money. Each function checks first: what is not allowed changes nothing (`NotAllowed`)."""

from collections.abc import Callable
from decimal import Decimal
from typing import cast

from canonical.amounts import ZERO, rounded
from canonical.documents.settlement import InvoiceDecided, InvoiceVoided, InvoiceWrittenOff, PaymentDecided
from canonical.envelope import Message
from canonical.lean import lean
from canonical.values import Money
from handlers.invoice.accounts import Invoice, Payment, WriteOff
from handlers.invoice.correcting import credit_note, follow
from handlers.invoice.crediting import credit_amount, creditable, creditable_net
from handlers.invoice.desk import Desk
from handlers.invoice.issuing import credit, credit_no
from handlers.invoice.telling import salesperson
from handlers.people import person
from handlers.refusing import NotAllowed
from store.exact import from_minor, to_minor

invoice_voided, invoice_written_off, money = lean(InvoiceVoided), lean(InvoiceWrittenOff), lean(Money)

NAMES = {"credit": "a credit note", "debit": "supplementary: it bills a price, no goods"}
"""What else than an invoice for goods a number may mean."""


def decide_payment(desk: Desk, message: Message) -> None:
    """payment.decided."""
    document = cast(PaymentDecided, message.document)
    payment = desk.books.payments.get(document.payment_ref)
    if payment is None:
        raise NotAllowed("F_UNKNOWN", f"there is no payment {document.payment_ref}")
    _in_turn(payment.kept.decisions, document.seq)
    PAYMENT_VERDICTS[document.verdict](desk, payment, document)
    payment.kept.decisions = document.seq
    payment.changed, payment.cause = True, message


def _allocate(desk: Desk, payment: Payment, document: PaymentDecided) -> None:
    invoice = _invoice(desk, document.invoice_no)
    if not invoice.due:
        raise NotAllowed("F_STATE", f"{invoice.invoice_no} is {invoice.state}: money cannot settle it")
    if payment.currency != invoice.currency or document.currency not in (None, payment.currency):
        raise NotAllowed("F_CURRENCY", f"the payment is in {payment.currency}, the invoice in {invoice.currency}")
    amount = min(payment.left, invoice.open) if document.amount is None else _minor(document.amount, payment.currency)
    if amount > payment.left or payment.left <= 0:
        raise NotAllowed("F_MORE_THAN_LEFT", f"only {from_minor(payment.left, payment.currency)} is left of the payment")
    if amount > invoice.open or amount <= 0:
        raise NotAllowed("F_MORE_THAN_OPEN", f"only {from_minor(invoice.open, invoice.currency)} is open of the invoice")
    settled, _ = desk.books.settled.get((payment.ref, invoice.invoice_no), (0, 0))
    payment.decide(invoice.invoice_no, "person", settled + amount)
    desk.books.link(payment, invoice.order_no)
    if payment.kept.payer is not None and invoice.kept.customer_no is not None:
        desk.books.stated.add((payment.kept.payer, invoice.kept.customer_no))


def _release(desk: Desk, payment: Payment, document: PaymentDecided) -> None:
    invoice = _invoice(desk, document.invoice_no)
    settled, _ = desk.books.settled.get((payment.ref, invoice.invoice_no), (0, 0))
    if not settled:
        raise NotAllowed("F_NOTHING", f"{payment.ref} settles nothing of {invoice.invoice_no}")
    payment.decide(invoice.invoice_no, "barred", 0)


def _link(desk: Desk, payment: Payment, document: PaymentDecided) -> None:
    customer = desk.catalogue.customer_in_force(document.customer_no or "")
    if customer is None:
        raise NotAllowed("F_UNKNOWN", f"there is no customer {document.customer_no}")
    payment.kept.customer_no = customer.customer_no
    if payment.kept.payer is not None:
        desk.books.stated.add((payment.kept.payer, customer.customer_no))


PAYMENT_VERDICTS: dict[str, Callable[[Desk, Payment, PaymentDecided], None]] = {
    "allocate": _allocate,
    "release": _release,
    "link": _link,
}


def decide_invoice(desk: Desk, message: Message) -> None:
    """invoice.decided."""
    document = cast(InvoiceDecided, message.document)
    invoice = _invoice(desk, document.invoice_no)
    _in_turn(invoice.kept.decisions, document.seq)
    of_goods = document.verdict == "void" or bool(document.lines)
    if invoice.kept.kind not in (("normal",) if of_goods else ("normal", "debit")) or invoice.void or invoice.draft:
        raise NotAllowed("F_STATE", f"{invoice.invoice_no} is {NAMES.get(invoice.kept.kind, invoice.state)}")
    INVOICE_VERDICTS[document.verdict](desk, invoice, document, message)
    invoice.kept.decisions = document.seq
    invoice.changed, invoice.cause = True, message


def _void(desk: Desk, invoice: Invoice, document: InvoiceDecided, message: Message) -> None:
    if invoice.allocated or invoice.credited or invoice.written_off:
        raise NotAllowed("F_STATE", "something of it is settled or credited already: a credit note takes back the rest")
    if invoice.invoice_no not in desk.books.unreported or invoice.kept.collected_in is not None:
        raise NotAllowed("F_REPORTED", "it has been sent out already: a credit note takes it back")
    desk.books.withdrawn.add(invoice.invoice_no)
    invoice.void, invoice.why = True, "voided"
    invoice.kept.state = "void"
    desk.outcome.emit(
        invoice_voided(
            invoice_no=invoice.invoice_no,
            order_no=invoice.order_no,
            customer_no=invoice.kept.customer_no,
            gross=_money(invoice.gross, invoice),
            actor=document.actor,
            reason=document.reason,
        ),
        message,
    )


def _credit(desk: Desk, invoice: Invoice, document: InvoiceDecided, message: Message) -> None:
    account = desk.books.accounts[invoice.order_no]
    before = account.notes_of(invoice)
    number, on = credit_no(account, str(document.seq)), desk.today
    if document.lines:
        left, goods = creditable(invoice.document, before), {line.line_no: line.qty for line in document.lines}
        over = [line_no for line_no, qty in goods.items() if qty > left.get(line_no, ZERO)]
        if over:
            raise NotAllowed("F_MORE_THAN_BILLED", f"line {over[0]}: only {left.get(over[0], ZERO)} is billed and not credited")
        note = credit_note(account, invoice, goods, number, on, document.reason)
    else:
        net = rounded(document.amount or ZERO, invoice.currency)
        if not ZERO < net <= creditable_net(invoice.document, before):
            raise NotAllowed("F_MORE_THAN_BILLED", f"it is worth {creditable_net(invoice.document, before)} without tax")
        note = credit_amount(invoice.document, before, net, number, on)
        if note.totals.gross > (worth := from_minor(invoice.due, invoice.currency)):
            raise NotAllowed("F_MORE_THAN_BILLED", f"it is worth {worth} with tax, for part of it was written off")
    credit(desk, account, invoice, note, message)
    follow(desk, account, message)


def _write_off(desk: Desk, invoice: Invoice, document: InvoiceDecided, message: Message) -> None:
    amount = invoice.open if document.amount is None else _minor(document.amount, invoice.currency)
    if not 0 < amount <= invoice.open:
        raise NotAllowed("F_MORE_THAN_OPEN", f"only {from_minor(invoice.open, invoice.currency)} is open of the invoice")
    if _asked(desk, invoice) is not None:
        raise NotAllowed("F_ASKED", "somebody has asked already; that has to be approved or rejected first")
    seq = 1 + sum(1 for invoice_no, _ in desk.books.write_offs if invoice_no == invoice.invoice_no)
    asked = WriteOff(invoice.invoice_no, seq, amount, "asked", document.actor, None, changed=True)
    desk.books.write_offs[invoice.invoice_no, seq] = asked


def _approve(desk: Desk, invoice: Invoice, document: InvoiceDecided, message: Message) -> None:
    asked = _answered(desk, invoice, document)
    if asked.amount > invoice.open:
        raise NotAllowed("F_MORE_THAN_OPEN", f"only {from_minor(invoice.open, invoice.currency)} is open by now")
    asked.state = "approved"
    invoice.written_off += asked.amount
    invoice.why = "written_off"
    desk.outcome.emit(
        invoice_written_off(
            invoice_no=invoice.invoice_no,
            collective_no=invoice.kept.collected_in,
            order_no=invoice.order_no,
            customer_no=invoice.kept.customer_no,
            salesperson=salesperson(desk.catalogue, invoice.kept.customer_no),
            amount=_money(asked.amount, invoice),
            invoice_open=from_minor(invoice.open, invoice.currency),
            requested_by=asked.requested_by,
            approved_by=document.actor,
            reason=document.reason,
            seq=asked.seq,
        ),
        message,
    )


def _reject(desk: Desk, invoice: Invoice, document: InvoiceDecided, message: Message) -> None:
    _answered(desk, invoice, document).state = "rejected"


def _dispute(desk: Desk, invoice: Invoice, document: InvoiceDecided, message: Message) -> None:
    invoice.kept.disputed = int(document.verdict == "dispute")


INVOICE_VERDICTS: dict[str, Callable[[Desk, Invoice, InvoiceDecided, Message], None]] = {
    "void": _void,
    "credit": _credit,
    "write_off": _write_off,
    "approve": _approve,
    "reject": _reject,
    "dispute": _dispute,
    "settle": _dispute,
}


def _asked(desk: Desk, invoice: Invoice) -> WriteOff | None:
    found = [w for w in desk.books.write_offs.values() if w.invoice_no == invoice.invoice_no and w.state == "asked"]
    return found[-1] if found else None


def _answered(desk: Desk, invoice: Invoice, document: InvoiceDecided) -> WriteOff:
    """What was asked, with the answer's author. Whoever asked cannot answer."""
    asked = _asked(desk, invoice)
    if asked is None:
        raise NotAllowed("F_NOTHING", f"nobody asked to give up anything of {invoice.invoice_no}")
    if person(asked.requested_by) == person(document.actor) and document.verdict == "approve":
        raise NotAllowed("A_SELF_APPROVAL", "whoever asked for it cannot approve it")
    asked.decided_by, asked.changed = document.actor, True
    return asked


def _invoice(desk: Desk, invoice_no: str | None) -> Invoice:
    invoice = desk.books.invoices.get(invoice_no or "")
    if invoice is None:
        raise NotAllowed("F_UNKNOWN", f"there is no invoice {invoice_no}")
    return invoice


def _in_turn(decisions: int, seq: int) -> None:
    if seq != decisions + 1:
        raise NotAllowed("F_MEANWHILE", "somebody has decided meanwhile: look again")


def _minor(amount: Decimal, currency: str) -> int:
    return to_minor(rounded(amount, currency), currency)


def _money(minor: int, invoice: Invoice) -> Money:
    return money(amount=from_minor(minor, invoice.currency), currency=invoice.currency)
