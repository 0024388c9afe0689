"""What is decided about an order: held until people have looked, and what they said."""

from datetime import datetime
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from canonical.documents.base import Document
from canonical.documents.order_answers import Demand
from canonical.documents.order_changes import LineQty
from canonical.values import Code, Instant

Verdict = Literal["approve", "reject", "release", "hold", "close", "short_close", "reopen", "cancel"]


class OrderHeld(Demand):
    """The order waits for people; stock sets goods aside softly until `until`. `codes` say why, `owners` who has to decide."""

    message_type: ClassVar[str] = "order.held"

    seq: int = 0
    codes: Annotated[tuple[Code, ...], Field(min_length=1)]
    owners: tuple[Code, ...] = ()
    until: Instant | None = None

    def identity(self) -> str:
        return f"{self.order_no} {self.seq}"


class OrderDecided(Document):
    """A person's decision about an order: who, in which role, what, why. `seq` counts the decisions of one order.

    codes: the holds that are released, all the role owns without any. lines: what a cancellation takes back, everything open
    without any.
    """

    message_type: ClassVar[str] = "order.decided"

    order_no: Code
    seq: int
    verdict: Verdict
    codes: tuple[Code, ...] = ()
    lines: tuple[LineQty, ...] = ()
    actor: Code
    role: Code
    reason: Code
    decided_at: Instant

    def occurred_at(self) -> datetime | None:
        return self.decided_at

    def subject(self) -> str:
        return self.order_no

    def identity(self) -> str:
        return f"{self.order_no} {self.seq}"
