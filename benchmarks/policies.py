"""What the policies of an order cost, each on its own: `python -m benchmarks.policies`, and at the end of `python -m benchmarks`.

The benchmark's orders as the hub translates them, in batches as its handler gets them, against the master data of
`benchmarks/masters.py`. Processor time, so that what else the machine does counts little. Writes benchmarks/out/policies.json.
"""

import gc
import statistics
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import orjson
from rich.console import Console
from rich.table import Table

from benchmarks import masters, orders
from benchmarks.system import OUT
from canonical.documents.orders import OrderPlaced
from handlers.catalogue import Catalogue
from handlers.order.policies import approval, customer, price, product, quantity, saleable
from handlers.order.policies.base import Case
from handlers.order.policies.settings import Policies
from mappings.translation import OWN_SPECS, Settings, Translations

Policy = Callable[[Sequence[Case], Catalogue, Policies], None]
POLICIES: Mapping[str, Policy] = {
    "customer": customer.decide, "product": product.decide, "saleable": saleable.decide, "quantity": quantity.decide,
    "price": price.decide, "approval": approval.decide,
}  # fmt: skip
NOW = datetime(2026, 3, 2, tzinfo=UTC)
BATCH, COUNT, REPEATS = 250, 2_000, 5


def placed(count: int) -> list[OrderPlaced]:
    """The benchmark's first orders as the hub's own mapping makes them."""
    translations, settings = Translations.load(OWN_SPECS), Settings(endpoint=masters.SOURCE, partner="bench-shop")
    return [
        document
        for number in range(count)
        for part in translations.translate("shopify", "orders/create", orders.webhook(number), settings)
        for document in part.documents
        if isinstance(document, OrderPlaced)
    ]


def measure(found: Sequence[OrderPlaced], catalogue: Catalogue) -> dict[str, float]:
    """Microseconds an order that each policy takes."""
    taken = dict.fromkeys(POLICIES, 0.0)
    settings = Policies()
    for start in range(0, len(found), BATCH):
        cases = [Case(order, masters.SOURCE, NOW, NOW.date()) for order in found[start : start + BATCH]]
        for name, policy in POLICIES.items():
            began = time.process_time()
            policy(cases, catalogue, settings)
            taken[name] += time.process_time() - began
        held = {(d.policy, d.code) for case in cases for d in case.decisions if d.result != "pass"}
        assert not held, f"every order should pass: {held}"
    return {name: seconds / len(found) * 1e6 for name, seconds in taken.items()}


def figures(count: int = COUNT, repeats: int = REPEATS) -> dict[str, Any]:
    """The median of each policy over some rounds, its share of all of them, and what they worked on."""
    catalogue, price_list = Catalogue(), masters.price_list()
    catalogue.take(*masters.documents())
    found = placed(count)
    gc.freeze()
    measure(found, catalogue)
    runs = [measure(found, catalogue) for _ in range(repeats)]
    micros = {name: round(statistics.median(run[name] for run in runs), 2) for name in POLICIES}
    whole = sum(micros.values())
    return {
        "us_per_order": micros,
        "share": {name: round(value / whole, 3) for name, value in micros.items()},
        "orders": count,
        "products": masters.PRODUCTS,
        "customers": masters.CUSTOMERS,
        "price_policies": len(price_list.policies),
    }


def main() -> int:
    found = figures()
    show(found)
    OUT.mkdir(parents=True, exist_ok=True)
    (OUT / "policies.json").write_bytes(orjson.dumps(found, option=orjson.OPT_INDENT_2))
    return 0


def show(found: Mapping[str, Any]) -> None:
    """Print the table of some figures."""
    micros, lines = found["us_per_order"], orders.LINES
    whole = sum(micros.values())
    table = Table("policy", "µs an order", "µs a line", "share", title=f"Policies of an order of {lines} lines")
    for name, value in micros.items():
        table.add_row(name, f"{value:.1f}", f"{value / lines:.1f}", f"{found['share'][name]:.0%}")
    table.add_row("all", f"{whole:.1f}", f"{whole / lines:.1f}", "100%")
    Console().print(table)


if __name__ == "__main__":
    sys.exit(main())
