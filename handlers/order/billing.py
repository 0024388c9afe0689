"""What finance and returning buyers tell about an order: invoices, credit notes, money, reminders, goods that came back.

Every function gives the token the message has to wait for, or None when it is dealt with.
"""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any, Protocol, cast

from canonical.amounts import ZERO, rounded
from canonical.documents.finance import InvoiceIssued, PaymentAllocated
from canonical.documents.returns import ReturnReceived
from canonical.documents.settlement import (
    InvoiceReminded,
    InvoiceVoided,
    InvoiceWrittenOff,
    PaymentDeallocated,
    PaymentDeposited,
    PaymentWithdrawn,
)
from canonical.envelope import Message
from handlers.order import exceeding, reviewing
from handlers.order.accounts import account_of
from handlers.order.books import Books, Order
from handlers.order.progress import tell, tell_money


class HasLine(Protocol):
    @property
    def line_no(self) -> str: ...
    @property
    def qty(self) -> Decimal: ...


def invoice(books: Books, message: Message) -> str | None:
    """invoice.issued: what was billed of the order, or credited. A collective invoice bills several orders."""
    document = cast(InvoiceIssued, message.document)
    order_nos = [document.order_no] if document.order_no else [line.order_no for line in document.lines if line.order_no]
    for order_no in order_nos:
        if order_no not in books.orders:
            return f"order:{order_no}"
    for order_no in dict.fromkeys(order_nos):
        _bill(books, books.orders[order_no], document, message)
    return None


def _bill(books: Books, order: Order, document: InvoiceIssued, message: Message) -> None:
    """A credit note counts against what it takes back; a proforma is no bill."""
    kept = order.facts.credits if document.kind == "credit" else order.facts.invoices
    if document.kind == "proforma" or document.invoice_no in kept:
        return
    kept[document.invoice_no] = _invoice_fact(order, document)
    order.change()
    if document.kind != "credit":
        tell(order, "invoiced", message, books.outcome, invoice_no=document.invoice_no)
    tell_money(order, message, books.outcome)


def _invoice_fact(order: Order, document: InvoiceIssued) -> dict[str, Any]:
    mine = [line for line in document.lines if line.order_no in (None, order.order_no)]
    gross = document.totals.gross
    if document.order_no is None:
        rates = {line.tax_rate_pct for line in mine}
        nets = {rate: sum((line.net for line in mine if line.tax_rate_pct == rate), ZERO) for rate in rates}
        gross = sum((net + rounded(net * rate / 100, document.currency) for rate, net in nets.items()), ZERO)
    by_amount = document.references.get("correction") is not None  # a price was too high or too low: no goods are meant
    fact = {
        "gross": str(gross), "lines": {} if by_amount else _quantities(mine), "of": document.original_invoice_no,
        "due": document.due_on.isoformat() if document.due_on else None,
    }  # fmt: skip
    return {name: value for name, value in fact.items() if value is not None}


def allocate(books: Books, message: Message) -> str | None:
    """payment.allocated: money for an invoice of the order."""
    document = cast(PaymentAllocated, message.document)
    return _note(books, message, document.order_no, "allocations", [str(document.amount.amount), document.invoice_no])


def take_off(books: Books, message: Message) -> str | None:
    """payment.deallocated: that money settles the invoice no longer."""
    document = cast(PaymentDeallocated, message.document)
    return _note(books, message, document.order_no, "undone", [str(document.amount.amount), document.invoice_no, document.reason])


def write_off(books: Books, message: Message) -> str | None:
    """invoice.written_off: what an invoice lacks is given up."""
    document = cast(InvoiceWrittenOff, message.document)
    return _note(books, message, document.order_no, "written_off", [str(document.amount.amount), document.invoice_no])


def void(books: Books, message: Message) -> str | None:
    """invoice.voided: the invoice counts no more."""
    document = cast(InvoiceVoided, message.document)
    return _list(books, message, document.order_no, "voided", document.invoice_no)


