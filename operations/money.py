"""Finding invoices and payments: lists, and one payment with everything about it."""

from datetime import UTC, date, datetime
from typing import Any

import orjson

from canonical.amounts import from_minor
from operations import cursors
from operations.failing import not_found
from operations.money_views import DecisionView, InvoiceHead, MoneyBack, PaymentDetails, PaymentHead, PaymentShare
from operations.views import Page
from store import money_lists, stories
from store.database import Database, Row, Transaction, from_micros
from store.money_lists import InvoiceFilter, PaymentFilter

OPEN = ("issued", "part_paid")
MOST_DECISIONS = 200


def invoices(
    database: Database, wanted: InvoiceFilter | None = None, *, cursor: str | None = None, limit: int = 50
) -> Page[InvoiceHead]:
    """Invoices and credit notes, newest first. BadCursor."""
    before = cursors.read(cursor, "invoices", str, str) if cursor else None
    with database.reading() as tx:
        rows = money_lists.invoices(
            tx, wanted or InvoiceFilter(), before=(before[0], before[1]) if before else None, limit=limit + 1
        )
    following = cursors.following(rows, limit, "invoices", "issued_on", "invoice_no")
    today = datetime.now(UTC).date()
    return Page(items=[_invoice(row, today) for row in rows[:limit]], next=following)


def _invoice(row: Row, today: date) -> InvoiceHead:
    late = (today - date.fromisoformat(row.due_on)).days if row.state in OPEN and row.kind != "credit" else 0
    amounts = {name: from_minor(getattr(row, name), row.currency) for name in ("gross", "allocated", "credited", "written_off")}
    return InvoiceHead(
        invoice_no=row.invoice_no,
        kind=row.kind,
        state=row.state,
        overdue=max(0, late),
        order_no=row.order_no,
        shipment_no=row.shipment_no,
        customer_no=row.customer_no,
        original_no=row.original_no,
        collected_in=row.collected_in,
        currency=row.currency,
        **amounts,
        open=from_minor(open_of(row), row.currency),
        asked=None if row.asked is None else from_minor(row.asked, row.currency),
        disputed=bool(row.disputed),
        reminded=row.reminded,
        issued_on=row.issued_on,
        due_on=row.due_on,
    )


def open_of(row: Row) -> int:
    """What an invoice lacks, in minor units; nothing where money cannot settle it."""
    lacks = row.kind != "credit" and row.state not in ("void", "draft")
    return row.gross - row.credited - row.written_off - row.allocated if lacks else 0


def payments(
    database: Database, wanted: PaymentFilter | None = None, *, cursor: str | None = None, limit: int = 50
) -> Page[PaymentHead]:
    """Payments, newest first. BadCursor."""
    before = cursors.read(cursor, "payments", str, str) if cursor else None
    with database.reading() as tx:
        rows = money_lists.payments(
            tx, wanted or PaymentFilter(), before=(before[0], before[1]) if before else None, limit=limit + 1
        )
    following = cursors.following(rows, limit, "payments", "value_date", "payment_ref")
    return Page(items=[PaymentHead(**_payment(row)) for row in rows[:limit]], next=following)


def payment(database: Database, payment_ref: str) -> PaymentDetails:
    """One payment. NotFound."""
    with database.reading() as tx:
        row = money_lists.payment(tx, payment_ref)
        if row is None:
            raise not_found(tx, "payment", payment_ref)
        return PaymentDetails(
            **_payment(row),
            names=money_lists.references_of(tx, payment_ref),
            settles=[_share(one, row.currency) for one in money_lists.allocations_of(tx, payment_ref)],
            went_back=[_back(one, row.currency) for one in money_lists.returns_of(tx, payment_ref)],
            decided=_decided(tx, "payment.decided", payment_ref),
            document=orjson.loads(row.document),
        )


def _payment(row: Row) -> dict[str, Any]:
    amounts = {name: getattr(row, name) for name in ("amount", "fee", "returned", "allocated")}
    amounts["left"] = max(0, row.amount - row.fee - row.returned) - row.allocated
    return {
        "payment_ref": row.payment_ref, "state": row.state, "reason": row.reason, "currency": row.currency,
        "value_date": row.value_date, "payer": row.payer, "customer_no": row.customer_no,
        **{name: from_minor(amount, row.currency) for name, amount in amounts.items()},
    }  # fmt: skip


def _share(row: Row, currency: str) -> PaymentShare:
    return PaymentShare(
        invoice_no=row.invoice_no,
        order_no=row.order_no,
        amount=from_minor(row.amount, currency),
        how=row.how or "reference",
        allocated_at=from_micros(row.allocated_at),
    )


def _back(row: Row, currency: str) -> MoneyBack:
    return MoneyBack(refund_ref=row.refund_ref, kind=row.kind, amount=from_minor(row.amount, currency), value_date=row.value_date)


def _decided(tx: Transaction, kind: str, subject: str) -> list[DecisionView]:
    bodies = [orjson.loads(row.body) for row in stories.about(tx, [(kind, subject)], MOST_DECISIONS)]
    return [DecisionView(**{name: body[name] for name in DecisionView.model_fields}) for body in bodies]
