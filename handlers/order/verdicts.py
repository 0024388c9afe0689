"""What people decide about an order: approve, reject, release or place a hold, cancel, close short, close, reopen.

Every function checks first and raises `NotAllowed` before anything has changed.
"""

from collections.abc import Callable
from typing import cast

from canonical.documents.decisions import OrderDecided
from canonical.envelope import Message
from handlers.order import answering, cancelling, chain, changing, exceeding, recording, reserving
from handlers.order.books import Books, Order
from handlers.order.cases import take_over
from handlers.order.confirming import asked_by, fields_of, reject, settle
from handlers.order.derive import NO_PRICE
from handlers.order.expiring import EXPIRED, ask_again
from handlers.order.policies.approving import (
    Answer,
    Request,
    may_act,
    named,
    next_roles,
    people_of,
    refusal,
    repeated,
    standing,
)
from handlers.order.policies.base import Case, Decision
from handlers.order.progress import tell_money
from handlers.people import person
from handlers.refusing import NotAllowed
from handlers.worth import billed

MANUAL = "H_MANUAL"
NEVER_WAIVED = (NO_PRICE, "E_ITEM")
"""Without a price nothing can be billed, without a product nothing shipped: these go when the data are there."""
TEXTS = {
    "A_VOID": "the order is not what it was when this approval was asked for",
    "A_SELF_APPROVAL": "whoever asked for it may not approve it",
    "A_NOT_YOUR_TURN": "this role is not the one to decide now",
    "A_ROLE": "this person may not act in that role",
    "A_FOUR_EYES": "this person has decided already in another role",
}


def decide(books: Books, message: Message) -> str | None:
    """order.decided, once: a repeated one changes nothing. NotAllowed."""
    document = cast(OrderDecided, message.document)
    order = books.orders.get(document.order_no)
    if order is None:
        return f"order:{document.order_no}"
    if document.seq <= order.facts.decided:
        return None
    _check_role(document.actor, document.role, books)
    VERDICTS[document.verdict](books, order, document, message)
    order.facts.decided = document.seq
    order.change()
    return None


def _check_role(actor: str, role: str, books: Books) -> None:
    """A_ROLE for a person who is not named for the role, A_NOBODY where nobody is."""
    settings = books.settings.approval
    if may_act(actor, role, books.now, settings):
        return
    if not people_of(role, books.now, settings):
        raise NotAllowed("A_NOBODY", f"nobody is named for {role}: name people under approval.people in policies.yaml")
    raise NotAllowed("A_ROLE", f"{TEXTS['A_ROLE']}: {named([role], books.now, settings)} may")


def refused(books: Books, message: Message, error: NotAllowed) -> None:
    """Keep that a decision was asked for that is not allowed."""
    document = cast(OrderDecided, message.document)
    order = books.orders[document.order_no]
    decision = Decision("person", "reject", error.code, None, error.text, _inputs(document))
    recording.record(books, order, document.verdict, message, [decision])


def _note(books: Books, order: Order, document: OrderDecided, message: Message) -> None:
    """Keep what a person decided, before what follows from it."""
    decision = Decision("person", "pass", None, None, document.reason, _inputs(document))
    recording.record(books, order, document.verdict, message, [decision])


def _approve(books: Books, order: Order, document: OrderDecided, message: Message) -> None:
    request, answers = _asked(order)
    answer = Answer(request.fields, document.role, document.actor, approves=True, at=books.now)
    if repeated(request, answers, answer):
        return
    _check(books, request, answers, answer)
    _note(books, order, document, message)
    answers.append(answer)
    order.facts.approval["answers"] = [one.as_json() for one in answers]
    order.facts.holds.pop(EXPIRED, None)
    if standing(request, answers, books.settings.approval) == "approved":
        order.facts.approved = request.fields
        _lift(order, request.lifts)
        _go_on(books, order, document, message)


