"""Price policies and floors by what they are for, so that a line sees only those that may concern its product."""

from collections.abc import Iterator
from dataclasses import dataclass

from canonical.documents.master import Floor, PriceList, PricePolicy, ProductMaster

Bucket = tuple[str, str]
ANY: Bucket = ("any", "")


@dataclass(frozen=True, slots=True)
class ListedPolicy:
    """A price policy with its list, which holds its currency and the days both are valid on."""

    policy: PricePolicy
    price_list: PriceList


@dataclass(frozen=True, slots=True)
class ListedFloor:
    """A floor with its list, which holds its currency."""

    floor: Floor
    price_list: PriceList


class Prices:
    """Everything price lists say, by SKU, product line, category, or for any product."""

    def __init__(self) -> None:
        self.lists: dict[str, PriceList] = {}
        self._policies: dict[Bucket, tuple[ListedPolicy, ...]] = {}
        self._floors: dict[str, tuple[ListedFloor, ...]] = {}
        self._cached: dict[str, tuple[ProductMaster, tuple[ListedPolicy, ...]]] = {}
        self._stale = False

    def put(self, price_list: PriceList) -> None:
        """Take over a list's newest edition."""
        self.lists[price_list.list_id] = price_list
        self._stale = True

    def policies(self, product: ProductMaster) -> tuple[ListedPolicy, ...]:
        """Policies whose selector names the product, its line, its category, or no product at all."""
        self._settle()
        cached = self._cached.get(product.sku)
        if cached is not None and cached[0] is product:
            return cached[1]
        found = tuple(self._found(product))
        self._cached[product.sku] = (product, found)
        return found

    def _found(self, product: ProductMaster) -> Iterator[ListedPolicy]:
        buckets = [("sku", product.sku), ANY]
        if product.product_line is not None:
            buckets.append(("product_line", product.product_line))
        if product.category_code is not None:
            buckets.append(("category", product.category_code))
        for bucket in buckets:
            yield from self._policies.get(bucket, ())

    def floors(self, product: ProductMaster) -> tuple[ListedFloor, ...]:
        self._settle()
        return self._floors.get(product.sku, ())

    def _settle(self) -> None:
        """Sort everything into its buckets, once after lists have changed."""
        if not self._stale:
            return
        policies: dict[Bucket, list[ListedPolicy]] = {}
        floors: dict[str, list[ListedFloor]] = {}
        for price_list in self.lists.values():
            for policy in price_list.policies:
                policies.setdefault(_bucket(policy), []).append(ListedPolicy(policy, price_list))
            for floor in price_list.floors:
                floors.setdefault(floor.sku, []).append(ListedFloor(floor, price_list))
        self._policies = {bucket: tuple(found) for bucket, found in policies.items()}
        self._floors = {sku: tuple(found) for sku, found in floors.items()}
        self._cached.clear()
        self._stale = False


def _bucket(policy: PricePolicy) -> Bucket:
    """By the narrowest product field of the selector; the others have to match as well, which is the reader's to see."""
    selector = policy.selector
    for name in ("sku", "product_line", "category"):
        value = getattr(selector, name)
        if value is not None:
            return name, value
    return ANY
