"""Finding invoices as they stand, with what settles them."""

from collections.abc import Sequence

from canonical.amounts import from_minor
from operations import showing
from operations.failing import not_found
from operations.money import open_of
from operations.order_views import AllocationView, InvoiceView, PaymentView
from store import business
from store.database import Database, Row, Transaction, from_micros


def invoice(database: Database, invoice_no: str) -> InvoiceView:
    """One invoice with what settles it. NotFound."""
    with database.reading() as tx:
        row = business.invoice(tx, invoice_no)
        if row is None:
            raise not_found(tx, "invoice", invoice_no)
        return invoice_views(tx, [row])[0]


def invoice_views(tx: Transaction, rows: Sequence[Row]) -> list[InvoiceView]:
    """Invoices as their rows tell, each with what settles it."""
    settled: dict[str, list[Row]] = {}
    for allocation in business.allocations(tx, [row.invoice_no for row in rows]):
        settled.setdefault(allocation.invoice_no, []).append(allocation)
    return [_invoice(row, settled.get(row.invoice_no, [])) for row in rows]


def _invoice(row: Row, allocations: Sequence[Row]) -> InvoiceView:
    return InvoiceView(
        invoice_no=row.invoice_no,
        order_no=row.order_no,
        shipment_no=row.shipment_no,
        kind=row.kind,
        state=row.state,
        currency=row.currency,
        gross=from_minor(row.gross, row.currency),
        allocated=from_minor(row.allocated, row.currency),
        credited=from_minor(row.credited, row.currency),
        written_off=from_minor(row.written_off, row.currency),
        open=from_minor(open_of(row), row.currency),
        issued_on=row.issued_on,
        due_on=row.due_on,
        allocations=[
            AllocationView(
                payment_ref=a.payment_ref,
                amount=from_minor(a.amount, row.currency),
                allocated_at=from_micros(a.allocated_at),
            )
            for a in allocations
        ],
        document=showing.document(row.document, row.currency),
    )


def payment_view(row: Row) -> PaymentView:
    """A payment as its row tells."""
    return PaymentView(
        payment_ref=row.payment_ref,
        state=row.state,
        reason=row.reason,
        currency=row.currency,
        amount=from_minor(row.amount, row.currency),
        allocated=from_minor(row.allocated, row.currency),
        value_date=row.value_date,
    )
