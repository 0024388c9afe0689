"""Stories: of one only the messages that lead to another subject are in an index, and all are found."""

from datetime import UTC, datetime
from decimal import Decimal

from canonical.documents.order_changes import LineQty, OrderCancelled
from canonical.envelope import Message, caused_message, first_message
from store import archive, queries
from store.archive import Routed
from store.database import Database
from store.queries import MessageFilter

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)


def cancelled(order_no: str, qty: int) -> OrderCancelled:
    lines = (LineQty(line_no="1", qty=Decimal(qty)),)
    return OrderCancelled(order_no=order_no, lines=lines, reason_code="test", requested_by="test")


def told(order_no: str, qty: int) -> Message:
    return first_message(cancelled(order_no, qty), source="tests", raw_id=None, now=NOW)


def after(cause: Message, order_no: str, qty: int) -> Message:
    return caused_message(cancelled(order_no, qty), cause, source="tests", now=NOW)


def test_a_story_has_every_message_of_it_whatever_they_are_about_and_no_other(database: Database) -> None:
    first, another = told("A", 1), told("A", 2)
    same = after(first, "A", 3)
    other_subject = after(same, "B", 4)
    still_other = after(other_subject, "B", 5)
    back = after(still_other, "A", 6)
    story = [first, same, other_subject, still_other, back]
    assert [m.leads for m in story] == [False, False, True, False, True]
    with database.transaction() as tx:
        archive.record_messages(tx, [Routed(m) for m in (*story, another, after(another, "A", 7))])
    with database.reading() as tx:
        wanted = MessageFilter(correlation_id=first.correlation_id)
        found = queries.messages(tx, wanted, before=None, limit=9)
        children = queries.children(tx, other_subject.message_id, first.correlation_id, 9)
    assert {row.message_id for row in found} == {m.message_id for m in story}
    assert [row.message_id for row in children] == [still_other.message_id]
