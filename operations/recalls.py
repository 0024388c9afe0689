"""Where the goods of a recall are: in stock, with whom, sold on to whom, and how many nobody can tell of (R17)."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from decimal import Decimal

import orjson

from canonical.documents.recalls import RecallOpened
from canonical.reading import read
from handlers.stock.recalls import concerns
from operations import cursors
from operations.failing import NotFound
from operations.stock_views import CaseView, RecalledBuyer, RecalledShipment, RecallTrace, SoldOn
from operations.stocks import places_of
from operations.views import Page
from store import tracing
from store.database import Database, Row, from_micros
from store.exact import from_micro_units

NO_RECALL = "none"
"""Instead of a number, in the trace of goods that nobody recalled."""


def trace(database: Database, recall_no: str) -> RecallTrace:
    """The trace of a recall, backward to what was received and forward to who has it. NotFound."""
    with database.reading() as tx:
        row = tracing.recall(tx, recall_no)
    if row is None:
        raise NotFound("recall", recall_no)
    return _traced(database, read(RecallOpened, row.document))


def trace_goods(database: Database, item: str, *, lots: Sequence[str] = (), serials: Sequence[str] = ()) -> RecallTrace:
    """The same of goods that nobody recalled: of these lots or serial numbers of an item, or of all of it."""
    goods = RecallOpened(
        recall_no=NO_RECALL,
        sku=item,
        lots=tuple(lots),
        serials=tuple(serials),
        reason="traced",
        status="closed",
        as_of=datetime.now(UTC),
    )
    return _traced(database, goods)


def _traced(database: Database, recall: RecallOpened) -> RecallTrace:
    with database.reading() as tx:
        entries = [e for e in tracing.entries(tx, recall.sku) if _names(recall, e)]
        bins = [b for b in tracing.bins(tx, recall.sku) if _names(recall, b)]
        unknown = tracing.shipped_without_lot(tx, recall.sku)
    received, in_stock = _sum(entries, "received", "counted"), sum(b.on_hand for b in bins)
    left, back = -_sum(e for e in entries if e.kind == "shipped" and e.location), _sum(e for e in entries if e.kind == "returned")
    buyers = _buyers(entries)
    return RecallTrace(
        recall_no=recall.recall_no,
        sku=recall.sku,
        status=recall.status,
        reason=recall.reason,
        received=from_micro_units(received),
        in_stock=from_micro_units(in_stock),
        reserved=from_micro_units(sum(b.reserved for b in bins)),
        shipped=from_micro_units(-_sum(entries, "shipped")),
        returned=from_micro_units(back),
        scrapped=from_micro_units(_sum(entries, "scrapped")),
        confirmed=_total(buyer.confirmed for buyer in buyers),
        unlocated=_total(buyer.unlocated for buyer in buyers),
        difference=from_micro_units(received + back - left - in_stock),
        stock=places_of(recall.sku, bins, [recall], datetime.now(UTC).date()),
        buyers=buyers,
        unknown_lot=[
            RecalledShipment(order_no=one.order_no, line_no=one.line_no, qty=from_micro_units(int(one.qty)), stated=False)
            for one in unknown
        ],
    )


def _names(recall: RecallOpened, row: Row) -> bool:
    """Whether the recall names the goods of a bin or entry; one of the whole product names all."""
    whole = not (recall.lots or recall.serials or recall.made_from or recall.made_to)
    return whole or concerns(recall, row.lot, row.serial, row.mfg_date)


def _buyers(entries: Sequence[Row]) -> list[RecalledBuyer]:
    """Everybody who had goods from us, by region and name."""
    had = {e.party for e in entries if e.kind == "shipped"}
    found = [_buyer(party, [e for e in entries if e.party == party]) for party in sorted(had)]
    return sorted(found, key=lambda buyer: (buyer.region or "", buyer.buyer))


def _buyer(party: str, entries: Sequence[Row]) -> RecalledBuyer:
    shipped, returned = -_sum(entries, "shipped"), _sum(entries, "returned", "scrapped")
    sold = _sum(entries, "sold", "transferred") - _sum(entries, "sold_back")
    confirmed = max(0, min(sold, shipped - returned))
    return RecalledBuyer(
        buyer=party,
        region=next((e.region for e in entries if e.kind == "shipped" and e.region), None),
        shipped=from_micro_units(shipped),
        returned=from_micro_units(returned),
        confirmed=from_micro_units(confirmed),
        unlocated=from_micro_units(shipped - returned - confirmed),
        shipments=[_shipment(e) for e in entries if e.kind == "shipped"],
        sold_on=[
            SoldOn(to=e.to_party or None, region=e.region or None, qty=from_micro_units(e.qty), report_no=e.document)
            for e in entries
            if e.kind in ("sold", "transferred")
        ],
    )


def _shipment(entry: Row) -> RecalledShipment:
    return RecalledShipment(
        shipment_no=entry.document or None,
        order_no=entry.order_no,
        line_no=entry.line_no,
        lot=entry.lot or None,
        serial=entry.serial or None,
        qty=from_micro_units(-entry.qty),
        stated=bool(entry.stated),
    )


def _sum(entries: Iterable[Row], *kinds: str) -> int:
    return sum(e.qty for e in entries if not kinds or e.kind in kinds)


def _total(amounts: Iterable[Decimal]) -> Decimal:
    return sum(amounts, Decimal(0))


def cases(database: Database, *, state: str | None = None, cursor: str | None = None, limit: int = 50) -> Page[CaseView]:
    """Cases by number; `state` open, explained or closed."""
    before = cursors.read(cursor, "cases", str)[0] if cursor else None
    with database.reading() as tx:
        rows = tracing.cases(tx, state=state, before=before, limit=limit + 1)
    items = [_case(row) for row in rows[:limit]]
    return Page(items=items, next=cursors.following(rows, limit, "cases", "case_no"))


def _case(row: Row) -> CaseView:
    document = orjson.loads(row.document)
    return CaseView(
        case_no=row.case_no,
        state=document["state"],
        code=document["code"],
        opened_at=from_micros(row.opened_at),
        document=document,
    )
