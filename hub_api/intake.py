"""The intake door: `POST /in/{endpoint}`. A 2xx means kept."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from urllib.parse import parse_qsl

import orjson
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from canonical.failures import Throttled, Transient, Unauthenticated
from connectors.base import Accepted, Answer, RawMessage
from connectors.callers import Network, caller
from hub_api.deadlines import Deadlines
from hub_api.problems import problem
from routing.group_commit import GroupCommitter
from routing.intake import Intake, UnknownEndpoint
from routing.keeping import Prepared

log = logging.getLogger("orderlane.intake")

READ_WITHIN = 15.0
COMMIT_WITHIN = 10.0
RAW_ID = "Orderlane-Raw-Id"
PREFIX = "/in/"

Committer = GroupCommitter[Prepared, Accepted | Unauthenticated, "asyncio.Future[Accepted]"]

REFUSALS = {
    "rejected": (422, "E_REJECTED", "the document was understood but breaks the schema or a rule"),
    "malformed": (400, "E_MALFORMED", "the bytes are not a document of this format"),
    "conflict": (409, "D_CONFLICT", "the same id came before with another content"),
}


class TooLarge(Exception):
    """The body is larger than this hub takes."""


class Gone(Exception):
    """The sender hung up in the middle."""


class Reading:
    """A task that reads a body; cancelled when that takes too long."""

    def __init__(self, task: "asyncio.Task[None] | None") -> None:
        self._task = task
        self._late = False

    def give_up(self) -> None:
        if self._task is not None:
            self._late = self._task.cancel()

    def is_late(self) -> bool:
        """Whether it was cancelled for that reason, and nobody else wants its end."""
        return self._late and self._task is not None and self._task.uncancel() == 0


class Plain:
    """An answer as ASGI takes it, without what the framework makes of one first."""

    def __init__(self, status: int, media_type: str, body: bytes) -> None:
        headers = [(b"content-length", b"%d" % len(body)), (b"content-type", media_type.encode("latin-1"))]
        self._start = {"type": "http.response.start", "status": status, "headers": headers}
        self._body = {"type": "http.response.body", "body": body}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send(self._start)
        await send(self._body)


class IntakeDoor:
    """Takes requests in, commits them in groups, answers in the platform's words."""

    def __init__(self, intake: Intake, *, max_body_bytes: int, proxies: Sequence[Network] = ()) -> None:
        """proxies: the networks of our own proxies, whose `X-Forwarded-For` is believed."""
        self._intake = intake
        self._proxies = proxies
        self._max_body_bytes = max_body_bytes
        self._loop: asyncio.AbstractEventLoop | None = None
        self._committer: Committer | None = None
        self._prepared: list[tuple[asyncio.Future[Accepted], Prepared]] = []
        self._reading: Deadlines[Reading]
        self._committing: Deadlines[asyncio.Future[Accepted]]

    def open(self) -> None:
        """Start committing; on the event loop that serves the requests."""
        self._loop = asyncio.get_running_loop()
        self._reading = Deadlines(Reading.give_up)
        self._committing = Deadlines(_give_up)
        self._committer = GroupCommitter(self._intake.commit_proven, self._deliver, first=self._intake.commit_new)

    def close(self) -> None:
        """Commit what was handed in, then stop."""
        if self._committer is not None:
            self._committer.close()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request as ASGI brings it: the hottest route does without the framework around the others."""
        try:
            response = await self._response_to(scope, receive)
        except Exception:
            log.exception("intake failed", extra={"path": scope["path"]})
            response = problem(500, "E_INTERNAL", "not kept, the failure is logged; please send again later")
        await response(scope, receive, send)

    async def _response_to(self, scope: Scope, receive: Receive) -> Response | Plain:
        """202 kept, 400 not of its format, 401, 404, 405, 408, 409 conflict, 413, 422 with every problem, 503 not kept."""
        if scope["method"] != "POST":
            return self._described(scope)
        headers = _single(scope["headers"])
        try:
            body = await self._body(receive, headers)
        except TooLarge:
            return problem(413, "E_TOO_LARGE", f"expected at most {self._max_body_bytes} bytes")
        except TimeoutError:
            return problem(408, "E_SLOW", f"expected the whole request within {READ_WITHIN:.0f} seconds")
        except Gone:
            return Response(status_code=400)
        query = dict(parse_qsl(scope["query_string"].decode("latin-1"))) if scope["query_string"] else {}
        peer = scope["client"][0] if scope.get("client") else ""
        address = caller(peer, headers.get("x-forwarded-for", ""), self._proxies) if self._proxies else peer
        return await self._take(RawMessage(scope["path"].removeprefix(PREFIX), headers, body, datetime.now(UTC), query, address))

    async def _body(self, receive: Receive, headers: Mapping[str, str]) -> bytes:
        """The whole body. TooLarge, Gone, or TimeoutError."""
        reading = Reading(asyncio.current_task())
        self._reading.start(reading, READ_WITHIN)
        try:
            return await _read(receive, headers, self._max_body_bytes)
        except asyncio.CancelledError:
            if not reading.is_late():
                raise
            raise TimeoutError from None
        finally:
            self._reading.stop(reading)

    def _described(self, scope: Scope) -> Response | Plain:
        """What GET tells of an endpoint whose connector describes itself; 405 for anything else."""
        try:
            endpoint, connector = self._intake.endpoint(scope["path"].removeprefix(PREFIX))
        except UnknownEndpoint:
            return problem(404, "E_ENDPOINT", "no endpoint of this name receives documents")
        if scope["method"] not in ("GET", "HEAD") or connector.describe is None:
            allowed = "POST" if connector.describe is None else "GET, HEAD, POST"
            return problem(405, "E_METHOD", "expected POST", headers={"Allow": allowed})
        return _response(connector.describe(endpoint))

    async def _take(self, raw: RawMessage) -> Response | Plain:
        try:
            return self._answer(raw.endpoint, await self._commit(self._intake.prepare(raw)))
        except UnknownEndpoint:
            return problem(404, "E_ENDPOINT", "no endpoint of this name receives documents")
        except Unauthenticated:
            return self._turned_away(raw.endpoint, 401, "E_UNAUTHENTICATED", "the sender could not be authenticated")
        except (Transient, TimeoutError) as error:
            after = max(1, round(error.after)) if isinstance(error, Throttled) else 1
            again = {"Retry-After": str(after)}
            return self._turned_away(raw.endpoint, 503, "E_UNAVAILABLE", "not kept, please send again", again)

    def _turned_away(
        self, endpoint_name: str, status: int, code: str, title: str, headers: Mapping[str, str] | None = None
    ) -> Response | Plain:
        """The answer to what is not kept, in the platform's words where it has some."""
        endpoint, connector = self._intake.endpoint(endpoint_name)
        if connector.turn_away is None:
            return problem(status, code, title, headers=headers)
        return _response(connector.turn_away(status, endpoint), headers)

    async def _commit(self, prepared: Prepared) -> Accepted:
        assert self._loop is not None
        future: asyncio.Future[Accepted] = self._loop.create_future()
        if not self._prepared:  # after everything else that can be done now: other requests that are here already
            self._loop.call_soon(self._hand_in)
        self._prepared.append((future, prepared))
        self._committing.start(future, COMMIT_WITHIN)
        try:
            return await future
        finally:
            self._committing.stop(future)

    def _hand_in(self) -> None:
        """What one turn of the event loop prepared is committed together; the committer would else take the first of it alone."""
        assert self._committer is not None
        handed_in, self._prepared = self._prepared, []
        try:
            self._committer.submit(*handed_in)
        except Throttled as error:
            _resolve([(future, error) for future, _ in handed_in])

    def _deliver(self, outcomes: Sequence[tuple["asyncio.Future[Accepted]", Accepted | Exception]]) -> None:
        assert self._loop is not None
        self._loop.call_soon_threadsafe(_resolve, outcomes)

    def _answer(self, endpoint_name: str, accepted: Accepted) -> Response | Plain:
        endpoint, connector = self._intake.endpoint(endpoint_name)
        if connector.answer is not None:
            answer = connector.answer(accepted, endpoint)
            return _response(answer)
        if accepted.status in REFUSALS:
            status, code, title = REFUSALS[accepted.status]
            return problem(status, code, title, accepted.problems, headers={RAW_ID: accepted.raw_id})
        return _response(Answer(202, orjson.dumps(_told(accepted))))


