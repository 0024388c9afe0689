"""Asynchronous notifications of Alipay: a form, signed with RSA2 over its sorted parameters in the charset it names."""

from dataclasses import replace
from urllib.parse import parse_qsl, urlencode

from canonical.failures import Malformed
from canonical.problems import Problem
from connectors.base import Accepted, Answer, Endpoint, Identified, RawMessage
from connectors.finance.alipay.settings import AlipaySettings
from connectors.peek import delivery_id, json_object, one_of, shown
from connectors.rsa_keys import check_rsa, rsa_signature
from connectors.settings import options_of, secrets_of
from connectors.signatures import refusal, same

DOCUMENTS = ("trade_status_sync",)
UNSIGNED = (b"sign", b"sign_type")
MOST_FIELDS = 1000
TAKEN = frozenset({"accepted", "untranslated", "quarantined"})

Params = dict[bytes, bytes]


def authenticate(raw: RawMessage, endpoint: Endpoint) -> None:
    """The signature over the percent-decoded bytes as they are: they need no charset to be compared."""
    options = options_of(endpoint, AlipaySettings)
    keys = secrets_of(endpoint)
    try:
        params = _params(raw.body)
    except ValueError:
        raise refusal() from None
    if params.get(b"sign_type") != b"RSA2":
        raise refusal()
    check_rsa(params.get(b"sign", b"").decode("latin-1"), signed_content(params), keys, endpoint)
    for name, wanted in ((b"app_id", options.app_id), (b"seller_id", options.seller_id)):
        if wanted is not None and not same(params.get(name, b"").decode("latin-1"), wanted):
            raise refusal()


def identify(raw: RawMessage, endpoint: Endpoint) -> Identified:
    """The document is named by `notify_type`; the delivery is `notify_id`, which stays the same when Alipay sends again."""
    fields = _fields(raw.body)
    document = one_of(_named(fields, "notify_type"), DOCUMENTS, "notify_type")
    return Identified(document, delivery_id(_named(fields, "notify_id"), "notify_id"))


def sign(raw: RawMessage, endpoint: Endpoint) -> RawMessage:
    """As Alipay sends it: the parameters signed anew, with a private key that stands in for Alipay's own."""
    params = {**_params(raw.body), b"sign_type": b"RSA2"}
    signature = rsa_signature(signed_content(params), secrets_of(endpoint)[0], endpoint)
    headers = {**raw.headers, "content-type": "application/x-www-form-urlencoded"}
    return replace(raw, headers=headers, body=urlencode({**params, b"sign": signature}).encode())


def answer(accepted: Accepted, endpoint: Endpoint) -> Answer:
    """The word `success`, or Alipay sends again for a day."""
    return Answer(200, b"success" if accepted.status in TAKEN else b"failure", "text/plain")


def turn_away(status: int, endpoint: Endpoint) -> Answer:
    return Answer(status, b"failure", "text/plain")


def signed_content(params: Params) -> bytes:
    """What is signed: filled parameters but `sign` and `sign_type`, sorted by name, as name=value joined with "&"."""
    return b"&".join(name + b"=" + value for name, value in sorted(params.items()) if value and name not in UNSIGNED)


def _params(body: bytes) -> Params:
    """The parameters as bytes; ValueError for what is no form or names one twice."""
    text = body.decode("latin-1")
    pairs = parse_qsl(text, keep_blank_values=True, strict_parsing=True, encoding="latin-1", max_num_fields=MOST_FIELDS)
    if len({name for name, _ in pairs}) != len(pairs):
        raise ValueError("expected each name once")
    return {name.encode("latin-1"): value.encode("latin-1") for name, value in pairs}


def _fields(body: bytes) -> dict[str, object]:
    """The parameters as far as they are needed to tell what this is; a JSON object holds them already taken apart."""
    if body.lstrip()[:1] == b"{":
        return json_object(body)
    try:
        return {name.decode("latin-1"): value.decode("latin-1") for name, value in _params(body).items()}
    except ValueError as error:
        raise Malformed([Problem("E_FORM", "$", "expected a form of name=value pairs, each name once")]) from error


def _named(fields: dict[str, object], name: str) -> str:
    value = fields.get(name)
    if not isinstance(value, str) or not value:
        raise Malformed([Problem("E_REQUIRED", name, "expected a text", shown(value))])
    return value
