"""Keeping: prepared raw messages and their canonical messages in one transaction, repeats answered with the first result."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from msgspec.structs import replace

from canonical.problems import Problem
from connectors.base import Accepted
from store import archive, first_keeping
from store.archive import RawRecord, Recorded, Routed
from store.database import Transaction
from store.lane import Asking
from store.references import Remembered
from store.used_tokens import UsedToken


class Prepared(NamedTuple):
    """A raw message, authenticated, translated and routed; nothing of it is kept yet. token: what proves it and nothing else."""

    record: RawRecord
    routed: Sequence[Routed] = ()
    problems: Sequence[Problem] = ()
    quarantines: bool = False
    token: UsedToken | None = None


def keep(tx: Transaction, prepared: Sequence[Prepared]) -> list[Accepted]:
    """Keep everything that is new; one result per prepared raw message. Conflict when another process kept the same."""
    known = archive.known_raws(tx, [(p.record.endpoint, p.record.dedupe_key) for p in prepared])
    results = {key: (row.sha256, _accepted_row(row)) for key, row in known.items()}
    fresh: dict[tuple[str, str], Prepared] = {}
    for p in prepared:
        key = (p.record.endpoint, p.record.dedupe_key)
        if key not in results and key not in fresh:
            fresh[key] = p
    recorded = archive.record_messages(tx, [routed for p in fresh.values() for routed in p.routed])
    finished = {key: _finished(p, recorded) for key, p in fresh.items()}
    archive.record_raws(tx, list(finished.values()))
    answers: list[Accepted] = []
    for p in prepared:
        key = (p.record.endpoint, p.record.dedupe_key)
        if fresh.get(key) is p:
            answers.append(accepted_as(finished[key], repeated=False))
            continue
        sha256, first = results.get(key) or (finished[key].sha256, accepted_as(finished[key], repeated=True))
        answers.append(first if sha256 == p.record.sha256 else _conflicting(tx, p))
    return answers


def keep_new(prepared: Sequence[Prepared], names: Remembered) -> Asking[list[Accepted | None]]:
    """The short way of PostgreSQL for what is new in every part: all of it in one statement. None for what needs a closer look
    (`keep`). Conflict when another process kept the same meanwhile: then nothing is kept. names: what earlier calls kept."""
    easy = {p.record.raw_id: _with_outcome(p, p.record.status, _ids(p.routed), p.problems) for p in _unlike(prepared)}
    new = [(easy[p.record.raw_id], p.routed) for p in prepared if p.record.raw_id in easy]
    kept = yield from first_keeping.keep_new(new, names)
    return [accepted_as(easy[p.record.raw_id], repeated=False) if p.record.raw_id in kept else None for p in prepared]


def _unlike(prepared: Sequence[Prepared]) -> Iterator[Prepared]:
    """Those that need no look at others: none before them has their key or states one of their facts."""
    keys: set[tuple[str, str]] = set()
    facts: set[tuple[str, str]] = set()
    for p in prepared:
        key = (p.record.endpoint, p.record.dedupe_key)
        stated = {(r.message.type, r.message.identity) for r in p.routed}
        if p.token is None and key not in keys and facts.isdisjoint(stated) and len(stated) == len(p.routed):
            yield p
        keys.add(key)
        facts |= stated


def _finished(prepared: Prepared, recorded: Recorded) -> RawRecord:
    problems = [*prepared.problems, *conflicts(prepared.routed, recorded)]
    status = prepared.record.status
    if len(problems) > len(prepared.problems) and len(recorded.conflicts.intersection(_ids(prepared.routed))) == len(
        prepared.routed
    ):
        status = "quarantined" if prepared.quarantines else "conflict"
    return _with_outcome(prepared, status, known_ids(prepared.routed, recorded), problems)


def _with_outcome(prepared: Prepared, status: str, message_ids: Sequence[str], problems: Sequence[Problem]) -> RawRecord:
    return replace(prepared.record, status=status, message_ids=message_ids, problems=[p.as_json() for p in problems])


def _ids(routed: Sequence[Routed]) -> list[str]:
    return [r.message.message_id for r in routed]


def known_ids(routed: Sequence[Routed], recorded: Recorded) -> list[str]:
    """The ids the facts are known under; conflicting ones are not kept as messages."""
    return [recorded.known_as.get(i, i) for i in _ids(routed) if i not in recorded.conflicts]


def conflicts(routed: Sequence[Routed], recorded: Recorded) -> list[Problem]:
    """What contradicts a fact already kept."""
    return [
        Problem(
            "D_CONFLICT",
            r.message.identity,
            f"expected the same content as message {recorded.known_as[r.message.message_id]}, which said so first",
        )
        for r in routed
        if r.message.message_id in recorded.conflicts
    ]


def _conflicting(tx: Transaction, prepared: Prepared) -> Accepted:
    """The same delivery id with another body: kept aside under its own key, once."""
    record = prepared.record
    key = f"{record.dedupe_key} conflict {record.sha256}"
    known = archive.known_raws(tx, [(record.endpoint, key)])
    if known:
        return _accepted_row(next(iter(known.values())))
    problem = Problem("D_CONFLICT", "", "expected the same body as the first delivery with this id", record.dedupe_key)
    aside = replace(record, dedupe_key=key, status="conflict", problems=[problem.as_json()])
    archive.record_raws(tx, [aside])
    return accepted_as(aside, repeated=False)


def accepted_as(record: RawRecord, *, repeated: bool) -> Accepted:
    problems = [Problem(**p) for p in record.problems]
    return Accepted(record.raw_id, record.status, list(record.message_ids), problems, repeated)  # type: ignore[arg-type]


def _accepted_row(row: Any) -> Accepted:
    problems = [Problem(**p) for p in archive.parsed(row.problems)]
    return Accepted(row.raw_id, row.status, archive.parsed(row.message_ids), problems, repeated=True)
