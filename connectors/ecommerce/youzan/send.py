"""Tells Youzan that trades have been sent: youzan.logistics.online.confirm 3.0.0, line by line."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from connectors.base import Delivery, Endpoint, Sent
from connectors.ecommerce.youzan.settings import YouzanSendingSettings
from connectors.http import Reply, post
from connectors.platform_answers import app_secrets, at, error_response
from connectors.settings import options_of
from connectors.shipment_confirming import Confirmation, confirm

DOCUMENTS = ("logistics.online.confirm",)
METHOD = "youzan.logistics.online.confirm/3.0.0"


def send(delivery: Delivery, endpoint: Endpoint) -> Sent:
    """One call for each trade, our delivery id as a header. Youzan signs no parameters; the token says who calls."""
    options = options_of(endpoint, YouzanSendingSettings)
    _, token = app_secrets(endpoint.secrets, endpoint)
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


def error_of(answer: Mapping[str, Any]) -> str | None:
    told = error_told(answer)
    if told is not None:
        return told
    body = answer.get("data") or answer.get("response")
    return None if at(body, "is_success") is True else "not taken, without a reason"


def error_told(answer: Mapping[str, Any]) -> str | None:
    """The gateway tells errors under `gw_err_resp`, the service with `success` and `message`."""
    error = answer.get("gw_err_resp")
    if isinstance(error, dict):
        return f"{error.get('err_msg') or 'error'} {error.get('err_code', '')}".strip()
    if answer.get("success", True) is not True:
        return str(answer.get("message") or "error without a reason")
    return error_response(answer, "msg", "code")
