"""The orders and shipments one batch is about: loaded at once, changed in memory, saved at once."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from canonical.amounts import to_minor
from canonical.documents.customers import CustomerMaster
from canonical.documents.orders import OrderPlaced
from canonical.envelope import Message
from canonical.failures import Transient
from canonical.handling import Outcome
from handlers.catalogue import Catalogue
from handlers.order.accounts import Account, Accounts, account_of
from handlers.order.derive import OrderState, derive, holds_of
from handlers.order.facts import Facts
from handlers.order.ledger import Ledger, ledger, set_aside
from handlers.order.policies.base import Case
from handlers.order.policies.settings import Policies
from handlers.order.remembering import Checks, Documents
from handlers.order.terms import Terms, terms_of
from store import lots, orders, shipments
from store.database import Transaction, to_micros


class Order(msgspec.Struct):
    """One order in memory. document: the one in force; terms: what it says; replaced: it is another one since this batch.
    placed_by: the message that placed the order, where that is in this batch. credit_share: what it uses of its account's limit, in
    minor units."""

    order_no: str
    origin: str
    document: OrderPlaced
    facts: Facts
    terms: Terms
    revision: int = 0
    customer_no: str | None = None
    credit_account: str | None = None
    credit_share: int = 0
    credit_due: str | None = None
    placed_by: Message | None = None
    replaced: bool = False
    changed: bool = False
    derived: OrderState | None = None
    summed: dict[str, Ledger] | None = None
    given: Mapping[str, Decimal] | None = None
    account: Account | None = None

    @property
    def state(self) -> OrderState:
        """Where the order stands by its facts; computed when first asked for after a change."""
        if self.derived is None:
            self.derived = derive(self.document, self.facts, self.lines, self.terms)
        return self.derived

    @property
    def holds(self) -> tuple[str, ...]:
        """Everything that stands against it, without asking where it stands otherwise."""
        return self.derived.holds if self.derived is not None else holds_of(self.terms, self.facts, self.lines)

    @property
    def lines(self) -> dict[str, Ledger]:
        """The figures of its lines; summed up when first asked for after a change."""
        if self.summed is None:
            self.summed = ledger(self.document, self.facts, self.aside)
        return self.summed

    @property
    def aside(self) -> Mapping[str, Decimal]:
        """What stock ever set aside for its lines and did not let go; summed up when first asked for after a change."""
        if self.given is None:
            self.given = set_aside(self.facts)
        return self.given

    def change(self) -> None:
        """Its facts or its document have changed so that it may stand otherwise."""
        self.summed = self.given = None
        self.restate()

    def restate(self) -> None:
        """Something was decided or told: it may stand otherwise, its figures are the same."""
        self.derived = None
        self.touch()

    def touch(self) -> None:
        """It has to be kept; it stands as before."""
        self.changed = True
        if self.account is not None:
            self.account.restless[self.order_no] = self

    def replace(self, document: OrderPlaced) -> None:
        """Another document is in force from now on."""
        self.document, self.terms = document, terms_of(document)
        self.replaced = True
        self.change()

    def charge(self, account: Account | None) -> None:
        """It uses the limit of that account; nothing of the one before any more."""
        if self.account is not None and self.account is not account:
            self.account.exposure -= self.credit_share
            self.account.changed = True
            self.account.restless.pop(self.order_no, None)
            self.credit_share = 0
        self.account = account
        self.credit_account = account.account if account is not None else None
        self.change()


Row = tuple[Any, ...]


@dataclass(slots=True)
class Shipment:
    """One shipment in memory. facts: tracking_nos, lines {order_no: {line_no: qty}}, events, receipts, carrier, dispatched_at."""

    shipment_no: str
    state: str
    facts: dict[str, Any]
    new: bool = False
    changed: bool = False


@dataclass(slots=True)
class Books:
    """Everything a batch may touch. today: the calendar day where the policies count days. by_tracking: {tracking number: shipments
    that travel under it}. runs: decisions to keep, as rows of `orders.DECISIONS`. suspicions: cases to keep.

    cases: {message id: the case of the order it places}, decided on as far as nothing but master data is needed; releases: {order
    number: the case of what stock set aside for it} alike.
    """

    outcome: Outcome
    now: datetime
    today: date
    catalogue: Catalogue
    settings: Policies
    accounts: Accounts
    checks: Checks = field(default_factory=Checks)
    cases: dict[str, Case] = field(default_factory=dict)
    releases: dict[str, Case] = field(default_factory=dict)
    orders: dict[str, Order] = field(default_factory=dict)
    shipments: dict[str, Shipment] = field(default_factory=dict)
    by_tracking: dict[str, list[str]] = field(default_factory=dict)
    runs: list[Row] = field(default_factory=list)
    suspicions: list[dict[str, Any]] = field(default_factory=list)

    @property
    def knows_trade(self) -> bool:
        """Whether any master data about buyers, goods and prices are loaded."""
        return self.catalogue.knows_trade

    def lock_accounts(self, customers: Iterable[CustomerMaster | None]) -> None:
        """Lock the credit accounts of these customers and of every order in the books, in the order of their names."""
        named = [account_of(customer) for customer in customers if customer is not None]
        wanted = {one[0]: one[1] for one in named if one is not None}
        known = {order.credit_account for order in self.orders.values() if order.credit_account is not None}
        self.accounts.lock(dict.fromkeys(known, "") | wanted)
        for order in self.orders.values():
            if order.credit_account is not None:
                order.account = self.accounts.of(order.credit_account, "")


NEWS_OF_SHIPMENTS = frozenset({"shipment.tracking", "delivery.confirmed"})
ABOUT_SHIPMENTS = NEWS_OF_SHIPMENTS | {"shipment.dispatched", "return.received"}
OF_LINES = frozenset({"shipment.dispatched", "return.received", "invoice.issued", "payment.deposited"})
"""Messages whose lines may be of several orders. By their names: to ask a document for its class is slow."""
OF_ONE = frozenset({"order.placed", "stock.reserved"})
"""Messages whose subject is their order; most are, and these are many."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What the handler has from batch to batch."""

    settings: Policies
    catalogue: Catalogue = field(default_factory=Catalogue)
    documents: Documents = field(default_factory=Documents)
    checks: Checks = field(default_factory=Checks)


