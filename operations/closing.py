"""Closing a case that no later news explain: a person has looked into it. A message that says so, and an audit entry."""

from datetime import UTC, datetime

from canonical.documents.cases import CaseChanged
from canonical.envelope import told_message
from canonical.reading import read
from operations.access import Operations
from operations.deciding import PEOPLE
from operations.failing import NotFound, NotPossible
from operations.views import View
from store import archive, auditing, lots

BY_PEOPLE = frozenset({"unfit", "sold_outside"})
"""Kinds that follow from one message: nothing that comes later explains them."""


class CaseClosed(View):
    """A case that a person has closed, and the message that tells it."""

    case_no: str
    state: str
    message_id: str


def close_case(hub: Operations, case_no: str, *, actor: str, reason: str) -> CaseClosed:
    """Somebody has looked into it. NotFound; NotPossible where it is not open, or where later news explain it by themselves."""
    now = datetime.now(UTC)
    with hub.database.transaction() as tx:
        row = lots.lock_case(tx, case_no)
        if row is None:
            raise NotFound("case", case_no)
        case = read(CaseChanged, row.document)
        if case.kind not in BY_PEOPLE:
            raise NotPossible(f"a case of the kind {case.kind} is explained by later news: a transfer, a dispatch, a correction")
        if case.state != "open":
            raise NotPossible(f"the case is {case.state}")
        closed = case.but(seq=case.seq + 1, state="closed", closed_by=actor, closed_because=reason)
        lots.close_case(tx, case_no, closed.content())
        message = told_message(closed, source=PEOPLE, correlation_id=None, now=now)
        archive.record_messages(tx, hub.intake.router.routed([message]))
        auditing.record(tx, [message.message_id], actor=actor, action="close case", reason=reason)
    return CaseClosed(case_no=case_no, state=closed.state, message_id=message.message_id)
