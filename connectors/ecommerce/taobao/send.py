"""Tells Taobao that trades have been sent: taobao.logistics.online.send, line by line."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from connectors.base import Delivery, Endpoint, Sent
from connectors.ecommerce.taobao.settings import TaobaoSendingSettings
from connectors.http import Reply, post
from connectors.platform_answers import app_secrets, at, error_response
from connectors.settings import options_of
from connectors.shipment_confirming import Confirmation, confirm
from connectors.signed_params import FORM, signature_of
from connectors.window_polling import china_time

DOCUMENTS = ("logistics.online.send",)
METHOD = "taobao.logistics.online.send"


def send(delivery: Delivery, endpoint: Endpoint) -> Sent:
    """One call for each trade, our delivery id as a header. `is_split` because a shipment may hold some lines of a trade only."""
    options = options_of(endpoint, TaobaoSendingSettings)
    secret, session = app_secrets(endpoint.secrets, endpoint)

    def call(one: Confirmation) -> Reply:
        params = {
            "method": METHOD, "app_key": options.app_key, "session": session, "format": "json", "v": "2.0",
            "sign_method": options.sign_method, "timestamp": china_time(datetime.now(UTC)),
            "tid": one.order, "sub_tid": ",".join(one.lines), "is_split": "1",
            "company_code": one.carrier, "out_sid": one.tracking_no,
        }  # fmt: skip
        params["sign"] = signature_of(params, secret, options.sign_method)
        headers = {**FORM, "idempotency-key": delivery.delivery_id}
        return post(options, urlencode(params).encode(), headers)

    return confirm(delivery, endpoint, options.carriers, call, error_of)


def error_of(answer: Mapping[str, Any]) -> str | None:
    told = error_told(answer)
    if told is not None:
        return told
    taken = at(answer, "logistics_online_send_response", "shipping", "is_success")
    return None if taken is True else "not taken, without a reason"


def error_told(answer: Mapping[str, Any]) -> str | None:
    """What Taobao says went wrong. A `sub_code` that begins with "isp." is its own trouble."""
    told = error_response(answer, "sub_msg", "sub_code", "msg", "code")
    return f"{told} (try again)" if told is not None and " isp." in f" {told}" else told
