"""Asks Youzan for trades that changed: youzan.trades.sold.get 4.0.2 by time of change, a week at a time."""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any
from urllib.parse import quote

from pydantic import Field

from connectors.base import Endpoint, Polled
from connectors.ecommerce.youzan.send import error_told
from connectors.platform_answers import app_secrets, at
from connectors.rest_polling import Question, RestSettings, poll_list
from connectors.settings import polling_of
from connectors.window_polling import Page, Platform, china_time, pages_of, rows, texts, windowed

METHOD = "youzan.trades.sold.get/4.0.2"


class YouzanPolling(RestSettings):
    """Nothing of its own; the URL is that of the API, the two secrets those of sending."""

    page_size: Annotated[int, Field(ge=1, le=100)] = 100


def poll(endpoint: Endpoint, watermark: str | None) -> Iterator[Polled]:
    settings = polling_of(endpoint, YouzanPolling)
    _, token = app_secrets(endpoint.polling.secrets if endpoint.polling else (), endpoint)
    url = f"{settings.url.rstrip('/')}/{METHOD}?access_token={quote(token, safe='')}"

    def question(start: datetime, end: datetime, page: int) -> Question:
        fields = {
            "start_update": china_time(start), "end_update": china_time(end), "page_no": page, "page_size": settings.page_size,
        }  # fmt: skip
        return Question(url, {"content-type": "application/json"}, json.dumps(fields).encode())

    def page_of(answer: Mapping[str, Any]) -> Page:
        body = at(answer, "data") or at(answer, "response")
        trades = rows(at(body, "full_order_info_list"))
        changed = texts(at(trade, "full_order_info", "order_info", "update_time") for trade in trades)
        return Page(changed, pages_of(at(body, "total_results"), settings.page_size))

    return poll_list(endpoint, settings, windowed(Platform(timedelta(days=7), question, error_told, page_of)), watermark)
