"""The intake door: `POST /in/{endpoint}`. A 2xx means kept."""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from urllib.parse import parse_qsl

import orjson
from starlette.responses import Response

from canonical.failures import Throttled, Transient, Unauthenticated
from connectors.base import Accepted, Answer, RawMessage
from connectors.callers import Network, caller
from hub_api.connection import Arrival
from hub_api.deadlines import Deadlines
from hub_api.problems import problem
from routing.group_commit import GroupCommitter
from routing.intake import Intake, UnknownEndpoint
from routing.keeping import Prepared
from routing.quick_commit import QuickCommitter
from store.lane import Lane

log = logging.getLogger("orderlane.intake")

READ_WITHIN = 15.0
COMMIT_WITHIN = 10.0
AT_ONCE = 24
"""Requests that are translated before others have their turn."""
RAW_ID = "Orderlane-Raw-Id"

Committer = GroupCommitter[Prepared, Accepted | Unauthenticated, Arrival]
Quick = QuickCommitter[Prepared, Accepted | Unauthenticated, Arrival]
Outcomes = Sequence[tuple[Arrival, Accepted | Exception]]

REFUSALS = {
    "rejected": (422, "E_REJECTED", "the document was understood but breaks the schema or a rule"),
    "malformed": (400, "E_MALFORMED", "the bytes are not a document of this format"),
    "conflict": (409, "D_CONFLICT", "the same id came before with another content"),
}