def opened(batch: Sequence[Message], tx: Transaction, now: datetime, standing: Standing) -> Books:
    """The books of a batch. Shipments are locked before orders, each in the order of its key."""
    settings = standing.settings
    today = now.astimezone(ZoneInfo(settings.holds.time_zone)).date()
    accounts = Accounts(tx, settings.credit.rate, today)
    books = Books(Outcome(), now, today, standing.catalogue, settings, accounts, standing.checks)
    shipment_nos, tracking_nos = _shipments_named(batch)
    for tracking_no, shipment_no in shipments.tracked_by(tx, tracking_nos):
        books.by_tracking.setdefault(tracking_no, []).append(shipment_no)
        shipment_nos.add(shipment_no)
    for kept in shipments.lock(tx, shipment_nos):
        books.shipments[kept.shipment_no] = Shipment(kept.shipment_no, kept.state, kept.facts)
    order_nos = {no for shipment in books.shipments.values() for no in shipment.facts["lines"]}
    known = orders.lock(tx, order_nos.union(_orders_named(batch)), placed=False)
    in_force = _documents(known, tx, standing.documents)
    for order in known:
        books.orders[order.order_no] = _restored(order, in_force[order.order_no])
    return books


def save(books: Books, tx: Transaction) -> None:
    """Keep what changed. Transient when somebody else kept the same new order or shipment meanwhile."""
    books.accounts.reckon()
    new_shipments = [shipment for shipment in books.shipments.values() if shipment.new]
    numbers = [(number, s.shipment_no) for s in new_shipments for number in s.facts["tracking_nos"]]
    kept = shipments.insert(tx, [_shipment_row(s) for s in new_shipments], numbers)
    new_orders = [order for order in books.orders.values() if order.placed_by is not None]
    kept += orders.insert(tx, [_placed_row(order, order.placed_by) for order in new_orders if order.placed_by is not None])
    if kept != len(new_orders) + len(new_shipments):
        raise Transient("an order or shipment was kept by somebody else meanwhile")
    shipments.update(tx, [_shipment_row(s) for s in books.shipments.values() if s.changed and not s.new])
    orders.update(tx, [_projection(o) for o in books.orders.values() if o.changed and o.placed_by is None])
    orders.record_decisions(tx, books.runs)
    lots.save_cases(tx, books.suspicions)
    books.accounts.save()


