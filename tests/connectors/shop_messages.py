"""What the hub tells a shop: a shipment, stock, an order's progress, as its mappings write them."""

from datetime import UTC, datetime
from decimal import Decimal

from canonical.documents.base import Document
from canonical.documents.order_answers import OrderProgressed
from canonical.documents.shipments import ShipmentDispatched, ShipmentLine
from canonical.documents.stock import StockItem, StockLevel
from canonical.envelope import first_message
from connectors.base import Delivery, Endpoint, Sent
from connectors.table import CONNECTORS
from mappings.translation import OWN_SPECS, Settings, Translations

NOW = datetime(2026, 3, 3, 15, 0, tzinfo=UTC)
TRANSLATIONS = Translations.load(*(OWN_SPECS / name for name in ("shopify", "woocommerce", "magento", "amazon")))


def shipment(*, tracking_nos: tuple[str, ...] = ("00340434161094042557",), order_no: str = "WEB-1001") -> ShipmentDispatched:
    lines = tuple(
        ShipmentLine(order_no=order_no, line_no=line_no, item=item, qty=Decimal(qty))
        for line_no, item, qty in (("11", "GLOVE-M", 2), ("12", "MASK", 1))
    )
    return ShipmentDispatched(
        shipment_no="S-1", warehouse="main", carrier="DHL", tracking_nos=tracking_nos, dispatched_at=NOW, lines=lines
    )


def stock() -> StockLevel:
    """Ten pieces of which three are set aside, in two lots; a blocked item; one the shop does not have."""
    items = (
        StockItem(item="GLOVE-M", on_hand=Decimal(6), lot="L1", reserved=Decimal(3)),
        StockItem(item="GLOVE-M", on_hand=Decimal(4), lot="L2"),
        StockItem(item="x", sku="MASK", on_hand=Decimal(5), status="blocked"),
        StockItem(item="ELSEWHERE", on_hand=Decimal(1)),
    )
    return StockLevel(location="main", as_of=NOW, mode="snapshot", reference="count-1", items=items)


def progress(*, source_order_id: str | None = "4711") -> OrderProgressed:
    return OrderProgressed(
        order_no="WEB-1001", origin="shop", channel="ecommerce", source_order_id=source_order_id, milestone="shipped",
        state="shipped", fulfilment="shipped", billing="open", payment="open", shipment_no="S-1", tracking_nos=("A1", "A2"),
    )  # fmt: skip


def delivery(connector: str, document: Document, *, unknown_before: bool = False) -> Delivery:
    message = first_message(document, source="test", raw_id="raw-1", now=NOW)
    name = TRANSLATIONS.outgoing(connector, message.type)
    assert name is not None
    payload = TRANSLATIONS.write(connector, name, message, Settings(order_prefix="WEB-"))
    return Delivery("delivery-1", message, name, payload, 2 if unknown_before else 1, unknown_before)


def told(
    connector: str, document: Document, url: str, secret: bytes = b"token", *, unknown_before: bool = False, **options: object
) -> Sent:
    """Tell the shop at the URL."""
    given = {"url": url, "allow_private": True, "deadline_seconds": 15.0, "order_prefix": "WEB-", **options}
    send = CONNECTORS[connector].send
    assert send is not None
    return send(
        delivery(connector, document, unknown_before=unknown_before),
        Endpoint("shop-out", "shop", connector, (secret,), options=given),
    )
