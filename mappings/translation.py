"""Partner documents to canonical documents and back: the door of this package."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from canonical.documents.base import Document
from canonical.envelope import Message
from canonical.failures import Malformed, Misconfigured
from canonical.light import light, whole
from canonical.nearest import unknown
from canonical.problems import Problem
from canonical.structs import as_json
from mappings.closing import Known, known_names, strangers
from mappings.codecs.base import Codec, Configurable, Source
from mappings.codecs.json import locate
from mappings.codecs.table import CODECS
from mappings.compiling import Convert, ConvertAll, compiled, compiled_all, model_of
from mappings.explaining import Explained, explained
from mappings.finding import Found, Trial, validated
from mappings.functions_references import nothing_known
from mappings.spec_folders import sound_specs
from mappings.specs import ANY, Block, Spec
from mappings.splitting import other_tops, pieces, refusal, silence
from mappings.tracing import FAULTS, trace

NO_ENVELOPE: Mapping[str, Any] = {}
"""What comes in has none yet."""
OWN_SPECS = Path(__file__).parent / "specs"
"""The mappings that come with the product."""
NOT_MEANT = "the conditions of its mapping are not met"
"""Why a part makes no message when its mapping gives no other reason."""


class Settings(msgspec.Struct, frozen=True):
    """What a mapping may ask of its surroundings; per endpoint.

    time_zone: IANA name for instants without an offset; None: they are refused with E_TIME_NAIVE.
    currency: where the document names none. order_prefix: put before the partner's order numbers.
    xref(kind, our id): what the partner calls a thing, as far as it has told; None otherwise. received_at: when the document came.
    """

    endpoint: str = "-"
    partner: str = "-"
    time_zone: str | None = None
    currency: str | None = None
    order_prefix: str = ""
    options: Mapping[str, Any] = msgspec.field(default_factory=dict)
    xref: Callable[[str, str], str | None] = nothing_known
    received_at: datetime | None = None

    @property
    def received_on(self) -> date | None:
        """The day the document came, where the endpoint is; in UTC where it states no zone."""
        zone = UTC if self.time_zone is None else ZoneInfo(self.time_zone)
        return None if self.received_at is None else self.received_at.astimezone(zone).date()

    def received(self, at: datetime) -> "Settings":
        """The same for a document that came then."""
        return msgspec.structs.replace(self, received_at=at)


class Part(NamedTuple):
    """One business document found in a raw message.

    reference: which one (`ST[2]`), empty where there is only one. made: canonical documents, validated, invariants checked, light
    ones where that does; empty when there are problems. problems: paths in the sender's document. is_acknowledgement: the
    documents hold the verdict on the interchange. skipped: why there is rightly no document.
    """

    reference: str
    made: tuple[Document, ...]
    problems: tuple[Problem, ...] = ()
    is_acknowledgement: bool = False
    skipped: str = ""

    @property
    def documents(self) -> tuple[Document, ...]:
        """What was made, as objects of their classes."""
        return tuple(map(whole, self.made))


@dataclass(frozen=True, slots=True)
class Ready:
    """A spec that can be carried out. model: what it makes of incoming documents. also: the further messages made of the same
    document. convert_all: with these. known: the only names it may hold. silent: what makes something where there is rightly no
    message, and why. other_tops: the names of `splitting.other_tops`."""

    spec: Spec
    codec: Codec
    convert: Convert
    convert_all: ConvertAll
    model: type[Document]
    also: tuple["Ready", ...] = ()
    known: Known | None = None
    silent: tuple[tuple[Convert, str], ...] = ()
    configurable: Configurable | None = None
    other_tops: tuple[str, ...] | None = None

    def codec_for(self, settings: Settings) -> Codec:
        """The codec, with what the endpoint states about its files where it wants to know."""
        return self.codec if self.configurable is None else self.configurable.configured(settings.options)

    def pieces(self, source: Source) -> Iterable[Source]:
        """The pieces of a source that are translated each by itself."""
        names, tree = self.other_tops, source.tree
        is_one = names is not None and tree.__class__ is dict and tree.keys().isdisjoint(names)
        if is_one or not self.spec.split:
            return (source,)
        return pieces(self.spec, source)

    def skipped(self, source: Source, settings: Settings) -> str:
        """Why a source rightly makes no documents; empty where it shall make some."""
        for when, because in self.silent:
            if any(True for _ in when(source.tree, settings, {})):
                return because
        return ""

    def documents(self, source: Source, settings: Settings) -> tuple[Document, ...]:
        """Every canonical document of a source, validated and checked; raises what does not fit."""
        if self.known is not None and (unknown := list(strangers(self.known, source))):
            raise Malformed(unknown)
        made = []
        for model, target in self.convert_all(source.tree, settings, NO_ENVELOPE):
            one = light(model, target)
            if one is None:
                one = validated(model, target)
                one.check()
            made.append(one)
        return tuple(made)

    def look_into(self, source: Source, settings: Settings, found: Found, error: Exception | None = None) -> None:
        """Find everything wrong with a source that made no documents, because of an error where it is known."""
        if self.known is not None:
            found.add(strangers(self.known, source))
        alone = self.known is None and not self.also
        trial = Trial(self.spec, self.model, self.convert, settings)
        trial.look_into(source, found, error if alone else None)
        for other in self.also:
            other.look_into(source, settings, found)


def made_ready(spec: Spec) -> Ready:
    """The spec compiled, with its further messages."""
    known = None if spec.closed is None else known_names(spec)
    also = tuple(made_ready(replace(one, silent=())) for one in spec.also)
    bare = replace(spec, expect=(), extensions=(), also=())
    silent = tuple((compiled(replace(bare, body=Block(one.line, when=one.when))), one.because) for one in spec.silent)
    codec = CODECS[spec.codec]
    configurable = codec if isinstance(codec, Configurable) else None
    return Ready(
        spec, codec, compiled(spec), compiled_all(spec), model_of(spec), also, known, silent, configurable, other_tops(spec)
    )


MOST_IN_DETAIL = 100
"""So many wrong documents of one interchange are told with every problem and its place; looking for them takes far longer than to
see that a document is wrong, and an interchange may hold tens of thousands."""


MOST_TEXT = 1000
"""Characters told of a failure that no place can be found for."""


def _one_of_many(source: Source) -> Problem:
    told = f"expected a right document; behind {MOST_IN_DETAIL} wrong ones it is no longer told what is wrong with each"
    return Problem("E_SCHEMA", source.locate(()), told)


NO_NEWS = "there is no news in it"
"""Why nothing is made of a document whose parts say nothing at all."""


class Translations:
    """Every loaded mapping. `documents` by connector, document name and direction."""

    def __init__(self, specs: list[Spec]) -> None:
        self.documents: Mapping[tuple[str, str, str], Spec] = {name: spec for spec in specs for name in spec.names}
        self._ready: dict[tuple[str, str, str], Ready] = {}
        self._outgoing = {(spec.connector, spec.message_type): spec.document for spec in specs if spec.direction == "out"}

    @classmethod
    def load(cls, *folders: Path) -> "Translations":
        """Read, check and compile every spec below the folders. Misconfigured with all findings (file:line)."""
        specs, problems = sound_specs(*folders)
        if problems:
            raise Misconfigured("\n".join(str(problem) for problem in problems))
        return cls(specs)

    def _find(self, connector: str, document: str, direction: str) -> Ready | None:
        """A mapping, compiled when it is first asked for: a hub knows many and uses few."""
        name = (connector, document, direction)
        ready = self._ready.get(name)
        if ready is None and (spec := self.documents.get(name)) is not None:
            ready = made_ready(spec)
            self._ready |= dict.fromkeys(spec.names, ready)
        return ready

    def translate(self, connector: str, document: str, body: bytes, settings: Settings) -> Iterator[Part]:
        """One part per business document of the body, as it is read. Malformed when the bytes are not of the format at all,
        Misconfigured for a document this hub does not read."""
        verdicts: dict[str, tuple[Problem, ...]] = {}
        refused = 0
        for ready, source in self._sources(connector, document, body, settings):
            if source.acknowledge is not None:
                verdict = source.acknowledge(verdicts, settings.endpoint)
                yield Part(source.reference, (verdict,), is_acknowledgement=True)
                continue
            part = self._part(connector, ready, source, settings, in_detail=refused < MOST_IN_DETAIL)
            if part.problems:
                refused += 1
                verdicts[part.reference] = part.problems
            yield part

    def _sources(self, connector: str, document: str, body: bytes, settings: Settings) -> Iterator[tuple[Ready | None, Source]]:
        """What stands in a body, piece by piece, each with its mapping, where there is one."""
        incoming = self._incoming(connector, document)
        for source in incoming.codec_for(settings).read(body):
            ready = self._find(connector, source.document, "in") if source.document else incoming
            for piece in (source,) if ready is None else ready.pieces(source):
                yield ready, piece

    def _part(self, connector: str, ready: Ready | None, source: Source, settings: Settings, *, in_detail: bool) -> Part:
        if source.skipped or (source.problems and not source.tree):
            return Part(source.reference, (), source.problems, skipped=source.skipped)
        if ready is None:
            unknown = Problem(
                "E_X12_UNSUPPORTED", source.locate(()), f"expected a document that {connector} reads", source.document
            )
            return Part(source.reference, (), (*source.problems, unknown))
        try:
            if ready.silent and (skipped := ready.skipped(source, settings)):
                return Part(source.reference, (), source.problems, skipped=skipped)
            documents = ready.documents(source, settings)
        except (*FAULTS, Malformed) as error:
            found = Found()
            if in_detail:
                ready.look_into(source, settings, found, error)
            told = found.told(source) if in_detail else [_one_of_many(source)]
            told = told or [Problem("E_SCHEMA", source.locate(()), str(error)[:MOST_TEXT])]
            return Part(source.reference, (), (*source.problems, *told))
        refused = None if documents else refusal(ready.spec, source) or silence(ready.spec, source)
        problems = (*source.problems, refused) if isinstance(refused, Problem) else source.problems
        skipped = (refused or NOT_MEANT) if isinstance(refused, str) and not problems else ""
        return Part(source.reference, () if problems else documents, problems, skipped=skipped)

    def _incoming(self, connector: str, document: str) -> Ready:
        ready = self._find(connector, document, "in")
        if ready is None:
            known = [name for of, name, direction in self.documents if (of, direction) == (connector, "in")]
            raise Misconfigured(unknown("document", document, known, that=f"{connector} sends"))
        return ready

    def reads(self, connector: str, document: str) -> bool:
        """Whether there is a mapping for what comes as this document."""
        return self._find(connector, document, "in") is not None

    def explain(self, connector: str, document: str, body: bytes, settings: Settings) -> Iterator[Explained]:
        """For every filled target: reference of the part, canonical path, path in the sender's document (or "constant", or
        "settings"), value. Several documents of one part are numbered: `[1].event_code`. Malformed as `translate`."""
        for ready, source in self._sources(connector, document, body, settings):
            if ready is not None and source.acknowledge is None and not source.skipped:
                for spec in (ready.spec, *ready.spec.also):
                    yield from explained(spec, source, settings)

    def outgoing(self, connector: str, message_type: str) -> str | None:
        """The name of the partner document a message type becomes, None where the connector sends no such message."""
        return self._outgoing.get((connector, message_type)) or self._outgoing.get((connector, ANY))

    def write(self, connector: str, document: str, message: Message, settings: Settings) -> bytes:
        """The message as the partner's document. Malformed, with canonical paths, when the mapping cannot be filled from it."""
        ready = self._find(connector, document, "out")
        if ready is None:
            raise Misconfigured(f"no mapping writes {document!r} for {connector!r}")
        tree = as_json(message.document)
        envelope = envelope_of(message)
        try:
            return ready.codec_for(settings).write(next(ready.convert(tree, settings, envelope)))
        except (*FAULTS, StopIteration) as error:
            source = Source(tree, locate)
            found = [problem for traced in trace(ready.spec, source, settings, envelope) for problem in traced.problems]
            raise Malformed(found or [Problem("E_SCHEMA", "$", str(error) or "expected something to write")]) from error


def envelope_of(message: Message) -> dict[str, Any]:
    """What an outgoing mapping reads as `$message`."""
    return {
        "id": message.message_id,
        "type": message.type,
        "source": message.source,
        "subject": message.subject,
        "occurred_at": message.occurred_at,
        "recorded_at": message.recorded_at,
        "correlation_id": message.correlation_id,
        "schema_version": message.schema_version,
    }
