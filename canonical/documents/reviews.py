"""What new master data ask of orders that wait."""

from datetime import datetime
from typing import Annotated, ClassVar

from pydantic import Field

from canonical.documents.base import Document
from canonical.values import Code, Instant


class ReviewRequested(Document):
    """Master data have come, or have become or ceased to be effective by date, that may mend what an order is held for, or stop
    what it waits for: it goes before the policies once more. Or nobody has approved it in time.

    `kind` and `key`: of the record, `clock` where everything that waits is looked at, `approval` where one has expired, `credit`
    with how the account stands where money may have come; `version`: of all master data, 1 for credit; `looked_at`: when a date
    was found to have passed, or when the approval expired.
    """

    message_type: ClassVar[str] = "review.requested"

    order_no: Code
    kind: Code
    key: Code
    version: Annotated[int, Field(ge=1)]
    looked_at: Instant | None = None

    def occurred_at(self) -> datetime | None:
        return self.looked_at

    def subject(self) -> str:
        return self.order_no

    def identity(self) -> str:
        look = f" {self.looked_at.isoformat()}" if self.looked_at is not None else ""
        return f"{self.order_no} {self.version} {self.kind}{look}"
