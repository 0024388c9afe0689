"""Goods that left though they should not have: recalled, past their last day, or not released (domain I16, R17). A case for people:
what has left has left, and is counted and billed as it was."""

from collections.abc import Iterator
from datetime import date

from canonical.documents.cases import CaseChanged
from canonical.documents.shipments import ShipmentDispatched
from canonical.envelope import Message
from canonical.lean import lean
from canonical.values import LotRef
from handlers.stock.books import Bin, Books
from handlers.stock.recalls import stops
from handlers.stock.shortage import RECALL, SHELF_LIFE
from store.database import to_micros
from store.exact import from_micro_units
from store.lots import Lot
from store.stock import Line

case_changed = lean(CaseChanged)
NOT_RELEASED = "S_NOT_RELEASED"


def look(books: Books, goods: Bin, ref: LotRef, qty: int, sent: ShipmentDispatched, line: Line, message: Message) -> None:
    """Ask of goods of a known lot that leave for an order line, before they are taken off, whether they were fit for it."""
    if qty <= 0 or not (ref.lot or ref.serial):
        return
    for code in _against(books, goods, ref, sent):
        number = "/".join(("UNF", sent.shipment_no, line.order_no, line.line_no, ref.lot or "", ref.serial or "", code))
        if any(case.case_no == number for case, _ in books.to_tell):
            continue
        case = case_changed(
            case_no=number,
            seq=1,
            state="open",
            kind="unfit",
            code=code,
            item=goods.item,
            lot=ref.lot,
            serial=ref.serial,
            reported_by=sent.warehouse,
            sold=from_micro_units(qty),
            shipment_no=sent.shipment_no,
            order_nos=(line.order_no,),
        )
        books.to_tell.append((case, message))


def _against(books: Books, goods: Bin, ref: LotRef, sent: ShipmentDispatched) -> Iterator[str]:
    known = goods if isinstance(goods, Lot) else Lot(goods.item, goods.location, "", "")
    made = ref.mfg_date.isoformat() if ref.mfg_date else known.mfg_date
    named = Lot(goods.item, goods.location, ref.lot or known.lot, ref.serial or known.serial, mfg_date=made)
    left_at = to_micros(sent.dispatched_at)
    if any(as_of <= left_at and stops(recall, named) for as_of, recall in books.recalls.of.get(goods.item, {}).values()):
        yield RECALL
    expiry = ref.expiry or (date.fromisoformat(known.expiry) if known.expiry else None)
    if expiry is not None and expiry <= sent.dispatched_at.date():
        yield SHELF_LIFE
    if known.status != "released":
        yield NOT_RELEASED
