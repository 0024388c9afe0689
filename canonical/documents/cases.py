"""Cases: goods that went ways they should not, for people to look into."""

from decimal import Decimal
from typing import ClassVar, Literal

from canonical.documents.base import Document
from canonical.values import Code, Value

CaseState = Literal["open", "explained", "closed"]


class ReportedLine(Value):
    """A line of a sales-out report."""

    report_no: Code
    line_no: Code


class CaseChanged(Document):
    """Goods that went ways they should not (domain R8). `seq` counts the changes of one case; `explained`: later news say why.

    `goods`: a dealer reports sales of a lot or a serial number that others had from us, or sends back more of it than it had;
    `sources` are all who may have passed them on; a transfer, a dispatch, a correction explain it. `sold_outside`: a dealer
    reports a sale in a `region`, or to a hospital, that it is not authorised for. `delivered_elsewhere`: a carrier delivered a
    shipment in another `region` than it was sent to (`expected`). `unfit`: goods left a warehouse though they were recalled
    (C_RECALL), past their last day (S_SHELF_LIFE), or not released (S_NOT_RELEASED); `sold` is how much. The `lines` earn no
    rebate while the case is open. `closed`: a person has looked into it (`closed_by`, `closed_because`).
    """

    message_type: ClassVar[str] = "case.changed"

    case_no: Code
    seq: int
    state: CaseState
    kind: Literal["goods", "sold_outside", "delivered_elsewhere", "unfit"] = "goods"
    code: Code
    item: Code | None = None
    lot: str | None = None
    serial: str | None = None
    reported_by: Code
    had: Decimal | None = None
    sold: Decimal | None = None
    shipment_no: Code | None = None
    order_nos: tuple[Code, ...] = ()
    sold_to: Code | None = None
    region: str | None = None
    expected: tuple[str, ...] = ()
    sources: tuple[Code, ...] = ()
    lines: tuple[ReportedLine, ...] = ()
    closed_by: str | None = None
    closed_because: str | None = None

    def subject(self) -> str:
        return self.case_no

    def identity(self) -> str:
        return f"{self.case_no} {self.seq}"
