"""What new master data ask of orders that wait."""

from typing import Annotated, ClassVar

from pydantic import Field

from canonical.documents.base import Document
from canonical.values import Code


class ReviewRequested(Document):
    """Master data have come that may mend what an order is held for: it goes before the policies once more. `kind`
    and `key`: of the record, or `clock` where everything that waits is looked at; `version`: of all master data."""

    message_type: ClassVar[str] = "review.requested"

    order_no: Code
    kind: Code
    key: Code
    version: Annotated[int, Field(ge=1)]

    def subject(self) -> str:
        return self.order_no

    def identity(self) -> str:
        return f"{self.order_no} {self.version} {self.kind}"
