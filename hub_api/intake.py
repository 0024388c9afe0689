"""The intake door: `POST /in/{endpoint}`. A 2xx means kept."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime

import orjson
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from canonical.failures import Throttled, Transient, Unauthenticated
from connectors.base import Accepted, Answer, RawMessage
from hub_api.problems import problem
from routing.group_commit import GroupCommitter
from routing.intake import Intake, UnknownEndpoint
from routing.keeping import Prepared

READ_WITHIN = 15.0
COMMIT_WITHIN = 10.0
RAW_ID = "Orderlane-Raw-Id"

Committer = GroupCommitter[Prepared, Accepted, "asyncio.Future[Accepted]"]

REFUSALS = {
    "rejected": (422, "E_REJECTED", "the document was understood but breaks the schema or a rule"),
    "malformed": (400, "E_MALFORMED", "the bytes are not a document of this format"),
    "conflict": (409, "D_CONFLICT", "the same id came before with another content"),
}


class TooLarge(Exception):
    """The body is larger than this hub takes."""


class IntakeDoor:
    """Takes requests in, commits them in groups, answers in the platform's words."""

    def __init__(self, intake: Intake, *, max_body_bytes: int) -> None:
        self._intake = intake
        self._max_body_bytes = max_body_bytes
        self._loop: asyncio.AbstractEventLoop | None = None
        self._committer: Committer | None = None

    def open(self) -> None:
        """Start committing; on the event loop that serves the requests."""
        self._loop = asyncio.get_running_loop()
        self._committer = GroupCommitter(self._intake.commit, self._deliver)

    def close(self) -> None:
        """Commit what was handed in, then stop."""
        if self._committer is not None:
            self._committer.close()

    async def receive(self, request: Request) -> Response:
        """One request: 202 kept, 400 not of its format, 401, 404, 409 conflict, 413, 422 with every problem, 503."""
        try:
            body = await asyncio.wait_for(_read(request, self._max_body_bytes), READ_WITHIN)
        except TooLarge:
            return problem(413, "E_TOO_LARGE", f"expected at most {self._max_body_bytes} bytes")
        except TimeoutError:
            return problem(408, "E_SLOW", f"expected the whole request within {READ_WITHIN:.0f} seconds")
        except ClientDisconnect:
            return Response(status_code=400)
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in _single(request.headers.raw)}
        raw = RawMessage(request.path_params["endpoint"], headers, body, datetime.now(UTC), dict(request.query_params))
        try:
            prepared = self._intake.prepare(raw)
            accepted = await self._commit(prepared)
        except UnknownEndpoint:
            return problem(404, "E_ENDPOINT", "no endpoint of this name receives documents")
        except Unauthenticated:
            return problem(401, "E_UNAUTHENTICATED", "the sender could not be authenticated")
        except (Transient, TimeoutError) as error:
            after = max(1, round(error.after)) if isinstance(error, Throttled) else 1
            return problem(503, "E_UNAVAILABLE", "not kept, please send again", headers={"Retry-After": str(after)})
        return self._answer(raw.endpoint, accepted)

    async def _commit(self, prepared: Prepared) -> Accepted:
        assert self._loop is not None and self._committer is not None
        future: asyncio.Future[Accepted] = self._loop.create_future()
        self._committer.submit(future, prepared)
        return await asyncio.wait_for(future, COMMIT_WITHIN)

    def _deliver(self, outcomes: Sequence[tuple["asyncio.Future[Accepted]", Accepted | Exception]]) -> None:
        assert self._loop is not None
        self._loop.call_soon_threadsafe(_resolve, outcomes)

    def _answer(self, endpoint_name: str, accepted: Accepted) -> Response:
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


def _response(answer: Answer) -> Response:
    return Response(answer.body, status_code=answer.status, media_type=answer.media_type)


def _resolve(outcomes: Sequence[tuple["asyncio.Future[Accepted]", Accepted | Exception]]) -> None:
    for future, outcome in outcomes:
        if future.done():
            continue
        if isinstance(outcome, Exception):
            future.set_exception(outcome)
        else:
            future.set_result(outcome)


def _single(raw: Sequence[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """Headers once each; a name that came twice is joined by a comma, so a doubled signature never verifies."""
    seen: dict[bytes, bytes] = {}
    for given, value in raw:
        name = given.lower()
        seen[name] = seen[name] + b", " + value if name in seen else value
    return list(seen.items())


async def _read(request: Request, most: int) -> bytes:
    length = request.headers.get("content-length", "")
    if length.isdigit() and int(length) > most:
        raise TooLarge
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > most:
            raise TooLarge
        chunks.append(chunk)
    return b"".join(chunks)
