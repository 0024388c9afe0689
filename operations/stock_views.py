"""What is shown of stock: places, lots, promises, recalls, cases."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from pydantic import Field

from operations.views import View


class LotView(View):
    """Goods of one lot or serial number at a place. available: what may still be given out of it."""

    lot: str | None = None
    serial: str | None = None
    status: str = Field(description="released, quarantine, blocked or expired, as the place says; expired from its last day on.")
    recalled: bool = False
    expiry: date | None = None
    mfg_date: date | None = None
    on_hand: Decimal
    reserved: Decimal
    available: Decimal


class StockPlace(View):
    """The stock of an item at one location, lots included. on_hand: what is released; available: what may be given out of it."""

    location: str
    holder: str | None = Field(default=None, description="Whose hands our goods are in, where they lie with a buyer.")
    on_hand: Decimal
    reserved: Decimal
    reserved_softly: Decimal = Field(description="Of the reserved, what orders on hold have; it may go to others.")
    available: Decimal
    as_of: datetime | None = Field(default=None, description="Of the newest count; absent before the first.")
    lots: list[LotView] = Field(default_factory=list, description="Where lots are kept apart; the rest is of no known lot.")


class Backorder(View):
    """An order line that waits for the item, until `due`."""

    order_no: str
    line_no: str
    qty: Decimal
    due: date | None = None


class ExpectedReceipt(View):
    """Goods on their way to us, by a supplier's despatch advice."""

    shipment_no: str
    location: str
    lot: str | None = None
    expiry: date | None = None
    qty: Decimal
    due: date


class Promise(View):
    """What may be promised for a day without taking from what is promised already, then or later (R7): over our own places, goods
    that live long enough after it."""

    at: date
    min_remaining_shelf_days: int
    available: Decimal


class StockView(View):
    """An item everywhere. Sums are over our own places. waiting: at most 200 order lines."""

    item: str
    on_hand: Decimal
    reserved: Decimal
    available: Decimal
    promise: Promise
    places: list[StockPlace]
    waiting: list[Backorder]
    expected: list[ExpectedReceipt]


class SoldOn(View):
    """Goods that a dealer reported as passed on."""

    to: str | None = None
    region: str | None = None
    qty: Decimal
    report_no: str


class RecalledShipment(View):
    """Goods of the recall in one shipment. stated: the warehouse named the lot; else it is what we had asked for."""

    shipment_no: str | None = None
    order_no: str
    line_no: str
    lot: str | None = None
    serial: str | None = None
    qty: Decimal
    stated: bool = True


class RecalledBuyer(View):
    """Who had goods of the recall from us. shipped = returned + confirmed (by sales-out) + unlocated."""

    buyer: str
    region: str | None = None
    shipped: Decimal
    returned: Decimal
    confirmed: Decimal
    unlocated: Decimal
    shipments: list[RecalledShipment]
    sold_on: list[SoldOn]


class RecallTrace(View):
    """Where the goods of a recall are. received + returned to stock = in stock + shipped from stock, or `difference` says how much
    not. unknown_lot: orders of the item whose lots nobody told, to be asked."""

    recall_no: str
    sku: str
    status: str
    reason: str
    received: Decimal
    in_stock: Decimal
    reserved: Decimal
    shipped: Decimal
    returned: Decimal
    scrapped: Decimal
    confirmed: Decimal
    unlocated: Decimal
    difference: Decimal
    stock: list[StockPlace]
    buyers: list[RecalledBuyer]
    unknown_lot: list[RecalledShipment]


class CaseView(View):
    """A case and since when it is known; `document` is the canonical case.changed."""

    case_no: str
    state: str
    code: str
    opened_at: datetime
    document: dict[str, Any]
