"""Subscribes tracking numbers at Kuaidi100, one request each; a number that is subscribed already is as good."""

import json
from typing import Any
from urllib.parse import urlencode

from canonical.failures import Misconfigured, Refused, Transient
from connectors.base import Delivery, Endpoint, Sent
from connectors.carriers.kuaidi100.settings import Kuaidi100Settings
from connectors.http import Reply, post
from connectors.registering import answer_of, key_of, numbers_of, sending
from connectors.settings import Sending, options_of, secrets_of
from connectors.url_token import credential

DOCUMENTS = ("subscribe",)
GOOD = frozenset({"200", "501"})
"""Taken, and known already."""
AGAIN = frozenset({"500", "502"})


def send(delivery: Delivery, endpoint: Endpoint) -> Sent:
    """Subscribe every number of the shipment to be pushed to `callback_url`."""
    options = options_of(endpoint, Kuaidi100Settings)
    keys = secrets_of(endpoint)
    way = sending(endpoint, options)
    if options.callback_url is None or len(keys) < 2:
        raise Misconfigured(f"endpoint {endpoint.name}: expected a callback_url, and two secrets: key and salt")
    key, salt = (credential(secret, endpoint) for secret in keys[:2])
    replies = [
        _subscribe(delivery, way, {**_param(row, options, salt), "key": key}, count)
        for count, row in enumerate(numbers_of(delivery))
    ]
    return Sent(str(replies[-1].status), replies[-1].body)


def _param(row: dict[str, Any], options: Kuaidi100Settings, salt: str) -> dict[str, Any]:
    """What is subscribed; Kuaidi100 finds the carrier out itself where we name none."""
    carrier = row.get("carrier", "")
    company = options.companies.get(carrier, carrier.lower())
    parameters = {"callbackurl": options.callback_url, "salt": salt, "resultv2": "4", "autoCom": "0" if company else "1"}
    return {"company": company, "number": row["number"], "parameters": parameters}


def _subscribe(delivery: Delivery, options: Sending, param: dict[str, Any], count: int) -> Reply:
    body = urlencode({"schema": "json", "param": json.dumps(param, ensure_ascii=False)}).encode()
    headers = {"content-type": "application/x-www-form-urlencoded", "idempotency-key": key_of(delivery, count)}
    reply = post(options, body, headers)
    answer = answer_of(reply)
    code = str(answer.get("returnCode"))
    if code in AGAIN:
        raise Transient(f"Kuaidi100: {code} {answer.get('message')}")
    if code not in GOOD:
        raise Refused(f"Kuaidi100: {code} {answer.get('message')}")
    return reply
