"""Finding shipments as they stand."""

from decimal import Decimal
from typing import Any

import orjson

from operations.failing import not_found
from operations.order_views import ShipmentView, TrackingEvent
from operations.standing import instant
from store import business
from store.database import Database, Row, from_micros


def shipment(database: Database, shipment_no: str) -> ShipmentView:
    """One shipment with its news. NotFound."""
    with database.reading() as tx:
        rows = business.shipments(tx, [shipment_no])
        if not rows:
            raise not_found(tx, "shipment", shipment_no)
    return shipment_view(rows[0])


def shipment_view(row: Row) -> ShipmentView:
    """A shipment as its row tells."""
    facts = orjson.loads(row.facts)
    return ShipmentView(
        shipment_no=row.shipment_no,
        state=row.state,
        carrier=row.carrier,
        warehouse=facts.get("warehouse"),
        tracking_nos=facts["tracking_nos"],
        order_nos=orjson.loads(row.order_nos),
        lines={no: {line_no: Decimal(qty) for line_no, qty in lines.items()} for no, lines in facts["lines"].items()},
        dispatched_at=instant(row.dispatched_at),
        changed_at=from_micros(row.changed_at),
        events=_events(facts),
    )


def _events(facts: dict[str, Any]) -> list[TrackingEvent]:
    """Tracking and receipts as one history."""
    tracked = [{**event, "at": from_micros(event["at"])} for event in facts["events"].values()]
    received = [
        {"at": from_micros(r["at"]), "tracking_no": r["tracking_no"], "state": "delivered", "receiver": r["receiver"]}
        for r in facts["receipts"].values()
    ]
    events = [TrackingEvent(**{name: e[name] for name in e.keys() & TrackingEvent.model_fields}) for e in (*tracked, *received)]
    return sorted(events, key=lambda event: event.at)
