"""The books of one batch: everything it may touch loaded at once, and kept at once. Which statement reads what stands here."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import orjson

from canonical.documents.decisions import OrderHeld
from canonical.documents.finance import PaymentReceived, PaymentReturned
from canonical.documents.order_answers import OrderConfirmed
from canonical.documents.order_changes import OrderReduced
from canonical.documents.returns import ReturnReceived
from canonical.documents.settlement import BillingClosed, InvoiceDecided, PaymentDecided
from canonical.documents.shipments import ShipmentDispatched
from canonical.envelope import Message
from handlers.catalogue import Catalogue
from handlers.invoice.accounts import Account, Books, Invoice, Payment, WriteOff
from handlers.invoice.drafting import invoice_name, invoice_no
from handlers.invoice.matching import payer_key, references, state_of
from handlers.lookup.payers import account_key
from store import finance, finance_writing, orders
from store.database import Transaction


@dataclass
class Sought:
    """What a batch is about. unknown: references of payments; said: of anything else. billed: (name, order) of what is shipped.
    payers: of payments, to whom open invoices may belong."""

    unknown: set[str] = field(default_factory=set)
    said: set[str] = field(default_factory=set)
    orders: set[str] = field(default_factory=set)
    billed: set[tuple[str, str]] = field(default_factory=set)
    payments: set[str] = field(default_factory=set)
    refunds: set[str] = field(default_factory=set)
    payers: set[str] = field(default_factory=set)
    decided: set[str] = field(default_factory=set)
    customers: set[str] = field(default_factory=set)
    closed: list[BillingClosed] = field(default_factory=list)


def _payment(sought: Sought, document: PaymentReceived) -> None:
    sought.unknown |= references(document)
    sought.payments.add(document.payment_ref)
    payer = payer_key(document.payer)
    if payer is not None:
        sought.payers.add(payer)


def _dispatched(sought: Sought, document: ShipmentDispatched) -> None:
    for line in document.lines:
        sought.orders.add(line.order_no)
        sought.billed |= {(line.order_no, line.order_no), (invoice_no(document, line.order_no), line.order_no)}


def _back(sought: Sought, document: PaymentReturned) -> None:
    sought.payments.add(document.original_ref)
    sought.refunds.add(document.refund_ref)


def _goods_back(sought: Sought, document: ReturnReceived) -> None:
    sought.said.add(document.order_no or invoice_name(document.shipment_no or document.rma_no))


def _order(sought: Sought, document: OrderConfirmed | OrderReduced | OrderHeld) -> None:
    sought.orders.add(document.order_no)
    sought.billed.add((document.order_no, document.order_no))


def _payment_decided(sought: Sought, document: PaymentDecided) -> None:
    sought.payments.add(document.payment_ref)
    sought.said |= {document.invoice_no} if document.invoice_no else set()
    sought.customers |= {document.customer_no} if document.customer_no else set()


def _invoice_decided(sought: Sought, document: InvoiceDecided) -> None:
    sought.said.add(document.invoice_no)
    sought.decided.add(document.invoice_no)


def _closed(sought: Sought, document: BillingClosed) -> None:
    sought.closed.append(document)


SEEK: dict[str, Callable[[Sought, Any], None]] = {
    "payment.received": _payment,
    "shipment.dispatched": _dispatched,
    "payment.reversed": _back,
    "payment.refunded": _back,
    "return.received": _goods_back,
    "order.confirmed": _order,
    "order.reduced": _order,
    "order.held": _order,
    "payment.decided": _payment_decided,
    "invoice.decided": _invoice_decided,
    "billing.closed": _closed,
}


def opened(batch: Sequence[Message], tx: Transaction, catalogue: Catalogue) -> Books:
    """The books of a batch. Locked: the issuing of invoices, the orders it is about and those connected, then their payments."""
    sought = Sought()
    for message in batch:
        SEEK[message.type](sought, message.document)
    books = Books()
    for row in finance.orders_with_drafts(tx, [(c.customer_no, c.currency, c.through.isoformat()) for c in sought.closed]):
        sought.orders.add(row.order_no)
        sought.billed |= {(row.order_no, row.order_no), (row.invoice_no, row.order_no)}
    _name(books, sought, tx)
    books.payer_customers = _customers(tx, catalogue, sought.payers)
    candidates = finance.orders_with_open_invoices(tx, sought.customers.union(*books.payer_customers.values()))
    naming = [(row.payment_ref, row.order_no) for row in finance.naming(tx, sought.billed)]
    wanted = sought.orders.union(candidates, *books.named.values())
    wanted |= finance.connected(tx, wanted, {*sought.payments, *(ref for ref, _ in naming)})
    _lock_orders(books, tx, wanted)
    waiting = _waiting(books, tx, catalogue, sought.orders)
    _load(books, tx, set(books.accounts), {*sought.payments, *waiting, *(ref for ref, _ in naming)})
    _follow(books, tx)
    for ref, order_no in naming:
        if order_no in books.accounts:
            books.link(books.payments[ref], order_no)
    books.known_returns = finance.known_returns(tx, sought.refunds)
    for row in finance.write_offs_of(tx, sought.decided):
        books.write_offs[row.invoice_no, row.seq] = WriteOff(*row)
    books.unreported = finance.unreported(tx, sought.decided)
    return books


def _name(books: Books, sought: Sought, tx: Transaction) -> None:
    """What the references of the batch mean. An unknown one of a payment keeps invoices from being issued meanwhile."""
    books.named = _meanings(tx, sought.unknown | sought.said)
    alone = bool(sought.unknown - books.named.keys())
    if alone or sought.billed:
        finance.lock_issuing(tx, alone=alone)
    if alone:
        books.named = _meanings(tx, sought.unknown | sought.said)


def _meanings(tx: Transaction, wanted: Iterable[str]) -> dict[str, set[str]]:
    """{reference: order numbers} of references that name an order or an invoice; our own numbers before a channel's."""
    wanted = set(wanted)
    found = orders.named_by(tx, wanted)
    meanings: dict[str, set[str]] = {}
    for order in found:
        if order.source_order_id in wanted:
            meanings.setdefault(order.source_order_id or "", set()).add(order.order_no)
    meanings |= {order.order_no: {order.order_no} for order in found if order.order_no in wanted}
    billed: dict[str, set[str]] = {}
    for row in finance.orders_of_invoices(tx, wanted):
        billed.setdefault(row.reference, set()).add(row.order_no)
    return meanings | billed


