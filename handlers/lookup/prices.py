"""Price policies and floors by what they are for, so that a line sees only those that may concern its product."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property

from canonical.documents.master import Break, Floor, PriceList, PricePolicy, ProductMaster, Selector

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


class ListedPolicy:
    """A price policy with its list, and what is compared per line at hand. steps: the largest quantity first. demands: what the
    buyer has to be, beside the customer itself and the region. narrow: several fields name its products. told, label: how a
    decision names the policy."""

    def __init__(self, policy: PricePolicy, price_list: PriceList) -> None:
        selector = policy.selector
        self.policy = policy
        self.price_list = price_list
        self.told = {"policy": policy.policy_id, "list": price_list.list_id, "kind": policy.kind}
        self.label = f"{price_list.list_id}/{policy.policy_id}"
        self.promo = policy.kind == "promo"
        self.narrow = sum(field is not None for field in (selector.sku, selector.product_line, selector.category)) > 1
        self.binding = policy.binding or policy.kind == "vbp"
        self.approved = policy.approved
        self.uom = policy.uom
        self.customer = selector.customer
        self.region = selector.region_prefix
        self.demands = tuple(
            (name, value) for name in ("group", "tier", "channel") if (value := getattr(selector, name)) is not None
        )
        self.currency = policy.currency or price_list.currency
        self.first: date = max(price_list.valid_from, policy.valid_from or price_list.valid_from)
        self.last: date = min(policy.valid_to or date.max, price_list.valid_to or date.max)
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
            -self.first.toordinal(),
            self.policy.policy_id,
            self.price_list.list_id,
        )


@dataclass(frozen=True, slots=True)
class ListedFloor:
    """A floor with its list, which holds its currency."""

    floor: Floor
    price_list: PriceList


@dataclass(frozen=True, slots=True)
class Offered:
    """The policies of one product: all of them, those for any buyer, and those for one buyer only."""

    product: ProductMaster
    policies: tuple[ListedPolicy, ...]
    anybody: tuple[ListedPolicy, ...]
    by_customer: dict[str, tuple[ListedPolicy, ...]]


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

    def policies(self, product: ProductMaster) -> tuple[ListedPolicy, ...]:
        """Policies whose selector names the product, its line, its category, or no product at all."""
        return self._offered(product).policies

    def offers(self, product: ProductMaster, customer_no: str | None) -> tuple[ListedPolicy, ...]:
        """Of these the ones that are not for other customers."""
        offered = self._offered(product)
        own = offered.by_customer.get(customer_no) if customer_no is not None else None
        return offered.anybody if own is None else offered.anybody + own

    def _offered(self, product: ProductMaster) -> Offered:
        self._settle()
        cached = self._cached.get(product.sku)
        if cached is not None and cached.product is product:
            return cached
        found = tuple(self._found(product))
        own: dict[str, list[ListedPolicy]] = {}
        for listed in found:
            if listed.customer is not None:
                own.setdefault(listed.customer, []).append(listed)
        anybody = tuple(listed for listed in found if listed.customer is None)
        offered = Offered(product, found, anybody, {customer_no: tuple(mine) for customer_no, mine in own.items()})
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

    def floors(self, product: ProductMaster) -> tuple[ListedFloor, ...]:
        self._settle()
        return self._floors.get(product.sku, ())

    def _settle(self) -> None:
        """Sort everything into its buckets, once after lists have changed."""
        if not self._stale:
            return
        policies: dict[Bucket, list[ListedPolicy]] = {}
        floors: dict[str, list[ListedFloor]] = {}
        for _, price_list in sorted(self.lists.items()):
            for policy in sorted(price_list.policies, key=lambda policy: policy.policy_id):
                policies.setdefault(_bucket(policy), []).append(ListedPolicy(policy, price_list))
            for floor in price_list.floors:
                floors.setdefault(floor.sku, []).append(ListedFloor(floor, price_list))
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
