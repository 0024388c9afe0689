"""The EDIFACT codec: a file of interchanges to one tree per message, and a tree to an interchange.

`edifact_segments` finds characters, separators and segments, `edifact_envelopes` sorts them into interchanges, groups and messages
and says what is refused when an envelope is wrong, `edifact_loops` makes the trees, `edifact_controls` checks what a message says
about itself, `edifact_acknowledge` makes the verdict on each interchange.
"""

from collections.abc import Callable, Iterator
from typing import Any

from canonical.problems import Problem, shown
from mappings.codecs.base import Path, Source
from mappings.codecs.edifact_acknowledge import verdict_on
from mappings.codecs.edifact_controls import document_of, message_problems
from mappings.codecs.edifact_envelopes import Interchange, Message, interchanges
from mappings.codecs.edifact_loops import MESSAGES, MessageTree, content_of
from mappings.codecs.edifact_writing import written

ACKNOWLEDGEMENT = "CONTRL"
"""What answers an interchange is not answered itself (ISO 9735-4), or two hubs would thank each other for ever."""


class Edifact:
    """Reads and writes EDIFACT interchanges."""

    def read(self, body: bytes) -> Iterator[Source]:
        """One source per message, then per interchange one that makes the verdict on it.

        Malformed with the position when the file does not begin with UNA, UNB or a message, or holds something outside its
        interchanges.
        """
        for interchange in interchanges(body):
            yield from _documents(interchange)
            if _is_answered(interchange):
                yield Source({}, _nowhere(interchange), interchange.reference, acknowledge=verdict_on(interchange))

    def write(self, tree: Any) -> bytes:
        """The interchange of a tree, see `edifact_writing`."""
        return written(tree)


def _documents(interchange: Interchange) -> Iterator[Source]:
    for group in interchange.groups:
        inherited = (*group.problems, *interchange.problems)
        for message in group.messages:
            yield _document(interchange, message, inherited)
    empty = [*interchange.problems, *(problem for group in interchange.groups for problem in group.problems)]
    if empty and not interchange.messages:
        yield Source({}, _nowhere(interchange), interchange.reference, problems=tuple(empty))


def _document(interchange: Interchange, message: Message, inherited: tuple[Problem, ...]) -> Source:
    if message.kind not in MESSAGES:
        path = f"{message.reference}/UNH-02 (segment 1)"
        expected = f"expected one of {', '.join(sorted(MESSAGES))}"
        message.problems.append(Problem("E_EDIFACT_UNSUPPORTED", path, expected, shown(message.kind)))
        return Source({}, lambda _: path, message.reference, problems=(*message.problems, *inherited))
    made = MessageTree(list(message.segments()), message.kind, message.reference)
    message.problems += made.problems or message_problems(message.kind, made.tree, made.locate)
    header = content_of(interchange.header) if interchange.header is not None else {}
    document = document_of(message.kind, made.tree)
    return Source({"UNB": header, **made.tree}, made.locate, message.reference, document, (*message.problems, *inherited))


def _is_answered(interchange: Interchange) -> bool:
    """Not without a header, which names whom to answer; a repeated reference is not answered again: the sender could not tell
    which of the two was meant."""
    if interchange.header is None or any(problem.code.startswith("E_EDIFACT_UNB") for problem in interchange.problems):
        return False
    messages = interchange.messages
    return not messages or any(message.kind != ACKNOWLEDGEMENT for message in messages)


def _nowhere(interchange: Interchange) -> Callable[[Path], str]:
    def locate(path: Path) -> str:
        return "/".join((interchange.reference, *(str(step) for step in path)))

    return locate
