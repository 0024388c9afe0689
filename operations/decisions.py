"""Why an order stands as it does: every decision taken about it, by policies and by people, in order."""

from datetime import datetime
from typing import Any

import orjson
from pydantic import Field

from handlers.order.recording import from_json
from operations.failing import not_found
from operations.views import View
from store import business, orders
from store.database import Database, Row, from_micros


class PolicyDecision(View):
    """What one policy, or one person, said of the order or of one line of it."""

    policy: str = Field(examples=["price"])
    result: str = Field(description="pass, hold, reject, approve, change, or unchecked: no master data to go by.")
    code: str | None = Field(default=None, description="Stable code; absent for a pass.", examples=["P_FLOOR"])
    line_no: str | None = None
    text: str = ""
    inputs: dict[str, Any] = Field(default_factory=dict, description="What it went by.")
    considered: list[dict[str, Any]] = Field(default_factory=list, description="Every candidate, with why it lost.")


class DecisionRun(View):
    """One run: what was to be decided, the message that led to it, and what each policy said, in order."""

    seq: int
    step: str = Field(description="confirm, release, or a person's verdict.")
    cause: str = Field(description="Id of the message.")
    cause_type: str | None = Field(default=None, description="Its type; absent where no message is kept.")
    decided_at: datetime
    decisions: list[PolicyDecision]


class OrderDecisions(View):
    """Every run of decisions about an order, the first one first."""

    order_no: str
    runs: list[DecisionRun]


def decisions(database: Database, order_no: str) -> OrderDecisions:
    """All that was decided about an order. NotFound."""
    with database.reading() as tx:
        if business.order(tx, order_no) is None:
            raise not_found(tx, "order", order_no)
        return OrderDecisions(order_no=order_no, runs=[_run(row) for row in orders.decisions(tx, order_no)])


def _run(row: Row) -> DecisionRun:
    return DecisionRun(
        seq=row.seq,
        step=row.step,
        cause=row.cause,
        cause_type=row.cause_type,
        decided_at=from_micros(row.decided_at),
        decisions=[PolicyDecision(**one) for one in from_json(orjson.loads(row.decisions))],
    )
