"""Telling a shop platform that its orders have been sent: one call for each order of a shipment, and what its answer means.

A platform has no key of ours to know a repeat by, but it ships an order only once: when it says so to a later attempt, the earlier
one got through.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from canonical.failures import Malformed, Misconfigured
from canonical.problems import Problem, shown
from connectors.base import Delivery, Endpoint, Sent
from connectors.http import Reply
from connectors.platform_answers import answer_of, failure_of, says

SENT_ALREADY = ("已发货", "重复发货", "已经发货", "已出库", "already")


@dataclass(frozen=True, slots=True)
class Confirmation:
    """One order that was sent: the platform's number of the order and of its lines, its code of the carrier, the waybill."""

    order: str
    lines: tuple[str, ...]
    carrier: str
    tracking_no: str


Call = Callable[[Confirmation], Reply]
ErrorOf = Callable[[Mapping[str, Any]], str | None]
"""What a parsed answer says went wrong; None where it was taken."""


def confirm(delivery: Delivery, endpoint: Endpoint, carriers: Mapping[str, str], call: Call, error_of: ErrorOf) -> Sent:
    """Confirm every order of the shipment. Malformed, Misconfigured, Refused, Transient, OutcomeUnknown; failures of the call."""
    reply = None
    for one in confirmations(delivery.payload, carriers, endpoint):
        reply = call(one)
        told = error_of(answer_of(reply))
        if told is not None and not (delivery.attempt > 1 and says(told, SENT_ALREADY)):
            raise failure_of(told, f"order {one.order}")
    if reply is None:
        return Sent("nothing of this channel")
    return Sent(str(reply.status), reply.body)


def confirmations(payload: bytes, carriers: Mapping[str, str], endpoint: Endpoint) -> Iterator[Confirmation]:
    """One for each order of the shipment, in the order of its lines."""
    shipment = json.loads(payload)
    orders: dict[str, list[str]] = {}
    for line in shipment.get("lines", ()):
        orders.setdefault(line["order"], []).append(line["line"])
    if not orders:
        return
    carrier, tracking_no = shipment.get("carrier"), shipment.get("tracking_no")
    for name, value in (("carrier", carrier), ("tracking_nos", tracking_no)):
        if not value:
            raise Malformed([Problem("E_SCHEMA", name, "expected one, the platform takes no shipment without", shown(value))])
    if carrier not in carriers:
        raise Misconfigured(f"endpoint {endpoint.name}: expected the platform's code of carrier {carrier!r} under `carriers`")
    for order, lines in orders.items():
        yield Confirmation(order, tuple(dict.fromkeys(lines)), carriers[carrier], tracking_no)
