"""Recalls: what must not be sold any more."""

from datetime import date
from typing import ClassVar, Literal

from canonical.documents.master import Master
from canonical.values import Code


class RecallOpened(Master):
    """Goods that must not be sold any more, by product and, where given, lots, serials or days of manufacture. `closed` ends it."""

    message_type: ClassVar[str] = "recall.opened"

    recall_no: Code
    sku: Code
    lots: tuple[Code, ...] = ()
    serials: tuple[Code, ...] = ()
    made_from: date | None = None
    made_to: date | None = None
    reason: str
    status: Literal["open", "closed"] = "open"

    def key(self) -> str:
        return self.recall_no
