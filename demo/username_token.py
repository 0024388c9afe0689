"""WS-Security UsernameToken 1.1 with a password digest, as the ledger checks it."""

import base64
import binascii
import hashlib
import hmac
from collections import OrderedDict
from datetime import UTC, datetime

from lxml import etree

WSS = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-"
WSSE = f"{{{WSS}wssecurity-secext-1.0.xsd}}"
CREATED = f"{{{WSS}wssecurity-utility-1.0.xsd}}Created"
DIGEST = f"{WSS}username-token-profile-1.0#PasswordDigest"
WINDOW_SECONDS = 300
NONCES_KEPT = 100_000


class TokenCheck:
    """Passes each token once, within 300 seconds of its making. digest = base64(sha1(nonce + created + password))."""

    def __init__(self, username: str, password: str) -> None:
        self._username = username
        self._password = password
        self._used: OrderedDict[bytes, None] = OrderedDict()

    def passes(self, envelope: etree._ElementTree) -> bool:
        """Whether the envelope's one token is right and new."""
        tokens = envelope.findall(f".//{WSSE}Security/{WSSE}UsernameToken")
        if len(tokens) != 1:
            return False
        token = tokens[0]
        password = token.find(f"{WSSE}Password")
        if password is None or password.get("Type") != DIGEST or token.findtext(f"{WSSE}Username") != self._username:
            return False
        return self._is_right(password.text or "", token.findtext(f"{WSSE}Nonce") or "", token.findtext(CREATED) or "")

    def _is_right(self, digest: str, nonce: str, created: str) -> bool:
        try:
            salt = base64.b64decode(nonce, validate=True)
            age = abs((datetime.now(UTC) - datetime.fromisoformat(created)).total_seconds())
        except (binascii.Error, ValueError, TypeError):
            return False
        expected = base64.b64encode(hashlib.sha1(salt + created.encode() + self._password.encode()).digest())
        if not hmac.compare_digest(expected, digest.encode()) or age > WINDOW_SECONDS or salt in self._used:
            return False
        self._used[salt] = None
        while len(self._used) > NONCES_KEPT:
            self._used.popitem(last=False)
        return True