def _told(accepted: Accepted) -> dict[str, object]:
    told: dict[str, object] = {
        "status": accepted.status,
        "raw_id": accepted.raw_id,
        "message_ids": list(accepted.message_ids),
        "repeated": accepted.repeated,
    }
    if accepted.problems:
        told["problems"] = [p.as_json() for p in accepted.problems]
    return told


def _response(answer: Answer, headers: Mapping[str, str] | None = None) -> Response | Plain:
    if headers or answer.media_type.startswith("text/"):  # the framework names the character set
        return Response(answer.body, status_code=answer.status, media_type=answer.media_type, headers=headers)
    return Plain(answer.status, answer.media_type, answer.body)


def _give_up(committing: "asyncio.Future[Accepted]") -> None:
    if not committing.done():
        committing.set_exception(TimeoutError())


def _resolve(outcomes: Sequence[tuple["asyncio.Future[Accepted]", Accepted | Exception]]) -> None:
    for future, outcome in outcomes:
        if future.done():
            continue
        if isinstance(outcome, Exception):
            future.set_exception(outcome)
        else:
            future.set_result(outcome)


def _single(raw: Sequence[tuple[bytes, bytes]]) -> dict[str, str]:
    """Headers once each, names in lower case as ASGI has them; one that came twice is joined, so a doubled signature never
    verifies."""
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in raw}
    if len(headers) < len(raw):
        for name in headers:
            headers[name] = ", ".join(value.decode("latin-1") for given, value in raw if given.decode("latin-1") == name)
    return headers


async def _read(receive: Receive, headers: Mapping[str, str], most: int) -> bytes:
    length = headers.get("content-length", "")
    if length.isdigit() and int(length) > most:
        raise TooLarge
    chunks: list[bytes] = []
    size = 0
    while True:
        event = await receive()
        if event["type"] == "http.disconnect":
            raise Gone
        chunk: bytes = event.get("body", b"")
        size += len(chunk)
        if size > most:
            raise TooLarge
        chunks.append(chunk)
        if not event.get("more_body", False):
            return b"".join(chunks)
