"""Payments and invoices, printed."""

from rich.markup import escape

from operations.money_views import InvoiceHead, PaymentHead
from operations.views import Page
from orderlane.shown_tables import print_next, show, table


def print_payments(page: Page[PaymentHead]) -> None:
    """A line a payment."""
    rows = table("payment", "day", "amount", "left", "state", "why", whole=("payment", "day", "amount", "left"))
    for p in page.items:
        rows.add_row(escape(p.payment_ref), str(p.value_date), f"{p.amount} {p.currency}", f"{p.left}", p.state, p.reason or "")
    show(rows, nothing="no such payment")
    print_next(page.next)


def print_invoices(page: Page[InvoiceHead]) -> None:
    """A line an invoice or credit note."""
    rows = table("invoice", "order", "gross", "open", "due", "state", "late", whole=("invoice", "order", "gross", "open", "due"))
    for i in page.items:
        gross = f"{'-' if i.kind == 'credit' else ''}{i.gross} {i.currency}"
        asked_for = f", {i.asked} to be given up?" if i.asked else ""
        state_of = f"{i.state}{', disputed' if i.disputed else ''}{asked_for}"
        late = f"{i.overdue} days" if i.overdue else ""
        rows.add_row(escape(i.invoice_no), escape(i.order_no), gross, f"{i.open}", str(i.due_on), state_of, late)
    show(rows, nothing="no such invoice")
    print_next(page.next)
