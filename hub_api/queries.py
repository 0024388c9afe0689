"""Asking about messages, orders, stock and money. Everything here only reads."""

from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Response
from pydantic import AwareDatetime, BaseModel, Field

from canonical.documents.registry import DOCUMENTS
from canonical.schemas import json_schema
from hub_api.access import Hub, require_operator, require_plain_text
from hub_api.pages import WantedPage
from hub_api.problems import described
from operations import find, find_invoices, find_shipments, recalls, stocks
from operations import messages as finding
from operations.choices import CaseState
from operations.decisions import OrderDecisions
from operations.decisions import decisions as decisions_of
from operations.explain import Explanation
from operations.explain import explain as explain_message
from operations.failing import NotFound
from operations.order_views import CrossReference, InvoiceView, OrderSummary, OrderView, ShipmentView
from operations.stock_views import CaseView, RecallTrace, StockView
from operations.timeline import Timeline
from operations.timeline import timeline as timeline_of
from operations.views import MessageSummary, MessageView, Page, RawHead
from store.business import OrderFilter
from store.database import to_micros
from store.queries import MessageFilter
from store.references import ReferenceFilter

router = APIRouter(dependencies=[Depends(require_operator), Depends(require_plain_text)], responses=described(401, 403, 422, 503))
open_router = APIRouter(dependencies=[Depends(require_plain_text)], responses=described(422))
"""What anybody may ask: the schemas."""

Filter = Annotated[str | None, Query(max_length=400)]
ListStanding = Literal["handled", "on_its_way", "parked", "retrying", "dead", "discarded"]
BYTES: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/octet-stream": {}}, "description": "The bytes as they came."}
}


@router.get("/messages", tags=["messages"], responses=described(400))
def messages(
    hub: Hub,
    page: WantedPage,
    type: Filter = None,
    source: Filter = None,
    subject: Filter = None,
    correlation: Filter = None,
    channel: Filter = None,
    status: Annotated[
        ListStanding | None, Query(description="Messages of which a channel (for `handled`: every channel) stands so.")
    ] = None,
    their_id: Annotated[str | None, Query(max_length=400, description="What a partner calls the thing they are about.")] = None,
) -> Page[MessageSummary]:
    """Messages, newest first; every filter given must match."""
    wanted = MessageFilter(type, source, subject, correlation, channel, status, their_id)
    return finding.messages(hub.database, wanted, cursor=page.cursor, limit=page.limit)


@router.get("/messages/{message_id}", tags=["messages"], responses=described(404))
def message(hub: Hub, message_id: str) -> MessageView:
    """One message: envelope, body, how it stands with each channel, what it caused, deliveries with every attempt."""
    return finding.message(hub.database, message_id)


@router.get("/messages/{message_id}/explain", tags=["messages"], responses=described(404))
def explain(hub: Hub, message_id: str) -> Explanation:
    """Which place of the partner's document filled which field, which rules sent the message where it went, what caused it."""
    return explain_message(hub, message_id)


@router.get("/messages/{message_id}/raw", tags=["messages"], responses=described(404) | BYTES, response_class=Response)
def message_raw(hub: Hub, message_id: str) -> Response:
    """The bytes the message was made of, as the partner sent them; 404 for a message a handler made."""
    raw = finding.message(hub.database, message_id).raw
    if raw is None:
        raise NotFound("raw message behind", message_id)
    return _bytes(hub, raw)


@router.get("/raw", tags=["raw messages"], responses=described(400))
def raws(hub: Hub, page: WantedPage, endpoint: Filter = None, status: Filter = None) -> Page[RawHead]:
    """Raw messages without their bytes, newest first."""
    return finding.raws(hub.database, endpoint=endpoint, status=status, cursor=page.cursor, limit=page.limit)


@router.get("/raw/{raw_id}", tags=["raw messages"], responses=described(404))
def raw(hub: Hub, raw_id: str) -> RawHead:
    """One raw message without its bytes, with what became of it."""
    return finding.raw_head(hub.database, raw_id)


@router.get("/raw/{raw_id}/body", tags=["raw messages"], responses=described(404) | BYTES, response_class=Response)
def raw_body(hub: Hub, raw_id: str) -> Response:
    """The bytes of a raw message as they came."""
    return _bytes(hub, finding.raw_head(hub.database, raw_id))


def _bytes(hub: Hub, head: RawHead) -> Response:
    """Never shown in a browser: they are somebody else's."""
    headers = {
        "Content-Disposition": f'attachment; filename="{head.raw_id}"',
        "X-Content-Type-Options": "nosniff",
        "ETag": f'"{head.sha256}"',
    }
    return Response(finding.raw(hub.database, head.raw_id), media_type="application/octet-stream", headers=headers)