def _reject(books: Books, order: Order, document: OrderDecided, message: Message) -> None:
    facts = order.facts
    if facts.rejected or not (facts.pending == "new" or facts.before):
        raise NotAllowed("O_TRANSITION", f"an order that is {order.state.state} cannot be rejected")
    owners = {hold["owner"] for hold in order.facts.holds.values()}
    if facts.approval:
        request, answers = _asked(order)
        answer = Answer(request.fields, document.role, document.actor, approves=False, at=books.now)
        code = refusal(request, answers, answer, books.settings.approval)
        if code is not None and document.role not in owners:
            raise NotAllowed(code, _why(books, request, answers, code))
    elif document.role not in owners:
        raise NotAllowed("O_OWNER", f"none of its holds belongs to {document.role}")
    codes = list(order.state.holds) or ["A_REJECTED"]
    _note(books, order, document, message)
    if facts.before:
        changing.take_back(books, order, (*codes, document.reason), message)
    else:
        reject(books, order, codes, message, document.reason)


def _release(books: Books, order: Order, document: OrderDecided, message: Message) -> None:
    """Lift holds. What has gone by itself since (data were mended) goes as well; the order goes on when none is left."""
    lifted = set(order.facts.approval["request"]["lifts"]) if order.facts.approval else set()
    mine = [code for code in order.state.holds if answering.owner_of(books, order, code) == document.role and code not in lifted]
    codes = list(document.codes) or mine
    if not codes:
        raise NotAllowed("O_OWNER", f"none of its holds belongs to {document.role}")
    for code in codes:
        _check_release(books, order, document, code, lifted)
    case = chain.again(books, order)
    again = {*case.codes("hold"), *case.codes("change")}
    stuck = [code for code in codes if code in NEVER_WAIVED and code in again]
    if stuck:
        raise NotAllowed(stuck[0], "this hold goes when the data it lacks are there")
    _note(books, order, document, message)
    if order.facts.pending:
        take_over(books, order, case)
    exceeding.accept(books, order, codes)
    if EXPIRED in codes:
        ask_again(order, books.now)
    _lift(order, codes)
    tell_money(order, message, books.outcome)
    _go_on(books, order, document, message, case)


def _check_release(books: Books, order: Order, document: OrderDecided, code: str, lifted: set[str]) -> None:
    if code not in order.state.holds:
        raise NotAllowed("O_NO_HOLD", f"the order is not held for {code}")
    if code in lifted:
        raise NotAllowed("O_APPROVAL", f"{code} goes when everybody asked has approved")
    if answering.owner_of(books, order, code) != document.role:
        owner = named([answering.owner_of(books, order, code)], books.now, books.settings.approval)
        raise NotAllowed("O_OWNER", f"{code} is a matter of {owner}")
    who = {person(name) for name in asked_by(order, Case(order.document, order.origin, books.now, books.today))}
    if person(document.actor) in who:
        raise NotAllowed("A_SELF_APPROVAL", TEXTS["A_SELF_APPROVAL"])


def _hold(books: Books, order: Order, document: OrderDecided, message: Message) -> None:
    if order.state.state not in ("confirmed", "on_hold", "approval"):
        raise NotAllowed("O_TRANSITION", f"an order that is {order.state.state} cannot be held")
    for code in document.codes or (MANUAL,):
        order.facts.holds[code] = {"owner": document.role, "step": "person", "by": document.actor}
    order.restate()
    _note(books, order, document, message)
    answering.hold(books, order, chain.again(books, order), message)


def _cancel(books: Books, order: Order, document: OrderDecided, message: Message) -> None:
    if not any(line.open for line in order.state.lines.values()):
        raise NotAllowed("O_NOTHING_OPEN", "nothing of the order is open")
    unknown = [line.line_no for line in document.lines if line.line_no not in order.state.lines]
    if unknown:
        raise NotAllowed("O_LINE_UNKNOWN", f"the order has no line {unknown[0]}")
    for line in document.lines:
        left = order.state.lines[line.line_no].open
        if line.qty > left:
            raise NotAllowed("O_MORE_THAN_OPEN", f"line {line.line_no}: only {left} is open")
    rest = _still_open(order) if any(line.shipped for line in order.state.lines.values()) else {}
    _take_back(books, order, {line.line_no: str(line.qty) for line in document.lines} or rest, document, message)


def _short_close(books: Books, order: Order, document: OrderDecided, message: Message) -> None:
    """Nothing more will be shipped: what is open is taken off."""
    if not any(line.shipped for line in order.state.lines.values()):
        raise NotAllowed("O_TRANSITION", "nothing has been shipped; cancel the order instead")
    still_open = _still_open(order)
    if not still_open:
        raise NotAllowed("O_NOTHING_OPEN", "nothing of the order is open")
    _take_back(books, order, still_open, document, message)


