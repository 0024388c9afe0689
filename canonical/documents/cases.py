"""Cases: goods that went ways they should not, for people to look into."""

from decimal import Decimal
from typing import ClassVar, Literal

from canonical.documents.base import Document
from canonical.values import Code, Value


class ReportedLine(Value):
    """A line of a sales-out report."""

    report_no: Code
    line_no: Code


class CaseChanged(Document):
    """A dealer reports sales of goods it cannot have: goods of a lot or a serial number that others had from us (domain R8).

    `sources` are all who may have passed them on; the `lines` earn no rebate while the case is open. `explained`: later news (a
    transfer, a dispatch, a correction) say how the dealer came by them. `seq` counts the changes of one case.
    """

    message_type: ClassVar[str] = "case.changed"

    case_no: Code
    seq: int
    state: Literal["open", "explained"]
    code: Code
    item: Code
    lot: str | None = None
    serial: str | None = None
    reported_by: Code
    had: Decimal
    sold: Decimal
    sources: tuple[Code, ...] = ()
    lines: tuple[ReportedLine, ...] = ()

    def subject(self) -> str:
        return self.case_no

    def identity(self) -> str:
        return f"{self.case_no} {self.seq}"
