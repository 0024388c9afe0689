"""What time does to reservations."""

from datetime import datetime
from typing import ClassVar

from canonical.documents.base import Document
from canonical.values import Code, Instant


class ReservationExpired(Document):
    """The time for which stock set goods aside for a held order is over; others may have them."""

    message_type: ClassVar[str] = "reservation.expired"

    order_no: Code
    until: Instant

    def occurred_at(self) -> datetime | None:
        return self.until

    def subject(self) -> str:
        return self.order_no

    def identity(self) -> str:
        return f"{self.order_no} {self.until.isoformat()}"
