"""Every message type the hub knows, and the document it carries."""

from canonical.documents.acknowledgements import InterchangeReceived
from canonical.documents.base import Document
from canonical.documents.finance import InvoiceIssued, PaymentAllocated, PaymentReceived
from canonical.documents.orders import (
    OrderCancelled,
    OrderConfirmed,
    OrderPlaced,
    OrderProgressed,
    OrderReduced,
    OrderResponse,
)
from canonical.documents.shipments import DeliveryConfirmed, ShipmentDispatched, ShipmentRequested, ShipmentTracking
from canonical.documents.stock import StockBackordered, StockLevel, StockReleased, StockReserved

DOCUMENTS: dict[str, type[Document]] = {
    document.message_type: document
    for document in (
        OrderPlaced, OrderCancelled, OrderConfirmed, OrderResponse, OrderReduced, OrderProgressed,
        ShipmentRequested, ShipmentDispatched, ShipmentTracking, DeliveryConfirmed,
        StockLevel, StockReserved, StockBackordered, StockReleased,
        InvoiceIssued, PaymentReceived, PaymentAllocated,
        InterchangeReceived,
    )
}  # fmt: skip
