"""The connector port: how a kind of partner system proves itself, says what it sent, is answered and is sent to."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, NamedTuple

from pydantic import BaseModel

from canonical.envelope import Message
from canonical.problems import Problem
from canonical.references import Reference
from connectors.callers import Network


@dataclass(frozen=True, slots=True)
class Polling:
    """How an endpoint is asked for news: its key `poll` in `config/endpoints.yaml`.

    every: seconds between two polls. source: a row of `connectors/sources.py` that fetches files; None: the connector's own
    `poll`. secrets: for asking (an API token, a password or private key), newest first. options: what the source's settings
    or the connector's `poll_settings` describe.
    """

    every: float
    source: str | None = None
    secrets: tuple[bytes, ...] = field(default=(), repr=False)
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One configured connection of a partner, as `config/endpoints.yaml` states it, secrets already read.

    secrets: active ones, newest first (two during a rotation); never shown, never logged.
    options: what the connector's own `settings` describe (`url`, `time_zone`, `order_prefix`...).
    polling: how it is asked for news; None: it is not.
    allow_from: the networks that may call it; empty: any may.
    read: the options as each kind of settings describes them, kept by `connectors.settings.options_of` once they were read.
    """

    name: str
    partner: str
    connector: str
    secrets: tuple[bytes, ...] = field(default=(), repr=False)
    on_invalid: Literal["reject", "quarantine"] = "reject"
    options: Mapping[str, Any] = field(default_factory=dict)
    polling: Polling | None = None
    allow_from: tuple[Network, ...] = ()
    read: dict[type[BaseModel], Any] = field(default_factory=dict, init=False, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class RawMessage:
    """Bytes as they came. `headers` with lower-case names, as received over HTTP or made up by a poller or `send`.

    A header that came more than once is one value here, joined with ", ": a signature given twice then never matches.
    caller: the address it came from over HTTP; empty for what the hub fetched itself.
    """

    endpoint: str
    headers: Mapping[str, str]
    body: bytes
    received_at: datetime
    query: Mapping[str, str] = field(default_factory=dict)
    caller: str = ""


class Identified(NamedTuple):
    """Which document a raw message carries and what tells it from a repeat.

    document: a name of the connector's document table. delivery_id: the platform's own id of this delivery;
    None where it gives none, then the body's hash tells repeats apart.
    """

    document: str
    delivery_id: str | None = None


class Accepted(NamedTuple):
    """What became of an authentic raw message, told to the connector so that it can answer in the platform's words.

    status: accepted (kept and on its way), untranslated (large: kept, a worker translates it), quarantined (kept, a person
    looks at it), rejected (kept, breaks the schema or a rule), malformed (kept, not of its format), conflict (kept aside:
    the same id came before with another content).
    repeated: the same delivery came before; this is its first result again.
    """

    raw_id: str
    status: Literal["accepted", "untranslated", "quarantined", "rejected", "malformed", "conflict"]
    message_ids: Sequence[str] = ()
    problems: Sequence[Problem] = ()
    repeated: bool = False


@dataclass(frozen=True, slots=True)
class Polled:
    """A page of what a poll brought.

    raws: as they came; they need no further proof, for the hub itself fetched them. watermark: from where the next poll goes
    on, in the poll's own words; it moves in the transaction that archives the page. None: it stays. settle: called after
    that commit with one result per raw message (a file is moved away); a crash before it brings the page once more.
    """

    raws: Sequence[RawMessage]
    watermark: str | None = None
    settle: Callable[[Sequence[Accepted]], None] | None = None


Poll = Callable[[Endpoint, str | None], Iterator[Polled]]
"""Asks a partner for news since a watermark (None: the first time), page after page; each page is kept before the next one is
asked for. Raises a kind of failure as `canonical/failures.py` names them; what was kept by then stays."""


Track = Callable[[Endpoint, Sequence[str]], Iterator[Polled]]
"""Asks a carrier about tracking numbers that are still on their way; the watermark is the last one asked about. Raises as Poll."""


@dataclass(frozen=True, slots=True)
class Source:
    """A way to fetch files for any connector of files, and what the key `poll` says about it."""

    poll: Poll
    settings: type[BaseModel]


class Answer(NamedTuple):
    """An HTTP answer: status code, body, its media type."""

    status: int
    body: bytes
    media_type: str = "application/json"


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message to one endpoint, ready to be sent.

    delivery_id: ours and the same in every attempt; send it along (header, reference field), a retry means twice.
    attempt: 1 for the first. payload: the partner's document as the outgoing mapping wrote it.
    unknown_before: an earlier attempt ended without an answer; look before sending again where the partner allows it.
    """

    delivery_id: str
    message: Message
    document: str
    payload: bytes
    attempt: int = 1
    unknown_before: bool = False


@dataclass(frozen=True, slots=True)
class Sent:
    """The partner took it. `status` and `answer` (cut to 64 KiB) as received; `partner_id` is their id for what we sent;
    `known_as` is what they call the things in it from now on."""

    status: str
    answer: bytes = b""
    partner_id: str | None = None
    known_as: tuple[Reference, ...] = ()


@dataclass(frozen=True, slots=True)
class Connector:
    """A kind of partner system: plain functions in a literal row of `connectors/table.py`.

    authenticate(raw, endpoint): returns when the raw bytes are authentic, raises Unauthenticated. None: receives nothing.
    identify(raw, endpoint): which document this is; raises Malformed when that cannot be told.
    answer(accepted, endpoint): the platform's expected answer; None: the hub's own JSON.
    turn_away(status, endpoint): the answer in the platform's words to what is not kept: 401 not authentic, 503 not now. None: the
        hub's own JSON.
    once(raw, endpoint): the token in an authentic raw message that proves this one alone (a nonce): it is not taken again with
        another. None: the proof covers the message itself.
    kept(raw, endpoint): the authentic raw message as it is archived, without the secrets its body holds; everything after the
        proof sees only that. None: as it came.
    opened(body, endpoint): the plain document in a body that seals or wraps it, for translation alone: archived is what came.
        Malformed where it cannot be opened. None: the body is the document.
    describe(endpoint): what GET on the endpoint's address tells (a WSDL); it needs no proof. None: nothing.
    sign(raw, endpoint): the raw message with the headers the partner itself would send (for `orderlane send` and tests).
    send(delivery, endpoint): hand it over; raises a kind of failure as `canonical/failures.py` names them. None: sends nothing.
    poll(endpoint, watermark): asks for news, see Poll. None: is not asked; files of its kind may still be fetched.
    track(endpoint, numbers): asks about the numbers of shipments on their way, see Track; instead of `poll`.
    documents_in / documents_out: document names, as in `mappings/specs/<connector>/<document>.yaml`.
    settings: what the endpoint's options may hold; `connectors.settings.options_of` reads them and tells what is wrong.
    poll_settings: what the endpoint's key `poll` may hold for the connector's own `poll`; `polling_of` reads it.
    """

    name: str
    family: Literal["dealers", "ecommerce", "carriers", "finance", "events"]
    documents_in: tuple[str, ...] = ()
    documents_out: tuple[str, ...] = ()
    authenticate: Callable[[RawMessage, Endpoint], None] | None = None
    identify: Callable[[RawMessage, Endpoint], Identified] | None = None
    sign: Callable[[RawMessage, Endpoint], RawMessage] | None = None
    answer: Callable[[Accepted, Endpoint], Answer] | None = None
    turn_away: Callable[[int, Endpoint], Answer] | None = None
    once: Callable[[RawMessage, Endpoint], str | None] | None = None
    kept: Callable[[RawMessage, Endpoint], RawMessage] | None = None
    opened: Callable[[bytes, Endpoint], bytes] | None = None
    describe: Callable[[Endpoint], Answer] | None = None
    send: Callable[[Delivery, Endpoint], Sent] | None = None
    poll: Poll | None = None
    track: Track | None = None
    settings: type[BaseModel] = BaseModel
    poll_settings: type[BaseModel] = BaseModel
