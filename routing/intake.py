"""Intake: a raw message becomes canonical messages with their channels, kept together with the raw bytes in one commit.

One function for every door: HTTP requests, pollers, files and the worker that translates large files.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from msgspec.structs import replace

from canonical.envelope import first_message
from canonical.failures import Malformed, Unauthenticated
from canonical.ids import new_ids
from canonical.problems import Problem
from connectors.base import Accepted, Connector, Endpoint, RawMessage
from connectors.callers import comes_from
from mappings.translation import NO_NEWS, Part, Settings, Translations
from routing.keeping import Prepared, accepted_as, conflicts, keep, keep_new, known_ids
from routing.routes import Router
from store import archive
from store.archive import RawRecord
from store.database import Database
from store.lane import Asking
from store.references import Remembered
from store.used_tokens import UsedToken, replayed

LARGE = 256 * 1024
CHUNK = 500
MOST_REASONS = 10
"""Why a document that rightly makes no message is skipped: so many different reasons are kept."""


class UnknownEndpoint(KeyError):
    """No endpoint of that name receives anything."""


@dataclass(frozen=True, slots=True)
class Intake:
    """What every door needs to take a raw message in."""

    database: Database
    connectors: Mapping[str, Connector]
    endpoints: Mapping[str, Endpoint]
    translations: Translations
    router: Router
    large: int = LARGE
    settings: dict[str, Settings] = field(default_factory=dict)
    names: Remembered = field(default_factory=Remembered)

    def endpoint(self, name: str) -> tuple[Endpoint, Connector]:
        """The endpoint of that name and its connector. UnknownEndpoint where partners send nothing to it."""
        endpoint, connector = self.reader(name)
        if connector.authenticate is None or (endpoint.polling is not None and not endpoint.secrets and not endpoint.allow_from):
            raise UnknownEndpoint(name)
        return endpoint, connector

    def reader(self, name: str) -> tuple[Endpoint, Connector]:
        """The endpoint of that name and its connector. UnknownEndpoint where it understands no documents."""
        endpoint = self.endpoints.get(name)
        connector = self.connectors.get(endpoint.connector) if endpoint else None
        if endpoint is None or connector is None or connector.identify is None:
            raise UnknownEndpoint(name)
        return endpoint, connector

    def accept(self, raw: RawMessage) -> Accepted:
        """Take one raw message in and commit it. Unauthenticated, UnknownEndpoint, Transient."""
        (answer,) = self.commit_proven([self.prepare(raw)])
        if isinstance(answer, Unauthenticated):
            raise answer
        return answer

    def prepare(self, raw: RawMessage) -> Prepared:
        """Steps 1 to 3: authentic, translated, routed. Unauthenticated or UnknownEndpoint; anything else becomes a status."""
        endpoint, connector = self.endpoint(raw.endpoint)
        assert connector.authenticate is not None
        if endpoint.allow_from and not comes_from(raw.caller, endpoint.allow_from):
            raise Unauthenticated("not authentic")
        connector.authenticate(raw, endpoint)
        prepared = self.prepare_fetched(raw)
        token = connector.once(raw, endpoint) if connector.once is not None else None
        return prepared if token is None else prepared._replace(token=UsedToken(endpoint.name, token, prepared.record.sha256))

    def prepare_fetched(self, raw: RawMessage) -> Prepared:
        """Steps 2 and 3, for what is authentic: the hub fetched it by itself. UnknownEndpoint; anything else becomes a status."""
        endpoint, connector = self.reader(raw.endpoint)
        assert connector.identify is not None
        if connector.kept is not None:
            raw = connector.kept(raw, endpoint)
        raw_id, *ids = new_ids(2)  # most documents make one message; an id alone costs as much as five together
        record = _record_of(raw, raw_id)
        try:
            identified = connector.identify(raw, endpoint)
            delivery_id = identified.delivery_id or record.sha256
            record = replace(record, document=identified.document, dedupe_key=delivery_id)
            if len(raw.body) > self.large:
                return Prepared(replace(record, status="untranslated"))
            parts = self._parts(endpoint, identified.document, raw.body, raw.received_at)
            return self._routed(record, endpoint, parts, raw.received_at, ids)
        except Malformed as error:
            return _refused(record, error.problems, "malformed", endpoint)

    def _parts(self, endpoint: Endpoint, document: str, body: bytes, at: datetime) -> Iterable[Part]:
        plain, settings = self.plain(endpoint, body), self.settings[endpoint.name].received(at)
        return self.translations.translate(endpoint.connector, document, plain, settings)

    def plain(self, endpoint: Endpoint, body: bytes) -> bytes:
        """The document in a body as it was archived. Malformed where it cannot be opened."""
        opened = self.connectors[endpoint.connector].opened
        return body if opened is None else opened(body, endpoint)

    def _routed(
        self, record: RawRecord, endpoint: Endpoint, parts: Iterable[Part], now: datetime, ids: Sequence[str] = ()
    ) -> Prepared:
        """ids: for the first messages, where there are some already."""
        messages, ready = [], iter(ids)
        problems: list[Problem] = []
        skipped: dict[str, None] = {}
        trace = _traceparent(record.headers)
        for part in parts:
            problems += part.problems
            skipped |= {part.skipped: None} if part.skipped else {}
            messages += [
                first_message(
                    document,
                    source=endpoint.name,
                    raw_id=record.raw_id,
                    now=now,
                    traceparent=trace,
                    message_id=next(ready, None),
                )
                for document in part.made
            ]
        if problems and all(m.type == "interchange.received" for m in messages):
            refused = _refused(record, problems, "rejected", endpoint)
            return refused._replace(routed=self.router.routed(messages))
        if not messages:
            problems = [Problem("W_SKIPPED", "", why) for why in list(skipped)[:MOST_REASONS] or [NO_NEWS]]
        if record.status != "accepted":
            record = replace(record, status="accepted")
        routed = self.router.routed(messages)
        for message in messages:
            message.let_document_go()
        return Prepared(record, routed, problems, _quarantines(endpoint))

    def commit(self, prepared: Sequence[Prepared]) -> list[Accepted]:
        """Step 4: everything in one transaction; a repeat gets its first result. Transient, or Conflict in a race."""
        with self.database.transaction() as tx:
            return keep(tx, prepared)

    def commit_new(self, prepared: Sequence[Prepared]) -> Asking[list[Accepted | None]]:
        """The short way of PostgreSQL for what is new in every part; None for what `commit_proven` has to look at. Conflict."""
        return keep_new(prepared, self.names)

    def commit_proven(self, prepared: Sequence[Prepared]) -> list[Accepted | Unauthenticated]:
        """The same for what came from outside: a message with the token of another one is not kept."""
        with self.database.transaction() as tx:
            refused = replayed(tx, [p.token for p in prepared if p.token is not None])
            answers = iter(keep(tx, [p for p in prepared if p.token not in refused]))
        return [Unauthenticated("not authentic") if p.token in refused else next(answers) for p in prepared]

    def translate_kept(self, raw_id: str) -> Accepted | None:
        """Translate (again) a raw message that is kept, in chunks; what is known already changes nothing. None: no such one."""
        with self.database.reading() as tx:
            record = archive.raw_message(tx, raw_id)
        if record is None or record.document is None:
            return None
        endpoint, _ = self.reader(record.endpoint)
        try:
            parts = self._parts(endpoint, record.document, record.body, record.received_at)
            prepared = self._routed(record, endpoint, parts, record.received_at)
        except Malformed as error:
            prepared = _refused(record, error.problems, "malformed", endpoint)
        problems = list(prepared.problems)
        message_ids: list[str] = []
        for start in range(0, len(prepared.routed), CHUNK):
            chunk = prepared.routed[start : start + CHUNK]
            with self.database.transaction() as tx:
                recorded = archive.record_messages(tx, chunk)
            problems += conflicts(chunk, recorded)
            message_ids += known_ids(chunk, recorded)
        finished = replace(prepared.record, message_ids=message_ids, problems=[p.as_json() for p in problems])
        with self.database.transaction() as tx:
            archive.finish_raw(tx, finished)
        return accepted_as(finished, repeated=False)


def _record_of(raw: RawMessage, raw_id: str) -> RawRecord:
    sha256 = hashlib.sha256(raw.body).hexdigest()
    return RawRecord(raw_id, raw.endpoint, sha256, None, sha256, _shown(raw.headers), raw.body, raw.received_at, "accepted")


TRACEPARENT = re.compile(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")


def _traceparent(headers: Mapping[str, str]) -> str | None:
    """The sender's W3C trace, where it gave a well-formed one."""
    given = headers.get("traceparent")
    return given if given and TRACEPARENT.fullmatch(given) else None


SECRET_HEADERS = frozenset({"authorization", "cookie", "proxy-authorization", "x-api-key"})


def _shown(headers: Mapping[str, str]) -> Mapping[str, str]:
    if SECRET_HEADERS.isdisjoint(headers):
        return headers
    return {name: "(secret)" if name in SECRET_HEADERS else value for name, value in headers.items()}


def _quarantines(endpoint: Endpoint) -> bool:
    return endpoint.on_invalid == "quarantine"


def _refused(record: RawRecord, problems: Sequence[Problem], status: str, endpoint: Endpoint) -> Prepared:
    kept_as = "quarantined" if _quarantines(endpoint) else status
    return Prepared(replace(record, status=kept_as), (), problems, _quarantines(endpoint))
