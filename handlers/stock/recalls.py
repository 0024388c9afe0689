"""Recalls as stock sees them: which goods must not be given out, and since when nobody says so any more."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import orjson

from canonical.documents.recalls import RecallOpened
from canonical.envelope import Message
from canonical.reading import read
from store.database import to_micros
from store.lots import Lot
from store.stock import Level


@dataclass(slots=True)
class Recalls:
    """The recalls of the items of a batch: {item: {number: (as_of, document)}}. changed: numbers stated in this batch."""

    of: dict[str, dict[str, tuple[int, RecallOpened]]] = field(default_factory=dict)
    bodies: dict[str, bytes] = field(default_factory=dict)

    @staticmethod
    def restored(rows: Iterable[Any]) -> "Recalls":
        recalls = Recalls()
        for row in rows:
            document = read(RecallOpened, row.document)
            recalls.of.setdefault(row.item, {})[row.recall_no] = (row.as_of, document)
        return recalls

    def state(self, document: RecallOpened, message: Message) -> bool:
        """Take a recall over; False when a newer statement of it is known."""
        as_of, known = to_micros(document.as_of), self.of.setdefault(document.sku, {})
        if document.recall_no in known and known[document.recall_no][0] > as_of:
            return False
        known[document.recall_no] = (as_of, document)
        self.bodies[document.recall_no] = message.body
        return True

    def mark(self, goods: Level | Lot) -> None:
        """Say on a bin whether a recall stops it."""
        if goods.item in self.of:
            goods.stopped = any(stops(recall, goods) for _, recall in self.of[goods.item].values())

    def changed_rows(self) -> list[dict[str, Any]]:
        """The rows of the recalls stated in this batch."""
        return [
            {"recall_no": number, "item": item, "as_of": as_of, "document": orjson.Fragment(self.bodies[number])}
            for item, known in self.of.items()
            for number, (as_of, _) in known.items()
            if number in self.bodies
        ]


def stops(recall: RecallOpened, goods: Level | Lot) -> bool:
    """Whether goods are under the recall. One that names lots, serials or days does not stop goods of which none is known."""
    if recall.status == "closed":
        return False
    if not (recall.lots or recall.serials or recall.made_from or recall.made_to):
        return True
    return isinstance(goods, Lot) and concerns(recall, goods.lot, goods.serial, goods.mfg_date)


def concerns(recall: RecallOpened, lot: str, serial: str, mfg_date: str | None) -> bool:
    """Whether a recall that names lots, serials or days of manufacture names these goods by one of them."""
    if (lot and lot in recall.lots) or (serial and serial in recall.serials):
        return True
    if mfg_date is None or not (recall.made_from or recall.made_to):
        return False
    return not (
        (recall.made_from and mfg_date < recall.made_from.isoformat()) or (recall.made_to and mfg_date > recall.made_to.isoformat())
    )
