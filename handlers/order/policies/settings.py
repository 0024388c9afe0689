"""What can be set about the policies of an order (`config/policies.yaml`); every default is what the domain's rules say."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from canonical.documents.orders import SalesChannel
from canonical.values import Code, Currency

Role = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]

DeviceClass = Literal["I", "II", "III"]
LicenceKind = Literal["operating_licence", "operating_filing", "medical_institution", "other"]
LICENCES: dict[DeviceClass, tuple[LicenceKind, ...]] = {"III": ("operating_licence",), "II": ("operating_filing",)}


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise ValueError("expected a time zone such as Asia/Shanghai") from None
    return name


class Section(BaseModel):
    """A part of the file: frozen, and unknown keys are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class CustomerSettings(Section):
    """R4. link: likeness from which a party is taken for a customer, review: from which a person decides. private_channels: where
    buyers are persons; whoever is not a customer there is served without becoming one."""

    link: Annotated[Decimal, Field(ge=0, le=1)] = Decimal("0.92")
    review: Annotated[Decimal, Field(ge=0, le=1)] = Decimal("0.80")
    private_channels: tuple[SalesChannel, ...] = ("ecommerce",)


class ProductSettings(Section):
    """unknown: what becomes of an order for something that is no product of ours."""

    unknown: Literal["hold", "reject"] = "hold"


class SaleableSettings(Section):
    """R3. certificates_for: device classes that need one; certificate_basis: on the day of shipping, on the day a lot was made, or
    both (`strict`). licences_for: what a dealer needs by device class; institution_for: for which classes a hospital needs its
    licence. exempt_categories: class II goods sold without a filing."""

    certificates_for: tuple[DeviceClass, ...] = ("II", "III")
    certificate_basis: Literal["strict", "shipped", "made"] = "strict"
    licences_for: dict[DeviceClass, tuple[LicenceKind, ...]] = Field(default_factory=lambda: dict(LICENCES))
    institution_for: tuple[DeviceClass, ...] = ("II", "III")
    exempt_categories: tuple[Code, ...] = ()


class QuantitySettings(Section):
    """R2. same_units: groups of unit codes that mean the same one piece."""

    same_units: tuple[tuple[Code, ...], ...] = (("EA", "C62", "H87"),)


class PriceSettings(Section):
    """R1. region: whose region prices and floors go by. trusted_channels: their stated prices are taken as they are, a difference
    is only noted."""

    region: Literal["ship_to", "customer"] = "ship_to"
    trusted_channels: tuple[SalesChannel, ...] = ()


Trigger = Literal[
    "below_floor", "discount", "credit", "dealer_entered", "out_of_territory", "ending_soon", "unusual_goods", "new_customer",
    "large_order", "very_large_order",
]  # fmt: skip

LEVELS: dict[Role, int] = {
    "sales_assistant": 1, "master_data_steward": 1, "product_manager": 2, "channel_manager": 2, "credit_control": 2,
    "regional_manager": 2, "compliance": 3, "finance": 3, "finance_director": 4, "director": 5, "general_manager": 6,
}  # fmt: skip
CHAINS: dict[Trigger, tuple[Role, ...]] = {
    "below_floor": ("regional_manager", "finance"),
    "discount": ("regional_manager", "finance"),
    "credit": ("credit_control", "finance_director"),
    "dealer_entered": ("sales_assistant",),
    "out_of_territory": ("channel_manager", "compliance"),
    "ending_soon": ("compliance",),
    "unusual_goods": ("product_manager", "compliance"),
    "new_customer": ("master_data_steward",),
    "large_order": ("director",),
    "very_large_order": ("general_manager",),
}


class Delegation(Section):
    """From and up to these days, another person (`to`) may act in the role as well."""

    role: Role
    to: Code
    first: date = date.min
    last: date = date.max


