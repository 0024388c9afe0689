"""EDIFACT envelopes: interchanges (UNB to UNZ), their groups (UNG to UNE), their messages (UNH to UNT).

What is wrong is noted where it belongs, and the noting level decides how much is refused. The codes behind it are those of
the service data element 0085:

- a message whose UNT is missing (13), names another reference than its UNH (28), states a wrong number of segments (29), whose UNH
  names no type or reference (13), or whose reference stood in the interchange before (26), is refused alone;
- a group whose UNE is missing, names another reference or states a wrong number of messages is refused whole;
- an interchange whose UNZ names another reference (28) or states a wrong number of messages or groups (29), which has segments
  outside its messages (33), or which stood in the file before (26), is refused whole: a part of it may have been lost on the way.

Taken without a word: an interchange without UNZ, which many senders never write (its messages each end with their own UNT),
messages without an interchange around them, leading zeros in counts and references, UNB dates of six or eight digits.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from canonical.failures import Malformed
from canonical.problems import Problem, shown
from mappings.codecs.edi_envelopes import differs, repeated
from mappings.codecs.edifact_segments import (
    HEADERS,
    Segment,
    Separators,
    segments_from,
    separators_at,
    start_of_interchange,
    text_of,
)

SERVICE = frozenset(("UNB", "UNG", "UNH", "UNT", "UNE", "UNZ"))


@dataclass(slots=True)
class Message:
    """A message from its UNH to its UNT; `trailer` is None where that is missing. `number` counts the messages of the file from
    1, `count` its segments; they stand in `text` from `start` up to `end`."""

    number: int
    header: Segment
    text: str
    start: int
    end: int
    count: int = 1
    problems: list[Problem] = field(default_factory=list)
    trailer: Segment | None = None

    def segments(self) -> Iterator[Segment]:
        """The segments from UNH to UNT, read anew: of a file of any length one message at a time is in memory."""
        return (segment for segment, _ in segments_from(self.text, self.start, self.header.separators, self.end))

    def take(self, end: int) -> None:
        """Count a segment that ends there to this message."""
        self.count += 1
        self.end = end

    @property
    def reference(self) -> str:
        return f"UNH[{self.number}]"

    @property
    def kind(self) -> str:
        """`ORDERS`; `type` is the whole identifier, `ORDERS:D:96A:UN:EAN008`."""
        return self.header.text(2)

    @property
    def type(self) -> str:
        return self.header.whole(2)

    @property
    def control_no(self) -> str:
        return self.header.text(1)


@dataclass(slots=True)
class Group:
    """A group of messages; `header` is None for messages that stand in no group. `number` counts the groups of the file."""

    number: int
    header: Segment | None
    messages: list[Message] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    trailer: Segment | None = None

    @property
    def control_no(self) -> str:
        return self.header.text(5) if self.header is not None else ""


@dataclass(slots=True)
class Interchange:
    """An interchange; `header` is None for messages without one. `number` counts the interchanges of the file from 1."""

    number: int
    header: Segment | None
    separators: Separators
    groups: list[Group] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    trailer: Segment | None = None

    @property
    def reference(self) -> str:
        return f"UNB[{self.number}]"

    @property
    def messages(self) -> list[Message]:
        return [message for group in self.groups for message in group.messages]


def interchanges(body: bytes) -> list[Interchange]:
    """Every interchange of a file with its problems; Malformed where something that is no interchange stands in it."""
    text = text_of(body)
    reader = _Reader(text)
    at = start_of_interchange(text, 0)
    if at is None:
        raise Malformed([Problem("E_EDIFACT_NO_UNB", "character 1", "expected a UNA or UNB segment, found an empty file")])
    while at is not None:
        at = start_of_interchange(text, reader.read(at))
    _note_duplicates(reader.found)
    return reader.found


class _Reader:
    """Sorts segments into envelopes; numbers run on over the interchanges of a file."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.found: list[Interchange] = []
        self.groups = 0
        self.messages = 0

    def read(self, start: int) -> int:
        """Read the interchange that begins at `start`; the offset behind it."""
        separators, after = separators_at(self.text, start)
        interchange = Interchange(len(self.found) + 1, None, separators)
        self.found.append(interchange)
        first, message = True, None
        for segment, end in segments_from(self.text, after, separators):
            if message is not None and segment.tag not in SERVICE:
                message.take(end)
                after = end
                continue
            if segment.tag == "UNB" and not first:
                break
            if segment.tag == "UNB":
                interchange.header = segment
            else:
                message = self._place(segment, interchange, after, end)
            first, after = False, end
            if interchange.trailer is not None:
                break
        _check_interchange(interchange)
        return after

    def _place(self, segment: Segment, interchange: Interchange, start: int, end: int) -> Message | None:
        """Put a segment where it belongs; the message that is open after it."""
        group = interchange.groups[-1] if interchange.groups and interchange.groups[-1].trailer is None else None
        message = group.messages[-1] if group is not None and group.messages and group.messages[-1].trailer is None else None
        match segment.tag:
            case "UNZ":
                interchange.trailer = segment
            case "UNG":
                self._open_group(interchange, segment)
            case "UNE" if group is not None and group.header is not None:
                group.trailer = segment
            case "UNH":
                self.messages += 1
                opened = Message(self.messages, segment, self.text, start, end)
                (group or self._open_group(interchange, None)).messages.append(opened)
                return opened
            case "UNT" if message is not None:
                message.trailer = segment
                message.take(end)
                return None
            case _ if message is not None:
                message.take(end)
            case _ if not interchange.problems:
                path = f"{interchange.reference}/{segment.tag} (character {end})"
                expected = "expected every segment inside a message, from UNH to UNT"
                interchange.problems.append(Problem("E_EDIFACT_STRUCTURE", path, expected, shown(segment.tag)))
        return message

    def _open_group(self, interchange: Interchange, header: Segment | None) -> Group:
        self.groups += header is not None
        interchange.groups.append(Group(self.groups, header))
        return interchange.groups[-1]


