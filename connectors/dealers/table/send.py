"""Sends a table file to a dealer: a POST of the file with the dealer's credentials."""

from connectors.base import Delivery, Endpoint, Sent
from connectors.dealers.table.receive import MEDIA_TYPES
from connectors.dealers.table.settings import TableSendingSettings
from connectors.http import post
from connectors.settings import options_of
from connectors.transport_auth import authorization

DOCUMENTS = ("order_response", "order_status", "stock")


def send(delivery: Delivery, endpoint: Endpoint) -> Sent:
    """Post the file; our delivery id goes along, the same in every attempt. Failures as `connectors/http.py` says."""
    options = options_of(endpoint, TableSendingSettings)
    headers = {
        "content-type": next(kind for mark, kind in MEDIA_TYPES if delivery.payload.startswith(mark)),
        "content-disposition": f'attachment; filename="{delivery.document}-{delivery.delivery_id}.{options.table.format}"',
        "authorization": authorization(endpoint, options),
        "idempotency-key": delivery.delivery_id,
    }
    reply = post(options, delivery.payload, headers)
    return Sent(str(reply.status), reply.body)
