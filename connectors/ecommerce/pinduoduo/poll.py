"""Asks Pinduoduo for orders that changed: pdd.order.number.list.increment.get, half an hour at a time."""

import json
import time
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any

from pydantic import Field

from connectors.base import Endpoint, Polled
from connectors.ecommerce.pinduoduo.send import error_told
from connectors.ecommerce.pinduoduo.settings import Key
from connectors.platform_answers import app_secrets, at
from connectors.rest_polling import Question, RestSettings, poll_list
from connectors.settings import polling_of
from connectors.signed_params import signature_of
from connectors.window_polling import Page, Platform, pages_of, rows, texts, windowed

METHOD = "pdd.order.number.list.increment.get"
ANSWER = "order_sn_increment_get_response"
ALL = "5"
LATE = timedelta(minutes=3)
"""Pinduoduo asks for an end at least so long ago."""


class PinduoduoPolling(RestSettings):
    """client_id: of the application."""

    client_id: Key
    page_size: Annotated[int, Field(ge=1, le=100)] = 100


def poll(endpoint: Endpoint, watermark: str | None) -> Iterator[Polled]:
    settings = polling_of(endpoint, PinduoduoPolling)
    secret, token = app_secrets(endpoint.polling.secrets if endpoint.polling else (), endpoint)

    def question(start: datetime, end: datetime, page: int) -> Question:
        params = {
            "type": METHOD, "client_id": settings.client_id, "access_token": token, "data_type": "JSON",
            "timestamp": str(int(time.time())), "is_lucky_flag": "0", "order_status": ALL, "refund_status": ALL,
            "start_updated_at": str(int(start.timestamp())), "end_updated_at": str(int(end.timestamp())),
            "page": str(page), "page_size": str(settings.page_size), "use_has_next": "false",
        }  # fmt: skip
        params["sign"] = signature_of(params, secret)
        return Question(settings.url, {"content-type": "application/json"}, json.dumps(params).encode())

    def page_of(answer: Mapping[str, Any]) -> Page:
        orders = rows(at(answer, ANSWER, "order_sn_list"))
        pages = pages_of(at(answer, ANSWER, "total_count"), settings.page_size)
        return Page(texts(at(order, "updated_at") for order in orders), pages)

    platform = Platform(timedelta(minutes=30), question, error_told, page_of, LATE)
    return poll_list(endpoint, settings, windowed(platform), watermark)
