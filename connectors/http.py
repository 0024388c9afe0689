"""The one HTTP client everything is sent and asked with: guarded against dialling inside, no redirects, a deadline for the whole
exchange, at most 64 KiB of answer read to what is sent; and the one table from what can go wrong to the hub's kinds of failure.

| what happened | failure |
|---|---|
| name not found, connection or TLS handshake failed or took too long | Transient: nothing was sent |
| sent, then a timeout, a reset or something that is no HTTP | OutcomeUnknown; Transient for what is only asked |
| 408, 425, 429, 5xx | Transient; Throttled where a 429 or 503 says Retry-After |
| any other status that is not 2xx, redirects included | Refused |
| an address inside, a header that cannot be written | Misconfigured |
"""

import os
import re
import ssl
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache

import httpcore

from canonical.failures import Failure, Misconfigured, OutcomeUnknown, Refused, Throttled, Transient
from connectors.dialling import Deadline, Dialler
from connectors.settings import Asking, Dialling, Sending
from connectors.urls import Url, parsed

MOST_ANSWER = 64 * 1024
MOST_IDLE = 32
IDLE_SECONDS = 5.0
LONGEST_PAUSE = 24 * 3600.0
RETRIED = frozenset({408, 425, 429})
THROTTLING = frozenset({429, 503})

FAILURES: tuple[tuple[type[Exception], type[Failure]], ...] = (
    (httpcore.ConnectError, Transient),
    (httpcore.ConnectTimeout, Transient),
    (httpcore.PoolTimeout, Transient),
    (httpcore.LocalProtocolError, Misconfigured),
    (httpcore.UnsupportedProtocol, Misconfigured),
    (httpcore.TimeoutException, OutcomeUnknown),
    (httpcore.NetworkError, OutcomeUnknown),
    (httpcore.ProtocolError, OutcomeUnknown),
)


@dataclass(frozen=True, slots=True)
class Reply:
    """An HTTP answer, header names in lower case. `complete` is False where the body was cut at 64 KiB or by the deadline."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    complete: bool

    @property
    def media_type(self) -> str:
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


def post(options: Sending, body: bytes, headers: Mapping[str, str]) -> Reply:
    """POST to the endpoint; the answer where it is 2xx, a Failure as the table above says otherwise."""
    reply = exchange(options, body, headers)
    refuse_failure(reply)
    return reply


def exchange(options: Sending, body: bytes, headers: Mapping[str, str]) -> Reply:
    """POST to the endpoint; the answer whatever its status. Transient, OutcomeUnknown or Misconfigured without one."""
    return request("POST", options.url, body, headers, options)


def request(method: str, url: str, body: bytes, headers: Mapping[str, str], options: Dialling) -> Reply:
    """Any request to any URL; the answer whatever its status, at most 64 KiB of it. Transient, OutcomeUnknown or Misconfigured
    without one."""
    return _client().request(method, parsed(url), body, headers, options, MOST_ANSWER)


def refuse_failure(reply: Reply) -> None:
    """Raise what a status that is not 2xx means."""
    if 200 <= reply.status < 300:
        return
    told = f"HTTP {reply.status} {_excerpt(reply.body)}".rstrip()
    pause = _pause(reply.headers.get("retry-after")) if reply.status in THROTTLING else None
    if pause is not None:
        raise Throttled(told, after=pause)
    if reply.status in RETRIED or reply.status >= 500:
        raise Transient(told)
    raise Refused(told)


def ask(
    url: str,
    options: Asking,
    headers: Mapping[str, str],
    body: bytes | None = None,
    refuse: Callable[[Reply], None] = refuse_failure,
) -> Reply:
    """GET, or POST with a body, which changes nothing over there: the whole answer where it is 2xx, up to `most_bytes`. A Failure
    as the table above (`refuse`) says otherwise, Refused for a longer one, Transient for one that breaks off."""
    try:
        method = "GET" if body is None else "POST"
        reply = _client().request(method, parsed(url), body or b"", headers, options, options.most_bytes)
    except OutcomeUnknown as error:
        raise Transient(str(error)) from error
    refuse(reply)
    if len(reply.body) >= options.most_bytes:
        raise Refused(f"expected an answer of less than {options.most_bytes} bytes")
    if not reply.complete:
        raise Transient("the answer broke off")
    return reply


def _excerpt(body: bytes) -> str:
    """The beginning of an answer for a person to read: printable ASCII on one line."""
    return re.sub(r"[^\x20-\x7e]+", " ", body[:200].decode("latin-1")).strip()


def _pause(retry_after: str | None) -> float | None:
    """Seconds of a Retry-After header, which has seconds or a date (RFC 9110 10.2.3), at most a day; None for anything else."""
    text = (retry_after or "").strip()
    if re.fullmatch(r"[0-9]{1,9}", text):
        return min(float(text), LONGEST_PAUSE)
    try:
        date = parsedate_to_datetime(text)
    except (ValueError, IndexError, TypeError, OverflowError):
        return None
    seconds = (date.replace(tzinfo=date.tzinfo or UTC) - datetime.now(UTC)).total_seconds()
    return min(max(seconds, 0.0), LONGEST_PAUSE)


class _Client:
    """Connections of this process, kept for the next request to the same place; threads may share it."""

    def __init__(self) -> None:
        self._deadline = Deadline()
        resolvers = ThreadPoolExecutor(max_workers=8, thread_name_prefix="resolver")
        self._pools = {
            allow_private: httpcore.ConnectionPool(
                ssl_context=ssl.create_default_context(),
                max_connections=None,
                max_keepalive_connections=MOST_IDLE,
                keepalive_expiry=IDLE_SECONDS,
                network_backend=Dialler(self._deadline, resolvers, allow_private=allow_private),
            )
            for allow_private in (False, True)
        }

    def request(self, method: str, url: Url, body: bytes, headers: Mapping[str, str], options: Dialling, most: int) -> Reply:
        """most: bytes of the answer that are read."""
        self._deadline.set(options.deadline_seconds)
        target = httpcore.URL(scheme=url.scheme.encode(), host=url.host.encode(), port=url.port, target=url.target.encode())
        sent_headers = {"user-agent": "orderlane", "accept-encoding": "identity", **headers}
        pool = self._pools[options.allow_private]
        try:
            with pool.stream(method, target, headers=_encoded(sent_headers), content=body) as response:
                answer, complete = _read(response, most)
        except tuple(kind for kind, _ in FAILURES) as error:
            raise _failure(error, url) from error
        return Reply(response.status, _decoded(response.headers), answer, complete)


def _read(response: httpcore.Response, most: int) -> tuple[bytes, bool]:
    """The body as far as it comes in time and below the limit; leaving early closes the connection."""
    answer = bytearray()
    try:
        for chunk in response.iter_stream():
            answer += chunk
            if len(answer) > most:
                return bytes(answer[:most]), False
    except (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError):
        return bytes(answer), False
    return bytes(answer), True


def _failure(error: Exception, url: Url) -> Failure:
    kind = next(kind for type_, kind in FAILURES if isinstance(error, type_))
    return kind(f"{url.scheme}://{url.host}:{url.port}: {error}")


def _encoded(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    try:
        return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    except UnicodeEncodeError as error:
        raise Misconfigured(f"expected header values in Latin-1, not {error.object[error.start]!r}") from None


def _decoded(headers: list[tuple[bytes, bytes]]) -> dict[str, str]:
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in headers}


@cache
def _client() -> _Client:
    return _Client()


os.register_at_fork(after_in_child=_client.cache_clear)
