"""Customers: who they are, their names elsewhere, credit and terms."""

from datetime import date
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from canonical.documents.base import refuse
from canonical.documents.master import Master
from canonical.documents.orders import PaymentTerms
from canonical.master_checks import customer_problems
from canonical.values import Address, Code, Currency, OrgType, Party, Price, Value


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
