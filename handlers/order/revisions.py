"""What a buyer asked an order to become: every change and newer copy as it came, by revision, judged against everything known,
whichever was known first (domain 2.3). A pure fold, so it ends the same in any order of arrival.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import orjson

from canonical.amounts import ZERO
from canonical.documents.base import is_a
from canonical.documents.order_changes import OrderChanged
from canonical.documents.orders import OrderPlaced
from canonical.reading import read
from handlers.order.editing import Grounds, Refused, applied, asked_by, content, without_prices
from handlers.order.facts import Facts
from handlers.order.ledger import BELOW_SHIPPED, OVER_SHIPPED, left_of, sums_of

ENDED = "O_ENDED"
Entry = dict[str, Any]
"""{"revision", "at": microseconds, "placed" or "changed": the document, "over": lines of which more was accepted by then}, and what
became of it: "told": {line_no, or "" for the order: code}, "idle": nothing of it counts, "dropped": codes of whoever rejected it"""
News = tuple[int, str, str]
"""(revision, line_no or "" for the order, code) of what is refused"""


@dataclass(slots=True)
class Folded:
    """What the revisions come to. told: what is refused of each that was reached; idle: those of which nothing counts, by place.
    wanted: {line_no: quantity} asked last where that is refused, for more has left."""

    document: OrderPlaced
    told: dict[int, Refused] = field(default_factory=dict)
    idle: set[int] = field(default_factory=set)
    wanted: dict[str, str] = field(default_factory=dict)


def add(facts: Facts, document: OrderPlaced, revision: int, change: OrderChanged | OrderPlaced, at: int) -> bool:
    """Put a change among the others, by its revision, a difference before a copy of the same number; False where it is known, or
    can never count. document, revision: what was in force when nothing had been changed yet. at: when the change was asked for."""
    entries = facts.revisions or _begun(facts, document, revision)
    first = entries[0]["revision"]
    new = _entry(change, change.revision, at)
    if name_of(new) in [name_of(one) for one in entries] or ("changed" in new and change.revision <= first == 0):
        return False
    over = list(facts.accepted.get(OVER_SHIPPED, {}))
    facts.revisions = sorted([*entries, new | ({"over": over} if over else {})], key=name_of)
    return True


def _begun(facts: Facts, document: OrderPlaced, revision: int) -> list[Entry]:
    """The document in force without the prices that are ours, and again where later copies have said the same."""
    stated, at = without_prices(document, facts.priced), facts.revised.get("at", 0)
    first = facts.revised.get("from", revision)
    return [_entry(stated, number, at) for number in dict.fromkeys((first, revision))]


def base_of(change: OrderChanged) -> int | None:
    """The revision that has to come first; None where any may."""
    if change.base_revision is None and change.counted:
        return change.revision - 1
    return change.base_revision


def fold(facts: Facts) -> Folded:
    """Everything asked for, one after the other, from the oldest copy on."""
    entries = facts.revisions
    documents = [_document(one) for one in entries]
    start = next(place for place, one in enumerate(documents) if is_a(one, OrderPlaced))
    first = documents[start]
    assert is_a(first, OrderPlaced)
    folded, revision, since = Folded(first), entries[start]["revision"], 0
    left = left_of(facts)
    for place in range(start + 1, len(entries)):
        entry, change = entries[place], documents[place]
        base = base_of(change) if is_a(change, OrderChanged) else None
        if base is not None and base > revision:
            continue  # what it changes is not known; a copy has superseded both
        revision, since = entry["revision"], max(since, entry["at"])
        if "dropped" in entry:
            continue
        ended = _ended(folded.document, facts, since, left)
        _take(folded, place, change, Grounds(left, entry.get("over", ())), ended=ended)
    return folded


def _take(folded: Folded, place: int, change: OrderChanged | OrderPlaced, grounds: Grounds, *, ended: bool) -> None:
    """One change more. A copy that states what is in force asks for nothing that could be refused."""
    if ended and not (is_a(change, OrderPlaced) and content(change) == content(folded.document)):
        folded.told[place] = {"": ENDED}
        folded.idle.add(place)
        return
    document, refused = applied(folded.document, change, grounds)
    folded.told[place] = refused
    for line_no, qty in asked_by(change, folded.document).items():
        if refused.get(line_no) == BELOW_SHIPPED:
            folded.wanted[line_no] = str(qty)
        elif line_no not in refused:
            folded.wanted.pop(line_no, None)
    if document is None:
        folded.idle.add(place)
    else:
        folded.document = document


def _ended(document: OrderPlaced, facts: Facts, at: int, left: Mapping[str, Decimal]) -> bool:
    """Whether all of it was cancelled by then. Of an order of which something has left, nothing ends by a cancellation."""
    asked = [lines for name, lines in facts.cancels.items() if facts.cancelled_at.get(name, 0) <= at]
    if not asked or any(left.values()):
        return False
    sums = sums_of(asked)
    return any(not lines for lines in asked) or all(sums.get(one.line_no, ZERO) >= one.qty.value for one in document.lines)


def enter(facts: Facts, folded: Folded) -> tuple[list[News], list[Entry]]:
    """Keep what became of each. Gives what is refused that was not before, and which count now that did not before, or for less."""
    newly: list[News] = []
    gained: list[Entry] = []
    for place, entry in enumerate(facts.revisions):
        before, told, idle = entry.get("told"), folded.told.get(place), place in folded.idle
        if told is None:
            continue
        newly += [(entry["revision"], no, code) for no, code in told.items() if before is None or before.get(no) != code]
        if not idle and (entry.get("idle") or before is None or before.keys() - told.keys()):
            gained.append(entry)
        entry |= {"told": told}
        entry.pop("idle", None)
        if idle:
            entry["idle"] = True
    facts.wanted = folded.wanted
    return newly, gained


def counting(facts: Facts) -> list[list[Any]]:
    """The names of those that were judged and count."""
    return [name_of(one) for one in facts.revisions if "told" in one and "dropped" not in one and not one.get("idle")]


def name_of(entry: Entry) -> list[Any]:
    """[revision, whether it is a copy of the whole]"""
    return [entry["revision"], "placed" in entry]


def drop(entries: Iterable[Entry], codes: Collection[str]) -> None:
    """They were rejected: they count no more."""
    for entry in entries:
        entry["dropped"] = list(codes)


def _entry(document: OrderChanged | OrderPlaced, revision: int, at: int) -> Entry:
    return {"revision": revision, "at": at, document.message_type.removeprefix("order."): orjson.loads(document.body())}


def _document(entry: Entry) -> OrderChanged | OrderPlaced:
    if "placed" in entry:
        return read(OrderPlaced, orjson.dumps(entry["placed"]))
    return read(OrderChanged, orjson.dumps(entry["changed"]))
