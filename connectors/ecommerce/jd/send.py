"""Tells JD that orders have been sent: jingdong.pop.order.shipment."""

import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from connectors.base import Delivery, Endpoint, Sent
from connectors.ecommerce.jd.settings import JdSendingSettings
from connectors.http import Reply, post
from connectors.platform_answers import app_secrets, error_response
from connectors.settings import options_of
from connectors.shipment_confirming import Confirmation, confirm
from connectors.signed_params import FORM, signature_of
from connectors.window_polling import china_time

DOCUMENTS = ("pop.order.shipment",)
METHOD = "jingdong.pop.order.shipment"


def send(delivery: Delivery, endpoint: Endpoint) -> Sent:
    """One call for each order, our delivery id as a header; JD ships an order as a whole."""
    options = options_of(endpoint, JdSendingSettings)
    secret, token = app_secrets(endpoint.secrets, endpoint)

    def call(one: Confirmation) -> Reply:
        fields = {"orderId": one.order, "logiCoprId": one.carrier, "logiNo": one.tracking_no}
        params = {
            "method": METHOD, "app_key": options.app_key, "access_token": token, "v": "2.0",
            "timestamp": china_time(datetime.now(UTC)),
            "360buy_param_json": json.dumps(fields, ensure_ascii=False),
        }  # fmt: skip
        params["sign"] = signature_of(params, secret)
        headers = {**FORM, "idempotency-key": delivery.delivery_id}
        return post(options, urlencode(params).encode(), headers)

    return confirm(delivery, endpoint, options.carriers, call, error_of)


def error_of(answer: Any) -> str | None:
    """JD writes "responce"; the result stands in it under a name of its own."""
    told = error_response(answer, "zh_desc", "en_desc", "code")
    if told is not None:
        return told
    body = answer.get("jingdong_pop_order_shipment_responce") or answer.get("jingdong_pop_order_shipment_response") or {}
    results = body.values() if isinstance(body, dict) else ()
    result = next((value for value in results if isinstance(value, dict)), {})
    if result.get("success") is True:
        return None
    return str(result.get("chineseErrCode") or result.get("englishErrCode") or "not taken, without a reason")