def _customers(tx: Transaction, catalogue: Catalogue, payers: set[str]) -> dict[str, set[str]]:
    """{payer: customers it pays for}, by what was learned and what master data say."""
    found = finance.customers_of_payers(tx, payers)
    for payer in payers:
        found.setdefault(payer, set()).update(catalogue.customers_paying_from(payer))
    return found


def _lock_orders(books: Books, tx: Transaction, order_nos: set[str]) -> None:
    for stored in orders.lock(tx, order_nos - books.accounts.keys()):
        books.accounts[stored.order_no] = Account(stored)


def _waiting(books: Books, tx: Transaction, catalogue: Catalogue, billed: set[str]) -> set[str]:
    """Money in suspense of the customers that are being billed; with it, all orders it could be for."""
    customers = {books.accounts[no].stored.customer_no for no in billed if no in books.accounts} - {None}
    pairs: set[tuple[str, str | None]] = set()
    for customer_no in customers:
        customer = catalogue.customer_in_force(customer_no or "")
        accounts = {account_key(account) for account in customer.payer_accounts} if customer is not None else set()
        pairs |= {(customer_no or "", account) for account in (*accounts, None)}
    waiting = finance.waiting_for(tx, pairs)
    if waiting:
        _lock_orders(books, tx, finance.orders_with_open_invoices(tx, {no for no in customers if no is not None}))
    return waiting


