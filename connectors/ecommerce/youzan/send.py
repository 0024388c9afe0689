"""Tells Youzan that trades have been sent: youzan.logistics.online.confirm 3.0.0, line by line."""

import json
from typing import Any
from urllib.parse import quote

from connectors.base import Delivery, Endpoint, Sent
from connectors.ecommerce.youzan.settings import YouzanSendingSettings
from connectors.http import Reply, post
from connectors.settings import options_of
from connectors.shipment_confirming import Confirmation, app_secrets, confirm, error_response

DOCUMENTS = ("logistics.online.confirm",)
METHOD = "youzan.logistics.online.confirm/3.0.0"


def send(delivery: Delivery, endpoint: Endpoint) -> Sent:
    """One call for each trade, our delivery id as a header. Youzan signs no parameters; the token says who calls."""
    options = options_of(endpoint, YouzanSendingSettings)
    _, token = app_secrets(endpoint)
    url = f"{options.url.rstrip('/')}/{METHOD}?access_token={quote(token, safe='')}"
    target = options.model_copy(update={"url": url})

    def call(one: Confirmation) -> Reply:
        fields = {
            "tid": one.order, "oids": ",".join(one.lines), "is_no_express": 0,
            "out_stype": one.carrier, "out_sid": one.tracking_no,
        }  # fmt: skip
        headers = {"content-type": "application/json", "idempotency-key": delivery.delivery_id}
        return post(target, json.dumps(fields).encode(), headers)

    return confirm(delivery, endpoint, options.carriers, call, error_of)


def error_of(answer: Any) -> str | None:
    """The gateway answers under `gw_err_resp`, the service with `success` and `message`."""
    error = answer.get("gw_err_resp")
    if isinstance(error, dict):
        return f"{error.get('err_msg') or 'error'} {error.get('err_code', '')}".strip()
    told = error_response(answer, "msg", "code")
    if told is not None:
        return told
    body = answer.get("data") or answer.get("response")
    if answer.get("success", True) is True and isinstance(body, dict) and body.get("is_success") is True:
        return None
    return str(answer.get("message") or "not taken, without a reason")
