"""Products by every number that partners know them under."""

from collections.abc import Iterator, Mapping
from typing import Protocol

from canonical.documents.orders import OrderLine
from canonical.documents.products import ProductMaster

Numbers = Mapping[str, str]


class NamedItem(Protocol):
    """Whatever names an item as order lines do."""

    @property
    def sku(self) -> str | None: ...
    @property
    def gtin(self) -> str | None: ...
    @property
    def mpn(self) -> str | None: ...
    @property
    def buyer_item_id(self) -> str | None: ...
    @property
    def ids(self) -> dict[str, str]: ...


class Products:
    """Products by SKU, and SKUs by the other numbers. A number of several products names none of them."""

    def __init__(self) -> None:
        self.by_sku: dict[str, ProductMaster] = {}
        self._named: dict[tuple[str, str], set[str]] = {}

    def put(self, product: ProductMaster) -> None:
        """Take over a product's newest edition."""
        known = self.by_sku.get(product.sku)
        for name in _names(known) if known is not None else ():
            self._named[name].discard(product.sku)
        self.by_sku[product.sku] = product
        for name in _names(product):
            self._named.setdefault(name, set()).add(product.sku)

    def identified(self, item: NamedItem, item_ids: Numbers) -> dict[str, ProductMaster]:
        """What each number of an item names, the most telling first; numbers nobody knows are left out.

        item_ids: the buyer's own numbers to our SKU.
        """
        named = self.by_sku.get(item.sku) if item.sku is not None else None
        found = {"sku": named} if named is not None else {}
        ours = item_ids.get(item.buyer_item_id) if item.buyer_item_id is not None else None
        if ours is not None and ours in self.by_sku:
            found["buyer_item_id"] = self.by_sku[ours]
        if item.gtin is not None:
            self._add(found, "gtin", "gtin", item.gtin.zfill(14))
        udi_di = getattr(item, "udi_di", None)
        if udi_di is not None:
            self._add(found, "udi_di", "udi_di", _digits(udi_di))
        if item.mpn is not None:
            self._add(found, "mpn", "mpn", item.mpn)
        for scheme, number in item.ids.items():
            self._add(found, f"ids.{scheme}", scheme, number)
        return found

    def by_sku_alone(self, line: OrderLine, item_ids: Numbers) -> ProductMaster | None:
        """The product of a line that no other number names, as most often; None where others may have a say."""
        if line.gtin is not None or line.mpn is not None or line.udi_di is not None or line.ids or line.buyer_item_id in item_ids:
            return None
        return self.by_sku.get(line.sku or "")

    def _add(self, found: dict[str, ProductMaster], source: str, scheme: str, number: str) -> None:
        skus = self._named.get((scheme, number), ())
        if len(skus) == 1:
            (sku,) = skus
            found[source] = self.by_sku[sku]


def _names(product: ProductMaster) -> Iterator[tuple[str, str]]:
    gtins = {product.gtin, *(unit.gtin for unit in product.units)} - {None}
    yield from (("gtin", gtin.zfill(14)) for gtin in gtins if gtin is not None)
    if product.udi_di is not None:
        yield "udi_di", _digits(product.udi_di)
    if product.mpn is not None:
        yield "mpn", product.mpn
    yield from product.ids.items()


def _digits(udi_di: str) -> str:
    """A GS1 device identifier as 14 digits; those of other agencies as they are."""
    return udi_di.zfill(14) if udi_di.isdigit() else udi_di
