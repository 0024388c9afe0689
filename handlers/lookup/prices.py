"""Price policies and floors by what they are for, so that a line sees only those that may concern its product."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from itertools import groupby
from typing import Any, NamedTuple

from canonical.documents.prices import Break, Floor, PriceList, PricePolicy, Selector
from canonical.documents.products import ProductMaster

Bucket = tuple[str, str]
ANY: Bucket = ("any", "")


@dataclass(frozen=True, slots=True)
class Step:
    """One break of a policy. price, off: per unit of the policy; keeps: the part of a price that a percentage leaves."""

    least: Decimal
    price: Decimal | None
    off: Decimal | None
    keeps: Decimal | None

    @classmethod
    def of(cls, written: Break) -> "Step":
        keeps = None if written.pct_off is None else (100 - written.pct_off) / 100
        return cls(written.min_qty, written.price, written.amount_off, keeps)


class Conditions(NamedTuple):
    """What a policy asks of an order beside its products and the quantity. demands: what the buyer has to be, beside the customer
    itself and the region."""

    customer: str | None
    first: date
    last: date
    demands: tuple[tuple[str, Any], ...]
    region: str | None
    currency: str
    approved: bool


class ListedPolicy:
    """A price policy with its list, and what is compared per line at hand. steps: the largest quantity first. narrow: several
    fields name its products. told, label: how a decision names the policy."""

    def __init__(self, policy: PricePolicy, price_list: PriceList) -> None:
        selector = policy.selector
        self.policy = policy
        self.price_list = price_list
        self.told = {"policy": policy.policy_id, "list": price_list.list_id, "kind": policy.kind}
        self.label = f"{price_list.list_id}/{policy.policy_id}"
        self.promo = policy.kind == "promo"
        self.narrow = sum(field is not None for field in (selector.sku, selector.product_line, selector.category)) > 1
        self.binding = policy.binding or policy.kind == "vbp"
        self.uom = policy.uom
        self.conditions = Conditions(
            selector.customer,
            max(price_list.valid_from, policy.valid_from or price_list.valid_from),
            min(policy.valid_to or date.max, price_list.valid_to or date.max),
            tuple((name, value) for name in ("group", "tier", "channel") if (value := getattr(selector, name)) is not None),
            selector.region_prefix,
            policy.currency or price_list.currency,
            policy.approved,
        )
        self.steps = tuple(map(Step.of, sorted(policy.breaks, key=lambda step: step.min_qty, reverse=True)))

    @cached_property
    def rank(self) -> tuple[int, int, int, int, int, str, str]:
        """What decides between equal prices, the smaller first: whom it is for, what it is for, priority, the later first day,
        the id (domain R1, step 5)."""
        selector = self.policy.selector
        whom = (selector.customer, selector.group, selector.tier, selector.region_prefix, selector.channel)
        what = (selector.sku, selector.product_line, selector.category)
        return (
            next((i for i, field in enumerate(whom) if field is not None), len(whom)),
            next((i for i, field in enumerate(what) if field is not None), len(what)),
            -len(selector.region_prefix or ""),
            -self.policy.priority,
            -self.conditions.first.toordinal(),
            self.policy.policy_id,
            self.price_list.list_id,
        )


class Bunch(NamedTuple):
    """Policies one after the other that ask for the same, so that this is looked at once for all of them. labels: theirs."""

    conditions: Conditions
    policies: tuple[ListedPolicy, ...]
    labels: tuple[str, ...]


def bunched(policies: Iterable[ListedPolicy]) -> tuple[Bunch, ...]:
    """The policies in their order."""
    alike = ((conditions, tuple(some)) for conditions, some in groupby(policies, key=lambda listed: listed.conditions))
    return tuple(Bunch(conditions, some, tuple(listed.label for listed in some)) for conditions, some in alike)


class ListedFloor(NamedTuple):
    """A floor, and for whom, where, in what and when it holds. rank: how much it says about tier and region, then the price."""

    rank: tuple[bool, int, Decimal]
    tier: int | None
    region: str
    currency: str
    first: date
    last: date

    @classmethod
    def of(cls, floor: Floor, price_list: PriceList) -> "ListedFloor":
        region, last = floor.region_prefix or "", price_list.valid_to or date.max
        rank = (floor.tier is not None, len(region), floor.price)
        return cls(rank, floor.tier, region, floor.currency or price_list.currency, price_list.valid_from, last)


class Asks(NamedTuple):
    """What the policies and floors of one product can tell apart: two questions that are alike in it have one answer. customers,
    groups, tiers, channels: that any of them names. by_region: whether any names a region. steps: every quantity from which on
    any says something else."""

    customers: frozenset[str]
    groups: frozenset[str]
    tiers: frozenset[int]
    channels: frozenset[str]
    by_region: bool
    steps: tuple[Decimal, ...]

    @classmethod
    def of(cls, policies: Iterable[ListedPolicy], floors: Iterable[ListedFloor]) -> "Asks":
        named: dict[str, set[Any]] = {name: set() for name in ("customer", "group", "tier", "channel", "region", "steps")}
        for listed in policies:
            asked = listed.conditions
            for name, value in (("customer", asked.customer), ("region", asked.region), *asked.demands):
                named[name].add(value)
            named["steps"].update(step.least for step in listed.steps)
        for floor in floors:
            named["tier"].add(floor.tier)
            named["region"].add(floor.region or None)
        customers, groups, tiers, channels = (frozenset(named[name] - {None}) for name in ("customer", "group", "tier", "channel"))
        return cls(customers, groups, tiers, channels, bool(named["region"] - {None}), tuple(sorted(named["steps"])))


@dataclass(frozen=True, slots=True)
class Offered:
    """The policies of one product: those for any buyer, and those for one buyer only; and its floors. in_base_units: whether all
    say so much per base unit."""

    product: ProductMaster
    anybody: tuple[Bunch, ...]
    by_customer: dict[str, tuple[Bunch, ...]]
    floors: tuple[ListedFloor, ...]
    asks: Asks
    in_base_units: bool

    def to(self, customer_no: str | None) -> tuple[Bunch, ...]:
        """The policies that are not for other customers."""
        own = self.by_customer.get(customer_no) if customer_no is not None else None
        return self.anybody if own is None else self.anybody + own


class Prices:
    """Everything price lists say, by SKU, product line, category, or for any product."""

    def __init__(self) -> None:
        self.lists: dict[str, PriceList] = {}
        self._policies: dict[Bucket, tuple[ListedPolicy, ...]] = {}
        self._floors: dict[str, tuple[ListedFloor, ...]] = {}
        self._cached: dict[str, Offered] = {}
        self._stale = False

    def put(self, price_list: PriceList) -> None:
        """Take over a list's newest edition."""
        self.lists[price_list.list_id] = price_list
        self._stale = True

    def offered(self, product: ProductMaster) -> Offered:
        """Policies whose selector names the product, its line, its category, or no product at all; with its floors."""
        if self._stale:
            self._settle()
        cached = self._cached.get(product.sku)
        if cached is not None and cached.product is product:
            return cached
        found = tuple(self._found(product))
        own: dict[str, list[ListedPolicy]] = {}
        for listed in found:
            if listed.conditions.customer is not None:
                own.setdefault(listed.conditions.customer, []).append(listed)
        anybody = bunched(listed for listed in found if listed.conditions.customer is None)
        by_customer = {customer_no: bunched(mine) for customer_no, mine in own.items()}
        floors = self._floors.get(product.sku, ())
        in_base_units = all(listed.uom in (None, product.base_uom) for listed in found)
        offered = Offered(product, anybody, by_customer, floors, Asks.of(found, floors), in_base_units)
        self._cached[product.sku] = offered
        return offered

    def _found(self, product: ProductMaster) -> Iterator[ListedPolicy]:
        buckets = [("sku", product.sku), ANY]
        if product.product_line is not None:
            buckets.append(("product_line", product.product_line))
        if product.category_code is not None:
            buckets.append(("category", product.category_code))
        for bucket in buckets:
            yield from (one for one in self._policies.get(bucket, ()) if not one.narrow or _is_for(one.policy.selector, product))

    def _settle(self) -> None:
        """Sort everything into its buckets, once after lists have changed."""
        policies: dict[Bucket, list[ListedPolicy]] = {}
        floors: dict[str, list[ListedFloor]] = {}
        for _, price_list in sorted(self.lists.items()):
            for policy in sorted(price_list.policies, key=lambda policy: policy.policy_id):
                policies.setdefault(_bucket(policy), []).append(ListedPolicy(policy, price_list))
            for floor in price_list.floors:
                floors.setdefault(floor.sku, []).append(ListedFloor.of(floor, price_list))
        self._policies = {bucket: tuple(found) for bucket, found in policies.items()}
        self._floors = {sku: tuple(found) for sku, found in floors.items()}
        self._cached.clear()
        self._stale = False


def _is_for(selector: Selector, product: ProductMaster) -> bool:
    return (
        selector.sku in (None, product.sku)
        and selector.product_line in (None, product.product_line)
        and selector.category in (None, product.category_code)
    )


def _bucket(policy: PricePolicy) -> Bucket:
    """By the narrowest product field of the selector."""
    selector = policy.selector
    for name in ("sku", "product_line", "category"):
        value = getattr(selector, name)
        if value is not None:
            return name, value
    return ANY
