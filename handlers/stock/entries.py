"""The lot ledger: where every lot and serial number came from and went to, one line per movement."""

from collections.abc import Iterable

from canonical.documents.orders import OrderConfirmed
from canonical.envelope import Message
from canonical.values import LotRef
from handlers.stock.books import Bin, Books
from handlers.stock.demand import Demand, LotName
from store.lots import Lot
from store.stock import Line


def enter(
    books: Books,
    goods: Bin,
    kind: str,
    qty: int,
    taken: int,
    at: int,
    entry_id: str,
    message: Message,
    *,
    demand: Demand | None = None,
    line: Line | None = None,
    document: str = "",
    stated: bool = True,
    name: LotName | None = None,
    lots: Iterable[LotRef] = (),
) -> None:
    """Write down a movement of goods of a known lot; `taken` is by how much the bin changed. A difference between the two is
    what a count had seen already, or never found: written down as counted, so that the entries of a place sum to what lies
    there."""
    if not isinstance(goods, Lot):
        return
    lot, serial = name or (goods.lot, goods.serial)
    ref = next((one for one in lots if (one.lot or "", one.serial or "") == (lot, serial)), None)
    entry = {
        "entry_id": entry_id, "item": goods.item, "lot": lot, "serial": serial, "kind": kind, "qty": qty, "at": at,
        "location": goods.location, "status": goods.status, "party": _buyer(demand), "to_party": "", "region": _region(demand),
        "order_no": line.order_no if line else "", "line_no": line.line_no if line else "", "document": document,
        "expiry": ref.expiry.isoformat() if ref and ref.expiry else goods.expiry,
        "mfg_date": ref.mfg_date.isoformat() if ref and ref.mfg_date else goods.mfg_date,
        "stated": int(stated), "message_id": message.message_id,
    }  # fmt: skip
    if qty:
        books.entries.append(entry)
    if taken != qty:
        books.entries.append(entry | {"entry_id": f"{entry_id}/counted", "kind": "counted", "qty": taken - qty, "party": "",
                                      "order_no": "", "line_no": "", "stated": 1})  # fmt: skip


def _buyer(demand: Demand | None) -> str:
    """Who the goods went to, by our number where it is known."""
    if demand is None or demand.document is None:
        return ""
    return demand.document.customer_no or demand.document.ship_to.party_id


def _region(demand: Demand | None) -> str:
    document = demand.document if demand else None
    return (document.ship_to.region or "") if isinstance(document, OrderConfirmed) else ""
