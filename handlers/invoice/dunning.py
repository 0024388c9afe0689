"""Reminders of invoices that lack money (domain R10): by days past due, each step once, the highest that is reached."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from canonical.documents.settlement import InvoiceReminded
from canonical.lean import lean
from canonical.values import Money
from handlers.catalogue import Catalogue
from handlers.invoice.accounts import Account, Invoice
from handlers.invoice.telling import salesperson
from store import finance, orders
from store.database import Transaction
from store.exact import from_minor

invoice_reminded, money = lean(InvoiceReminded), lean(Money)


def remind(
    tx: Transaction, catalogue: Catalogue, today: date, steps: Sequence[int], *, hold_level: int, limit: int
) -> list[InvoiceReminded]:
    """Mark what is to be reminded of today, at most `limit` invoices; the reminders to send. Locks the orders concerned."""
    due_by = [(level, (today - timedelta(days=days)).isoformat()) for level, days in enumerate(steps)]
    levels = {row.invoice_no: (row.level, row.order_no) for row in finance.to_remind(tx, due_by, limit=limit)}
    accounts = {kept.order_no: Account(kept) for kept in orders.lock(tx, {order_no for _, order_no in levels.values()})}
    invoices = [Invoice(kept) for kept in finance.invoices_of(tx, accounts) if kept.invoice_no in levels]
    open_ones = [invoice for invoice in invoices if invoice.open > 0]
    finance.mark_reminded(tx, {invoice.invoice_no: levels[invoice.invoice_no][0] for invoice in open_ones})
    return [_reminder(one, accounts, catalogue, today, levels[one.invoice_no][0], hold_level) for one in open_ones]


def _reminder(
    invoice: Invoice, accounts: Mapping[str, Account], catalogue: Catalogue, today: date, level: int, hold_level: int
) -> InvoiceReminded:
    due_on = date.fromisoformat(invoice.kept.due_on)
    return invoice_reminded(
        invoice_no=invoice.invoice_no,
        collective_no=invoice.kept.collected_in,
        order_no=invoice.order_no,
        origin=accounts[invoice.order_no].stored.origin,
        customer_no=invoice.kept.customer_no,
        salesperson=salesperson(catalogue, invoice.kept.customer_no),
        buyer=invoice.document.buyer,
        level=level,
        days=(today - due_on).days,
        due_on=due_on,
        reminded_on=today,
        open=money(amount=from_minor(invoice.open, invoice.currency), currency=invoice.currency),
        hold=level >= hold_level,
    )
