"""WS-Security UsernameToken (Profile 1.1) with PasswordDigest: base64(SHA-1(nonce + created + password))."""

import base64
import binascii
import hashlib
import hmac
import re
from datetime import datetime, timedelta

from lxml import etree

from connectors.signatures import WINDOW_SECONDS, check_signature, refusal, same
from connectors.soap import SOAP

WSSE = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
WSU = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"
DIGEST = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0#PasswordDigest"
BASE64 = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-soap-message-security-1.0#Base64Binary"
SECURITY = f"{{{WSSE}}}Security"
CREATED = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)", re.ASCII)


def check_token(envelope: etree._Element, username: str, secrets: tuple[bytes, ...], now: datetime) -> None:
    """Pass when the envelope carries one token of this user, made with one of the passwords in the last five minutes;
    Unauthenticated otherwise."""
    tokens = envelope.findall(f"{{{SOAP}}}Header/{SECURITY}/{{{WSSE}}}UsernameToken")
    if len(tokens) != 1:
        raise refusal()
    name, given, nonce, created = (_only(tokens[0], part) for part in ("Username", "Password", "Nonce", "Created"))
    if given.get("Type") != DIGEST or not same(name.text or "", username):
        raise refusal()
    _check_created(created.text or "", now)
    raw_nonce = _nonce(nonce.text or "")
    check_signature([given.text or ""], lambda secret: password_digest(raw_nonce, created.text or "", secret), secrets)


def nonce_of(envelope: etree._Element) -> str | None:
    """The nonce of the one token of an envelope, in its one spelling."""
    return envelope.findtext(f"{{{SOAP}}}Header/{SECURITY}/{{{WSSE}}}UsernameToken/{{{WSSE}}}Nonce")


def password_digest(nonce: bytes, created: str, password: bytes) -> str:
    return base64.b64encode(hashlib.sha1(nonce + created.encode() + password).digest()).decode()


def add_token(envelope: etree._Element, username: str, password: bytes, now: datetime, content: bytes) -> None:
    """Put a token into the header; its nonce is made of the content and the time, so that a test can say what it will be."""
    created = now.strftime("%Y-%m-%dT%H:%M:%SZ")
    nonce = hmac.new(password, created.encode() + content, hashlib.sha256).digest()[:16]
    header = envelope.find(f"{{{SOAP}}}Header")
    if header is None:
        header = etree.Element(f"{{{SOAP}}}Header")
        envelope.insert(0, header)
    security = etree.SubElement(header, SECURITY, nsmap={"wsse": WSSE, "wsu": WSU})
    token = etree.SubElement(security, f"{{{WSSE}}}UsernameToken")
    etree.SubElement(token, f"{{{WSSE}}}Username").text = username
    etree.SubElement(token, f"{{{WSSE}}}Password", Type=DIGEST).text = password_digest(nonce, created, password)
    etree.SubElement(token, f"{{{WSSE}}}Nonce", EncodingType=BASE64).text = base64.b64encode(nonce).decode()
    etree.SubElement(token, f"{{{WSU}}}Created").text = created


def _only(token: etree._Element, name: str) -> etree._Element:
    found = token.findall(f"{{{WSU if name == 'Created' else WSSE}}}{name}")
    if len(found) != 1:
        raise refusal()
    return found[0]


def _check_created(created: str, now: datetime) -> None:
    try:
        at = datetime.fromisoformat(created) if CREATED.fullmatch(created) else None
    except ValueError:
        at = None
    if at is None or abs(now - at) > timedelta(seconds=WINDOW_SECONDS):
        raise refusal()


def _nonce(text: str) -> bytes:
    """The bytes of a nonce in the one spelling that base64 gives them."""
    try:
        nonce = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise refusal() from None
    if base64.b64encode(nonce).decode() != text:
        raise refusal()
    return nonce
