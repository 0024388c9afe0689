"""Goods on their way to us: what suppliers say they sent, until a place of ours reports that it came."""

from datetime import timedelta

from canonical.documents.shipments import ShipmentDispatched
from canonical.documents.stock import StockLevel
from canonical.envelope import Message
from canonical.lean import lean
from canonical.values import LotRef
from handlers.stock.books import Books
from store.database import to_micros

lot_ref = lean(LotRef)

WITHOUT_ETA = timedelta(days=7)
"""How long goods take whose supplier does not say when they come."""


def expect(books: Books, document: ShipmentDispatched, message: Message) -> None:
    """A supplier's despatch advice: its goods are expected where they are sent to, by lot where the lots are told."""
    place = document.ship_to.party_id if document.ship_to is not None else document.warehouse
    due_on = (document.eta or document.dispatched_at + WITHOUT_ETA).date().isoformat()
    for position, line in enumerate(document.lines):
        qty, item = books.naming.in_base_units(line), books.naming.item(line)
        lot = line.lots[0] if len(line.lots) == 1 else lot_ref()
        books.receipts.append({
            "receipt_id": f"{message.message_id}/{position}", "shipment_no": document.shipment_no, "item": item, "location": place,
            "lot": lot.lot or "", "expiry": lot.expiry.isoformat() if lot.expiry else None, "qty": qty, "due_on": due_on,
        })  # fmt: skip


def arrive(books: Books, document: StockLevel) -> None:
    """Goods came in: of a despatch the report refers to, what it names is here now."""
    if document.mode != "delta":
        return
    for number in {document.reference, *document.references.values()}:
        for item in document.items:
            books.arrivals.append({"shipment_no": number, "item": books.naming.item(item), "arrived_at": to_micros(document.as_of)})
