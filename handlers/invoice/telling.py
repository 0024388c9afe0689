"""What is told when money settles something, or does so no more: to the order, the salesperson and the finance ledger."""

from typing import Any

from canonical.documents.finance import PaymentAllocated
from canonical.documents.settlement import PaymentDeallocated, PaymentDeposited, PaymentWithdrawn, Undone
from canonical.envelope import Message
from canonical.handling import Outcome
from canonical.lean import lean
from canonical.values import Money
from handlers.catalogue import Catalogue
from handlers.invoice.accounts import Books, Invoice, Pair, Payment
from handlers.invoice.settling import Settlement
from store.exact import from_minor

payment_allocated, payment_deallocated, money = lean(PaymentAllocated), lean(PaymentDeallocated), lean(Money)
payment_deposited, payment_withdrawn = lean(PaymentDeposited), lean(PaymentWithdrawn)

Change = tuple[Pair, int, int]
"""(pair, difference, number of the change)"""


def enter(books: Books, found: Settlement) -> list[Change]:
    """Write a settlement into payments and invoices; what changed."""
    changed: list[Change] = []
    for pair in sorted(found.pairs.keys() | books.settled.keys()):
        payment, invoice = books.payments.get(pair[0]), books.invoices.get(pair[1])
        if payment is None or invoice is None:
            continue
        before, changes = books.settled.get(pair, (0, -1))
        difference = found.pairs.get(pair, 0) - before
        if not difference:
            continue
        payment.allocated += difference
        invoice.allocated += difference
        payment.changed = invoice.changed = True
        changed.append((pair, difference, changes + 1))
        books.settled[pair] = (before + difference, changes + 1)
        books.new_allocations.append(
            {"payment_ref": pair[0], "invoice_no": pair[1], "amount": before + difference, "changes": changes + 1}
        )
    return changed


def tell(books: Books, changed: list[Change], catalogue: Catalogue, last: Message, outcome: Outcome) -> None:
    """What was taken off first, then what was given."""
    for pair, difference, seq in sorted(changed, key=lambda change: _order(books, change)):
        payment, invoice = books.payments[pair[0]], books.invoices[pair[1]]
        fields = _fields(payment, invoice, abs(difference), catalogue)
        cause = books.cause_of(payment, invoice) or last
        if difference > 0:
            outcome.emit(payment_allocated(**fields, seq=seq), cause)
        else:
            outcome.emit(payment_deallocated(**fields, seq=seq, reason=_reason(payment, invoice)), cause)


def _order(books: Books, change: Change) -> tuple[bool, str, str, str, str]:
    payment, invoice = books.payments[change[0][0]], books.invoices[change[0][1]]
    return change[1] > 0, payment.date, payment.ref, invoice.kept.issued_on, invoice.invoice_no


def _fields(payment: Payment, invoice: Invoice, amount: int, catalogue: Catalogue) -> dict[str, Any]:
    customer_no = invoice.kept.customer_no
    return {
        "payment_ref": payment.ref,
        "invoice_no": invoice.invoice_no,
        "collective_no": invoice.kept.collected_in,
        "order_no": invoice.order_no,
        "customer_no": customer_no,
        "salesperson": salesperson(catalogue, customer_no),
        "amount": money(amount=from_minor(amount, invoice.currency), currency=invoice.currency),
        "invoice_open": from_minor(invoice.open, invoice.currency),
    }


def salesperson(catalogue: Catalogue, customer_no: str | None) -> str | None:
    customer = catalogue.customer_in_force(customer_no) if customer_no is not None else None
    return customer.salesperson.person_id if customer is not None and customer.salesperson is not None else None


def _reason(payment: Payment, invoice: Invoice) -> Undone:
    if invoice.invoice_no in payment.barred & payment.new_matches:
        return "released"
    return payment.why or invoice.why or "rearranged"


def tell_deposit(books: Books, payment: Payment, catalogue: Catalogue, last: Message, outcome: Outcome) -> None:
    """How much of a payment lies ready, whenever that is another sum than was told last."""
    ready = 0 if payment.kept.reason else payment.left
    if ready == payment.kept.deposited:
        return
    payment.kept.deposited = ready
    payment.kept.told += 1
    payment.changed = True
    outcome.emit(
        payment_deposited(
            payment_ref=payment.ref,
            order_no=next(iter(payment.orders)) if len(payment.orders) == 1 else None,
            customer_no=payment.kept.customer_no,
            salesperson=salesperson(catalogue, payment.kept.customer_no),
            amount=money(amount=from_minor(ready, payment.currency), currency=payment.currency),
            seq=payment.kept.told,
        ),
        books.cause_of(payment) or last,
    )


def tell_withdrawals(books: Books, last: Message, outcome: Outcome) -> None:
    """How much of a payment went back, to every order it may settle: when more did, and when it comes to be for another order."""
    for payment in books.payments.values():
        if not payment.returned:
            continue
        news = payment.orders if payment.why is not None else {no for ref, no in books.links if ref == payment.ref}
        amount = money(amount=from_minor(min(payment.returned, payment.kept.amount), payment.currency), currency=payment.currency)
        for order_no in sorted(news):
            told = payment_withdrawn(payment_ref=payment.ref, order_no=order_no, amount=amount)
            outcome.emit(told, books.cause_of(payment) or last)
