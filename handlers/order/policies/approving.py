"""R6: how an approval goes on: who may decide next, which answers are refused, and when it is done. Facts in, pure functions."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Literal

from handlers.order.policies.settings import ApprovalSettings, Role
from handlers.people import person

Standing = Literal["open", "approved", "rejected"]


@dataclass(frozen=True, slots=True)
class Request:
    """Somebody has to approve. fields: the hash of what is approved. roles: in the order they decide. asked_by: every name of
    who wants it; none of them may approve it. lifts: the holds that go once all have approved."""

    fields: str
    roles: tuple[Role, ...]
    asked_at: datetime
    asked_by: tuple[str, ...] = ()
    lifts: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"asked_at": self.asked_at.isoformat()}

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> "Request":
        lists = {name: tuple(kept[name]) for name in ("roles", "asked_by", "lifts")}
        return cls(kept["fields"], asked_at=datetime.fromisoformat(kept["asked_at"]), **lists)


@dataclass(frozen=True, slots=True)
class Answer:
    """What one person said, acting in a role, about what then had that hash."""

    fields: str
    role: Role
    actor: str
    approves: bool
    at: datetime

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"at": self.at.isoformat()}

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> "Answer":
        return cls(**kept | {"at": datetime.fromisoformat(kept["at"])})


def standing(request: Request, answers: Sequence[Answer], settings: ApprovalSettings) -> Standing:
    """Whether everybody has approved what it is now; one who rejects ends it. Answers to something else do not count."""
    counting = _counting(request, answers)
    if any(not answer.approves for answer in counting):
        return "rejected"
    return "open" if _missing(request, counting, settings) else "approved"


def next_roles(request: Request, answers: Sequence[Answer], now: datetime, settings: ApprovalSettings) -> tuple[Role, ...]:
    """Who may decide now: the next role of the chain, and, when it has let the time pass, whom that escalates to."""
    counting = _counting(request, answers)
    missing = _missing(request, counting, settings)
    if not missing or any(not answer.approves for answer in counting):
        return ()
    overdue = (now - _since(request, answers)) // settings.answer_within
    roles = [missing[0]]
    while overdue > 0 and (above := settings.escalate.get(roles[-1])) is not None and above not in roles:
        roles.append(above)
        overdue -= 1
    return tuple(roles)


def expires_at(request: Request, answers: Sequence[Answer], settings: ApprovalSettings) -> datetime | None:
    """When the next role and everybody it escalates to have let the time pass; None where nobody is asked."""
    missing = _missing(request, _counting(request, answers), settings)
    if not missing:
        return None
    return _since(request, answers) + settings.answer_within * len(_above(missing[0], settings))


def _since(request: Request, answers: Sequence[Answer]) -> datetime:
    """When the role that is asked now was asked."""
    return max([request.asked_at, *(answer.at for answer in _counting(request, answers))])


def refusal(request: Request, answers: Sequence[Answer], answer: Answer, settings: ApprovalSettings) -> str | None:
    """The code of why an answer does not count; None where it does. A repeated one is no new answer, see `repeated`."""
    if answer.fields != request.fields:
        return "A_VOID"
    if person(answer.actor) in {person(name) for name in request.asked_by} and answer.approves:
        return "A_SELF_APPROVAL"
    if answer.role not in next_roles(request, answers, answer.at, settings):
        return "A_NOT_YOUR_TURN"
    if not may_act(answer.actor, answer.role, answer.at, settings):
        return "A_ROLE"
    if any(person(one.actor) == person(answer.actor) for one in _counting(request, answers)):
        return "A_FOUR_EYES"
    return None


def repeated(request: Request, answers: Sequence[Answer], answer: Answer) -> bool:
    """Whether the same person has said the same before, in the same role, about the same: nothing happens then."""
    told = (answer.fields, answer.role, person(answer.actor), answer.approves)
    return any((one.fields, one.role, person(one.actor), one.approves) == told for one in _counting(request, answers))


def may_act(actor: str, role: Role, at: datetime, settings: ApprovalSettings) -> bool:
    """Whether a person may act in a role: named for it, standing in for it, or it is open to all."""
    if is_open(role, settings):
        return True
    return person(actor) in {person(name) for name in people_of(role, at, settings)}


def is_open(role: Role, settings: ApprovalSettings) -> bool:
    """Whether anybody may act in a role: only where nobody is named for it, and the settings say so."""
    return settings.unnamed == "anybody" and role not in settings.people


def people_of(role: Role, at: datetime, settings: ApprovalSettings) -> tuple[str, ...]:
    """Who is named for a role, and who stands in on that day; nobody where it is open to all."""
    if is_open(role, settings):
        return ()
    day = at.date()
    deputies = [one.to for one in settings.delegations if one.role == role and one.first <= day <= one.last]
    return tuple(dict.fromkeys([*settings.people.get(role, ()), *deputies]))


def named(roles: Sequence[Role], at: datetime, settings: ApprovalSettings) -> str:
    """The roles, each with its people where any are named: `compliance (zhao.min), finance`."""
    told = []
    for role in roles:
        people = people_of(role, at, settings)
        told.append(f"{role} ({', '.join(people)})" if people else role)
    return " or ".join(told)


def _counting(request: Request, answers: Sequence[Answer]) -> list[Answer]:
    return [answer for answer in answers if answer.fields == request.fields]


def _missing(request: Request, counting: Sequence[Answer], settings: ApprovalSettings) -> list[Role]:
    """The roles that have not approved, nor anybody they escalate to in their stead."""
    said = [answer.role for answer in counting if answer.approves]
    missing = []
    for role in request.roles:
        stands_in = next((one for one in said if one in _above(role, settings)), None)
        if stands_in is None:
            missing.append(role)
        elif stands_in not in request.roles:
            said.remove(stands_in)
    return missing


def _above(role: Role, settings: ApprovalSettings) -> list[Role]:
    """The role itself and everybody it escalates to."""
    line = [role]
    while (above := settings.escalate.get(line[-1])) is not None and above not in line:
        line.append(above)
    return line