def remind(books: Books, message: Message) -> str | None:
    """invoice.reminded: the last step holds the credit of the account until the invoice is paid."""
    document = cast(InvoiceReminded, message.document)
    if not document.hold:
        return None if document.order_no in books.orders else f"order:{document.order_no}"
    return _list(books, message, document.order_no, "dunned", document.invoice_no)


def withdraw(books: Books, message: Message) -> str | None:
    """payment.withdrawn: so much of a payment that may settle its invoices went back; the largest sum holds."""
    document = cast(PaymentWithdrawn, message.document)
    order = books.orders.get(document.order_no)
    if order is None:
        return f"order:{document.order_no}"
    known = order.facts.withdrawn
    if document.amount.amount > Decimal(known.get(document.payment_ref, ZERO)):
        known[document.payment_ref] = str(document.amount.amount)
        order.change()
        tell_money(order, message, books.outcome)
    return None


def deposit(books: Books, message: Message) -> str | None:
    """payment.deposited: money that lies ready counts for the account of its customer, or of the order it was paid for."""
    document = cast(PaymentDeposited, message.document)
    order = books.orders.get(document.order_no) if document.order_no is not None else None
    if document.order_no is not None and order is None:
        return f"order:{document.order_no}"
    number = document.customer_no or (order.customer_no if order is not None else None)
    customer = books.catalogue.customer_in_force(number) if number is not None else None
    named = account_of(customer) if customer is not None else None
    if named is not None:
        books.accounts.deposit(books.accounts.of(*named), document)
    if order is not None and document.amount.amount > 0:
        reviewing.look_at_credit(books, order, message)
    return None


def take_back(books: Books, message: Message) -> str | None:
    """return.received: goods of the order, or of its shipment, came back from the buyer."""
    document = cast(ReturnReceived, message.document)
    order_no = document.order_no or _order_of(books, document)
    if order_no is None:
        return f"shipment:{document.shipment_no}" if document.shipment_no else None
    order = books.orders.get(order_no)
    if order is None:
        return f"order:{order_no}"
    if message.identity not in order.facts.returns:
        order.facts.returns[message.identity] = _quantities(document.lines)
        unpaid_for = [line for line in document.lines if line not in document.credited_lines]
        if unpaid_for:
            order.facts.uncredited[message.identity] = _quantities(unpaid_for)
        order.change()
        books.outcome.arrived.add(f"returned:{document.rma_no}")
        tell(order, "returned", message, books.outcome, seq=len(order.facts.returns), reasons=(document.rma_no,))
        tell_money(order, message, books.outcome)
        exceeding.look(books, order, "return", message)
    return None


def _order_of(books: Books, document: ReturnReceived) -> str | None:
    """The order of the shipment that a return names, where it carried one order only."""
    shipment = books.shipments.get(document.shipment_no or "")
    orders = list(shipment.facts["lines"]) if shipment is not None else []
    return orders[0] if len(orders) == 1 else None


def _note(books: Books, message: Message, order_no: str, kind: str, entry: list[str]) -> str | None:
    order = books.orders.get(order_no)
    if order is None:
        return f"order:{order_no}"
    known = getattr(order.facts, kind)
    if message.identity not in known:
        known[message.identity] = entry
        order.change()
        tell_money(order, message, books.outcome)
    return None


def _list(books: Books, message: Message, order_no: str, kind: str, name: str) -> str | None:
    order = books.orders.get(order_no)
    if order is None:
        return f"order:{order_no}"
    known = getattr(order.facts, kind)
    if name not in known:
        known.append(name)
        known.sort()
        order.change()
        tell_money(order, message, books.outcome)
    return None


def _quantities(lines: Iterable[HasLine]) -> dict[str, str]:
    sums: dict[str, Decimal] = {}
    for line in lines:
        sums[line.line_no] = sums.get(line.line_no, ZERO) + line.qty
    return {line_no: str(qty) for line_no, qty in sums.items()}
