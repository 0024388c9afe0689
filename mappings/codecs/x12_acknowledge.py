"""The verdict on a received interchange as the canonical `interchange.received`, and that as the segments of 997 (999) and TA1.

A set is accepted only when neither its envelope nor the translation of its content found a problem. The codes are those of the
X12 elements 718 (AK502), 720 (AK304), 723 (AK403), 716 (AK905) and I18 (TA105).
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from canonical.documents.acknowledgements import GroupResult, InterchangeReceived, SetProblem, SetResult
from canonical.problems import Problem
from mappings.codecs.base import Verdicts
from mappings.codecs.x12_envelopes import Group, Interchange, TransactionSet

FIRST_VERSION_WITH_999 = "005010"


@dataclass(frozen=True, slots=True)
class Names:
    """What an acknowledgement and its segments are called. implementation: the guide a 999 follows."""

    kind: str
    segment: str
    element: str
    verdict: str
    implementation: str = ""


FUNCTIONAL = Names("997", "AK3", "AK4", "AK5")
IMPLEMENTATION = Names("999", "IK3", "IK4", "IK5", "005010X231A1")
SET_CODES = {
    "E_X12_UNSUPPORTED": "1",
    "E_X12_SE_MISSING": "2",
    "E_X12_SE_CONTROL": "3",
    "E_X12_SE_COUNT": "4",
    "E_X12_ST_KIND": "6",
    "E_X12_ST_CONTROL": "7",
    "E_X12_ST_DUPLICATE": "23",
}
"""Problem code to AK502; everything else is an error in a segment (5)."""
SEGMENT_IN_ERROR = "5"
SEGMENT_CODES = {"E_X12_SEGMENT_MISSING": "3", "E_X12_SEGMENT_REPEATED": "5"}
ELEMENT_ERRORS = "8"
"""AK304 for a segment whose elements are wrong."""
ELEMENT_CODES = {"E_DATE": "8", "E_TIME_NAIVE": "9"}
MISSING, INVALID = "1", "7"
"""AK403 where no other code fits: nothing stood there, or a value that is not allowed."""
GROUP_CODES = {"E_X12_GE_MISSING": "3", "E_X12_GE_CONTROL": "4", "E_X12_GE_COUNT": "5", "E_X12_GS_DUPLICATE": "19"}
INTERCHANGE_CODES = {
    "E_X12_IEA_CONTROL": "001",
    "E_X12_IEA_COUNT": "021",
    "E_X12_STRUCTURE": "022",
    "E_X12_IEA_MISSING": "023",
}
MOST_NOTES = 5
PLACE = re.compile(
    r"(?P<tag>[A-Z][A-Z0-9]{1,2})(?:\[\d+\])?(?:-(?P<element>\d\d)(?:-(?P<component>\d+))?)? \(segment (?P<number>\d+)\)$"
)
ELEMENT_NUMBERS = {
    "BEG-01": "353", "BEG-02": "92", "BEG-03": "324", "BEG-05": "373", "CUR-02": "100", "DTM-02": "373", "N1-01": "98",
    "N1-02": "93", "N1-04": "67", "N4-02": "156", "N4-03": "116", "N4-04": "26", "PO1-02": "330", "PO1-03": "355", "PO1-04": "212",
    "PO1-05": "639", "PO1-07": "234", "PO1-09": "234", "SAC-05": "610", "SCH-06": "373", "CTT-01": "354", "CTT-02": "347",
    "AMT-02": "782",
}  # fmt: skip
"""AK402, the data element behind a place, for the places that are checked."""


def verdict_on(interchange: Interchange, groups: Sequence[Group]) -> Callable[[Verdicts, str], InterchangeReceived]:
    """What makes the verdict, once the problems of every set and the name of the endpoint are known."""

    def verdict(problems: Verdicts, origin: str) -> InterchangeReceived:
        isa = interchange.header
        return InterchangeReceived(
            origin=origin,
            control_no=isa.element(13),
            sender_qualifier=isa.element(5),
            sender=isa.element(6) or "-",
            receiver_qualifier=isa.element(7),
            receiver=isa.element(8) or "-",
            sent_date=isa.element(9),
            sent_time=isa.element(10),
            usage=isa.element(15) or "P",
            receipt_requested=isa.element(14) == "1",
            problems=_told(interchange.problems),
            extensions={},
            groups=tuple(_group_result(group, interchange, problems) for group in groups),
        )

    return verdict


def _group_result(group: Group, interchange: Interchange, problems: Verdicts) -> GroupResult:
    inherited = (*group.problems, *interchange.problems)
    stated = group.trailer.element(1) if group.trailer is not None else ""
    return GroupResult(
        control_no=group.header.element(6),
        functional_id=group.header.element(1),
        version=group.header.element(8),
        stated_count=int(stated) if stated.isdecimal() else len(group.sets),
        sets=tuple(_set_result(one, inherited, problems) for one in group.sets),
        sender=group.header.element(2),
        receiver=group.header.element(3),
        problems=_told(group.problems),
    )


def _set_result(one: TransactionSet, inherited: Sequence[Problem], problems: Verdicts) -> SetResult:
    found = list(dict.fromkeys((*one.problems, *problems.get(one.reference, ()))))
    own = [problem for problem in found if problem not in inherited]
    return SetResult(control_no=one.control_no, kind=one.kind, accepted=not found and not inherited, problems=_told(own))


def _told(problems: Sequence[Problem]) -> tuple[SetProblem, ...]:
    return tuple(SetProblem(code=p.code, path=p.path, message=p.message, value=p.value) for p in problems)


def interchange_acknowledgement(received: InterchangeReceived) -> list[dict[str, Any]]:
    """The TA1 segment: always when the interchange itself is refused, otherwise when its sender asked for it."""
    codes = [INTERCHANGE_CODES[problem.code] for problem in received.problems]
    if not codes and not received.receipt_requested:
        return []
    verdict, code = ("R", codes[0]) if codes else ("A", "000")
    return [{"01": received.control_no.zfill(9), "02": received.sent_date, "03": received.sent_time, "04": verdict, "05": code}]


def functional_acknowledgements(received: InterchangeReceived) -> list[dict[str, Any]]:
    """An acknowledgement of each group of the interchange, as trees for `x12_writing`: a 999 where the first is of version
    005010 or later, else a 997."""
    names = IMPLEMENTATION if implements(received) else FUNCTIONAL
    return [_acknowledgement(group, number, names) for number, group in enumerate(received.groups, start=1)]


def implements(received: InterchangeReceived) -> bool:
    """Whether an interchange is answered by a 999."""
    return bool(received.groups) and received.groups[0].version[:6] >= FIRST_VERSION_WITH_999


def _acknowledgement(group: GroupResult, number: int, names: Names) -> dict[str, Any]:
    accepted = sum(one.accepted for one in group.sets)
    codes = list(dict.fromkeys(GROUP_CODES[problem.code] for problem in group.problems))[:MOST_NOTES]
    verdict = "A" if accepted == len(group.sets) and not group.problems else "P" if accepted else "R"
    counts = {"02": str(group.stated_count), "03": str(len(group.sets)), "04": str(accepted)}
    return {
        "ST": {"01": names.kind, "02": f"{number:04d}", "03": names.implementation},
        "AK1": {"01": group.functional_id, "02": group.control_no, "03": group.version if names.implementation else ""},
        "AK2": [_set_response(one, names) for one in group.sets],
        "AK9": {"01": verdict, **counts, **_numbered(codes, 5)},
    }


def _set_response(one: SetResult, names: Names) -> dict[str, Any]:
    codes = list(dict.fromkeys(SET_CODES.get(problem.code, SEGMENT_IN_ERROR) for problem in one.problems))[:MOST_NOTES]
    return {
        "AK2": {"01": one.kind, "02": one.control_no},
        names.segment: list(_segment_notes(one, names)),
        names.verdict: {"01": "A" if one.accepted else "R", **_numbered(codes, 2)},
    }


def _numbered(codes: Sequence[str], first: int) -> dict[str, str]:
    return {f"{number:02d}": code for number, code in enumerate(codes, start=first)}


def _segment_notes(one: SetResult, names: Names) -> Iterator[dict[str, Any]]:
    """An AK3 for each segment with a problem, its AK4s below it. Problems without a place are told by AK5 alone. The 999 calls
    them IK3, IK4, IK5."""
    notes: dict[tuple[int, str, str], list[dict[str, Any]]] = {}
    for problem in one.problems:
        place = PLACE.search(problem.path)
        if place is None or problem.code in SET_CODES:
            continue
        code = SEGMENT_CODES.get(problem.code, ELEMENT_ERRORS)
        elements = notes.setdefault((int(place["number"]), place["tag"], code), [])
        if place["element"] is not None and code == ELEMENT_ERRORS:
            elements.append(_element_note(place, problem))
    for (number, tag, code), elements in sorted(notes.items()):
        yield {names.segment: {"01": tag, "02": str(number), "04": code}, names.element: elements}


def _element_note(place: re.Match[str], problem: SetProblem) -> dict[str, Any]:
    position = str(int(place["element"]))
    code = ELEMENT_CODES.get(problem.code) or (MISSING if problem.value is None else INVALID)
    return {
        "01": [position, place["component"]] if place["component"] else position,
        "02": ELEMENT_NUMBERS.get(f"{place['tag']}-{place['element']}"),
        "03": code,
        "04": (problem.value or "")[:99],
    }
