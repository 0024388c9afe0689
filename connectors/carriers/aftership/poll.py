"""Asks AfterShip for trackings that changed: `GET /trackings?updated_at_min=...`, by cursor or, in older versions, page by page."""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode

from connectors.base import Endpoint, Polled
from connectors.http import Reply
from connectors.registering import part
from connectors.rest_polling import Listing, Question, RestSettings, poll_list
from connectors.settings import poll_secret_of, polling_of
from connectors.url_token import credential


def poll(endpoint: Endpoint, watermark: str | None) -> Iterator[Polled]:
    """Every page of trackings that changed since the watermark; each is a document `trackings`."""
    settings = polling_of(endpoint, RestSettings)
    headers = {"as-api-key": credential(poll_secret_of(endpoint), endpoint)}

    def first(since: datetime) -> Question:
        return Question(_url(settings.url, {"updated_at_min": since.isoformat(), "limit": str(settings.page_size)}), headers)

    return poll_list(endpoint, settings, Listing(first, _following, _newest), watermark)


def _following(question: Question, reply: Reply) -> Question | None:
    """The next page: by the cursor that the answer names, else by the page's number as long as pages are full."""
    data = part(_tree(reply), "data")
    asked = dict(parse_qsl(question.url.partition("?")[2]))
    pagination = part(data, "pagination")
    if isinstance(pagination, dict):
        cursor = pagination.get("next_cursor") if pagination.get("has_next_page") else None
        changed = {"cursor": str(cursor)} if cursor else None
    else:
        full = len(_trackings(reply)) >= int(asked["limit"])
        changed = {"page": str(int(asked.get("page", "1")) + 1)} if full else None
    return None if changed is None else Question(_url(question.url.partition("?")[0], {**asked, **changed}), question.headers)


def _newest(reply: Reply) -> datetime | None:
    """When the latest of the trackings changed; None for a page without any."""
    told = (part(one, "updated_at") for one in _trackings(reply))
    return max((moment for text in told if (moment := _moment(text)) is not None), default=None)


def _moment(text: Any) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        return None
    return moment if moment.tzinfo is not None else None


def _trackings(reply: Reply) -> list[Any]:
    found = part(part(_tree(reply), "data"), "trackings")
    return found if isinstance(found, list) else []


def _tree(reply: Reply) -> Any:
    try:
        return json.loads(reply.body)
    except ValueError:
        return None


def _url(url: str, query: dict[str, str]) -> str:
    return f"{url}?{urlencode(query)}"
