"""The invoice handler: bills what was shipped, and applies money to what is open."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import cast

from canonical.amounts import rounded
from canonical.documents.finance import InvoiceIssued, PaymentAllocated, PaymentReceived
from canonical.documents.shipments import ShipmentDispatched
from canonical.envelope import Message
from canonical.handling import Outcome
from canonical.values import Money
from handlers.invoice.books import Account, Books, Invoice, Payment, add_invoice, opened, save
from handlers.invoice.drafting import billed_quantities, draft
from handlers.invoice.matching import reason_for_suspense, references
from handlers.worth import priced
from store.database import Transaction
from store.exact import from_minor, to_minor


class InvoiceHandler:
    """Handles goods that have left and money that has arrived."""

    def handle(self, batch: Sequence[Message], tx: Transaction, now: datetime) -> Outcome:
        """Apply a batch, in order. At most eighteen statements, whatever the batch holds. KeyError for a foreign message type."""
        outcome = Outcome()
        books = opened(batch, tx)
        for message in batch:
            APPLY[message.type](books, message, outcome)
        save(books, tx)
        return outcome


def bill(books: Books, message: Message, outcome: Outcome) -> None:
    """shipment.dispatched: one invoice per order it carries. All of them must be known and have prices."""
    document = cast(ShipmentDispatched, message.document)
    order_nos = list(dict.fromkeys(line.order_no for line in document.lines))
    waits_for = _missing(books, order_nos)
    if waits_for is not None:
        outcome.park(message, waits_for)
        return
    for order_no in order_nos:
        account = books.accounts[order_no]
        if any(invoice.shipment_no == document.shipment_no for invoice in account.invoices):
            continue
        issued = draft(
            account.order, account.stored.origin, document, billed_quantities(invoice.document for invoice in account.invoices)
        )
        if issued is not None:
            _issue(books, account, issued, document.shipment_no, message, outcome)


def receive(books: Books, message: Message, outcome: Outcome) -> None:
    """payment.received: settles the invoices it names, and of the orders it names the open ones, oldest first."""
    document = cast(PaymentReceived, message.document)
    if document.payment_ref in books.known_payments or document.payment_ref in books.payments:
        return
    currency = document.amount.currency
    payment = Payment(
        document.payment_ref, currency, to_minor(rounded(document.amount.amount, currency), currency), 0,
        document.value_date.isoformat(), references(document), message=message,
    )  # fmt: skip
    accounts = _accounts_of(books, payment)
    expected = _expected(books, accounts, currency)
    for invoice in _invoices_of(books, payment, accounts):
        _settle(books, payment, invoice, message, outcome)
    if not payment.allocated:
        payment.reason = reason_for_suspense(
            named=bool(payment.references),
            found=bool(accounts),
            currencies={account.stored.currency for account in accounts},
            currency=currency,
            expected=expected,
        )
        payment.suspended = payment.reason is not None
    books.payments[payment.payment_ref] = payment


APPLY: dict[str, Callable[[Books, Message, Outcome], None]] = {"shipment.dispatched": bill, "payment.received": receive}


def _missing(books: Books, order_nos: Iterable[str]) -> str | None:
    for order_no in order_nos:
        if order_no not in books.accounts:
            return f"order:{order_no}"
        if not priced(books.accounts[order_no].order):
            return f"price:{order_no}"
    return None


def _issue(books: Books, account: Account, issued: InvoiceIssued, shipment_no: str, cause: Message, outcome: Outcome) -> None:
    gross = to_minor(issued.totals.gross, issued.currency)
    invoice = Invoice(
        issued.invoice_no, account.stored.order_no, shipment_no, issued.currency, gross, 0, issued.issued_on.isoformat(),
        issued.body().decode(), new=True,
    )  # fmt: skip
    invoice.__dict__["document"] = issued
    add_invoice(books, invoice)
    outcome.emit(issued, cause)
    names = {invoice.invoice_no, *account.names}
    ahead = [payment for payment in books.payments.values() if payment.references & names]
    for payment in sorted(ahead, key=lambda p: (p.suspended, p.value_date, p.payment_ref)):
        _settle(books, payment, invoice, cause, outcome)


def _settle(books: Books, payment: Payment, invoice: Invoice, cause: Message, outcome: Outcome) -> None:
    """Apply what is left of a payment to what is open of an invoice, both of one currency."""
    amount = min(payment.left, invoice.open)
    if amount <= 0 or payment.currency != invoice.currency:
        return
    payment.allocated += amount
    invoice.allocated += amount
    payment.changed = invoice.changed = True
    payment.reason = None
    books.allocations.append({"payment_ref": payment.payment_ref, "invoice_no": invoice.invoice_no, "amount": amount})
    outcome.emit(
        PaymentAllocated(
            payment_ref=payment.payment_ref,
            invoice_no=invoice.invoice_no,
            order_no=invoice.order_no,
            amount=Money(amount=from_minor(amount, invoice.currency), currency=invoice.currency),
            invoice_open=from_minor(invoice.open, invoice.currency),
        ),
        cause,
    )


def _accounts_of(books: Books, payment: Payment) -> list[Account]:
    """The orders a payment names, by themselves or by an invoice, also one issued in this batch."""
    order_nos = {books.named[reference] for reference in payment.references if reference in books.named}
    order_nos |= {books.invoices[reference].order_no for reference in payment.references if reference in books.invoices}
    return [books.accounts[order_no] for order_no in sorted(order_nos)]


def _invoices_of(books: Books, payment: Payment, accounts: Iterable[Account]) -> list[Invoice]:
    chosen = [
        invoice for account in accounts for invoice in account.invoices if payment.references & {invoice.invoice_no, *account.names}
    ]
    return sorted(chosen, key=lambda invoice: (invoice.issued_on, invoice.invoice_no))


def _expected(books: Books, accounts: Sequence[Account], currency: str) -> int | None:
    """What these orders still lack beside what is settled and what lies ready as deposit; None where one has no price."""
    if any(account.stored.payable is None for account in accounts):
        return None
    due = sum(account.stored.payable or 0 for account in accounts)
    settled = sum(invoice.allocated for account in accounts for invoice in account.invoices)
    names = {name for account in accounts for name in (*account.names, *(i.invoice_no for i in account.invoices))}
    ready = sum(
        payment.left
        for payment in books.payments.values()
        if payment.references & names and payment.currency == currency and not payment.suspended
    )
    return due - settled - ready
