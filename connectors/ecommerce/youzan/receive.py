"""Messages of Youzan: JSON that holds the trade as URL-encoded JSON, signed over client id and content with the client secret."""

import hashlib
from dataclasses import replace
from typing import Any
from urllib.parse import unquote_to_bytes

from canonical.failures import Malformed
from canonical.problems import Problem
from connectors.base import Accepted, Answer, Endpoint, Identified, RawMessage
from connectors.ecommerce.youzan.settings import YouzanSettings
from connectors.peek import delivery_id, json_object, one_of, refuse_error, shown
from connectors.settings import options_of, secrets_of
from connectors.signatures import check_signature, refusal, same

DOCUMENTS = ("trade",)
TRADE_MESSAGES = (
    "trade_TradeCreate", "trade_TradePaid", "trade_TradeBuyerPay", "trade_TradeSellerShip", "trade_TradePartlySellerShip",
    "trade_TradeBuyerSignedFor", "trade_TradeSuccess", "trade_TradeClose", "trade_TradeMemoModified",
)  # fmt: skip
TAKEN = frozenset({"accepted", "untranslated", "quarantined"})
LISTS = ("full_order_info", "full_order_info_list")


def authenticate(raw: RawMessage, endpoint: Endpoint) -> None:
    """`Event-Sign` covers the whole body, `sign` in it the message alone; one has to be there, and whatever is there be right."""
    options = options_of(endpoint, YouzanSettings)
    keys = secrets_of(endpoint)
    push = _push(raw.body)
    client, message, inner = (push.get(name) for name in ("client_id", "msg", "sign"))
    if not isinstance(client, str) or not isinstance(message, str):
        raise refusal()
    outer = raw.headers.get("event-sign")
    if outer is not None:
        check_signature([outer], lambda key: _signature(client, raw.body, key), keys)
    if inner is not None or outer is None:
        check_signature([str(inner or "")], lambda key: _signature(client, message.encode("utf-8", "replace"), key), keys)
    for name, wanted in (("client_id", options.client_id), ("kdt_id", options.kdt_id)):
        if wanted is not None and not same(str(push.get(name, "")), wanted):
            raise refusal()


def identify(raw: RawMessage, endpoint: Endpoint) -> Identified:
    """A trade message is known by its trade, kind and version, which stay the same when Youzan sends again."""
    push = json_object(raw.body)
    if "msg" not in push:
        _check_answer(push)
        return Identified("trade")
    kind = push.get("type")
    one_of(kind if isinstance(kind, str) else "", TRADE_MESSAGES, "type")
    named = [push.get(name) for name in ("type", "id", "version")]
    whole = all(isinstance(one, int | str) and one != "" for one in named)
    return Identified("trade", delivery_id("/".join(map(str, named)), "id") if whole else None)


def opened(body: bytes, endpoint: Endpoint) -> bytes:
    """The trade in a message; an answer of the API as it is."""
    push = json_object(body)
    if "msg" not in push:
        _check_answer(push)
        return body
    message = push["msg"]
    if not isinstance(message, str):
        raise Malformed([Problem("E_SCHEMA", "msg", "expected a text", shown(message))])
    plain = unquote_to_bytes(message)
    _check_answer(json_object(plain))
    return plain


def sign(raw: RawMessage, endpoint: Endpoint) -> RawMessage:
    client = _push(raw.body).get("client_id", "")
    signature = _signature(str(client), raw.body, secrets_of(endpoint)[0])
    return replace(raw, headers={"content-type": "application/json", **raw.headers, "event-sign": signature})


def answer(accepted: Accepted, endpoint: Endpoint) -> Answer:
    """`success` in Youzan's JSON, or Youzan sends again."""
    if accepted.status in TAKEN:
        return Answer(200, b'{"code":0,"msg":"success"}')
    return Answer(200, b'{"code":1,"msg":"not taken"}')


def _push(body: bytes) -> dict[str, Any]:
    try:
        return json_object(body)
    except Malformed:
        raise refusal() from None


def _signature(client: str, content: bytes, secret: bytes) -> str:
    return hashlib.md5(client.encode("utf-8", "replace") + content + secret).hexdigest()


def _check_answer(tree: dict[str, Any]) -> None:
    """Malformed for an answer without a trade: what Youzan says instead, or that there is none."""
    for name in ("gw_err_resp", "error_response"):
        refuse_error(tree, name)
    places = [tree, *(tree[name] for name in ("data", "response") if isinstance(tree.get(name), dict))]
    if any(name in place for place in places for name in LISTS):
        return
    told = tree.get("message") or tree.get("msg")
    raise Malformed([Problem("E_DOCUMENT", "$", "expected a trade (full_order_info) or a list of them", shown(told))])
