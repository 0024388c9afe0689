"""The value types every canonical document is made of: exact, aware, frozen."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal, Self

import msgspec
from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, JsonValue
from pydantic_core import PydanticCustomError

from canonical.amounts import is_currency

# Where an attribute is not found, pydantic looks on among private and undeclared fields; no model of ours is read for any. As long
# as a class can look on, Python reads every field of it by a longer way: 400 instructions instead of 30, a tenth of handlers' work.
if "__getattr__" in vars(BaseModel):
    delattr(BaseModel, "__getattr__")


class Value(BaseModel):
    """A frozen part of a document; unknown fields are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_max_length=4000)

    def __eq__(self, other: object) -> bool:
        """So does a struct that was made of the class (`canonical.structs`) and says the same."""
        if isinstance(other, msgspec.Struct):
            return getattr(other, "made_of", None) is self.__class__ and all(getattr(other, name) == one for name, one in self)
        return super().__eq__(other)

    def __hash__(self) -> int:
        return hash(tuple(self.__dict__.values()))

    def but(self, **fields: Any) -> Self:
        """The same with other values in these fields."""
        return self.model_copy(update=fields)


def _currency(code: str) -> str:
    if not is_currency(code):
        raise PydanticCustomError("E_CURRENCY", "expected an ISO 4217 currency code")
    return code


def _utc(instant: datetime) -> datetime:
    try:
        return instant.astimezone(UTC)
    except OverflowError:
        raise PydanticCustomError("E_DATE", "expected an instant of the years 1 to 9999 in UTC") from None


LARGEST = Decimal(10**12)

# strict: only Decimal (from Python) or text (from JSON) becomes a number; a float never does.
# Bounds by ge and le, places in the invariants: pydantic's own digit counting costs eight times as much.
Amount = Annotated[Decimal, Field(strict=True, ge=-LARGEST, le=LARGEST)]
Price = Annotated[Decimal, Field(strict=True, ge=0, le=LARGEST)]
Percent = Annotated[Decimal, Field(strict=True, ge=-1000, le=1000)]
Qty = Annotated[Decimal, Field(strict=True, gt=0, le=LARGEST)]
QtyOrZero = Annotated[Decimal, Field(strict=True, ge=0, le=LARGEST)]
"""A quantity that may be zero."""
MOST_PLACES = 6
IN_MILLIONTHS = Field(decimal_places=MOST_PLACES)
"""What stock and orders count, they count in millionths."""
Counted = Annotated[Qty, IN_MILLIONTHS]
Currency = Annotated[str, AfterValidator(_currency)]
Instant = Annotated[AwareDatetime, AfterValidator(_utc)]
Code = Annotated[str, Field(min_length=1, max_length=200)]
"""An identifier or code of somebody's: never a number, never empty."""
Extensions = dict[str, JsonValue]
"""What has no canonical place, under its path in the sender's document."""


class Money(Value):
    """An amount with its currency; currency is ISO 4217."""

    amount: Amount
    currency: Currency


class QuantityOrZero(Value):
    """How many of which unit, perhaps none; `uom` is UN/ECE Recommendation 20 (EA each, XBX box...)."""

    value: QtyOrZero
    uom: Annotated[str, Field(min_length=1, max_length=8)] = "EA"


class Quantity(QuantityOrZero):
    """How many of which unit, more than none."""

    value: Qty


class Address(Value):
    """A postal address; `country` is ISO 3166-1 alpha-2, `subdivision` the sender's state or province code."""

    lines: tuple[str, ...] = ()
    city: str | None = None
    subdivision: str | None = None
    postcode: str | None = None
    country: Annotated[str, Field(pattern="^[A-Z]{2}$")] | None = None


OrgType = Literal[
    "manufacturer", "dealer_t1", "dealer_t2", "dealer_t3", "hospital", "clinic", "pharmacy", "retail_person", "carrier", "bank",
]  # fmt: skip


class Party(Value):
    """A company or person in a role. `party_id` is the sender's identifier for it, `gln` GS1's, `uscc` GB 32100's, `lei` ISO
    17442's; `ids` holds further ones by their scheme (`DUNS`, `91`). `region` is GB/T 2260, `contact` a person's name."""

    party_id: Code
    name: str | None = None
    gln: str | None = None
    uscc: str | None = None
    lei: str | None = None
    ids: dict[str, Code] = Field(default_factory=dict)
    org_type: OrgType | None = None
    region: str | None = None
    address: Address | None = None
    contact: str | None = None
    email: str | None = None
    phone: str | None = None
    licences: tuple[Code, ...] = ()


class ItemIds(Value):
    """How partners name an item: the seller's number, GS1's, the maker's, the buyer's; `ids` holds further ones by scheme."""

    sku: Code | None = None
    gtin: Code | None = None
    mpn: Code | None = None
    buyer_item_id: Code | None = None
    ids: dict[str, Code] = Field(default_factory=dict)
    description: str | None = None


class LotRef(Value):
    """Goods of one lot or one serial number; a serial number stands for one piece."""

    lot: str | None = None
    serial: str | None = None
    mfg_date: date | None = None
    expiry: date | None = None
    qty: Counted = Decimal(1)


class Allowance(Value):
    """Money off: of a line, or of the document. `amount` is positive; `pct` of `base` explains it where given."""

    reason: Code
    amount: Price
    pct: Percent | None = None
    base: Amount | None = None


class Charge(Value):
    """Money on top: freight, handling. `amount` is positive."""

    reason: Code
    amount: Price


class Tax(Value):
    """The tax of a line. `category` is UNCL5305 (S standard, Z zero, E exempt, O outside scope), `rate_pct` in percent,
    `included` tells whether the line's price and amount contain it."""

    category: Code = "S"
    rate_pct: Percent
    included: bool = False


class TaxTotal(Value):
    """The tax of all lines of one category and rate: `amount` on `base`."""

    category: Code = "S"
    rate_pct: Percent
    base: Amount
    amount: Amount