def _still_open(order: Order) -> dict[str, str]:
    return {no: str(line.open) for no, line in order.state.lines.items() if line.open}


def _take_back(books: Books, order: Order, lines: dict[str, str], document: OrderDecided, message: Message) -> None:
    _note(books, order, document, message)
    name = f"decided {document.seq}"
    cancelling.take_back(books, order, name, lines, message, why=document.verdict, answer=document.reason)


def _close(books: Books, order: Order, document: OrderDecided, message: Message) -> None:
    """An order that was reopened is done again. Whatever lacks is told."""
    lacks = [
        *(["goods are open"] if any(line.open for line in order.state.lines.values()) else []),
        *(["goods are not billed"] if billed(order.document) and order.state.billing not in ("full", "credited") else []),
        *(["money is missing or too much"] if billed(order.document) and order.state.payment not in ("paid", "refunded") else []),
    ]
    if lacks:
        raise NotAllowed("O_NOT_DONE", f"it cannot be closed: {', '.join(lacks)}")
    if not order.facts.reopened:
        raise NotAllowed("O_TRANSITION", f"the order is {order.state.state} already")
    order.facts.reopened = False
    order.restate()
    _note(books, order, document, message)


def _reopen(books: Books, order: Order, document: OrderDecided, message: Message) -> None:
    """A closed order is looked at again; a rejected one goes through the policies again."""
    state = order.state.state
    if state == "closed":
        order.facts.reopened = True
        order.restate()
        _note(books, order, document, message)
    elif state == "rejected":
        order.facts.rejected, order.facts.pending = [], "new"
        order.restate()
        _note(books, order, document, message)
        case = chain.again(books, order)
        take_over(books, order, case)
        settle(books, order, case, "confirm", message)
    else:
        raise NotAllowed("O_TRANSITION", f"an order that is {state} cannot be reopened")


def _go_on(books: Books, order: Order, document: OrderDecided, message: Message, case: Case | None = None) -> None:
    """Confirm a pending order that nothing stands against any more; let goods of a confirmed one leave."""
    if not order.facts.pending:
        reserving.ask_for_shipments(books, order, message)
        return
    case = case if case is not None else chain.again(books, order)
    settle(books, order, case, "confirm", message)


def _lift(order: Order, codes: object) -> None:
    fields = fields_of(order)
    for code in cast(tuple[str, ...], codes):
        order.facts.holds.pop(code, None)
        order.facts.waived[code] = fields
    order.change()


def _asked(order: Order) -> tuple[Request, list[Answer]]:
    if not order.facts.approval or order.state.state not in ("approval", "on_hold"):
        raise NotAllowed("O_NO_APPROVAL", f"nobody is asked to approve it; it is {order.state.state}")
    kept = order.facts.approval
    return Request.from_json(kept["request"]), [Answer.from_json(one) for one in kept["answers"]]


def _check(books: Books, request: Request, answers: list[Answer], answer: Answer) -> None:
    code = refusal(request, answers, answer, books.settings.approval)
    if code is not None:
        raise NotAllowed(code, _why(books, request, answers, code))


def _why(books: Books, request: Request, answers: list[Answer], code: str) -> str:
    """The refusal in a sentence; whose turn it is, where it is another's."""
    if code != "A_NOT_YOUR_TURN":
        return TEXTS[code]
    settings = books.settings.approval
    roles = next_roles(request, answers, books.now, settings)
    return f"{TEXTS[code]}: {named(roles, books.now, settings)} may" if roles else f"{TEXTS[code]}: nobody is asked any more"


def _inputs(document: OrderDecided) -> dict[str, object]:
    return {
        "verdict": document.verdict, "actor": document.actor, "role": document.role, "codes": list(document.codes),
        "lines": [f"{line.line_no}: {line.qty}" for line in document.lines],
    }  # fmt: skip


VERDICTS: dict[str, Callable[[Books, Order, OrderDecided, Message], None]] = {
    "approve": _approve,
    "reject": _reject,
    "release": _release,
    "hold": _hold,
    "cancel": _cancel,
    "short_close": _short_close,
    "close": _close,
    "reopen": _reopen,
}
