"""Signatures of the Chinese open platforms: over the parameters of a call, sorted by name, name and value without anything between.

| method | signature, in upper-case hexadecimal |
|---|---|
| `md5` | MD5 of secret + parameters + body + secret (Taobao and its Qimen pushes, JD, Pinduoduo) |
| `hmac` | HMAC-MD5 of parameters + body with the secret (Taobao) |
| `hmac-sha256` | HMAC-SHA-256 of the same (Taobao) |
"""

import hashlib
import hmac
from collections.abc import Callable, Mapping
from typing import Literal

Method = Literal["md5", "hmac", "hmac-sha256"]
FORM = {"content-type": "application/x-www-form-urlencoded;charset=utf-8"}
METHODS: Mapping[str, Callable[[bytes, bytes], str]] = {
    "md5": lambda secret, content: hashlib.md5(secret + content + secret).hexdigest(),
    "hmac": lambda secret, content: hmac.new(secret, content, hashlib.md5).hexdigest(),
    "hmac-sha256": lambda secret, content: hmac.new(secret, content, hashlib.sha256).hexdigest(),
}


def signature_of(params: Mapping[str, str], secret: bytes, method: Method = "md5", body: bytes = b"") -> str:
    """The signature over the filled parameters but `sign` itself."""
    content = "".join(f"{name}{value}" for name, value in sorted(params.items()) if value and name != "sign")
    return METHODS[method](secret, content.encode("utf-8", "surrogateescape") + body).upper()
