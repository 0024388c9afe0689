"""What a policy works on and what it gives: cases of one batch, each with the decisions taken about it."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

import msgspec

from canonical.documents.customers import CustomerMaster
from canonical.documents.orders import OrderPlaced
from canonical.documents.products import ProductMaster
from canonical.known import once
from canonical.regions import region_of

Result = Literal["pass", "hold", "reject", "approve", "change", "unchecked"]
"""pass: nothing against it. hold: people or data are needed. reject: the sender is told no. approve: somebody has to approve.
change: answered with a suggestion. unchecked: no master data to go by."""


NOTHING: Mapping[str, Any] = {}


class Considered(Sequence[Mapping[str, Any]]):
    """Candidates that many decisions tell alike; `kept` is their JSON, made once."""

    def __init__(self, told: Iterable[Mapping[str, Any]]) -> None:
        self._told = tuple(told)

    def __len__(self) -> int:
        return len(self._told)

    def __getitem__(self, at: Any) -> Any:
        return self._told[at]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Considered) and self._told == other._told

    def __hash__(self) -> int:
        return len(self._told)

    @once
    def kept(self) -> msgspec.Raw:
        return msgspec.Raw(msgspec.json.encode(self._told))


class Decision(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """What one policy says of an order, or of one line of it.

    policy: its name. code: stable, None for a pass. inputs: what it went by. considered: every candidate, with why it lost.
    text: one sentence for people. All values are JSON (amounts as text), and it is kept as its fields are here.
    """

    policy: str
    result: Result
    code: str | None = None
    line_no: str | None = None
    text: str = ""
    inputs: Mapping[str, Any] = NOTHING
    considered: Sequence[Mapping[str, Any]] = ()


class Case(msgspec.Struct):
    """One order under decision. Policies read it, fill it in (customer, products, prices) and add decisions.

    order: the document in force. customer: who buys; None where nobody is known, or the buyer is private. new_customer: the same
    customer where it has yet to be made (pending): the caller emits it. products, base_qtys (in base units), unit_prices (net
    per unit of the line): by line number.
    """

    order: OrderPlaced
    origin: str
    now: datetime
    ship_date: date
    customer: CustomerMaster | None = None
    new_customer: CustomerMaster | None = None
    private_buyer: bool = False
    products: dict[str, ProductMaster] = {}
    base_qtys: dict[str, Decimal] = {}
    unit_prices: dict[str, Decimal] = {}
    decisions: list[Decision] = []
    region: str | msgspec.UnsetType | None = msgspec.UNSET

    @property
    def shipped_to(self) -> str | None:
        """The region of the address, where it tells one; looked up when first asked for."""
        if self.region is msgspec.UNSET:
            self.region = region_of(self.order.ship_to)
        return self.region

    def decide(self, decision: Decision) -> None:
        self.decisions.append(decision)

    def codes(self, result: Result) -> tuple[str, ...]:
        """The codes of all decisions with that result, each once, in the order they were taken."""
        found = [one.code for one in self.decisions if one.code is not None and one.result == result]
        return tuple(dict.fromkeys(found)) if found else ()
