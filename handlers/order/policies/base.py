"""What a policy works on and what it gives: cases of one batch, each with the decisions taken about it."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from typing import Any, Literal

import msgspec
import orjson

from canonical.documents.customers import CustomerMaster
from canonical.documents.orders import OrderPlaced
from canonical.documents.products import ProductMaster
from canonical.regions import region_of

Result = Literal["pass", "hold", "reject", "approve", "change", "unchecked"]
"""pass: nothing against it. hold: people or data are needed. reject: the sender is told no. approve: somebody has to approve.
change: answered with a suggestion. unchecked: no master data to go by."""


NOTHING: Mapping[str, Any] = {}


class Considered(tuple[Mapping[str, Any], ...]):
    """Candidates that many decisions tell alike; `kept` is their JSON, made once."""

    @cached_property
    def kept(self) -> orjson.Fragment:
        return orjson.Fragment(orjson.dumps(tuple(self)))


class Decision(msgspec.Struct, frozen=True):
    """What one policy says of an order, or of one line of it.

    policy: its name. code: stable, None for a pass. inputs: what it went by. considered: every candidate, with why it lost.
    text: one sentence for people. All values are JSON (amounts as text).
    """

    policy: str
    result: Result
    code: str | None = None
    line_no: str | None = None
    text: str = ""
    inputs: Mapping[str, Any] = NOTHING
    considered: tuple[Mapping[str, Any], ...] = ()


class Case(msgspec.Struct):
    """One order under decision. Policies read it, fill it in (customer, products, prices) and add decisions.

    order: the document in force. customer: who buys; None where nobody is known, or the buyer is private. new_customer: the same
    customer where it has yet to be made (pending): the caller emits it. products, base_qtys (in base units), unit_prices (net
    per unit of the line): by line number. shipped_to: the region of the address, where it tells one.
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
    shipped_to: str | None = None

    def __post_init__(self) -> None:
        self.shipped_to = region_of(self.order.ship_to)

    def decide(self, decision: Decision) -> None:
        self.decisions.append(decision)

    def codes(self, result: Result) -> tuple[str, ...]:
        """The codes of all decisions with that result, each once, in the order they were taken."""
        return tuple(dict.fromkeys([d.code for d in self.decisions if d.code is not None and d.result == result]))
