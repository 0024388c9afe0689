"""Every message type the hub knows, and the document it carries."""

from canonical.documents.acknowledgements import InterchangeAcknowledged, InterchangeReceived
from canonical.documents.base import Document
from canonical.documents.cases import CaseChanged
from canonical.documents.customers import CustomerMaster
from canonical.documents.decisions import OrderDecided, OrderHeld
from canonical.documents.finance import InvoiceIssued, PaymentAllocated, PaymentReceived, PaymentRefunded, PaymentReversed
from canonical.documents.licences import AuthorisationUpdated, LicenceUpdated
from canonical.documents.master import Master
from canonical.documents.order_answers import OrderConfirmed, OrderProgressed, OrderResponse
from canonical.documents.order_changes import OrderCancelled, OrderChanged, OrderReduced
from canonical.documents.orders import OrderPlaced
from canonical.documents.prices import PriceList
from canonical.documents.products import ProductMaster
from canonical.documents.recalls import RecallOpened
from canonical.documents.reservations import ReservationExpired, ReservationSpoiled
from canonical.documents.returns import ReturnReceived, ReturnRequested
from canonical.documents.reviews import ReviewRequested
from canonical.documents.sales_out import SalesOutReported
from canonical.documents.settlement import (
    BillingClosed,
    InvoiceDecided,
    InvoiceReminded,
    InvoiceVoided,
    InvoiceWrittenOff,
    PaymentDeallocated,
    PaymentDecided,
    PaymentDeposited,
    PaymentWithdrawn,
)
from canonical.documents.shipments import (
    DeliveryConfirmed,
    ShipmentDispatched,
    ShipmentRequested,
    ShipmentTracking,
    ShipmentWithdrawn,
)
from canonical.documents.stock import StockBackordered, StockLevel, StockReleased, StockReserved
from canonical.documents.warehouses import WarehouseMaster

DOCUMENTS: dict[str, type[Document]] = {
    document.message_type: document
    for document in (
        OrderPlaced, OrderChanged, OrderCancelled, OrderConfirmed, OrderResponse, OrderReduced, OrderProgressed,
        ShipmentRequested, ShipmentWithdrawn, ShipmentDispatched, ShipmentTracking, DeliveryConfirmed,
        StockLevel, StockReserved, StockBackordered, StockReleased, ReservationExpired, ReservationSpoiled,
        CaseChanged,
        InvoiceIssued, PaymentReceived, PaymentAllocated, PaymentRefunded, PaymentReversed,
        ReturnRequested, ReturnReceived, SalesOutReported, ReviewRequested, OrderHeld, OrderDecided,
        ProductMaster, CustomerMaster, PriceList, LicenceUpdated, AuthorisationUpdated, WarehouseMaster, RecallOpened,
        BillingClosed, PaymentDeallocated, PaymentDeposited, PaymentWithdrawn, PaymentDecided,
        InvoiceReminded, InvoiceVoided, InvoiceWrittenOff, InvoiceDecided,
        InterchangeReceived, InterchangeAcknowledged,
    )
}  # fmt: skip

MASTER_TYPES: tuple[str, ...] = tuple(name for name, document in DOCUMENTS.items() if issubclass(document, Master))
