"""The handlers, by name. Each is loaded when a process is to run it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from handlers.order.policies.settings import Policies
    from routing.consumer import Handle


def _order(policies: Policies) -> Handle:
    from handlers.order.handler import OrderHandler

    return OrderHandler(policies).handle


def _stock(policies: Policies) -> Handle:
    from handlers.stock.handler import StockHandler

    return StockHandler(policies.holds.time_zone).handle


def _invoice(policies: Policies) -> Handle:
    from handlers.invoice.handler import InvoiceHandler

    return InvoiceHandler(policies.payments.tolerance).handle


def _master(policies: Policies) -> Handle:
    from handlers.master.handler import MasterHandler

    return MasterHandler().handle


HANDLERS: dict[str, Callable[[Policies], Handle]] = {"order": _order, "stock": _stock, "invoice": _invoice, "master": _master}
"""Makes a handler: each loop has its own, for a handler remembers master data."""