@router.get("/orders", tags=["orders"], responses=described(400))
def orders(
    hub: Hub,
    page: WantedPage,
    state: Filter = None,
    origin: Filter = None,
    since: Annotated[AwareDatetime | None, Query(description="Placed at this instant or later.")] = None,
    until: Annotated[AwareDatetime | None, Query(description="Placed before this instant.")] = None,
    text: Annotated[str | None, Query(max_length=400, description="Part of anything in the order, in any case.")] = None,
) -> Page[OrderSummary]:
    """Orders, newest first; every filter given must match."""
    wanted = OrderFilter(state, origin, to_micros(since) if since else None, to_micros(until) if until else None, text)
    return find.orders(hub.database, wanted, cursor=page.cursor, limit=page.limit)


@router.get("/orders/{order_no:path}/timeline", tags=["orders"], responses=described(404))
def timeline(hub: Hub, order_no: str) -> Timeline:
    """The journey of an order: every message about it, in order, with what each led to."""
    return timeline_of(hub.database, order_no)


@router.get("/orders/{order_no:path}/decisions", tags=["orders"], responses=described(404))
def decisions(hub: Hub, order_no: str) -> OrderDecisions:
    """Why the order stands as it does: every decision of policies and people, with what it went by."""
    return decisions_of(hub.database, order_no)


@router.get("/orders/{order_no:path}", tags=["orders"], responses=described(404))
def order(hub: Hub, order_no: str) -> OrderView:
    """One order with its lines, shipments, invoices and payments."""
    return find.order(hub.database, order_no)


@router.get("/stock/{item:path}", tags=["stock and money"], responses=described(404))
def stock(
    hub: Hub,
    item: str,
    at: Annotated[date | None, Query(description="The day of delivery that `promise` is for; today by default.")] = None,
    min_days: Annotated[int, Query(ge=0, le=3650, description="How many days goods have to live after it.")] = 0,
) -> StockView:
    """An item at every location by lot, the order lines that wait for it, what is expected, and what may be promised."""
    return stocks.stock(hub.database, item, at=at, min_days=min_days)


@router.get("/recalls/{recall_no:path}", tags=["stock and money"], responses=described(404))
def recall(hub: Hub, recall_no: str) -> RecallTrace:
    """Where the goods of a recall are: in stock, with whom, sold on to whom, and how many nobody can tell of."""
    return recalls.trace(hub.database, recall_no)


@router.get("/traces/{item:path}", tags=["stock and money"])
def goods_trace(
    hub: Hub,
    item: str,
    lot: Annotated[list[str] | None, Query(description="Of these lots; several may be given.")] = None,
    serial: Annotated[list[str] | None, Query(description="Of these serial numbers.")] = None,
) -> RecallTrace:
    """Where goods of an item came from and went, as for a recall, without one."""
    return recalls.trace_goods(hub.database, item, lots=lot or (), serials=serial or ())


@router.get("/cases", tags=["stock and money"], responses=described(400))
def cases(hub: Hub, page: WantedPage, state: CaseState | None = None) -> Page[CaseView]:
    """Goods that went ways they should not, and goods that should not have left."""
    return recalls.cases(hub.database, state=state, cursor=page.cursor, limit=page.limit)


@router.get("/invoices/{invoice_no:path}", tags=["stock and money"], responses=described(404))
def invoice(hub: Hub, invoice_no: str) -> InvoiceView:
    """One invoice with the payments that settle it."""
    return find_invoices.invoice(hub.database, invoice_no)


@router.get("/shipments/{shipment_no:path}", tags=["orders"], responses=described(404))
def shipment(hub: Hub, shipment_no: str) -> ShipmentView:
    """One shipment with everything the carrier said."""
    return find_shipments.shipment(hub.database, shipment_no)


@router.get("/cross-references", tags=["orders"], responses=described(400))
def cross_references(
    hub: Hub,
    page: WantedPage,
    endpoint: Filter = None,
    kind: Filter = None,
    id: Annotated[str | None, Query(max_length=400, description="Our id or the partner's.")] = None,
) -> Page[CrossReference]:
    """What partners call our orders, items, shipments and invoices; every filter given must match."""
    return find.cross_references(hub.database, ReferenceFilter(endpoint, kind, id), cursor=page.cursor, limit=page.limit)


class SchemaHead(BaseModel):
    """A message type the hub knows."""

    type: str = Field(examples=["order.placed"])
    version: str
    title: str = Field(description="What the document states.")
    href: str


class Schemas(BaseModel):
    items: list[SchemaHead]


@open_router.get("/schemas", tags=["schemas"])
def schemas() -> Schemas:
    """Every message type with its schema version."""
    return Schemas(
        items=[
            SchemaHead(
                type=name,
                version=document.schema_version,
                title=(document.__doc__ or name).partition("\n")[0],
                href=f"/schemas/{name}",
            )
            for name, document in DOCUMENTS.items()
        ]
    )


@open_router.get("/schemas/{type}", tags=["schemas"], responses=described(404))
def schema(type: str) -> dict[str, Any]:
    """JSON Schema 2020-12 of one message type's document."""
    if type not in DOCUMENTS:
        raise NotFound("message type", type)
    return json_schema(type)
