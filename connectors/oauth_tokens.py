"""Access tokens by OAuth 2.0 (RFC 6749), asked for anew before they end; threads of a process share them."""

import threading
import time
from collections.abc import Mapping
from urllib.parse import urlencode

import orjson

from canonical.failures import Transient
from connectors.http import refuse_failure, request
from connectors.settings import Dialling

EARLY_SECONDS = 120
FORM = {"content-type": "application/x-www-form-urlencoded", "accept": "application/json"}


class Tokens:
    """The tokens this process has been given, by where and with what they were asked for."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, bytes, tuple[tuple[str, str], ...]], tuple[str, float]] = {}
        self._lock = threading.Lock()

    def get(self, url: str, grant: Mapping[str, str], options: Dialling, headers: Mapping[str, str] | None = None) -> str:
        """A token that is good for two minutes at least. Failures as `connectors/http.py` says, Transient for another answer."""
        given = dict(headers or {})
        key = (url, urlencode(grant).encode(), tuple(sorted(given.items())))
        with self._lock:
            token, until = self._known.get(key, ("", 0.0))
        if time.monotonic() < until:
            return token
        token, seconds = _asked(url, key[1], {**FORM, **given}, options)
        with self._lock:
            self._known[key] = (token, time.monotonic() + seconds - EARLY_SECONDS)
        return token


def _asked(url: str, grant: bytes, headers: Mapping[str, str], options: Dialling) -> tuple[str, float]:
    reply = request("POST", url, grant, headers, options)
    refuse_failure(reply)
    try:
        answer = orjson.loads(reply.body)
        return str(answer["access_token"]), float(answer["expires_in"])
    except (ValueError, KeyError, TypeError):
        raise Transient("expected an access token and when it ends") from None


TOKENS = Tokens()
