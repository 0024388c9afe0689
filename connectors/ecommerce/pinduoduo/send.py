"""Tells Pinduoduo that orders have been sent: pdd.logistics.online.send."""

import json
import time
from collections.abc import Mapping
from typing import Any

from connectors.base import Delivery, Endpoint, Sent
from connectors.ecommerce.pinduoduo.settings import PinduoduoSendingSettings
from connectors.http import Reply, post
from connectors.platform_answers import app_secrets, at, error_response
from connectors.settings import options_of
from connectors.shipment_confirming import Confirmation, confirm
from connectors.signed_params import signature_of

DOCUMENTS = ("logistics.online.send",)
METHOD = "pdd.logistics.online.send"


def send(delivery: Delivery, endpoint: Endpoint) -> Sent:
    """One call for each order, our delivery id as a header; Pinduoduo ships an order as a whole."""
    options = options_of(endpoint, PinduoduoSendingSettings)
    secret, token = app_secrets(endpoint.secrets, endpoint)

    def call(one: Confirmation) -> Reply:
        params = {
            "type": METHOD, "client_id": options.client_id, "access_token": token, "data_type": "JSON",
            "timestamp": str(int(time.time())),
            "order_sn": one.order, "logistics_id": one.carrier, "tracking_number": one.tracking_no,
        }  # fmt: skip
        params["sign"] = signature_of(params, secret)
        headers = {"content-type": "application/json", "idempotency-key": delivery.delivery_id}
        return post(options, json.dumps(params).encode(), headers)

    return confirm(delivery, endpoint, options.carriers, call, error_of)


def error_of(answer: Mapping[str, Any]) -> str | None:
    told = error_told(answer)
    if told is not None:
        return told
    taken = at(answer, "logistics_online_send_response", "is_success")
    return None if taken is True else "not taken, without a reason"


def error_told(answer: Mapping[str, Any]) -> str | None:
    return error_response(answer, "sub_msg", "error_msg", "error_code")
