"""Which bins may serve an order line, and in which order: first expired, first out (domain R7). Pure."""

from dataclasses import dataclass
from datetime import date, timedelta

from handlers.stock.books import Bin, Books
from handlers.stock.demand import BILL_ONLY, Demand
from handlers.stock.wanted import Wanted, WantedLine
from store.lots import Lot
from store.stock import Level, Line


@dataclass(frozen=True, slots=True)
class Wish:
    """What a line takes. keeps_until: ISO day a lot must not expire before. lots, serials: only these, when any is named.

    holders: whose hands the goods must be in; None: our own. pack: how much is taken or left as a whole.
    """

    keeps_until: str
    lots: frozenset[str]
    serials: frozenset[str]
    holders: frozenset[str] | None
    pack: int

    def takes(self, lot: Lot) -> bool:
        """Whether the lot may be used: alive long enough, and one of those named where any is."""
        return self.lives(lot) and self.names(lot)

    def lives(self, lot: Lot) -> bool:
        """Whether it does not expire too soon."""
        return lot.expiry is None or lot.expiry >= self.keeps_until

    def names(self, lot: Lot) -> bool:
        return not (self.lots or self.serials) or lot.lot in self.lots or lot.serial in self.serials

    def whole(self, qty: int) -> int:
        """As much of a quantity as whole packs have."""
        return max(0, qty - qty % self.pack)


def wish(books: Books, demand: Demand, line: Line) -> Wish:
    """What the line takes: goods that live longer than its minimum after the planned delivery, and at least a day."""
    wanted = demand.wanted(line.line_no)
    refs = wanted.requested_lots if wanted else ()
    return Wish(
        keeps_until=keeps_until(demand.document, wanted, books.today),
        lots=frozenset(ref.lot for ref in refs if ref.lot and not ref.serial),
        serials=frozenset(ref.serial for ref in refs if ref.serial),
        holders=holders(demand),
        pack=demand.pack(line.line_no),
    )


def keeps_until(document: Wanted | None, line: WantedLine | None, today: date) -> str:
    """The ISO day that goods of a line must not expire before; later days come as the planned delivery passes."""
    asked = (line.requested_date if line else None) or (document.requested_delivery_date if document else None)
    delivery = max(today, asked or date.min)
    return (delivery + timedelta(days=max(1, (line.min_remaining_shelf_days or 0) if line else 0))).isoformat()


def holders(demand: Demand) -> frozenset[str] | None:
    """By which names the buyer may hold our goods, where the order uses goods that lie with the buyer; None for all others."""
    document = demand.document
    if document is None or document.kind not in BILL_ONLY:
        return None
    buyer = document.receiver
    names = (document.customer_no, buyer.party_id, buyer.gln, *buyer.ids.values())
    return frozenset(name for name in names if name)


def may_serve(level: Level, wanted: Wish) -> bool:
    """Goods in somebody's hands serve what that one uses, ours everything else."""
    if wanted.holders is None:
        return not level.holder
    return level.holder in wanted.holders


def bins(books: Books, wanted: Wish, level: Level) -> list[Bin]:
    """The bins of a place that serve the wish, first expired first; goods of no known lot last."""
    at = books.lots_at(level.item, level.location)
    fit = [lot for lot in at.values() if lot.available > 0 and wanted.takes(lot)]
    fit.sort(key=lambda lot: (lot.expiry or "9999", lot.lot, lot.serial))
    unknown: list[Bin] = [level] if level.available > 0 and not (at and (wanted.lots or wanted.serials)) else []
    return [*fit, *unknown]
