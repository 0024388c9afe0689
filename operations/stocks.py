"""Stock of an item as people ask for it: what lies where, by lot, and what may be promised for a day (R7)."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import orjson

from canonical.amounts import ZERO
from canonical.documents.recalls import RecallOpened
from canonical.reading import read
from handlers.stock.recalls import stops
from operations.failing import not_found
from operations.standing import instant
from operations.stock_views import Backorder, ExpectedReceipt, LotView, Promise, StockPlace, StockView
from store import tracing
from store.database import Database, Row
from store.exact import from_micro_units
from store.lots import Lot
from store.stock import Level

MOST_WAITING = 200


def stock(database: Database, item: str, *, at: date | None = None, min_days: int = 0) -> StockView:
    """An item at every location, who waits for it, what is expected, and what may be promised for a day (today by default).
    NotFound."""
    with database.reading() as tx:
        bins, waiting, expected = tracing.bins(tx, item), tracing.waiting(tx, item), tracing.expected(tx, item)
        recalls = recalls_in(tracing.recalls_of(tx, item))
        if not bins and not waiting and not expected:
            raise not_found(tx, "item", item)
    day = at or datetime.now(UTC).date()
    places = places_of(item, bins, recalls, datetime.now(UTC).date())
    own = [place for place in places if place.holder is None]
    backorders = [_backorder(row) for row in waiting]
    receipts = [_receipt(row) for row in expected]
    promised = Promise(
        at=day, min_remaining_shelf_days=min_days, available=promise(item, bins, recalls, backorders, receipts, day, min_days)
    )
    return StockView(
        item=item,
        on_hand=sum((place.on_hand for place in own), ZERO),
        reserved=sum((place.reserved for place in own), ZERO),
        available=sum((place.available for place in own), ZERO),
        promise=promised,
        places=places,
        waiting=backorders[:MOST_WAITING],
        expected=receipts,
    )


def promise(
    item: str,
    bins: Iterable[Row],
    recalls: Sequence[RecallOpened],
    waiting: Sequence[Backorder],
    expected: Sequence[ExpectedReceipt],
    day: date,
    min_days: int,
) -> Decimal:
    """ATP with look-ahead: the least, over the day and every later one, of what is there and free, less what confirmed orders wait
    for until then, and more what comes until then. Never below zero."""
    keeps_until = (day + timedelta(days=max(1, min_days))).isoformat()
    free = sum(
        row.on_hand - (row.reserved - row.soft)
        for row in bins
        if not row.holder
        and row.status == "released"
        and not recalled(item, row, recalls)
        and not (row.expiry and row.expiry < keeps_until)
    )
    good = [one for one in expected if one.expiry is None or one.expiry.isoformat() >= keeps_until]
    days = {day, *(one.due for one in good if one.due > day), *(one.due for one in waiting if one.due and one.due > day)}
    return max(ZERO, min(_free_by(from_micro_units(int(free)), good, waiting, then) for then in days))


def _free_by(free: Decimal, expected: Iterable[ExpectedReceipt], waiting: Iterable[Backorder], day: date) -> Decimal:
    """Goods that should be here already and are not are no longer counted on."""
    today = datetime.now(UTC).date()
    coming = sum((one.qty for one in expected if today <= one.due <= day), ZERO)
    return free + coming - sum((one.qty for one in waiting if one.due is None or one.due <= day), ZERO)


def places_of(item: str, bins: Iterable[Row], recalls: Sequence[RecallOpened], today: date) -> list[StockPlace]:
    """The places of an item with their lots. Goods whose last day has come are expired, whatever the place reports."""
    rows: dict[str, list[Row]] = {}
    for row in bins:
        if row.location:
            rows.setdefault(row.location, []).append(row)
    return [_place(item, location, here, recalls, today.isoformat()) for location, here in sorted(rows.items())]


def _place(item: str, location: str, rows: Sequence[Row], recalls: Sequence[RecallOpened], today: str) -> StockPlace:
    released = [row for row in rows if _status(row, today) == "released"]
    usable = sum(row.on_hand for row in released if not recalled(item, row, recalls))
    reserved = sum(row.reserved for row in rows)
    return StockPlace(
        location=location,
        holder=rows[0].holder or None,
        on_hand=from_micro_units(sum(row.on_hand for row in released)),
        reserved=from_micro_units(reserved),
        reserved_softly=from_micro_units(int(sum(row.soft for row in rows))),
        available=from_micro_units(usable - reserved),
        as_of=instant(max(row.as_of for row in rows)),
        lots=[_lot(item, row, recalls, today) for row in rows if row.lot or row.serial or row.status != "released"],
    )


def _status(row: Row, today: str) -> str:
    """As the place reports it, but expired where its last day has come: it is not given out any more."""
    return "expired" if row.status == "released" and row.expiry and row.expiry <= today else str(row.status)


def _lot(item: str, row: Row, recalls: Sequence[RecallOpened], today: str) -> LotView:
    stopped, status = recalled(item, row, recalls), _status(row, today)
    usable = row.on_hand if status == "released" and not stopped else 0
    return LotView(
        lot=row.lot or None, serial=row.serial or None, status=status, recalled=stopped, expiry=row.expiry,
        mfg_date=row.mfg_date, on_hand=from_micro_units(row.on_hand), reserved=from_micro_units(row.reserved),
        available=from_micro_units(usable - row.reserved),
    )  # fmt: skip


def recalled(item: str, row: Row, recalls: Iterable[RecallOpened]) -> bool:
    """Whether a recall stops what lies in a bin, as the stock handler sees it."""
    known = row.lot or row.serial or row.status != "released"
    goods = Lot(item, row.location, row.lot, row.serial, mfg_date=row.mfg_date) if known else Level(item, row.location)
    return any(stops(recall, goods) for recall in recalls)


def recalls_in(rows: Iterable[Row]) -> list[RecallOpened]:
    return [read(RecallOpened, row.document) for row in rows]


def _backorder(row: Row) -> Backorder:
    document = orjson.loads(row.demand)
    named = (line for line in document["lines"] if line["line_no"] == row.line_no)
    line: dict[str, Any] = next(named, {})
    due = line.get("requested_date") or document.get("requested_delivery_date")
    return Backorder(order_no=row.order_no, line_no=row.line_no, qty=from_micro_units(row.backordered), due=due)


def _receipt(row: Row) -> ExpectedReceipt:
    return ExpectedReceipt(
        shipment_no=row.shipment_no,
        location=row.location,
        lot=row.lot or None,
        expiry=row.expiry,
        qty=from_micro_units(row.qty),
        due=row.due_on,
    )
