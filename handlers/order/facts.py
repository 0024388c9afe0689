"""What is known about an order besides its document in force: facts, each under its own name, so that repeats change nothing.

Facts that come from outside are kept as they came and commute. What was decided (holds, approvals, answers of people) and what
was already sent out (`told`, `reduced`, `asked`, the counters) depends on what came first, and is therefore kept, not recomputed.
"""

import logging
from typing import Any

import msgspec

log = logging.getLogger("orderlane.orders")
WARNED: set[str] = set()
"""Kinds of facts that were warned of: once in a process."""


class Facts(msgspec.Struct, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """The facts of one order, as JSON values; quantities and amounts are text. TypeError for a kind of fact that there is not.

    From outside. cancels: {message identity: {line_no: qty}}, an empty one takes back everything; cancelled_at: {the same identity:
    when that was asked for, in microseconds}. revisions: what the buyer asked the order to become, as `revisions` has it, once
    anything was changed; until then revised: {"from": the revision that came first, "at": when the one in force was made}, where
    it is not the first of all.
    shipments: {shipment_no: {"lines": {line_no: qty}, "tracking_nos": [...], "state": ..., "delivered": {line_no: qty}}}.
    returns: {message identity: {line_no: qty}}; uncredited: of them, for which no money goes back.
    invoices: {invoice_no: {"gross": amount, "lines": {line_no: qty}, "due": day}}; a supplementary one bills no quantity, "of" is
    what it supplements. credits: credit notes alike. voided: invoice numbers.
    allocations, undone, written_off: {identity: [amount, invoice_no, why]}.
    withdrawn: {payment_ref: amount that went back to its payer}. dunned: invoices for which the buyer's credit is held.
    reserved: {stock's seq: {"at": location, "lines": {line_no: qty},
    "lots": {line_no: [lot]}}}. released: {stock's seq: {line_no: qty}}. wanted: {line_no: qty} the buyer asked for last where more
    has left: it follows from the revisions.

    Decided. pending: the document in force is not confirmed yet: "new", or "change" where an earlier one was. before: that one
    then: {"document", "revision", "priced", "counted": the names of the revisions in it}.
    holds: {code: {"owner": role, "step": confirm, release, recall or person}}. waived: {code: hash of what it was lifted for}.
    approval: {"request", "answers"} as `policies.approving` has them. approved: the hash of what everybody asked has approved.
    rejected: codes.
    refused: {line_no or "": code} of the last change. accepted: {code: {line_no: qty}} that left beyond
    the order, or came back beyond what had left, and is to stay so. reopened: by a person. priced: lines whose price is ours.

    Sent out. told: milestones. reduced: {line_no: qty} told to stock; reductions: in how many messages. asked_back: {line_no: qty}
    that left though it was cancelled; calls_back: in how many messages. asked: the reservations
    (stock's seq) whose goods a warehouse was asked to ship; requests: in how many shipments. requested: {number of the
    shipment: {"at": location, "lines": {line_no: qty}}} as far as it was not withdrawn; withdrawals: in how many messages.
    foreign: {kind: facts} of another version.
    runs, decided, held, answers, restated: how many runs of decisions, decisions of people, order.held and order.response there
    were, and how often the document in force was confirmed anew without a new revision.
    """

    cancels: dict[str, dict[str, str]] = {}
    cancelled_at: dict[str, int] = {}
    shipments: dict[str, dict[str, Any]] = {}
    returns: dict[str, dict[str, str]] = {}
    uncredited: dict[str, dict[str, str]] = {}
    invoices: dict[str, dict[str, Any]] = {}
    credits: dict[str, dict[str, Any]] = {}
    voided: list[str] = []
    allocations: dict[str, list[str]] = {}
    undone: dict[str, list[str]] = {}
    written_off: dict[str, list[str]] = {}
    withdrawn: dict[str, str] = {}
    dunned: list[str] = []
    reserved: dict[str, dict[str, Any]] = {}
    released: dict[str, dict[str, str]] = {}
    revisions: list[dict[str, Any]] = []
    revised: dict[str, int] = {}
    wanted: dict[str, str] = {}

    pending: str = ""
    before: dict[str, Any] = {}
    holds: dict[str, dict[str, str]] = {}
    waived: dict[str, str] = {}
    approval: dict[str, Any] = {}
    approved: str = ""
    rejected: list[str] = []
    refused: dict[str, str] = {}
    accepted: dict[str, dict[str, str]] = {}
    reopened: bool = False
    priced: list[str] = []

    told: list[str] = []
    reduced: dict[str, str] = {}
    reductions: int = 0
    asked_back: dict[str, str] = {}
    calls_back: int = 0
    asked: list[str] = []
    requests: int = 0
    requested: dict[str, dict[str, Any]] = {}
    withdrawals: int = 0
    runs: int = 0
    decided: int = 0
    held: int = 0
    answers: int = 0
    restated: int = 0

    foreign: dict[str, Any] = {}

    @classmethod
    def kept(cls, written: str | bytes) -> "Facts":
        """The facts of a stored order. Kinds that only another version of the hub knows say nothing here and stay with the order,
        as `foreign`: that version may read it again."""
        try:
            facts = READER.decode(written)
        except msgspec.ValidationError:
            return cls._of_another_version(msgspec.json.decode(written))
        return cls._of_another_version(msgspec.json.decode(written)) if facts.foreign else facts

    @classmethod
    def _of_another_version(cls, known: dict[str, Any]) -> "Facts":
        known |= known.pop("foreign", {})
        foreign = {name: value for name, value in known.items() if name not in cls.__struct_fields__}
        for name in foreign.keys() - WARNED:
            log.warning("an order has facts of a kind that this version does not know", extra={"kind": name})
        WARNED.update(foreign)
        return cls(**{name: value for name, value in known.items() if name not in foreign}, foreign=foreign)

    def written(self) -> bytes:
        """Their JSON: what differs from knowing nothing."""
        return WRITER.encode(self)

    @property
    def moved(self) -> bool:
        """Whether goods or money have moved, or something was taken back."""
        goods = self.cancels or self.shipments or self.returns
        return bool(goods or self.invoices or self.credits or self.allocations or self.withdrawn)


READER, WRITER = msgspec.json.Decoder(Facts), msgspec.json.Encoder()
