"""API v2 of WeChat Pay: an XML document of one level with its own signature in it."""

import hashlib
import hmac
from dataclasses import replace
from html import escape

from canonical.failures import Malformed
from canonical.problems import Problem
from connectors.base import Answer, Identified, RawMessage
from connectors.finance.wechatpay.settings import WechatPaySettings
from connectors.peek import shown
from connectors.peek_xml import xml_root
from connectors.signatures import check_signature, refusal, same

DOCUMENT = "v2.pay"
HMAC = "HMAC-SHA256"
TYPES = frozenset({None, "MD5", HMAC})

Fields = dict[str, str]


def check(raw: RawMessage, keys: tuple[bytes, ...], options: WechatPaySettings) -> None:
    """Pass when `sign` is right for one of the keys, and the notification is for the configured merchant."""
    try:
        fields = _fields(raw.body)
    except Malformed:
        raise refusal() from None
    if fields.get("sign_type") not in TYPES:
        raise refusal()
    check_signature([fields.get("sign", "")], lambda key: signature_of(fields, key), keys)
    for name, wanted in (("mch_id", options.mchid), ("appid", options.appid)):
        if wanted is not None and not same(fields.get(name, ""), wanted):
            raise refusal()


def identified(body: bytes) -> Identified:
    """A payment; its number is the delivery, which repeats bring again."""
    fields = _fields(body)
    if fields.get("return_code") != "SUCCESS":
        raise Malformed([Problem("E_DOCUMENT", "/xml/return_code", "expected SUCCESS", shown(fields.get("return_msg")))])
    if not fields.get("transaction_id"):
        raise Malformed([Problem("E_DOCUMENT", "/xml/transaction_id", "expected the notification of a payment")])
    return Identified(DOCUMENT)


def signed(raw: RawMessage, key: bytes) -> RawMessage:
    fields = _fields(raw.body)
    fields["sign"] = signature_of(fields, key)
    body = "".join(f"<{name}>{escape(value, quote=False)}</{name}>" for name, value in fields.items())
    return replace(raw, headers={"content-type": "text/xml", **raw.headers}, body=f"<xml>{body}</xml>".encode())


def signature_of(fields: Fields, key: bytes) -> str:
    """Upper-case MD5 or HMAC-SHA-256 over the filled fields but `sign`, sorted by name, with the key behind them."""
    pairs = "&".join(f"{name}={value}" for name, value in sorted(fields.items()) if value and name != "sign")
    content = pairs.encode() + b"&key=" + key
    if fields.get("sign_type") == HMAC:
        return hmac.new(key, content, hashlib.sha256).hexdigest().upper()
    return hashlib.md5(content).hexdigest().upper()


def answer(*, taken: bool) -> Answer:
    code, message = ("SUCCESS", "OK") if taken else ("FAIL", "not taken")
    body = f"<xml><return_code><![CDATA[{code}]]></return_code><return_msg><![CDATA[{message}]]></return_msg></xml>"
    return Answer(200, body.encode(), "text/xml")


def _fields(body: bytes) -> Fields:
    """The fields by name; Malformed for XML of another shape."""
    root = xml_root(body)
    if root.tag != "xml" or any(len(child) or child.attrib for child in root) or (root.text or "").strip():
        raise Malformed([Problem("E_DOCUMENT", "/xml", "expected an element xml that holds texts")])
    fields = {str(child.tag): child.text or "" for child in root}
    if len(fields) != len(root):
        raise Malformed([Problem("E_DOCUMENT", "/xml", "expected each element once")])
    return fields
