"""The X12 codec: an interchange file to one tree per transaction set, and a tree to an interchange.

`x12_segments` finds separators and segments, `x12_envelopes` sorts them into interchanges, groups and sets and says what is
refused when an envelope is wrong, `x12_loops` makes the trees, `x12_controls` checks their totals, `x12_acknowledge` makes the
verdict on each interchange.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from mappings.codecs.base import Path, Source
from mappings.codecs.x12_acknowledge import verdict_on
from mappings.codecs.x12_controls import set_controls
from mappings.codecs.x12_envelopes import Group, Interchange, TransactionSet, interchanges
from mappings.codecs.x12_loops import SetTree
from mappings.codecs.x12_segments import Segment
from mappings.codecs.x12_writing import written

ACKNOWLEDGEMENTS = frozenset(("997", "999", "TA1"))
"""What answers an interchange is not answered itself (X12.6), or two hubs would thank each other for ever."""


NO_KIND = "-"
"""The document of a set that does not say what it is; no mapping reads it."""


class X12:
    """Reads and writes X12 interchanges."""

    def read(self, body: bytes) -> Iterator[Source]:
        """One source per transaction set, then per interchange one that makes the verdict on it.

        Malformed with the position when the file does not begin with a whole ISA or holds something outside its interchanges.
        """
        for interchange in interchanges(body):
            yield from _documents(interchange)
            answered = [group for group in interchange.groups if not _answers(group)]
            if _is_answered(interchange, answered):
                yield Source({}, _nowhere(interchange), interchange.reference, acknowledge=verdict_on(interchange, answered))

    def write(self, tree: Any) -> bytes:
        """The interchange of a tree, see `x12_writing`."""
        return written(tree)


def _documents(interchange: Interchange) -> Iterator[Source]:
    for number, segment in enumerate(interchange.acknowledgements, start=1):
        yield _interchange_acknowledgement(interchange, segment, number)
    sets = [(group, transaction_set) for group in interchange.groups for transaction_set in group.sets]
    for group, transaction_set in sets:
        yield _document(interchange, group, transaction_set)
    empty = [*interchange.problems, *(problem for group in interchange.groups for problem in group.problems)]
    if empty and not sets and not interchange.acknowledgements:
        yield Source({}, _nowhere(interchange), interchange.reference, problems=tuple(empty))


def _interchange_acknowledgement(interchange: Interchange, segment: Segment, number: int) -> Source:
    """A TA1 as a document of its own; it needs no group around it."""
    reference = f"{interchange.reference}/TA1[{number}]"
    tree = {"ISA": _elements(interchange.header), "TA1": _elements(segment)}

    def locate(path: Path) -> str:
        return "-".join((reference, *(str(step) for step in path if step != "TA1")))

    return Source(tree, locate, reference, "TA1", tuple(interchange.problems))


def _document(interchange: Interchange, group: Group, transaction_set: TransactionSet) -> Source:
    segments = list(transaction_set.segments())
    made = SetTree(segments, transaction_set.kind, transaction_set.reference, interchange.separators)
    transaction_set.problems += made.problems or set_controls(transaction_set.kind, made.tree, made.locate)
    problems = (*transaction_set.problems, *group.problems, *interchange.problems)
    envelopes = {"ISA": _elements(interchange.header), "GS": _elements(group.header)}
    return Source({**envelopes, **made.tree}, made.locate, transaction_set.reference, transaction_set.kind or NO_KIND, problems)


def _is_answered(interchange: Interchange, groups: Sequence[Group]) -> bool:
    """A repeated control number is not answered again: the sender could not tell which of the two was meant."""
    if any(problem.code == "E_X12_ISA_DUPLICATE" for problem in interchange.problems):
        return False
    return bool(groups) or (bool(interchange.problems) and not interchange.acknowledgements)


def _answers(group: Group) -> bool:
    return bool(group.sets) and all(one.kind in ACKNOWLEDGEMENTS for one in group.sets)


def _elements(segment: Segment) -> dict[str, str]:
    return {f"{number:02d}": value for number, value in enumerate(segment.elements[1:], start=1) if value}


def _nowhere(interchange: Interchange) -> Callable[[Path], str]:
    def locate(path: Path) -> str:
        return "/".join((interchange.reference, *(str(step) for step in path)))

    return locate
