"""Small shortages: an invoice that lacks at most the tolerance is put up for being given up; a person has to approve."""

from collections.abc import Mapping
from decimal import Decimal

from handlers.invoice.accounts import Invoice, WriteOff
from handlers.invoice.desk import Desk
from store import finance
from store.database import Transaction
from store.exact import from_minor

HUB = "orderlane"
"""Who asks."""


def propose(desk: Desk, tx: Transaction, tolerance: Mapping[str, Decimal]) -> None:
    """Ask to give up what paid invoices lack of this batch, once each. tolerance: by currency."""
    short = {i.invoice_no: i for i in desk.books.invoices.values() if i.changed and _small(i, tolerance)}
    asked = {row.invoice_no for row in finance.write_offs_of(tx, short)}
    for invoice_no, invoice in short.items():
        if invoice_no not in asked:
            desk.books.write_offs[invoice_no, 1] = WriteOff(invoice_no, 1, invoice.open, "asked", HUB, None, changed=True)


def _small(invoice: Invoice, tolerance: Mapping[str, Decimal]) -> bool:
    most = tolerance.get(invoice.currency, Decimal(0))
    return invoice.allocated > 0 and 0 < from_minor(invoice.open, invoice.currency) <= most
