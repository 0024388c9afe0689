"""Master data: products, customers, prices, licences, authorisations, warehouses, recalls (domain: message types 15 to 18, 20).

Every document states the whole record as of an instant; a newer `as_of` replaces what an older one said of the same key.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from canonical.documents.base import Document, refuse
from canonical.documents.orders import PaymentTerms, SalesChannel
from canonical.master_checks import customer_problems, licence_problems, period_problems, product_problems
from canonical.price_lists import price_list_problems
from canonical.values import Address, Amount, Code, Currency, Instant, OrgType, Party, Percent, Price, Qty, Value


class Master(Document):
    """What all master data have in common: one record, named by its `key`, as of an instant."""

    as_of: Instant

    def key(self) -> str:
        raise TypeError(f"{type(self).__name__} names no key")

    def occurred_at(self) -> datetime | None:
        return self.as_of

    def subject(self) -> str:
        return self.key()

    def identity(self) -> str:
        return f"{self.key()} {self.as_of.isoformat()}"


class Period(Value):
    """Local calendar days, both inclusive; open where absent."""

    valid_from: date | None = None
    valid_to: date | None = None

    def covers(self, day: date) -> bool:
        return (self.valid_from is None or self.valid_from <= day) and (self.valid_to is None or day <= self.valid_to)


class Unit(Value):
    """One unit of a product: `numerator / denominator` base units, exact; `gtin` of that pack level."""

    uom: Code
    numerator: Annotated[int, Field(gt=0)]
    denominator: Annotated[int, Field(gt=0)] = 1
    gtin: Code | None = None


class Storage(Value):
    """Celsius; `cold_chain`: only on shipments with a temperature logger."""

    min_c: Amount | None = None
    max_c: Amount | None = None
    cold_chain: bool = False


class Certificate(Period):
    """A registration certificate (注册证) or filing of a product."""

    number: Code


class ProductMaster(Master):
    """A product. Quantities (`moq`, `multiple`, `max_qty`) in base units; `units` lists the others it is sold in."""

    message_type: ClassVar[str] = "product.master"

    sku: Code
    name: str
    names: dict[str, str] = Field(default_factory=dict)
    status: Literal["active", "stop_sale", "discontinued"] = "active"
    product_line: Code | None = None
    category_code: Code | None = None
    device_class: Literal["I", "II", "III"] | None = None
    mpn: Code | None = None
    gtin: Code | None = None
    udi_di: Code | None = None
    issuing_agency: Literal["GS1", "MA", "AHM", "HIBCC", "ICCBBA"] | None = None
    ids: dict[str, Code] = Field(default_factory=dict)
    spec_model: str | None = None
    manufacturer: Party | None = None
    certificates: tuple[Certificate, ...] = ()
    base_uom: Code = "EA"
    units: tuple[Unit, ...] = ()
    moq: Qty = Decimal(1)
    multiple: Qty = Decimal(1)
    max_qty: Qty | None = None
    lot_controlled: bool = False
    serial_controlled: bool = False
    shelf_life_days: Annotated[int, Field(gt=0)] | None = None
    min_remaining_shelf_days: Annotated[int, Field(ge=0)] | None = None
    storage: Storage = Storage()
    home_use: bool = False
    tax_rate_pct: Percent | None = None

    def key(self) -> str:
        return self.sku

    def check(self) -> None:
        refuse(list(product_problems(self)))


class Credit(Value):
    """Terms of one credit account: `limit` None is unlimited, 0 is prepay only; grades A (best) to D; `grace_days` an invoice may
    be overdue. Customers with one `account` share its limit."""

    account: Code | None = None
    currency: Currency
    limit: Price | None = None
    temporary_limit: Price | None = None
    temporary_until: date | None = None
    grade: Literal["A", "B", "C", "D"] = "B"
    grace_days: Annotated[int, Field(ge=0)] = 0
    blocked: bool = False


class Salesperson(Value):
    person_id: Code
    name: str | None = None
    email: str | None = None


class ExternalId(Value):
    """What an endpoint calls a customer."""

    source: Code
    id: Code


class CustomerMaster(Master):
    """A customer. `item_ids`: the customer's item numbers to our SKU; `whitelisted`: its own entries need no approval; `fifo`:
    money without a reference goes to the oldest invoices; `merged_into`: the customer that took this one over (reversible)."""

    message_type: ClassVar[str] = "customer.master"

    customer_no: Code
    name: str
    aliases: tuple[str, ...] = ()
    status: Literal["active", "pending", "blocked"] = "active"
    org_type: OrgType | None = None
    tier: Annotated[int, Field(ge=1, le=3)] | None = None
    group: Code | None = None
    region: str | None = None
    parent_customer_no: Code | None = None
    merged_into: Code | None = None
    uscc: str | None = None
    gln: str | None = None
    lei: str | None = None
    external_ids: tuple[ExternalId, ...] = ()
    address: Address | None = None
    ship_tos: tuple[Party, ...] = ()
    phone: str | None = None
    email: str | None = None
    salesperson: Salesperson | None = None
    credit: Credit | None = None
    payment_terms: PaymentTerms | None = None
    payer_accounts: tuple[Code, ...] = ()
    payer_names: tuple[str, ...] = ()
    fifo: bool = False
    consolidated_invoices: bool = False
    allow_partial: bool = True
    cold_chain_capable: bool = False
    whitelisted: bool = False
    priority: Annotated[int, Field(ge=1, le=5)] | None = None
    item_ids: dict[str, Code] = Field(default_factory=dict)

    def key(self) -> str:
        return self.customer_no

    def check(self) -> None:
        refuse(list(customer_problems(self)))


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


class LicenceUpdated(Master):
    """A licence of a customer: operating licence (class III), filing (class II), or of a medical institution. `scope` lists
    category codes; empty is all."""

    message_type: ClassVar[str] = "licence.updated"

    licence_no: Code
    customer_no: Code
    kind: Literal["operating_licence", "operating_filing", "medical_institution", "other"]
    scope: tuple[Code, ...] = ()
    status: Literal["active", "suspended", "revoked"] = "active"
    valid_from: date | None = None
    valid_to: date | None = None

    def key(self) -> str:
        return self.licence_no

    def check(self) -> None:
        refuse(list(licence_problems(self)))


class AuthorisationUpdated(Master):
    """A dealer may sell product lines (or SKUs) in regions, through channels, to hospitals; empty is all,
    `hospitals_denied` none."""

    message_type: ClassVar[str] = "authorisation.updated"

    authorisation_no: Code
    dealer: Code
    product_lines: tuple[Code, ...] = ()
    skus: tuple[Code, ...] = ()
    regions: tuple[Code, ...] = ()
    hospitals_allowed: tuple[Code, ...] = ()
    hospitals_denied: tuple[Code, ...] = ()
    channels: tuple[SalesChannel, ...] = ()
    status: Literal["active", "suspended", "revoked"] = "active"
    valid_from: date | None = None
    valid_to: date | None = None

    def key(self) -> str:
        return self.authorisation_no

    def check(self) -> None:
        refuse(list(period_problems(self.valid_from, self.valid_to, "")))


class WarehouseMaster(Master):
    """A place goods lie at. `consigned`: at a customer's (`customer_no`), our goods; `lead_days` from release to the door."""

    message_type: ClassVar[str] = "warehouse.master"

    location: Code
    name: str
    owner: Literal["own", "consigned"] = "own"
    customer_no: Code | None = None
    region: str | None = None
    address: Address | None = None
    cold_chain: bool = False
    lead_days: Annotated[int, Field(ge=0)] = 0
    active: bool = True

    def key(self) -> str:
        return self.location


class RecallOpened(Master):
    """Goods that must not be sold any more, by product and, where given, lots, serials or days of manufacture. `closed` ends it."""

    message_type: ClassVar[str] = "recall.opened"

    recall_no: Code
    sku: Code
    lots: tuple[Code, ...] = ()
    serials: tuple[Code, ...] = ()
    made_from: date | None = None
    made_to: date | None = None
    reason: str
    status: Literal["open", "closed"] = "open"

    def key(self) -> str:
        return self.recall_no


MASTER_TYPES: tuple[str, ...] = tuple(
    document.message_type
    for document in (
        ProductMaster, CustomerMaster, PriceList, LicenceUpdated, AuthorisationUpdated, WarehouseMaster, RecallOpened,
    )
)  # fmt: skip
