"""Sales-out reports: what a dealer sold on, to whom (domain: message type 19; X12 867, EDIFACT SLSRPT)."""

from datetime import date
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from canonical.documents.base import Document
from canonical.values import Amount, Code, Counted, Currency, ItemIds, LotRef, Party, Price, Value


class SoldLine(ItemIds):
    """Goods a dealer passed on. `qty` is positive, `kind` tells which way; `price` is per unit in `currency`."""

    line_no: Code
    item: Code
    kind: Literal["sale", "transfer", "return"] = "sale"
    qty: Counted
    uom: Code | None = None
    sold_on: date | None = None
    end_customer: Party | None = None
    region: str | None = None
    lots: tuple[LotRef, ...] = ()
    unit_price: Price | None = None
    amount: Amount | None = None
    currency: Currency | None = None
    contract_no: str | None = None
    references: dict[str, str] = Field(default_factory=dict)


class Period(Value):
    """From the first day to the last, both included."""

    start: date
    end: date


class SalesOutReported(Document):
    """A dealer reports what it sold in a period."""

    message_type: ClassVar[str] = "sales_out.reported"

    report_no: Code
    dealer: Party
    period: Period
    references: dict[str, str] = Field(default_factory=dict)
    lines: Annotated[tuple[SoldLine, ...], Field(min_length=1)]

    def subject(self) -> str:
        return self.report_no

    def partition_key(self) -> str:
        return self.dealer.party_id

    def identity(self) -> str:
        return f"{self.dealer.party_id} {self.report_no}"
