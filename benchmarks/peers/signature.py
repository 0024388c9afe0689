"""The check of Shopify's signature, as its documentation asks: constant time, over the raw body."""

import base64
import hashlib
import hmac


def is_genuine(body: bytes, signature: str, secret: str) -> bool:
    expected = base64.b64encode(hmac.digest(secret.encode(), body, hashlib.sha256))
    return hmac.compare_digest(expected, signature.encode())
