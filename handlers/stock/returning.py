"""Goods that come back: on the shelf again, in quarantine, or gone for good, by what was decided about them."""

from collections.abc import Iterable
from typing import cast

from canonical.documents.returns import ReturnLine, ReturnReceived
from canonical.envelope import Message
from canonical.lean import lean
from canonical.values import LotRef
from handlers.stock import moving
from handlers.stock.books import Bin, Books
from handlers.stock.entries import Movement, enter
from store.database import to_micros
from store.exact import to_micro_units
from store.lots import Lot

lot_ref = lean(LotRef)

DISPOSITIONS = {
    **dict.fromkeys(("restock", "restocked", "return", "legacy_restock", "resell", "resellable", "released"), "released"),
    **dict.fromkeys(("scrap", "scrapped", "destroy", "destroyed", "dispose", "discard", "no_restock"), ""),
}
"""What becomes of the goods by the word of whoever took them in; an empty status: they do not come back to stock."""
OTHERWISE = "quarantine"


def take_in(books: Books, message: Message) -> str | None:
    """return.received: goods are at the warehouse it names, else where they left from; before they left it waits."""
    document = cast(ReturnReceived, message.document)
    moved_at = to_micros(document.returned_at or message.recorded_at)
    places = [document.warehouse or _left_from(books, document.order_no, line) for line in document.lines]
    if not all(places):
        return f"shipped:{document.order_no}" if document.order_no else f"return:{document.rma_no}"
    for position, (returned, place) in enumerate(zip(document.lines, places, strict=True)):
        status = DISPOSITIONS.get((returned.disposition or "").lower(), OTHERWISE)
        demand = books.demands.get(document.order_no) if document.order_no else None
        line = demand.lines.get(returned.line_no) if demand else None
        item = line.item if line and line.item else returned.item
        books.moved_by[item] = message
        for number, (ref, in_line_units) in enumerate(_parts(returned)):
            qty = in_line_units if demand is None else demand.to_base(returned.line_no, in_line_units)
            goods = books.bin(item, place, ref.lot or "", ref.serial or "", status or "blocked")
            _date(books, goods, ref)
            entry_id = f"{message.message_id}/{position}/{number}"
            taken = moving.move(books, goods, qty, moved_at, entry_id) if status else qty
            kind = "returned" if status else "scrapped"
            moved = Movement(kind, qty, moved_at, entry_id, message, document.rma_no, demand, line, ref, gone=not status)
            enter(books, goods, moved, taken)
    return None


def _left_from(books: Books, order_no: str | None, returned: ReturnLine) -> str:
    demand = books.demands.get(order_no) if order_no else None
    line = demand.lines.get(returned.line_no) if demand else None
    return line.shipped_from if line else ""


def _parts(returned: ReturnLine) -> Iterable[tuple[LotRef, int]]:
    """The lots of a line and what is of none, with their quantities."""
    left = to_micro_units(returned.qty)
    for ref in returned.lots:
        if ref.lot or ref.serial:
            qty = min(left, to_micro_units(ref.qty))
            left -= qty
            yield ref, qty
    if left:
        yield lot_ref(), left


def _date(books: Books, goods: Bin, ref: LotRef) -> None:
    """What is known of the days of goods that come back: from the return, else from the lot ledger."""
    if not isinstance(goods, Lot):
        return
    expiry, mfg_date = books.days.get((goods.item, goods.lot, goods.serial), (None, None))
    goods.expiry = goods.expiry or (ref.expiry.isoformat() if ref.expiry else expiry)
    goods.mfg_date = goods.mfg_date or (ref.mfg_date.isoformat() if ref.mfg_date else mfg_date)
    books.recalls.mark(goods)
