"""What time does to reservations."""

from datetime import date, datetime
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


class ReservationSpoiled(Document):
    """Lots that stock set aside for an order have grown too old by `day`: they expire, or live too short a time for the buyer."""

    message_type: ClassVar[str] = "reservation.spoiled"

    order_no: Code
    day: date

    def subject(self) -> str:
        return self.order_no

    def identity(self) -> str:
        return f"{self.order_no} {self.day.isoformat()}"
