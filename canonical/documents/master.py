"""What all master data have in common (domain: message types 15 to 18, 20).

Every document states the whole record as of an instant; a newer `as_of` replaces what an older one said of the same key.
"""

from datetime import date, datetime

from canonical.documents.base import Document
from canonical.values import Instant, Value


class Master(Document):
    """What all master data have in common: one record, named by its `key`, as of an instant."""

    as_of: Instant

    def key(self) -> str:
        raise TypeError(f"{type(self).__name__} names no key")

    def occurred_at(self) -> datetime | None:
        return self.as_of

    def subject(self) -> str:
        return self.key()

    def identity(self) -> str:
        return f"{self.key()} {self.as_of.isoformat()}"


class Period(Value):
    """Local calendar days, both inclusive; open where absent."""

    valid_from: date | None = None
    valid_to: date | None = None

    def covers(self, day: date) -> bool:
        return (self.valid_from is None or self.valid_from <= day) and (self.valid_to is None or day <= self.valid_to)
