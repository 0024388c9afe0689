"""API v2 of WeChat Pay: an XML document of one level with its own signature in it. A refund has none: what it tells is sealed with
the merchant's key (AES-256-ECB under the hex MD5 of the key), so only who knows that could have written it."""

import base64
import binascii
import hashlib
import hmac
from dataclasses import replace
from html import escape

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7

from canonical.failures import Malformed
from canonical.problems import Problem
from connectors.base import Answer, Identified, RawMessage
from connectors.finance.wechatpay.settings import WechatPaySettings
from connectors.peek import shown
from connectors.peek_xml import xml_root
from connectors.signatures import check_signature, refusal, same

PAY, REFUND = "v2.pay", "v2.refund"
DOCUMENTS = (PAY, REFUND)
SEALED = "req_info"
OUTER = ("return_code", "return_msg", "appid", "mch_id", "sub_appid", "sub_mch_id", "nonce_str")
"""What stands beside the sealed part of a refund."""
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
    if SEALED in fields and "sign" not in fields:
        if unsealed(fields[SEALED], keys) is None:
            raise refusal()
    else:
        check_signature([fields.get("sign", "")], lambda key: signature_of(fields, key), keys)
    for name, wanted in (("mch_id", options.mchid), ("appid", options.appid)):
        if wanted is not None and not same(fields.get(name, ""), wanted):
            raise refusal()


def identified(body: bytes) -> Identified:
    """A payment; its number is the delivery, which repeats bring again."""
    fields = _fields(body)
    if fields.get("return_code") != "SUCCESS":
        raise Malformed([Problem("E_DOCUMENT", "/xml/return_code", "expected SUCCESS", shown(fields.get("return_msg")))])
    if fields.get(SEALED):
        return Identified(REFUND)
    if not fields.get("transaction_id"):
        raise Malformed([Problem("E_DOCUMENT", "/xml/transaction_id", "expected the notification of a payment")])
    return Identified(PAY)


def opened(body: bytes, keys: tuple[bytes, ...]) -> bytes:
    """A refund with what was sealed in it among its fields; a payment as it is. Malformed where no key opens it."""
    identified(body)
    fields = _fields(body)
    if not fields.get(SEALED):
        return body
    found = unsealed(fields.pop(SEALED), keys)
    if found is None:
        raise Malformed([Problem("E_SEALED", f"/xml/{SEALED}", "expected what one of the endpoint's API keys opens")])
    return _xml({**found, **fields})


def unsealed(text: str, keys: tuple[bytes, ...]) -> Fields | None:
    """The fields in a sealed text; None where none of the keys opens it."""
    try:
        sealed = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return next((found for key in keys if (found := _unsealed(sealed, key)) is not None), None)


def _unsealed(sealed: bytes, key: bytes) -> Fields | None:
    decryptor, unpadder = _cipher(key).decryptor(), PKCS7(128).unpadder()
    try:
        plain = decryptor.update(sealed) + decryptor.finalize()
        return _fields(unpadder.update(plain) + unpadder.finalize(), "root")
    except (ValueError, Malformed):
        return None


def _cipher(key: bytes) -> Cipher[modes.ECB]:
    return Cipher(algorithms.AES(hashlib.md5(key).hexdigest().encode()), modes.ECB())


def signed(raw: RawMessage, key: bytes) -> RawMessage:
    """As WeChat Pay sends it: a payment signed, the refund in a file of its plain fields sealed."""
    fields = _fields(raw.body)
    if fields.get("refund_id"):
        outer = {name: fields.pop(name) for name in OUTER if name in fields}
        padder, encryptor = PKCS7(128).padder(), _cipher(key).encryptor()
        padded = padder.update(_xml(fields, "root")) + padder.finalize()
        sealed = encryptor.update(padded) + encryptor.finalize()
        fields = {**outer, SEALED: base64.b64encode(sealed).decode()}
    elif SEALED not in fields:
        fields["sign"] = signature_of(fields, key)
    return replace(raw, headers={"content-type": "text/xml", **raw.headers}, body=_xml(fields))


def _xml(fields: Fields, root: str = "xml") -> bytes:
    body = "".join(f"<{name}>{escape(value, quote=False)}</{name}>" for name, value in fields.items())
    return f"<{root}>{body}</{root}>".encode()


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


def _fields(body: bytes, name: str = "xml") -> Fields:
    """The fields by name; Malformed for XML of another shape."""
    root = xml_root(body)
    if root.tag != name or any(len(child) or child.attrib for child in root) or (root.text or "").strip():
        raise Malformed([Problem("E_DOCUMENT", "/xml", "expected an element xml that holds texts")])
    fields = {str(child.tag): child.text or "" for child in root}
    if len(fields) != len(root):
        raise Malformed([Problem("E_DOCUMENT", "/xml", "expected each element once")])
    return fields