def _check_interchange(interchange: Interchange) -> None:
    for group in interchange.groups:
        for message in group.messages:
            message.problems += _message_problems(message)
        group.problems += _group_problems(group)
    path, header, trailer = f"{interchange.reference}/UNZ", interchange.header, interchange.trailer
    if header is not None:
        interchange.problems += _header_problems(interchange.reference, header)
    if trailer is not None and header is not None:
        named = [group for group in interchange.groups if group.header is not None]
        count, what = (len(named), "groups") if named else (len(interchange.messages), "messages")
        interchange.problems += differs("E_EDIFACT_UNZ_COUNT", f"{path}-01", trailer.text(1), str(count),
                                         f"the number of {what} in the interchange")  # fmt: skip
        interchange.problems += differs("E_EDIFACT_UNZ_REFERENCE", f"{path}-02", trailer.text(2), header.text(5),
                                         "the reference of the UNB")  # fmt: skip
    if not interchange.groups and not interchange.problems:
        expected = f"expected messages, {' or '.join(HEADERS[1:])} after UNB"
        interchange.problems.append(Problem("E_EDIFACT_STRUCTURE", interchange.reference, expected))


def _header_problems(reference: str, header: Segment) -> Iterator[Problem]:
    for element, name in ((2, "a sender"), (3, "a recipient"), (5, "a reference")):
        if not header.text(element):
            yield Problem("E_EDIFACT_UNB", f"{reference}-{element:02d}", f"expected {name}")


def _group_problems(group: Group) -> Iterator[Problem]:
    path, trailer = f"UNG[{group.number}]/UNE", group.trailer
    if group.header is None:
        return
    if trailer is None:
        yield Problem("E_EDIFACT_UNE_MISSING", path, "expected the group to end with a UNE segment")
        return
    yield from differs("E_EDIFACT_UNE_COUNT", f"{path}-01", trailer.text(1), str(len(group.messages)),
                        "the number of messages in the group")  # fmt: skip
    yield from differs("E_EDIFACT_UNE_REFERENCE", f"{path}-02", trailer.text(2), group.control_no, "the reference of the UNG")


def _message_problems(message: Message) -> Iterator[Problem]:
    trailer, path = message.trailer, f"{message.reference}/UNT"
    for element, name in ((1, "a message reference"), (2, "a message type")):
        if not message.header.text(element):
            yield Problem("E_EDIFACT_UNH", f"{message.reference}/UNH-{element:02d} (segment 1)", f"expected {name}")
    if trailer is None:
        yield Problem("E_EDIFACT_UNT_MISSING", path, "expected the message to end with a UNT segment")
        return
    place = f"(segment {message.count})"
    yield from differs("E_EDIFACT_UNT_COUNT", f"{path}-01 {place}", trailer.text(1), str(message.count),
                        "the number of segments from UNH to UNT")  # fmt: skip
    yield from differs("E_EDIFACT_UNT_REFERENCE", f"{path}-02 {place}", trailer.text(2), message.control_no,
                        "the reference of the UNH")  # fmt: skip


def _note_duplicates(found: list[Interchange]) -> None:
    """References are unique within their group, or within an interchange without groups."""
    for interchange in repeated([one for one in found if one.header is not None], _name):
        interchange.problems.append(_twice("E_EDIFACT_UNB_DUPLICATE", f"{interchange.reference}-05", _name(interchange)[2]))
    for interchange in found:
        for group in interchange.groups:
            for one in repeated(group.messages, lambda message: message.control_no):
                one.problems.append(_twice("E_EDIFACT_UNH_DUPLICATE", f"{one.reference}/UNH-01 (segment 1)", one.control_no))


def _name(interchange: Interchange) -> tuple[str, str, str]:
    header = interchange.header
    return ("", "", "") if header is None else (header.whole(2), header.whole(3), header.text(5))


def _twice(code: str, path: str, reference: str) -> Problem:
    return Problem(code, path, "expected a reference used once", shown(reference))
