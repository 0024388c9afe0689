"""The desk a batch is worked on: its books, what master data say, and what follows from it. Settles everything at the end."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from canonical.envelope import Message
from canonical.handling import Outcome
from handlers.catalogue import Catalogue
from handlers.invoice.accounts import Books, Invoice, Payment
from handlers.invoice.matching import RETURN_CURRENCY, RETURNED_TOO_MUCH, Open, match, reason_for_suspense
from handlers.invoice.settling import Settlement, accounts_of, expecting, settlement
from handlers.invoice.telling import enter, tell, tell_deposit, tell_withdrawals


@dataclass(slots=True)
class Desk:
    """What the messages of a batch are applied to."""

    books: Books
    catalogue: Catalogue
    outcome: Outcome
    now: datetime

    @property
    def today(self) -> date:
        return self.now.date()


def settle(desk: Desk, last: Message) -> None:
    """Find out what settles what now, and tell what changed. last: what to name as the cause where nothing nearer is known."""
    books = desk.books
    found = settlement(books)
    ambiguous = {payment.ref for payment in books.by_date() if _match(desk, found, payment)}
    changed = enter(books, found)
    tell(books, changed, desk.catalogue, last, desk.outcome)
    expected = expecting(books)
    for payment in books.payments.values():
        _stand(books, payment, expected[payment.ref], payment.ref in ambiguous)
        tell_deposit(books, payment, desk.catalogue, last, desk.outcome)
        _learn(books, payment, [pair[1] for pair, difference, _ in changed if pair[0] == payment.ref and difference > 0])
    tell_withdrawals(books, last, desk.outcome)


def _match(desk: Desk, found: Settlement, payment: Payment) -> bool:
    """Let the rules T2 to T4 say what a payment is for that names nothing known; whether there were several answers."""
    books, left = desk.books, found.left[payment.ref]
    if left <= 0 or any(kind != "barred" for kind, _ in payment.matches.values()) or _named(books, payment):
        return False
    customers = customers_of(desk, payment)
    items = [
        Open(i.invoice_no, found.open[i.invoice_no], i.kept.due_on)
        for i in books.billable()
        if i.kept.customer_no in customers and i.currency == payment.currency and found.open[i.invoice_no] > 0
        and i.invoice_no not in payment.barred
    ]  # fmt: skip
    answer = match(left, items, oldest_first=_oldest_first(desk, customers))
    for invoice_no, amount in answer.parts:
        invoice = books.invoices[invoice_no]
        payment.decide(invoice_no, answer.kind, found.give(payment, invoice, amount))
        payment.changed = True
        books.link(payment, invoice.order_no)
    return answer.ambiguous


def _named(books: Books, payment: Payment) -> bool:
    """Whether it names an order or invoice that is known."""
    for account in accounts_of(books, payment):
        names = account.names.union(*({i.invoice_no, i.number} for i in account.bills))
        if names & payment.names:
            return True
    return False


def customers_of(desk: Desk, payment: Payment) -> set[str]:
    """Whose money it is: the customer a person named, else those its payer has paid for."""
    if payment.kept.customer_no is not None:
        return {payment.kept.customer_no}
    payer = payment.kept.payer
    if payer is None:
        return set()
    return desk.books.payer_customers.get(payer, set()) | desk.catalogue.customers_paying_from(payer)


def _oldest_first(desk: Desk, customers: set[str]) -> bool:
    """T4 holds only for money that is one customer's, who wants it so."""
    if len(customers) != 1:
        return False
    customer = desk.catalogue.customer_in_force(next(iter(customers)))
    return customer is not None and customer.fifo


def _stand(books: Books, payment: Payment, expected: int | None, ambiguous: bool) -> None:
    """Why it waits for a person, if it does."""
    accounts = accounts_of(books, payment)
    reason = RETURN_CURRENCY if payment.kept.reason == RETURN_CURRENCY else None
    if payment.returned > payment.kept.amount:
        reason = RETURNED_TOO_MUCH
    elif reason is None and not payment.allocated and payment.left > 0:
        reason = reason_for_suspense(
            named=bool(payment.names),
            found=bool(accounts) or payment.kept.customer_no is not None,
            currencies={a.stored.currency for a in accounts} or {payment.currency},
            currency=payment.currency,
            expected=expected if accounts else None,
            ambiguous=ambiguous,
        )
    if reason != payment.kept.reason:
        payment.kept.reason = reason
        payment.changed = True


def _learn(books: Books, payment: Payment, invoice_nos: Sequence[str]) -> None:
    """A payment that names what it settles tells for whom its payer pays."""
    invoices: list[Invoice] = [books.invoices[invoice_no] for invoice_no in invoice_nos]
    customers = {i.kept.customer_no for i in invoices if i.kept.customer_no is not None}
    if len(customers) == 1 and payment.kept.customer_no is None:
        payment.kept.customer_no = next(iter(customers))
        payment.changed = True
    guessed = any(kind in ("amount", "sum", "oldest_first") for kind, _ in payment.matches.values())
    if payment.kept.payer is not None and customers and not guessed:
        books.learned |= {(payment.kept.payer, customer_no) for customer_no in customers}
