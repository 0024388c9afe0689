"""Money that arrived, and money that went back. Each gives the token the message has to wait for, or None."""

from typing import cast

import orjson

from canonical.amounts import rounded
from canonical.documents.finance import PaymentReceived, PaymentReturned
from canonical.envelope import Message
from canonical.values import Money
from handlers.invoice.accounts import Payment
from handlers.invoice.desk import Desk
from handlers.invoice.matching import RETURN_CURRENCY, payer_key, references
from store.exact import to_minor
from store.finance import StoredPayment

KINDS = {"payment.reversed": "reversed", "payment.refunded": "refunded"}


def receive(desk: Desk, message: Message) -> None:
    """payment.received: may settle what it names, or what its payer owes. A known one is looked at again: what it names may be
    there by now."""
    document, books = cast(PaymentReceived, message.document), desk.books
    payment = books.payments.get(document.payment_ref)
    if payment is None:
        payment = Payment(_kept(document), names=references(document), message=message, cause=message)
        books.payments[payment.ref] = payment
        desk.outcome.arrived.add(f"payment:{payment.ref}")
    for reference in payment.names:
        for order_no in books.named.get(reference, ()):
            books.link(payment, order_no)
    for invoice in books.invoices.values():
        if invoice.new and invoice.invoice_no in payment.names:
            books.link(payment, invoice.order_no)


def _kept(document: PaymentReceived) -> StoredPayment:
    return StoredPayment(
        payment_ref=document.payment_ref, state="suspense", currency=document.amount.currency, amount=_minor(document.amount),
        fee=_fee(document), returned=0, allocated=0, reason=None, value_date=document.value_date.isoformat(),
        payer=payer_key(document.payer), customer_no=None, deposited=0, told=0, decisions=0,
    )  # fmt: skip


def give_back(desk: Desk, message: Message) -> str | None:
    """payment.reversed, payment.refunded: so much of a payment went back, and what it settled is open again."""
    document, books = cast(PaymentReturned, message.document), desk.books
    payment = books.payments.get(document.original_ref)
    if payment is None:
        return f"payment:{document.original_ref}"
    if document.refund_ref in books.known_returns:
        return None
    books.known_returns.add(document.refund_ref)
    amount = _minor(document.amount) if document.amount.currency == payment.currency else 0
    if document.amount.currency != payment.currency:
        payment.kept.reason = RETURN_CURRENCY
    if document.cumulative:
        amount = max(0, amount - payment.returned)
    payment.returned += amount
    payment.changed = True
    payment.cause, payment.why = message, "reversed" if message.type == "payment.reversed" else "refunded"
    books.new_returns.append(
        {
            "refund_ref": document.refund_ref, "payment_ref": payment.ref, "kind": KINDS[message.type], "amount": amount,
            "value_date": document.value_date.isoformat(), "document": orjson.Fragment(message.body),
        }
    )  # fmt: skip
    return None


def _fee(document: PaymentReceived) -> int:
    """What its payer still owes because somebody kept it back on the way."""
    counts = document.fee is not None and document.fee_from == "payer" and document.fee.currency == document.amount.currency
    return _minor(document.fee) if counts and document.fee is not None else 0


def _minor(money: Money) -> int:
    return to_minor(rounded(money.amount, money.currency), money.currency)