class ApprovalSettings(Section):
    """R6. levels: of every role; roles decide from lower to higher ones. chains: who approves what; an empty chain: nobody.
    discount_pct: more is asked about. large, very_large: by currency, from so much on. ends_within_days: of licences and
    authorisations. answer_within: then the role that `escalate` names may decide as well. people: who may act in a role. unnamed:
    who may act in a role that nobody is named for."""

    levels: dict[Role, int] = Field(default_factory=lambda: dict(LEVELS))
    chains: dict[Trigger, tuple[Role, ...]] = Field(default_factory=lambda: dict(CHAINS))
    discount_pct: Annotated[Decimal, Field(ge=0, le=100)] = Decimal(15)
    large: dict[Currency, Decimal] = Field(default_factory=lambda: {"CNY": Decimal(500_000)})
    very_large: dict[Currency, Decimal] = Field(default_factory=lambda: {"CNY": Decimal(2_000_000)})
    ends_within_days: Annotated[int, Field(ge=0)] = 30
    answer_within: Annotated[timedelta, Field(gt=timedelta(0))] = timedelta(hours=24)
    escalate: dict[Role, Role] = Field(default_factory=dict)
    people: dict[Role, tuple[Code, ...]] = Field(default_factory=dict)
    unnamed: Literal["nobody", "anybody"] = "nobody"
    delegations: tuple[Delegation, ...] = ()

    @model_validator(mode="after")
    def _roles_are_known(self) -> "ApprovalSettings":
        """Every role that is named has a level."""
        named = [*(role for chain in self.chains.values() for role in chain), *self.escalate, *self.escalate.values(), *self.people]
        unknown = sorted({*named, *(one.role for one in self.delegations)} - set(self.levels))
        if unknown:
            raise ValueError(f"no level is given for {', '.join(unknown)}")
        return self

    def chain(self, trigger: Trigger) -> tuple[Role, ...]:
        """Who approves it; the default where the file does not name it."""
        return self.chains.get(trigger, CHAINS[trigger])


Pair = Annotated[str, Field(pattern=r"^[A-Z]{3}/[A-Z]{3}$")]


class DatedRate(Section):
    """From the first day on one unit of a currency is worth so much of another."""

    first: date = date.min
    rate: Annotated[Decimal, Field(gt=0)]


def _dated(rates: object) -> object:
    """One rate alone holds on every day."""
    return rates if isinstance(rates, (list, tuple)) else [{"rate": rates}]


DatedRates = Annotated[tuple[DatedRate, ...], BeforeValidator(_dated), Field(min_length=1)]


class CreditSettings(Section):
    """R5. rates: how much of an account's currency one unit of an order's is worth, by `EUR/CNY`: one for ever, or several by the
    day they hold from. Without a rate for the day, an order in another currency waits for credit control."""

    rates: dict[Pair, DatedRates] = Field(default_factory=dict)

    def rate(self, own: str, wanted: str, day: date) -> Decimal | None:
        """The newest rate in force on a day; None without one."""
        begun = [one for one in self.rates.get(f"{own}/{wanted}", ()) if one.first <= day]
        return max(begun, key=lambda one: one.first).rate if begun else None


OWNERS: dict[str, Role] = {
    "C": "compliance", "P": "regional_manager", "K": "credit_control", "M": "sales_assistant", "S": "sales_assistant",
    "E": "master_data_steward", "M_CUSTOMER_REVIEW": "master_data_steward", "M_CUSTOMER_BLOCKED": "master_data_steward",
}  # fmt: skip


class HoldSettings(Section):
    """owners: who decides about a hold, by its code or the begin of it; the longest that fits. soft_for: how long stock sets goods
    aside for an order that waits. time_zone: whose calendar days count."""

    owners: dict[str, Role] = Field(default_factory=lambda: dict(OWNERS))
    soft_for: Annotated[timedelta, Field(gt=timedelta(0))] = timedelta(hours=48)
    time_zone: Annotated[str, AfterValidator(_zone)] = "Asia/Shanghai"

    def owner(self, code: str) -> Role:
        """Who decides about a hold with that code."""
        known = OWNERS | self.owners
        fitting = [begin for begin in known if code == begin or code.startswith(f"{begin}_")]
        return known[max(fitting, key=len)] if fitting else "sales_assistant"


class PaymentSettings(Section):
    """R10. tolerance: an invoice that lacks at most so much, by currency, is put up for being given up; somebody has to approve."""

    tolerance: dict[Currency, Annotated[Decimal, Field(ge=0)]] = Field(default_factory=dict)


class DunningSettings(Section):
    """R10. steps: days past due of each reminder, ascending, below zero before; levels count from 0. hold_level: from this one on
    the customer's credit is held."""

    steps: Annotated[tuple[int, ...], Field(min_length=1)] = (-3, 1, 7, 15, 30)
    hold_level: Annotated[int, Field(ge=0)] = 4

    @model_validator(mode="after")
    def _ascending(self) -> "DunningSettings":
        if list(self.steps) != sorted(set(self.steps)):
            raise ValueError("steps: expected days in ascending order, each once")
        return self


class Policies(Section):
    """The whole file: one section per policy."""

    customer: CustomerSettings = CustomerSettings()
    product: ProductSettings = ProductSettings()
    saleable: SaleableSettings = SaleableSettings()
    quantity: QuantitySettings = QuantitySettings()
    price: PriceSettings = PriceSettings()
    approval: ApprovalSettings = ApprovalSettings()
    credit: CreditSettings = CreditSettings()
    holds: HoldSettings = HoldSettings()
    payments: PaymentSettings = PaymentSettings()
    dunning: DunningSettings = DunningSettings()
