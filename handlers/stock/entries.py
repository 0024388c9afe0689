"""The lot ledger: where every lot and serial number came from and went to, one line per movement."""

from dataclasses import dataclass
from typing import Any

from canonical.envelope import Message
from canonical.values import LotRef
from handlers.stock.books import Bin, Books
from handlers.stock.demand import Demand
from store.lots import Lot
from store.stock import Line


@dataclass(frozen=True, slots=True)
class Movement:
    """Goods that came, went or were counted. qty: signed. entry_id: of the ledger's line. ref: the lot in the sender's words,
    where it has any; stated: whether the sender named it. gone: not at any place of ours afterwards."""

    kind: str
    qty: int
    at: int
    entry_id: str
    message: Message
    document: str = ""
    demand: Demand | None = None
    line: Line | None = None
    ref: LotRef | None = None
    stated: bool = True
    gone: bool = False


def enter(books: Books, goods: Bin, moved: Movement, taken: int) -> None:
    """Write down a movement of goods of a known lot; `taken` is by how much the bin changed.

    A difference between the two is what a count had seen already, or never found: written down as counted, so that the entries
    of a place sum to what lies there. Goods of a known lot that left a place that keeps none are written down without a place.
    """
    if not isinstance(goods, Lot):
        if moved.ref and (moved.ref.lot or moved.ref.serial):
            books.entries.append(_place(goods, moved) | {"location": ""} | _parties(moved) | _days(goods, moved.ref))
        return
    entry = _place(goods, moved) | _parties(moved) | _days(goods, moved.ref)
    if moved.qty:
        books.entries.append(entry)
    if taken != moved.qty:
        counted = {"entry_id": f"{moved.entry_id}/counted", "kind": "counted", "qty": taken - moved.qty, "stated": 1}
        books.entries.append(entry | _parties(None) | {"lot": goods.lot, "serial": goods.serial} | counted)


def _place(goods: Bin, moved: Movement) -> dict[str, Any]:
    """What, where and when; the lot and serial number in the sender's words, who may know more of them than the place keeps."""
    named = (moved.ref.lot or "", moved.ref.serial or "") if moved.ref else ("", "")
    _, _, *kept, status = goods.key
    lot, serial = named if any(named) else kept
    return {
        "entry_id": moved.entry_id, "item": goods.item, "lot": lot, "serial": serial, "kind": moved.kind, "qty": moved.qty,
        "at": moved.at, "location": "" if moved.gone else goods.location, "status": status, "document": moved.document,
        "stated": int(moved.stated), "message_id": moved.message.message_id,
    }  # fmt: skip


def _parties(moved: Movement | None) -> dict[str, str]:
    """Who the goods went to, by our number where it is known, and for which order line."""
    return {
        **buyer(moved.demand if moved else None),
        "to_party": "",
        "order_no": moved.line.order_no if moved and moved.line else "",
        "line_no": moved.line.line_no if moved and moved.line else "",
    }


def buyer(demand: Demand | None) -> dict[str, str]:
    """Who an order's goods go to, and where."""
    document = demand.document if demand else None
    return {
        "party": (document.customer_no or document.receiver.party_id) if document else "",
        "region": (document.receiver.region or "") if document else "",
    }


def _days(goods: Bin, ref: LotRef | None) -> dict[str, str | None]:
    known = (goods.expiry, goods.mfg_date) if isinstance(goods, Lot) else (None, None)
    return {
        "expiry": ref.expiry.isoformat() if ref and ref.expiry else known[0],
        "mfg_date": ref.mfg_date.isoformat() if ref and ref.mfg_date else known[1],
    }