def _follow(books: Books, tx: Transaction) -> None:
    """Orders that a payment came to be for while the others were being locked: they belong to the whole as well."""
    known = set(books.accounts)
    missing = {no for payment in books.payments.values() for no in payment.orders} - known
    if missing:
        _lock_orders(books, tx, missing)
        _load(books, tx, books.accounts.keys() - known, set())


def _load(books: Books, tx: Transaction, order_nos: set[str], payment_refs: set[str]) -> None:
    """Invoices of these orders, payments that may settle them or are named, and what is known of these payments."""
    for invoice in finance.invoices_of(tx, order_nos):
        books.add_invoice(Invoice(invoice))
    found = [kept for kept in finance.lock_payments(tx, order_nos, payment_refs) if kept.payment_ref not in books.payments]
    for kept in found:
        books.payments[kept.payment_ref] = Payment(kept)
    for row in finance.claims_of(tx, [kept.payment_ref for kept in found]):
        payment = books.payments[row.payment_ref]
        if row.what == "reference":
            payment.names.add(row.target)
        elif row.what == "order":
            payment.orders.add(row.target)
        elif row.what == "allocation":
            books.settled[payment.ref, row.target] = (row.amount, row.changes)
        else:
            payment.matches[row.target] = (row.what, row.amount)


def save(books: Books, tx: Transaction) -> None:
    """Keep what changed."""
    finance_writing.insert_invoices(tx, [_invoice_row(i) for i in books.invoices.values() if i.new])
    finance_writing.update_invoices(tx, [_invoice_row(i) for i in books.invoices.values() if i.changed and not i.new])
    finance.reissue(tx, [_invoice_row(i) for i in books.invoices.values() if _rewritten(i)])
    new = [payment for payment in books.payments.values() if payment.message is not None]
    pairs = [(reference, payment.ref) for payment in new for reference in sorted(payment.names)]
    finance_writing.insert_payments(tx, [_payment_row(payment) for payment in new], pairs)
    finance_writing.update_payments(tx, [_payment_row(p) for p in books.payments.values() if p.changed and p.message is None])
    finance_writing.insert_links(tx, books.links)
    finance_writing.put_matches(tx, list(_match_rows(books)))
    finance_writing.insert_returns(tx, books.new_returns)
    finance_writing.put_allocations(tx, books.new_allocations)
    finance.withdraw(tx, books.withdrawn)
    finance_writing.put_write_offs(tx, [_write_off_row(w) for w in books.write_offs.values() if w.changed])
    finance_writing.learn_payers(tx, books.learned)
    finance_writing.learn_payers(tx, books.stated, stated=True)


def _rewritten(invoice: Invoice) -> bool:
    return invoice.changed and not invoice.new and (invoice.redrafted or invoice.kept.collected_in is not None)


def _invoice_row(invoice: Invoice) -> dict[str, Any]:
    return asdict(invoice.kept) | {
        "state": invoice.state, "allocated": invoice.allocated, "credited": invoice.credited, "written_off": invoice.written_off,
        "document": orjson.Fragment(invoice.kept.document),
    }  # fmt: skip


def _payment_row(payment: Payment) -> dict[str, Any]:
    return asdict(payment.kept) | {
        "state": state_of(payment.usable, payment.allocated, payment.kept.reason), "allocated": payment.allocated,
        "returned": payment.returned, "document": None if payment.message is None else orjson.Fragment(payment.message.body),
    }  # fmt: skip


def _match_rows(books: Books) -> Iterator[dict[str, Any]]:
    for payment in books.payments.values():
        for number in sorted(payment.new_matches):
            kind, amount = payment.matches[number]
            yield {"payment_ref": payment.ref, "invoice_no": number, "kind": kind, "amount": amount}


def _write_off_row(write_off: WriteOff) -> dict[str, Any]:
    return {name: getattr(write_off, name) for name, _ in finance.WRITE_OFF}
