"""The hub's own JSON, for partners without a format of their own, such as warehouses: `{"type": "...", "data": {...}}`."""

from connectors import own_json
from connectors.base import Endpoint, Identified, RawMessage
from connectors.events.canonical.settings import CanonicalSettings
from connectors.settings import options_of

DOCUMENTS = (
    "shipment.dispatched", "shipment.tracking", "delivery.confirmed", "stock.level", "order.placed", "order.changed",
    "order.cancelled", "payment.received", "payment.reversed", "payment.refunded", "return.requested", "return.received",
    "sales_out.reported",
)  # fmt: skip


def authenticate(raw: RawMessage, endpoint: Endpoint) -> None:
    own_json.authenticate(raw, endpoint, options_of(endpoint, CanonicalSettings))


def identify(raw: RawMessage, _: Endpoint) -> Identified:
    return own_json.identify(raw, DOCUMENTS)


def sign(raw: RawMessage, endpoint: Endpoint) -> RawMessage:
    return own_json.sign(raw, endpoint, options_of(endpoint, CanonicalSettings))
