"""The verdict on a received interchange as the canonical `interchange.received`, and that as the segments of a CONTRL.

A message is accepted only when neither its envelope nor the translation of its content found a problem. The codes are those of the
service data element 0085.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from canonical.documents.acknowledgements import GroupResult, InterchangeReceived, SetProblem, SetResult
from canonical.problems import Problem
from mappings.codecs.base import Verdicts
from mappings.codecs.edifact_envelopes import Group, Interchange, Message
from mappings.codecs.edifact_segments import Segment, Separators

REJECTED, ACKNOWLEDGED = "4", "7"
"""0083: this level and all below are rejected; this level is acknowledged, and below it what is not rejected."""
UNSPECIFIED = "18"
ERROR_CODES = {
    "E_EDIFACT_UNSUPPORTED": "14",
    "E_EDIFACT_UNH": "13",
    "E_EDIFACT_UNT_MISSING": "13",
    "E_EDIFACT_UNE_MISSING": "13",
    "E_EDIFACT_SEGMENT_MISSING": "13",
    "E_EDIFACT_SEGMENT_REPEATED": "35",
    "E_EDIFACT_UNH_DUPLICATE": "26",
    "E_EDIFACT_UNT_REFERENCE": "28",
    "E_EDIFACT_UNE_REFERENCE": "28",
    "E_EDIFACT_UNZ_REFERENCE": "28",
    "E_EDIFACT_UNT_COUNT": "29",
    "E_EDIFACT_UNE_COUNT": "29",
    "E_EDIFACT_UNZ_COUNT": "29",
    "E_EDIFACT_CNT": "29",
    "E_EDIFACT_STRUCTURE": "33",
}
"""Problem code to 0085; everything else is a value that is missing (13) or not allowed (12)."""
MISSING, INVALID = "13", "12"
PLACE = re.compile(
    r"[A-Z]{3}(?:\[\d+\])?(?:-(?P<element>\d\d)(?:-(?P<component>\d+))?)? \(segment (?P<number>\d+)\)$"
)  # fmt: skip
ENVELOPE = re.compile(r"/UN[HT]\b")
MOST_NOTES = 99


def verdict_on(interchange: Interchange) -> Callable[[Verdicts, str], InterchangeReceived]:
    """What makes the verdict, once the problems of every message and the name of the endpoint are known."""

    def verdict(problems: Verdicts, origin: str) -> InterchangeReceived:
        unb = interchange.header
        assert unb is not None
        return InterchangeReceived(
            origin=origin,
            standard="edifact",
            control_no=unb.text(5),
            sender_qualifier=unb.text(2, 2),
            sender=unb.text(2),
            receiver_qualifier=unb.text(3, 2),
            receiver=unb.text(3),
            sent_date=unb.text(4),
            sent_time=unb.text(4, 2),
            usage="T" if unb.text(11) == "1" else "P",
            receipt_requested=unb.text(9) == "1",
            problems=_told(interchange.problems),
            groups=tuple(_group_result(group, interchange, problems) for group in interchange.groups),
        )

    return verdict


def _group_result(group: Group, interchange: Interchange, problems: Verdicts) -> GroupResult:
    inherited = (*group.problems, *interchange.problems)
    header = group.header or Segment("UNG", "UNG", Separators())
    stated = group.trailer.text(1) if group.trailer is not None else ""
    return GroupResult(
        control_no=group.control_no,
        functional_id=header.text(1),
        version=header.whole(7),
        stated_count=int(stated) if stated.isdecimal() and len(stated) < 10 else len(group.messages),
        sets=tuple(_result(one, inherited, problems) for one in group.messages),
        sender=header.text(2),
        receiver=header.text(3),
        problems=_told(group.problems),
    )


def _result(one: Message, inherited: Sequence[Problem], problems: Verdicts) -> SetResult:
    found = list(dict.fromkeys((*one.problems, *problems.get(one.reference, ()))))
    own = [problem for problem in found if problem not in inherited]
    return SetResult(control_no=one.control_no, kind=one.type, accepted=not found and not inherited, problems=_told(own))


def _told(problems: Sequence[Problem]) -> tuple[SetProblem, ...]:
    return tuple(SetProblem(code=p.code, path=p.path, message=p.message, value=p.value) for p in problems)


def control_message(received: InterchangeReceived) -> dict[str, Any]:
    """UCI and what stands below it, as a tree for `edifact_writing`. A rejected interchange is rejected as a whole."""
    parties = {
        "02": [received.sender, received.sender_qualifier], "03": [received.receiver, received.receiver_qualifier],
    }  # fmt: skip
    if received.problems:
        return {"UCI": {"01": received.control_no, **parties, "04": REJECTED, "05": _code(received.problems[0])}}
    tree: dict[str, Any] = {"UCI": {"01": received.control_no, **parties, "04": ACKNOWLEDGED}}
    for group in received.groups:
        messages = [_response(one) for one in group.sets]
        if group.control_no:
            tree.setdefault("UCF", []).append(_group_response(group, messages))
        else:
            tree.setdefault("UCM", []).extend(messages)
    return tree


def _group_response(group: GroupResult, messages: list[dict[str, Any]]) -> dict[str, Any]:
    ucf = {"01": group.control_no, "02": group.sender, "03": group.receiver}
    if group.problems:
        return {"UCF": {**ucf, "04": REJECTED, "05": _code(group.problems[0])}}
    return {"UCF": {**ucf, "04": ACKNOWLEDGED}, "UCM": messages}


def _response(one: SetResult) -> dict[str, Any]:
    ucm = {"01": one.control_no, "02": one.kind.split(":")}
    if one.accepted:
        return {"UCM": {**ucm, "03": ACKNOWLEDGED}}
    elsewhere = [problem for problem in one.problems if not _is_placed(problem)]
    code = _code(elsewhere[0]) if elsewhere else UNSPECIFIED if not one.problems else None
    return {"UCM": {**ucm, "03": REJECTED, "04": code}, "UCS": list(_segment_notes(one))[:MOST_NOTES]}


def _is_placed(problem: SetProblem) -> bool:
    """Whether a problem is told at a segment inside the message; those of UNH and UNT are the message's own."""
    return PLACE.search(problem.path) is not None and not ENVELOPE.search(problem.path)


def _segment_notes(one: SetResult) -> Iterator[dict[str, Any]]:
    """A UCS for each segment with a problem, its UCDs below it."""
    notes: dict[int, list[SetProblem]] = {}
    for problem in one.problems:
        place = PLACE.search(problem.path)
        if place is not None and _is_placed(problem):
            notes.setdefault(int(place["number"]), []).append(problem)
    for number, problems in sorted(notes.items()):
        elements = [note for problem in problems if (note := _element_note(problem))]
        whole = None if elements else _code(problems[0])
        yield {"UCS": {"01": str(number), "02": whole}, "UCD": elements}


def _element_note(problem: SetProblem) -> dict[str, Any] | None:
    """UCD: the code and the place of the element; positions count from the tag as 1 (ISO 9735-4)."""
    place = PLACE.search(problem.path)
    if place is None or place["element"] is None:
        return None
    return {"01": _code(problem), "02": [str(int(place["element"]) + 1), place["component"]]}


def _code(problem: SetProblem) -> str:
    return ERROR_CODES.get(problem.code) or (MISSING if problem.value is None else INVALID)
