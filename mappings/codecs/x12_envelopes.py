"""X12 envelopes: interchanges (ISA to IEA), their functional groups (GS to GE), their transaction sets (ST to SE).

What is wrong is noted where it belongs, and the noting level decides how much is refused. The codes behind it are those of
the X12 elements 718 (AK502), 716 (AK905) and I18 (TA105):

- a set whose SE is missing (2), names another control number than its ST (3), states a wrong number of segments (4), whose ST
  names no identifier (6) or control number (7), or one that stood in the group before (23), is refused alone; its neighbours
  are taken;
- a group whose GE is missing (3), names another control number (4) or states a wrong number of sets (5), or whose control
  number stood in the interchange before (19) is refused whole: a set may have been lost on the way;
- an interchange whose IEA is missing (023), names another control number (001) or states a wrong number of groups (021), that
  has segments outside its sets (022), or whose control number stood in the file before (025) is refused whole.

Taken without a word, because they change nothing: missing padding in the ISA, a GS01 that does not belong to the sets, an
ISA12 that differs from GS08, leading zeros in GS06/GE02 and ISA13/IEA02, blank lines, missing terminators at the end.

Only the envelopes are read here, for the last segment of a file can refuse the first set; the segments of a set are read from
the text when they are asked for, so that of an interchange of any length one set at a time is in memory.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from canonical.failures import Malformed
from canonical.problems import Problem, shown
from mappings.codecs.edi_envelopes import differs, repeated
from mappings.codecs.x12_segments import (
    PADDING,
    Segment,
    Separators,
    contents_from,
    segment_of,
    segments_from,
    separators_at,
    start_of_interchange,
    text_of,
)

ENVELOPE_TAGS = frozenset(("ISA", "GS", "ST", "SE", "GE", "IEA", "TA1"))


@dataclass(slots=True)
class TransactionSet:
    """A set from its ST to its SE; `trailer` is None where that is missing. `number` counts the sets of the file from 1, `count`
    its segments; they stand in `text` from the header on up to `end`."""

    number: int
    header: Segment
    text: str
    separators: Separators
    end: int
    count: int = 1
    trailer: Segment | None = None
    problems: list[Problem] = field(default_factory=list)

    @property
    def reference(self) -> str:
        return f"ST[{self.number}]"

    @property
    def kind(self) -> str:
        return self.header.element(1)

    @property
    def control_no(self) -> str:
        return self.header.element(2)

    def segments(self) -> Iterator[Segment]:
        """The segments from ST to SE, read anew."""
        return segments_from(self.text, self.header.offset, self.separators, self.end)


@dataclass(slots=True)
class Group:
    """A functional group; `trailer` is None where the GE is missing. `number` counts the groups of the file from 1."""

    number: int
    header: Segment
    sets: list[TransactionSet] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    trailer: Segment | None = None

    @property
    def reference(self) -> str:
        return f"GS[{self.number}]"


@dataclass(slots=True)
class Interchange:
    """An interchange; `loose` are its TA1 segments. `number` counts the interchanges of the file from 1."""

    number: int
    header: Segment
    separators: Separators
    groups: list[Group] = field(default_factory=list)
    acknowledgements: list[Segment] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    trailer: Segment | None = None

    @property
    def reference(self) -> str:
        return f"ISA[{self.number}]"


def interchanges(body: bytes) -> list[Interchange]:
    """Every interchange of a file with its problems; Malformed where something that is no interchange stands in it."""
    text = text_of(body)
    reader = _Reader()
    at = start_of_interchange(text, 0)
    if at is None:
        raise Malformed([Problem("E_X12_NO_ISA", "character 1", "expected an ISA segment, found an empty file")])
    while at is not None:
        at = start_of_interchange(text, reader.read(text, at))
    _note_duplicates(reader.found)
    return reader.found


class _Reader:
    """Sorts segments into envelopes; numbers run on over the interchanges of a file."""

    def __init__(self) -> None:
        self.found: list[Interchange] = []
        self.groups = 0
        self.sets = 0

    def read(self, text: str, start: int) -> int:
        """Read the interchange that begins at `start`; the offset behind it."""
        separators = separators_at(text, start)
        interchange: Interchange | None = None
        after = start
        for content, offset, end in contents_from(text, start, separators):
            tag = content.split(separators.element, 1)[0].rstrip(PADDING)
            if interchange is None:
                interchange = Interchange(len(self.found) + 1, segment_of(content, offset, separators), separators)
                self.found.append(interchange)
            elif tag == "ISA":
                break
            elif tag in ENVELOPE_TAGS:
                self._envelope(segment_of(content, offset, separators), interchange, text, end)
            else:
                _inside(tag, offset, end, interchange)
            after = end
            if interchange.trailer is not None:
                break
        assert interchange is not None
        _check_interchange(interchange)
        return after

    def _envelope(self, segment: Segment, interchange: Interchange, text: str, end: int) -> None:
        group = _open_group(interchange)
        transaction_set = _open_set(group)
        match segment.tag:
            case "IEA":
                interchange.trailer = segment
            case "GS":
                self.groups += 1
                interchange.groups.append(Group(self.groups, segment))
            case "GE" if group is not None:
                group.trailer = segment
            case "ST" if group is not None:
                self.sets += 1
                group.sets.append(TransactionSet(self.sets, segment, text, interchange.separators, end))
            case "SE" if transaction_set is not None:
                transaction_set.trailer = segment
                _inside("SE", segment.offset, end, interchange, transaction_set)
            case "TA1" if group is None:
                interchange.acknowledgements.append(segment)
            case _:
                _inside(segment.tag, segment.offset, end, interchange)


def _inside(tag: str, offset: int, end: int, interchange: Interchange, closed: TransactionSet | None = None) -> None:
    """Count a segment to the set it stands in; outside of one it is out of place."""
    transaction_set = closed or _open_set(_open_group(interchange))
    if transaction_set is not None:
        transaction_set.count += 1
        transaction_set.end = end
    elif not interchange.problems:
        interchange.problems.append(_misplaced(tag, offset, interchange))


def _open_group(interchange: Interchange) -> Group | None:
    if interchange.groups and interchange.groups[-1].trailer is None:
        return interchange.groups[-1]
    return None


def _open_set(group: Group | None) -> TransactionSet | None:
    if group is not None and group.sets and group.sets[-1].trailer is None:
        return group.sets[-1]
    return None


def _misplaced(tag: str, offset: int, interchange: Interchange) -> Problem:
    path = f"{interchange.reference}/{tag} (character {offset + 1})"
    return Problem("E_X12_STRUCTURE", path, "expected every segment inside a transaction set of a group", shown(tag))


def _check_interchange(interchange: Interchange) -> None:
    for group in interchange.groups:
        for transaction_set in group.sets:
            transaction_set.problems += _set_problems(transaction_set)
        group.problems += _group_problems(group)
    path, trailer = f"{interchange.reference}/IEA", interchange.trailer
    if trailer is None:
        interchange.problems.append(Problem("E_X12_IEA_MISSING", path, "expected the interchange to end with an IEA segment"))
        return
    interchange.problems += differs("E_X12_IEA_COUNT", f"{path}-01", trailer.element(1), str(len(interchange.groups)),
                                     "the number of groups in the interchange")  # fmt: skip
    interchange.problems += differs("E_X12_IEA_CONTROL", f"{path}-02", trailer.element(2), interchange.header.element(13),
                                     "the control number of the ISA")  # fmt: skip


def _group_problems(group: Group) -> Iterator[Problem]:
    path, trailer = f"{group.reference}/GE", group.trailer
    if trailer is None:
        yield Problem("E_X12_GE_MISSING", path, "expected the group to end with a GE segment")
        return
    yield from differs("E_X12_GE_COUNT", f"{path}-01", trailer.element(1), str(len(group.sets)),
                        "the number of transaction sets in the group")  # fmt: skip
    yield from differs(
        "E_X12_GE_CONTROL", f"{path}-02", trailer.element(2), group.header.element(6), "the control number of the GS"
    )


def _set_problems(transaction_set: TransactionSet) -> Iterator[Problem]:
    trailer, path = transaction_set.trailer, f"{transaction_set.reference}/SE"
    if not transaction_set.kind:
        yield Problem("E_X12_ST_KIND", f"{transaction_set.reference}/ST-01 (segment 1)", "expected a transaction set identifier")
    if not transaction_set.control_no:
        yield Problem("E_X12_ST_CONTROL", f"{transaction_set.reference}/ST-02 (segment 1)", "expected a control number")
    if trailer is None:
        yield Problem("E_X12_SE_MISSING", path, "expected the transaction set to end with an SE segment")
        return
    place = f"(segment {transaction_set.count})"
    yield from differs("E_X12_SE_COUNT", f"{path}-01 {place}", trailer.element(1), str(transaction_set.count),
                        "the number of segments from ST to SE")  # fmt: skip
    if trailer.element(2) != transaction_set.control_no:
        expected = f"expected the control number of the ST, {transaction_set.control_no}"
        yield Problem("E_X12_SE_CONTROL", f"{path}-02 {place}", expected, shown(trailer.element(2)))


def _note_duplicates(found: list[Interchange]) -> None:
    for interchange in repeated(found, lambda one: tuple(map(one.header.element, (5, 6, 7, 8, 13)))):
        interchange.problems.append(_twice("E_X12_ISA_DUPLICATE", f"{interchange.reference}-13", interchange.header.element(13)))
    for interchange in found:
        for group in repeated(interchange.groups, lambda one: one.header.element(6).lstrip("0")):
            group.problems.append(_twice("E_X12_GS_DUPLICATE", f"{group.reference}-06", group.header.element(6).lstrip("0")))
        for group in interchange.groups:
            for one in repeated(group.sets, lambda transaction_set: transaction_set.control_no):
                path = f"{one.reference}/ST-02 (segment 1)"
                one.problems.append(_twice("E_X12_ST_DUPLICATE", path, one.control_no))


def _twice(code: str, path: str, control_no: str) -> Problem:
    return Problem(code, path, "expected a control number used once", shown(control_no))
