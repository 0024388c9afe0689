"""Collective invoices: what was delivered to a customer in a period, as one document (domain R9)."""

from calendar import monthrange
from collections.abc import Sequence
from datetime import date, timedelta
from typing import cast

from canonical.amounts import ZERO
from canonical.documents.finance import InvoiceIssued, InvoiceTotals
from canonical.documents.settlement import BillingClosed
from canonical.envelope import Message
from canonical.lean import lean
from handlers.invoice.accounts import Invoice
from handlers.invoice.desk import Desk
from handlers.invoice.drafting import NET_DAYS

invoice_issued, invoice_totals = lean(InvoiceIssued), lean(InvoiceTotals)


def close(desk: Desk, message: Message) -> None:
    """billing.closed: the drafts of the customer up to that day become one invoice; each order hears of its parts."""
    document = cast(BillingClosed, message.document)
    drafts = [invoice for invoice in desk.books.invoices.values() if _meant(invoice, document)]
    if not drafts:
        return
    drafts.sort(key=lambda i: (i.kept.issued_on, i.invoice_no))
    number = _number(document)
    due_on = _due_on(desk, document)
    desk.outcome.emit(_collective(drafts, document, number, due_on), message)
    for invoice in drafts:
        part = invoice.document.but(collected_in=number, issued_on=document.closed_on, due_on=due_on)
        invoice.document = part
        kept = invoice.kept
        kept.document, kept.state, kept.collected_in = part.body().decode(), "issued", number
        kept.issued_on, kept.due_on = document.closed_on.isoformat(), due_on.isoformat()
        invoice.changed, invoice.cause = True, message
        desk.outcome.emit(part, message)
        desk.outcome.arrived |= {f"billed:{invoice.order_no}", f"billed:{kept.shipment_no}"}


def _number(document: BillingClosed) -> str:
    """Named by customer, period and currency, and by the day where a period is closed once more for what came late."""
    first = document.closed_on == document.through + timedelta(days=1)
    late = "" if first else f"-{document.closed_on:%Y%m%d}"
    return f"INV-{document.customer_no}-{document.through:%Y%m%d}{late}-{document.currency}"


def _meant(invoice: Invoice, document: BillingClosed) -> bool:
    kept = invoice.kept
    mine = invoice.draft and kept.customer_no == document.customer_no and kept.currency == document.currency
    return mine and kept.issued_on <= document.through.isoformat()


def _collective(drafts: Sequence[Invoice], document: BillingClosed, number: str, due_on: date) -> InvoiceIssued:
    parts = [invoice.document for invoice in drafts]
    net = sum((part.totals.net for part in parts), ZERO)
    tax = sum((part.totals.tax for part in parts), ZERO)
    return invoice_issued(
        invoice_no=number,
        issued_on=document.closed_on,
        due_on=due_on,
        buyer=parts[0].buyer,
        currency=document.currency,
        references={"through": document.through.isoformat(), "customer_no": document.customer_no},
        lines=tuple(line for part in parts for line in part.lines),
        totals=invoice_totals(net=net, tax=tax, gross=net + tax),
    )


def _due_on(desk: Desk, document: BillingClosed) -> date:
    """By the customer's terms; 30 days net without any."""
    customer = desk.catalogue.customer_in_force(document.customer_no)
    terms = customer.payment_terms if customer is not None else None
    days = NET_DAYS if terms is None or terms.net_days is None else terms.net_days
    start = document.closed_on
    if terms is not None and terms.due_basis == "month_end":
        start = start.replace(day=monthrange(start.year, start.month)[1])
    return start + timedelta(days=days)


def period_before(today: date) -> date:
    """The last day of the calendar month before the one of `today`."""
    return today.replace(day=1) - timedelta(days=1)
