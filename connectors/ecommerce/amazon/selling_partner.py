"""Amazon's Selling Partner API: every call carries an access token that Login with Amazon gives for an hour."""

import threading
import time
from collections.abc import Mapping
from urllib.parse import urlencode

import orjson

from canonical.failures import Misconfigured, Transient
from connectors.base import Endpoint
from connectors.http import refuse_failure, request
from connectors.json_api import JsonApi
from connectors.settings import Dialling

EARLY_SECONDS = 120


class Tokens:
    """Access tokens of this process, asked for anew before they end; threads may share it."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str, bytes], tuple[str, float]] = {}
        self._lock = threading.Lock()

    def get(self, token_url: str, client_id: str, secret: bytes, options: Dialling, endpoint: Endpoint) -> str:
        """A token that is good for two minutes at least. Failures as `connectors/http.py` says."""
        key = (token_url, client_id, secret)
        with self._lock:
            token, until = self._known.get(key, ("", 0.0))
        if time.monotonic() < until:
            return token
        token, seconds = _asked(token_url, _grant(client_id, secret, endpoint), options)
        with self._lock:
            self._known[key] = (token, time.monotonic() + seconds - EARLY_SECONDS)
        return token


def _grant(client_id: str, secret: bytes, endpoint: Endpoint) -> dict[str, str]:
    client_secret, _, refresh_token = secret.decode("latin-1").partition(" ")
    if not client_secret or not refresh_token.strip():
        raise Misconfigured(f"endpoint {endpoint.name}: expected a client secret, a blank, a refresh token")
    known = {"client_id": client_id, "client_secret": client_secret}
    return {"grant_type": "refresh_token", "refresh_token": refresh_token.strip(), **known}


def _asked(token_url: str, grant: Mapping[str, str], options: Dialling) -> tuple[str, float]:
    headers = {"content-type": "application/x-www-form-urlencoded", "accept": "application/json"}
    reply = request("POST", token_url, urlencode(grant).encode(), headers, options)
    refuse_failure(reply)
    try:
        answer = orjson.loads(reply.body)
        return str(answer["access_token"]), float(answer["expires_in"])
    except (ValueError, KeyError, TypeError):
        raise Transient("expected an access token and when it ends from Login with Amazon") from None


TOKENS = Tokens()


def selling_partner(url: str, token_url: str, client_id: str, secret: bytes, options: Dialling, endpoint: Endpoint) -> JsonApi:
    """The API of a region, with an access token."""
    token = TOKENS.get(token_url, client_id, secret, options, endpoint)
    return JsonApi(url, options, {"x-amz-access-token": token})