def _shipments_named(batch: Iterable[Message]) -> tuple[set[str], set[str]]:
    """(shipment numbers, tracking numbers) that news of shipments go by."""
    shipment_nos: set[str] = set()
    tracking_nos: set[str] = set()
    for message in batch:
        if message.type in ABOUT_SHIPMENTS:
            document: Any = message.document
            if getattr(document, "shipment_no", None):
                shipment_nos.add(document.shipment_no)
            elif message.type in NEWS_OF_SHIPMENTS and document.tracking_no is not None:
                tracking_nos.add(document.tracking_no)
    return shipment_nos, tracking_nos


def _orders_named(batch: Iterable[Message]) -> Iterable[str]:
    for message in batch:
        if message.type in OF_ONE:
            yield message.subject
            continue
        document: Any = message.document
        if message.type not in OF_LINES:
            if message.type not in NEWS_OF_SHIPMENTS:
                yield document.order_no
        elif getattr(document, "order_no", None) is not None:
            yield document.order_no
        else:
            yield from (line.order_no for line in getattr(document, "lines", ()) if getattr(line, "order_no", None))


def _documents(known: Iterable[orders.StoredOrder], tx: Transaction, documents: Documents) -> dict[str, Terms]:
    """The documents in force of orders locked without those that placed them."""
    which = {order.order_no: order.document or order.placed_in for order in known}
    found = {order_no: documents.known(order_no, one) for order_no, one in which.items()}
    texts = orders.documents(tx, [o.placed_in for o in known if found[o.order_no] is None and not o.document])
    return {no: found[no] or documents.read(no, one, texts.get(one, one)) for no, one in which.items()}


def _restored(kept: orders.StoredOrder, terms: Terms) -> Order:
    return Order(
        kept.order_no, kept.origin, terms.document, Facts.kept(kept.facts), terms, kept.revision, kept.customer_no,
        kept.credit_account, kept.credit_share, kept.credit_due,
    )  # fmt: skip


def _projection(order: Order) -> Row:
    """An order as a row of `orders.PROJECTION`."""
    state, terms = order.state, order.terms
    cut = state.payable if state.payable is not terms.payable else None
    return (
        order.order_no, state.state, state.fulfilment, state.billing, state.payment,
        terms.in_minor if cut is None else to_minor(cut, order.document.currency), order.facts.written(),
        order.document.body() if order.replaced else None, order.revision, order.customer_no,
        order.credit_account, order.credit_share, order.credit_due,
    )  # fmt: skip


def _placed_row(order: Order, placed_by: Message) -> Row:
    """A new order as a row of `orders.PLACED`."""
    document = order.document
    placed_at = to_micros(document.ordered_at or placed_by.occurred_at)
    return (*_projection(order), order.origin, document.source_order_id, document.currency, placed_at, placed_by.message_id)


def _shipment_row(shipment: Shipment) -> dict[str, Any]:
    return {
        "shipment_no": shipment.shipment_no, "order_nos": sorted(shipment.facts["lines"]), "carrier": shipment.facts["carrier"],
        "state": shipment.state, "dispatched_at": shipment.facts["dispatched_at"], "facts": shipment.facts,
    }  # fmt: skip
