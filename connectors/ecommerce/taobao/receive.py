"""Pushes of Taobao and Tmall: signed over the parameters of the URL and the raw body, as Qimen signs."""

from dataclasses import replace
from datetime import datetime

from canonical.failures import Malformed
from canonical.problems import Problem
from connectors.base import Endpoint, Identified, RawMessage
from connectors.ecommerce.taobao.settings import TaobaoSettings
from connectors.peek import delivery_id, json_object, refuse_error
from connectors.settings import options_of, secrets_of
from connectors.signatures import check_signature, check_window, refusal, same
from connectors.signed_params import signature_of
from connectors.window_polling import CHINA, TIME

DOCUMENTS = ("trade", "tmc")
TRADES = (
    "trade_fullinfo_get_response", "trade_get_response", "trades_sold_get_response", "trades_sold_increment_get_response",
    "trades_sold_incrementv_get_response",
)  # fmt: skip
MESSAGES = "tmc_messages_consume_response"


def authenticate(raw: RawMessage, endpoint: Endpoint) -> None:
    options = options_of(endpoint, TaobaoSettings)
    check_signature([raw.query.get("sign", "")], lambda key: signature_of(raw.query, key, body=raw.body), secrets_of(endpoint))
    check_window(_seconds(raw.query.get("timestamp", "")), raw.received_at)
    if options.app_key is not None and not same(raw.query.get("app_key", ""), options.app_key):
        raise refusal()


def identify(raw: RawMessage, endpoint: Endpoint) -> Identified:
    """Answers about trades, and messages of the message channel, each with an id of its own."""
    tree = json_object(raw.body)
    refuse_error(tree, "error_response")
    if MESSAGES in tree:
        return Identified("tmc")
    message = tree.get("message")
    if isinstance(message, dict) and "topic" in message:
        number = message.get("id")
        return Identified("tmc", delivery_id(str(number), "message.id") if isinstance(number, int | str) else None)
    if any(name in tree for name in TRADES):
        return Identified("trade")
    raise Malformed([Problem("E_DOCUMENT", "$", f"expected one of {', '.join((*TRADES, MESSAGES, 'message'))}")])


def sign(raw: RawMessage, endpoint: Endpoint) -> RawMessage:
    key = options_of(endpoint, TaobaoSettings).app_key
    query = {**raw.query, "timestamp": raw.received_at.astimezone(CHINA).strftime(TIME), "sign_method": "md5"}
    query |= {"app_key": key} if key else {}
    query["sign"] = signature_of(query, secrets_of(endpoint)[0], body=raw.body)
    return replace(raw, headers={"content-type": "application/json", **raw.headers}, query=query)


def _seconds(timestamp: str) -> str:
    """China's time as seconds since 1970."""
    try:
        return str(int(datetime.strptime(timestamp, TIME).replace(tzinfo=CHINA).timestamp()))
    except (ValueError, OverflowError):
        raise refusal() from None
