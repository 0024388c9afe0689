"""Telling a shop platform that its orders have been sent: one call for each order of a shipment, and what its answer means.

A platform has no key of ours to know a repeat by, but it ships an order only once: when it says so to a later attempt, the earlier
one got through.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from canonical.failures import Malformed, Misconfigured, OutcomeUnknown, Refused, Transient
from canonical.problems import Problem, shown
from connectors.base import Delivery, Endpoint, Sent
from connectors.http import Reply

BUSY = ("繁忙", "超时", "稍后", "频繁", "限流", "limited", "timeout", "try again")
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
        told = error_of(_parsed(reply))
        if told is not None and not (delivery.attempt > 1 and _says(told, SENT_ALREADY)):
            raise (Transient if _says(told, BUSY) else Refused)(f"order {one.order}: {told[:200]}")
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


def app_secrets(endpoint: Endpoint) -> tuple[bytes, str]:
    """The application's secret and the access token of the shop, in this order; Misconfigured without both."""
    if len(endpoint.secrets) != 2 or not all(endpoint.secrets):
        raise Misconfigured(f"endpoint {endpoint.name}: expected two secrets, the application's secret and the shop's access token")
    secret, token = endpoint.secrets
    try:
        return secret, token.decode("ascii")
    except UnicodeDecodeError:
        raise Misconfigured(f"endpoint {endpoint.name}: expected an access token of ASCII characters") from None


def error_response(answer: Mapping[str, Any], *words: str) -> str | None:
    """What `error_response` of an answer says: the first of its `words` that is there, before its code."""
    error = answer.get("error_response")
    if error is None:
        return None
    if not isinstance(error, dict):
        return str(error)
    told = [str(error[word]) for word in words if error.get(word)]
    return " ".join(told) or "error without a reason"


def at(answer: Any, *names: str) -> Any:
    """What stands below the names, whatever the platform has put there; None where nothing does."""
    for name in names:
        answer = answer.get(name) if isinstance(answer, dict) else None
    return answer


def _parsed(reply: Reply) -> Mapping[str, Any]:
    try:
        answer = json.loads(reply.body) if reply.complete else None
    except (ValueError, RecursionError):
        answer = None
    if not isinstance(answer, dict):
        raise OutcomeUnknown("the platform's answer cannot be read")
    return answer


def _says(told: str, words: tuple[str, ...]) -> bool:
    return any(word in told.lower() for word in words)
