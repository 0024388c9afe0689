"""What it costs to translate one Shopify order, step by step, beside the same fields mapped by hand and with jmespath and jsonata.

Run: .venv/bin/python -m benchmarks.translate

Each figure is the fastest of many short rounds over different orders of 5-6 KB with three lines, in microseconds of processor
time per order, with the garbage collector spared as in the hub's processes.
"""

import timeit
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from time import process_time
from typing import Any

import orjson

from benchmarks.general_mappers import mappers
from benchmarks.orders import webhook
from canonical.documents.base import Document
from canonical.documents.orders import OrderPlaced
from canonical.light import light
from mappings.codecs.json import parsed
from mappings.compiling import compiled
from mappings.translation import OWN_SPECS, Settings, Translations
from orderlane.memory import spare_the_collector

ORDERS = 40
ROUNDS = 75
SETTINGS = Settings(endpoint="shop")


def by_hand(tree: dict[str, Any]) -> dict[str, Any]:
    """The fields of these orders as a person would map them: no missing parts, no odd types, no discounts."""
    customer, ship, bill = tree["customer"], tree["shipping_address"], tree["billing_address"]
    buyer = str(customer["id"])
    placed = datetime.fromisoformat(tree["processed_at"])
    gross, tax = Decimal(tree["total_price"]), Decimal(tree["total_tax"])
    charges = [
        {"reason": line["code"] or line["title"], "amount": Decimal(line["price"])}
        for line in tree["shipping_lines"]
        if line["price"] != "0.00"
    ]
    return {
        "order_no": tree["name"].removeprefix("#"),
        "channel": "ecommerce",
        "source_platform": "shopify",
        "source_order_id": str(tree["id"]),
        "ordered_at": placed,
        "price_date": placed.date(),
        "currency": tree["currency"],
        "payment_method": tree["payment_gateway_names"][0],
        "sold_to": {"party_id": buyer, "name": f"{customer['first_name']} {customer['last_name']}", "email": customer["email"]},
        "ship_to": _party(ship, buyer),
        "bill_to": _party(bill, buyer),
        "lines": [_line(line, tree["taxes_included"]) for line in tree["line_items"]],
        "doc_charges": charges,
        "totals": {
            "lines": Decimal(tree["total_line_items_price"]),
            "charges": sum((charge["amount"] for charge in charges), Decimal(0)),
            "tax_exclusive": gross - tax,
            "tax": tax,
            "tax_inclusive": gross,
            "payable": gross,
        },
    }


def _party(address: dict[str, Any], party_id: str) -> dict[str, Any]:
    return {
        "party_id": party_id,
        "name": address["name"],
        "phone": address["phone"],
        "address": {
            "lines": [line for line in (address["address1"], address["address2"]) if line],
            "city": address["city"],
            "subdivision": address["province_code"],
            "postcode": address["zip"],
            "country": address["country_code"],
        },
    }


def _line(line: dict[str, Any], included: bool) -> dict[str, Any]:
    price, quantity = Decimal(line["price"]), Decimal(line["quantity"])
    return {
        "line_no": str(line["id"]),
        "sku": line["sku"],
        "buyer_item_id": str(line["variant_id"]),
        "description": line["name"],
        "qty": {"value": quantity, "uom": "EA"},
        "unit_price": price,
        "tax": {"rate_pct": sum((tax["rate"] for tax in line["tax_lines"]), Decimal(0)) * 100, "included": included},
        "line_amount": price * quantity,
    }


def measured(step: Callable[[Any], Any], inputs: list[Any]) -> float:
    """Microseconds of processor time per input, the fastest round."""

    def once() -> None:
        for one in inputs:
            step(one)

    return min(timeit.repeat(once, timer=process_time, number=1, repeat=ROUNDS)) / len(inputs) * 1e6


def main() -> None:
    translations = Translations.load(OWN_SPECS / "shopify")
    convert = compiled(translations.documents["shopify", "orders/create", "in"])
    bodies = [webhook(number) for number in range(ORDERS)]
    trees = [parsed(body) for body in bodies]
    plain = [orjson.loads(body) for body in bodies]

    def mapped(tree: Any) -> Any:
        (target,) = convert(tree, SETTINGS, {})
        return target

    targets = [mapped(tree) for tree in trees]
    documents: list[Any] = [light(OrderPlaced, target) for target in targets]
    full: list[Document] = [OrderPlaced.model_validate(target) for target in targets]

    def whole(body: bytes) -> bytes:
        (part,) = translations.translate("shopify", "orders/create", body, SETTINGS)
        return part.made[0].body()

    rows: list[tuple[str, Callable[[Any], Any], list[Any]]] = [
        ("parse, strict", parsed, bodies),
        ("  for comparison: orjson", orjson.loads, bodies),
        ("map, compiled spec", mapped, trees),
        ("  for comparison: by hand, fewer fields", by_hand, trees),
        *((f"  for comparison: {name}, fewer fields", mapper, plain) for name, mapper in mappers().items()),
        ("validate and check the invariants", lambda target: light(OrderPlaced, target), targets),
        ("  for comparison: pydantic, without invariants", OrderPlaced.model_validate, targets),
        ("  of it the invariants", lambda document: document.check(), documents),
        ("serialise", lambda document: document.body(), documents),
        ("  for comparison: objects of pydantic", lambda document: document.body(), full),
        ("whole", whole, bodies),
    ]
    spare_the_collector()
    print(f"{ORDERS} orders, {sum(map(len, bodies)) // ORDERS} bytes each; microseconds per order")
    for name, step, inputs in rows:
        print(f"{name:50} {measured(step, inputs):8.1f}")


if __name__ == "__main__":
    main()
