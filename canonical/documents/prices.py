"""Price lists: policies for some customers and products, and the lowest prices that need no approval."""

from datetime import date
from decimal import Decimal
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from canonical.documents.base import refuse
from canonical.documents.master import Master, Period
from canonical.documents.orders import SalesChannel
from canonical.price_lists import price_list_problems
from canonical.values import Code, Currency, Percent, Price, Qty, Value


class Selector(Value):
    """Whom and what a price policy is for; every present field has to match."""

    customer: Code | None = None
    group: Code | None = None
    tier: int | None = None
    channel: SalesChannel | None = None
    region_prefix: str | None = None
    sku: Code | None = None
    product_line: Code | None = None
    category: Code | None = None


class Break(Value):
    """From `min_qty` base units on: a price per unit of the policy, or percent or amount off. Exactly one of the three."""

    min_qty: Qty = Decimal(1)
    price: Price | None = None
    pct_off: Percent | None = None
    amount_off: Price | None = None


class PricePolicy(Period):
    """One price policy (R1). Bases (list, contract, special, vbp) state prices, promos take something off. Prices are per `uom`,
    per base unit where absent; `currency` is the list's where absent. Of two priorities the larger one counts."""

    policy_id: Code
    currency: Currency | None = None
    kind: Literal["list", "contract", "promo", "special", "vbp"]
    selector: Selector = Selector()
    uom: Code | None = None
    breaks: Annotated[tuple[Break, ...], Field(min_length=1)]
    stackable: bool = False
    exclusive_group: Code | None = None
    binding: bool = False
    priority: int = 0
    approved: bool = True


class Floor(Value):
    """The lowest net price per base unit that needs no approval."""

    price: Price
    sku: Code
    currency: Currency | None = None
    region_prefix: str | None = None
    tier: int | None = None


class PriceList(Master):
    """Price policies of one currency. `version` tells editions apart; the newest `as_of` of a list is the one in force."""

    message_type: ClassVar[str] = "price.list"

    list_id: Code
    version: Code
    currency: Currency
    valid_from: date
    valid_to: date | None = None
    policies: tuple[PricePolicy, ...]
    floors: tuple[Floor, ...] = ()

    def key(self) -> str:
        return self.list_id

    def check(self) -> None:
        refuse(price_list_problems(self))
