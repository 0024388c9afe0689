"""Which product each line of an order means, by the numbers that name it."""

from collections.abc import Mapping, Sequence
from typing import Any

from canonical.documents.orders import OrderLine
from canonical.documents.products import ProductMaster
from handlers.catalogue import Catalogue
from handlers.order.policies.base import Case, Decision, Result
from handlers.order.policies.settings import Policies

NAME = "product"
NUMBERS = ("sku", "gtin", "mpn", "buyer_item_id", "udi_di")


def decide(cases: Sequence[Case], catalogue: Catalogue, settings: Policies) -> None:
    """Fill in the products. E_ITEM and E_UDI_MISMATCH per line; one decision where all lines are clear."""
    if not catalogue.knows("products"):
        for case in cases:
            case.decide(Decision(NAME, "unchecked", text="no products are loaded"))
        return
    named_by_sku = catalogue.named_by_sku
    for case in cases:
        item_ids = catalogue.own_item_ids(case.customer) if case.customer is not None else {}
        unclear: list[Decision] = []
        for line in case.order.lines:
            alone = named_by_sku(line, item_ids)
            if alone is not None:
                case.products[line.line_no] = alone
                continue
            decision = _identify(case, line, catalogue.named(line, item_ids), settings.product.unknown)
            if decision is not None:
                unclear.append(decision)
        case.decisions += unclear or (Decision(NAME, "pass", inputs={no: p.sku for no, p in case.products.items()}),)


def _identify(case: Case, line: OrderLine, named: Mapping[str, ProductMaster], unknown: Result) -> Decision | None:
    """Take the product of a line over; the decision against it where its numbers name none, or more than one."""
    if not named:
        return Decision(NAME, unknown, "E_ITEM", line.line_no, "no product has any of these numbers", _inputs(line))
    first = next(iter(named.values()))
    others = [by for by, product in named.items() if product is not first] if len(named) > 1 else []
    if others or (line.udi_di is not None and not _is_udi_of(line, first)):
        considered = tuple({"by": by, "sku": product.sku} for by, product in named.items())
        if others in ([], ["udi_di"]):
            text = f"the device identifier is not that of {first.sku}"
            return Decision(NAME, "hold", "E_UDI_MISMATCH", line.line_no, text, _inputs(line), considered)
        return Decision(NAME, "hold", "E_ITEM", line.line_no, "its numbers name different products", _inputs(line), considered)
    case.products[line.line_no] = first
    return None


def _is_udi_of(line: OrderLine, product: ProductMaster) -> bool:
    """Whether the device identifier of a line is the product's, or that of one of its packs; absent, it says nothing."""
    if line.udi_di is None or product.udi_di is None:
        return True
    own = {product.udi_di, product.gtin, *(unit.gtin for unit in product.units)} - {None}
    return line.udi_di.zfill(14) in {number.zfill(14) for number in own if number is not None}


def _inputs(line: OrderLine) -> dict[str, Any]:
    given = {name: getattr(line, name) for name in NUMBERS}
    return {name: value for name, value in given.items() if value is not None} | dict(line.ids)