class IntakeDoor:
    """Takes requests in, commits them in groups, answers in the platform's words: 202 kept, 400 not of its format, 401, 404, 405,
    408, 409 conflict, 413, 422 with every problem, 503 not kept."""

    def __init__(self, intake: Intake, *, max_body_bytes: int, proxies: Sequence[Network] = ()) -> None:
        """proxies: the networks of our own proxies, whose `X-Forwarded-For` is believed."""
        self.max_body_bytes = max_body_bytes
        self._intake = intake
        self._proxies = proxies
        self._whole: list[Arrival] = []
        self._loop: asyncio.AbstractEventLoop
        self._thorough: Committer
        self._quick: Quick | None = None
        self._reading: Deadlines[Arrival]
        self._committing: Deadlines[Arrival]

    def open(self) -> None:
        """Start committing; on the event loop that serves the requests."""
        self._loop = asyncio.get_running_loop()
        self._reading = Deadlines(_too_slow)
        self._committing = Deadlines(self._too_late)
        intake = self._intake
        self._thorough = GroupCommitter(intake.commit_proven, self._deliver)
        if intake.database.dialect == "postgresql":
            lane = Lane(intake.database, busy=lambda: bool(self._whole))
            self._quick = QuickCommitter(lane, intake.commit_new, self._resolve, self._thorough)

    async def close(self) -> None:
        """Commit what was handed in, then stop."""
        if self._quick is not None:
            await self._quick.close()
        self._thorough.close()

    def attend(self, arrival: Arrival) -> None:
        """It is the request's turn to be answered, or more of it has come."""
        if arrival.method != "POST":
            self._loop.call_soon(self._tell, arrival, self._described)
        elif arrival.too_large:
            self._reading.stop(arrival)
            self._loop.call_soon(self._tell, arrival, self._too_large)
        elif arrival.more_body:
            self._reading.start(arrival, READ_WITHIN)
            arrival.ask_for_body()
        else:
            self._reading.stop(arrival)
            if not self._whole:  # after everything else that can be done now: other requests that are here already
                self._loop.call_soon(self._take)
            self._whole.append(arrival)

    def forget(self, arrival: Arrival) -> None:
        """Its sender hung up; what came in full is kept all the same."""
        self._reading.stop(arrival)

    def _take(self) -> None:
        """What one turn of the event loop has brought is translated one after the other, while its code is at hand, and committed
        together; the committer would else take the first of it alone. Of much the rest has its turn while PostgreSQL commits."""
        whole, self._whole, now = self._whole[:AT_ONCE], self._whole[AT_ONCE:], datetime.now(UTC)
        if self._whole:
            self._loop.call_soon(self._take)
        prepared: list[tuple[Arrival, Prepared]] = []
        for arrival in whole:
            try:
                prepared.append((arrival, self._intake.prepare(self._raw(arrival, now))))
            except Exception as error:
                self._tell(arrival, self._not_kept, error)
        for arrival, _ in prepared:
            self._committing.start(arrival, COMMIT_WITHIN)
        try:
            if prepared:
                (self._quick or self._thorough).submit(*prepared)
        except Throttled as error:
            self._resolve([(arrival, error) for arrival, _ in prepared])

    def _raw(self, arrival: Arrival, now: datetime) -> RawMessage:
        query = dict(parse_qsl(arrival.query.decode("latin-1"))) if arrival.query else {}
        peer, headers = arrival.peer, arrival.headers
        address = caller(peer, headers.get("x-forwarded-for", ""), self._proxies) if self._proxies else peer
        return RawMessage(arrival.endpoint, headers, arrival.whole_body, now, query, address)

    def _deliver(self, outcomes: Outcomes) -> None:
        self._loop.call_soon_threadsafe(self._resolve, outcomes)

    def _resolve(self, outcomes: Outcomes) -> None:
        for arrival, outcome in outcomes:
            self._committing.stop(arrival)
            self._tell(arrival, self._not_kept if isinstance(outcome, Exception) else self._kept, outcome)

    def _too_late(self, arrival: Arrival) -> None:
        self._tell(arrival, self._not_kept, TimeoutError())

    def _tell(self, arrival: Arrival, words: Callable[..., Response | Answer], *about: object) -> None:
        """Answer a request. That the words for it cannot be found is an answer too."""
        try:
            answer = words(arrival, *about)
        except Exception:
            log.exception("intake failed", extra={"endpoint": arrival.endpoint})
            answer = problem(500, "E_INTERNAL", "not kept, the failure is logged; please send again later")
        arrival.answer(answer)

    def _too_large(self, _: Arrival) -> Response:
        return problem(413, "E_TOO_LARGE", f"expected at most {self.max_body_bytes} bytes")

    def _described(self, arrival: Arrival) -> Response | Answer:
        """What GET tells of an endpoint whose connector describes itself; 405 for anything else."""
        try:
            endpoint, connector = self._intake.endpoint(arrival.endpoint)
        except UnknownEndpoint:
            return problem(404, "E_ENDPOINT", "no endpoint of this name receives documents")
        if arrival.method not in ("GET", "HEAD") or connector.describe is None:
            allowed = "POST" if connector.describe is None else "GET, HEAD, POST"
            return problem(405, "E_METHOD", "expected POST", headers={"Allow": allowed})
        return _response(connector.describe(endpoint))

    def _not_kept(self, arrival: Arrival, error: Exception) -> Response | Answer:
        match error:
            case UnknownEndpoint():
                return problem(404, "E_ENDPOINT", "no endpoint of this name receives documents")
            case Unauthenticated():
                return self._turned_away(arrival.endpoint, 401, "E_UNAUTHENTICATED", "the sender could not be authenticated")
            case Transient() | TimeoutError():
                after = max(1, round(error.after)) if isinstance(error, Throttled) else 1
                again = {"Retry-After": str(after)}
                return self._turned_away(arrival.endpoint, 503, "E_UNAVAILABLE", "not kept, please send again", again)
            case _:
                raise error

    def _turned_away(
        self, endpoint_name: str, status: int, code: str, title: str, headers: Mapping[str, str] | None = None
    ) -> Response | Answer:
        """The answer to what is not kept, in the platform's words where it has some."""
        endpoint, connector = self._intake.endpoint(endpoint_name)
        if connector.turn_away is None:
            return problem(status, code, title, headers=headers)
        return _response(connector.turn_away(status, endpoint), headers)

    def _kept(self, arrival: Arrival, accepted: Accepted) -> Response | Answer:
        endpoint, connector = self._intake.endpoint(arrival.endpoint)
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


def _response(answer: Answer, headers: Mapping[str, str] | None = None) -> Response | Answer:
    if headers or answer.media_type.startswith("text/"):  # the framework names the character set
        return Response(answer.body, status_code=answer.status, media_type=answer.media_type, headers=headers)
    return answer


def _too_slow(arrival: Arrival) -> None:
    arrival.answer(problem(408, "E_SLOW", f"expected the whole request within {READ_WITHIN:.0f} seconds"))
