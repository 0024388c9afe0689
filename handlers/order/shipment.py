"""The state of a shipment, derived from everything heard of it (domain 2.2, 2.3): the set of news counts, not their arrival."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

RANK = {
    "dispatched": 0, "picked_up": 1, "in_transit": 2, "transferred": 2, "customs": 2, "out_for_delivery": 3,
    "attempted": 4, "exception": 4, "delivered": 5, "refused": 6, "returning": 7, "returned": 8, "lost": 9,
}  # fmt: skip
"""How far along; decides between news of the same instant."""
AFTER_DELIVERY = frozenset({"refused", "returning", "returned", "lost"})
FINAL = frozenset({"delivered", "returned", "lost"})

News = tuple[int, int, int, str]
"""(event_at in microseconds, rank, sender's sequence, state)"""


def shipment_state(facts: Mapping[str, Any]) -> str:
    """delivered, returned or lost once every package is; before that the latest news of a package still on its way."""
    packages = [_package_state(sorted(_news_of(facts, number))) for number in facts["tracking_nos"] or ("",)]
    under_way = [package for package in packages if package[1] not in FINAL]
    if under_way:
        return max(under_way)[1] if len(under_way) == len(packages) or max(under_way)[0] else "in_transit"
    return max((state for _, state in packages), key=RANK.__getitem__)


def delivered_quantities(facts: Mapping[str, Any], order_no: str) -> dict[str, str] | None:
    """{line_no: qty} of an order that receivers stated; None when nobody did and all of the shipment counts."""
    stated = [receipt["lines"] for receipt in facts["receipts"].values() if receipt["lines"]]
    if not stated:
        return None
    most: dict[str, Decimal] = {}
    for lines in stated:
        for line_no, qty in lines.get(order_no, {}).items():
            most[line_no] = max(most.get(line_no, Decimal(0)), Decimal(qty))
    return {line_no: str(qty) for line_no, qty in most.items()}


def _news_of(facts: Mapping[str, Any], tracking_no: str) -> Iterable[News]:
    for event in facts["events"].values():
        if event["tracking_no"] == tracking_no and event["state"] in RANK:
            yield event["at"], RANK[event["state"]], event["seq"], event["state"]
    for receipt in facts["receipts"].values():
        if receipt["tracking_no"] in (None, tracking_no):
            yield receipt["at"], RANK["delivered"], 0, "delivered"


def _package_state(news: Iterable[News]) -> tuple[int, str]:
    """(instant, state) after all news in the order they happened; what is over is undone only as RANK's end allows."""
    latest = (0, "dispatched")
    for at, _, _, state in news:
        if latest[1] == "returned" and state != "lost":
            continue
        if latest[1] == "delivered" and state not in AFTER_DELIVERY:
            continue
        latest = (at, state)
    return latest
