"""What all signature schemes share: required headers, comparison in constant time over all secrets, the replay window."""

import base64
import hmac
import re
from collections.abc import Callable, Iterable
from datetime import datetime

from canonical.failures import Unauthenticated
from connectors.base import RawMessage

WINDOW_SECONDS = 300


def refusal() -> Unauthenticated:
    """The same failure whatever was wrong, so that nobody learns from it."""
    return Unauthenticated("not authentic")


def required(raw: RawMessage, header: str) -> str:
    """The header's value; Unauthenticated without one."""
    value = raw.headers.get(header)
    if not value:
        raise refusal()
    return value


def same(given: str, expected: str) -> bool:
    """Whether two texts are equal, in a time that does not depend on where they differ."""
    return hmac.compare_digest(given.encode("utf-8", "backslashreplace"), expected.encode())


def check_signature(given: Iterable[str], expected: Callable[[bytes], str], secrets: tuple[bytes, ...]) -> None:
    """Pass when one of the given signatures is what one of the secrets makes; Unauthenticated otherwise.

    The text is compared, not what it decodes to: base64 has several spellings of the same bytes. All are compared always.
    """
    right = [expected(secret) for secret in secrets]
    if not any([same(signature, text) for signature in given for text in right]):
        raise refusal()


def base64_hmac_sha256(body: bytes, secret: bytes) -> str:
    return base64.b64encode(hmac.digest(secret, body, "sha256")).decode()


def check_window(timestamp: str, now: datetime) -> None:
    """Pass when the seconds since 1970 are at most 300 away from now; Unauthenticated otherwise, garbled ones included."""
    if not re.fullmatch(r"[0-9]{1,11}", timestamp) or abs(now.timestamp() - int(timestamp)) > WINDOW_SECONDS:
        raise refusal()
