"""Which money settles which invoice: derived from everything known, so that facts may come in any order (domain R10, 2.3).

Decided first (what people and the rules T2 to T4 matched), then invoices that a payment names, then orders that it names; older
money before younger, older invoices before younger. Nothing is ever given out that is not there or not owed.
"""

from collections.abc import Iterable

from handlers.invoice.accounts import Account, Books, Invoice, Pair, Payment


class Settlement:
    """What is given out so far, and what is left. Allocations of what is not in the books stay as they are."""

    def __init__(self, books: Books) -> None:
        self.pairs: dict[Pair, int] = {}
        self.left = {payment.ref: payment.usable for payment in books.payments.values()}
        self.open = {invoice.invoice_no: invoice.due for invoice in books.invoices.values()}
        self._books = books
        self._keep_what_is_elsewhere(books)

    def give(self, payment: Payment, invoice: Invoice, most: int | None = None) -> int:
        """Settle as much of the invoice as payment, invoice and `most` allow; how much that was."""
        if payment.currency != invoice.currency or invoice.invoice_no in payment.barred:
            return 0
        amount = min(self.left[payment.ref], self.open[invoice.invoice_no])
        amount = amount if most is None else min(amount, most)
        if amount <= 0:
            return 0
        pair = (payment.ref, invoice.invoice_no)
        self.pairs[pair] = self.pairs.get(pair, 0) + amount
        self.left[payment.ref] -= amount
        self.open[invoice.invoice_no] -= amount
        return amount

    def _keep_what_is_elsewhere(self, books: Books) -> None:
        here: dict[str, int] = {}
        for (ref, invoice_no), (amount, _) in books.settled.items():
            if ref in books.payments and invoice_no in books.invoices:
                here[f"p {ref}"] = here.get(f"p {ref}", 0) + amount
                here[f"i {invoice_no}"] = here.get(f"i {invoice_no}", 0) + amount
        for payment in books.payments.values():
            self.left[payment.ref] -= payment.allocated - here.get(f"p {payment.ref}", 0)
        for invoice in books.invoices.values():
            self.open[invoice.invoice_no] -= invoice.allocated - here.get(f"i {invoice.invoice_no}", 0)


def settlement(books: Books) -> Settlement:
    """The whole of it for everything in the books."""
    found = Settlement(books)
    payments = books.by_date()
    numbered, ordered = _by_name(books)
    for payment in payments:
        for invoice_no, (_, amount) in sorted(payment.matches.items()):
            if amount and invoice_no in books.invoices:
                found.give(payment, books.invoices[invoice_no], amount)
    for named in (numbered, ordered):
        for payment in payments:
            _settle(found, payment, named)
    return found


Named = dict[str, list[Invoice]]
"""{a name: the invoices it means}"""


def _by_name(books: Books) -> tuple[Named, Named]:
    """Invoices that money can settle by their numbers, or that of the invoice they supplement, and by the names of their orders."""
    numbered: Named = {}
    ordered: Named = {}
    for invoice in books.billable():
        for name in {invoice.invoice_no, invoice.number, invoice.kept.original_no or invoice.number}:
            numbered.setdefault(name, []).append(invoice)
        for name in books.accounts[invoice.order_no].names:
            ordered.setdefault(name, []).append(invoice)
    return numbered, ordered


def _settle(found: Settlement, payment: Payment, named: Named) -> None:
    if found.left[payment.ref] > 0:
        invoices = {i.invoice_no: i for name in payment.names for i in named.get(name, ())}
        for invoice in sorted(invoices.values(), key=age):
            found.give(payment, invoice)


def age(invoice: Invoice) -> tuple[str, str]:
    """Sorts the oldest first."""
    return invoice.kept.issued_on, invoice.invoice_no


def expecting(books: Books) -> dict[str, int | None]:
    """{payment reference: what its orders still lack for it, after older money ahead}; None where an order has no price yet.

    Only money that settles nothing yet is asked for, and what lies ready of the others counts as promised.
    """
    lacking = {no: account.lacks for no, account in books.accounts.items()}
    found: dict[str, int | None] = {}
    for payment in books.by_date():
        accounts = [a for a in accounts_of(books, payment) if a.stored.currency == payment.currency]
        if any(lacking[a.stored.order_no] is None for a in accounts):
            found[payment.ref] = None
            continue
        whole = sum(max(0, lacking[a.stored.order_no] or 0) for a in accounts)
        found[payment.ref] = whole
        _promise(lacking, accounts, min(payment.left, whole))
    return found


def _promise(lacking: dict[str, int | None], accounts: Iterable[Account], amount: int) -> None:
    for account in accounts:
        taken = min(amount, max(0, lacking[account.stored.order_no] or 0))
        lacking[account.stored.order_no] = (lacking[account.stored.order_no] or 0) - taken
        amount -= taken


def accounts_of(books: Books, payment: Payment) -> list[Account]:
    """The orders a payment may settle, as far as they are in the books."""
    return [books.accounts[order_no] for order_no in sorted(payment.orders) if order_no in books.accounts]
