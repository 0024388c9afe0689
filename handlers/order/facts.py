"""What is known about an order besides its placed document: facts, each under its own name, so that repeats change nothing.

Every fact is kept as it came; nothing here depends on the order of arrival but what remembers what was already sent out
(`told`, `reduced`, `asked`, the counters).
"""

from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Facts:
    """The facts of one order, as JSON values; quantities and amounts are text.

    cancels: {message identity: {line_no: qty}}, an empty one takes back everything.
    shipments: {shipment_no: {"lines": {line_no: qty}, "tracking_nos": [...], "state": ..., "delivered": {line_no: qty}}}.
    invoices: {invoice_no: {"gross": amount, "lines": {line_no: qty}}}. allocations: {identity: amount}.
    told: milestones already sent. reduced: {line_no: qty} already told to stock; reductions: in how many messages.
    reserved: {stock's seq: {"at": location, "lines": {line_no: qty}}}; released: {stock's seq: {line_no: qty}}.
    asked: the reservations (stock's seq) whose goods a warehouse was asked to ship; requests: in how many shipments.
    runs: how often was decided about the order.
    """

    cancels: dict[str, dict[str, str]] = field(default_factory=dict)
    shipments: dict[str, dict[str, Any]] = field(default_factory=dict)
    invoices: dict[str, dict[str, Any]] = field(default_factory=dict)
    allocations: dict[str, str] = field(default_factory=dict)
    told: list[str] = field(default_factory=list)
    reduced: dict[str, str] = field(default_factory=dict)
    reductions: int = 0
    reserved: dict[str, dict[str, Any]] = field(default_factory=dict)
    released: dict[str, dict[str, str]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    requests: int = 0
    runs: int = 0

    def as_json(self) -> dict[str, Any]:
        """What differs from knowing nothing."""
        return {name: value for name in FACTS if (value := getattr(self, name))}


FACTS = tuple(Facts.__slots__)
