"""Counting by what the partners saw: from their 2xx answers and what they received, without any of the hub's own code.

`orderlane verify` asks the hub whether its books agree; this asks whether they agree with the outside world.
"""

import json
import time
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from benchmarks import orders
from benchmarks.chaos.rig import Rig
from benchmarks.chaos.shop import Told
from benchmarks.hub import LOCATION, MILLIONTHS, ON_HAND, order_no
from demo.receiver import Receiver
from store.database import JSON

SETTLE_S = 300.0
EACH_CHANNEL = {
    "postgresql": "json_array_elements_text(CAST(m.channels AS json)) AS c(value)",
    "sqlite": "json_each(m.channels) AS c",
}
WAITING = (
    "SELECT (SELECT count(*) FROM outbox) + (SELECT count(*) FROM parked) + (SELECT count(*) FROM retries)"
    " + (SELECT count(*) FROM deliveries WHERE status IN ('pending', 'queued'))"
)
UNHANDLED = (
    "SELECT count(*) FROM messages m CROSS JOIN {each} WHERE c.value IN ('order', 'stock', 'invoice', 'master') AND NOT EXISTS"
    " (SELECT 1 FROM receipts r WHERE r.message_id = m.message_id AND r.channel = c.value)"
)
LINES = "SELECT order_no, item, demanded, reserved, shipped, backordered FROM stock_lines"
LEVELS = "SELECT item, on_hand, reserved FROM stock WHERE location = :location"
BILLED = "SELECT CAST(body AS {json}) ->> 'shipment_no', count(*) FROM messages WHERE type = 'invoice.issued' GROUP BY 1"
INVOICED = "SELECT order_no, count(*) FROM invoices GROUP BY order_no"
PAID = "SELECT payment_ref, amount, allocated FROM payments"
STATES = "SELECT order_no, state FROM orders"
PLACES = "SELECT key, count(*) FROM master_records WHERE kind = 'warehouse.master' GROUP BY key"
RAWS = "SELECT count(*) FROM raw_messages WHERE status = 'accepted'"
DEAD = "SELECT count(*) FROM dead_letters WHERE status = 'dead'"
UNSENT = "SELECT count(*) FROM deliveries WHERE status <> 'sent'"

NOTE_WAITING = (
    "CREATE TABLE waited (message_id text, channel text, place text)",
    "CREATE FUNCTION note_waiting() RETURNS trigger LANGUAGE plpgsql AS"
    " 'BEGIN INSERT INTO waited VALUES (NEW.message_id, NEW.channel, TG_TABLE_NAME); RETURN NEW; END'",
    "CREATE TRIGGER note_waiting AFTER INSERT ON parked FOR EACH ROW EXECUTE FUNCTION note_waiting()",
    "CREATE TRIGGER note_waiting AFTER INSERT ON retries FOR EACH ROW EXECUTE FUNCTION note_waiting()",
)
"""Keeps what was ever set aside, which the hub itself forgets once it is handled."""
DISORDERED = """
SELECT count(*) FILTER (WHERE set_aside), count(*) FILTER (WHERE NOT set_aside), min(message_id) FILTER (WHERE NOT set_aside)
FROM (SELECT message_id, EXISTS (SELECT 1 FROM waited w WHERE w.message_id = o.message_id AND w.channel = o.channel
              AND w.place = 'parked') AS set_aside
      FROM (SELECT m.message_id, r.channel, m.recorded_at, max(m.recorded_at) OVER
                   (PARTITION BY r.channel, m.partition_key, m.source ORDER BY r.receipt_id
                    ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS latest
            FROM receipts r JOIN messages m ON m.message_id = r.message_id) AS o
      WHERE recorded_at < latest) AS late
"""


@dataclass(slots=True)
class Count:
    """Differences by what they are: too few of something, too many of something."""

    lost: Counter[str] = field(default_factory=Counter)
    doubled: Counter[str] = field(default_factory=Counter)

    def compare(self, what: str, wanted: int, found: int) -> None:
        self.lost[what] += max(0, wanted - found)
        self.doubled[what] += max(0, found - wanted)


@dataclass(frozen=True, slots=True)
class Order:
    """Pairs of messages handled in another order than recorded, within one channel, key and source.

    overtaken: the earlier one had been parked (it came before what it is about), so the later one rightly went first.
    disordered: it had not; example: one such message.
    """

    overtaken: int
    disordered: int
    example: str | None


def settle(rig: Rig, seconds: float = SETTLE_S) -> float:
    """Wait until nothing is on its way any more; how many seconds that took. Returns after `seconds` in any case."""
    began = time.monotonic()
    unhandled = UNHANDLED.format(each=EACH_CHANNEL[rig.system.engine.dialect.name])
    while time.monotonic() - began < seconds:
        try:
            if _number(rig, WAITING) == 0 and _number(rig, unhandled) == 0:
                break
        except DBAPIError:
            pass  # the database is still coming up
        time.sleep(0.5)
    return time.monotonic() - began


def count(rig: Rig, told: Told) -> Count:
    """Compare what is stored and what was received with what was accepted."""
    found = Count()
    _orders(rig, told, found)
    _stock(rig, told, found)
    _billing(rig, told, found)
    _payments(rig, told, found)
    _records(rig, told, found)
    found.compare("raw messages", len(told.accepted), _number(rig, RAWS))
    found.lost["dead letters"] += _number(rig, DEAD)
    found.lost["deliveries not sent"] += _number(rig, UNSENT)
    return Count(+found.lost, +found.doubled)


def order_kept(rig: Rig) -> Order:
    """How the order of handling compares with the order of recording. Needs NOTE_WAITING from the start (PostgreSQL)."""
    return Order(*_rows(rig, DISORDERED)[0])


def note_waiting(rig: Rig) -> None:
    with rig.system.engine.begin() as connection:
        for statement in NOTE_WAITING:
            connection.execute(text(statement))


def _orders(rig: Rig, told: Told, found: Count) -> None:
    """Every accepted order is there once, with each of its lines, reserved or shipped to the last piece."""
    names = {row[0] for row in _rows(rig, "SELECT order_no FROM orders")}
    wanted = {order_no(number) for number in told.orders}
    found.lost["orders"] += len(wanted - names)
    found.doubled["orders nobody sent"] += len(names - wanted)
    lines: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
    for name, *figures in _rows(rig, LINES):
        lines[name].append(tuple(figures))
    shipped = {(order_no(d.number), orders.lines_of(d.number)[d.step - 1].sku) for d in told.dispatches}
    for number in told.orders:
        name = order_no(number)
        there = {item: figures for item, *figures in lines[name]}
        found.compare("order lines", orders.LINES, len(lines[name]))
        for line in orders.lines_of(number):
            demanded, reserved, sent, waiting = there.get(line.sku, (0, 0, 0, 0))
            pieces = line.quantity * MILLIONTHS
            left = pieces if (name, line.sku) in shipped else 0
            found.compare("demanded lines", 1, int(demanded == pieces and waiting == 0))
            found.compare("pieces shipped", left // MILLIONTHS, sent // MILLIONTHS)
            found.compare("pieces reserved", (pieces - left) // MILLIONTHS, reserved // MILLIONTHS)


def _stock(rig: Rig, told: Told, found: Count) -> None:
    """On the shelves: everything minus what was dispatched, set aside: everything ordered minus what was dispatched."""
    gone: Counter[str] = Counter()
    for dispatch in told.dispatches:
        line = orders.lines_of(dispatch.number)[dispatch.step - 1]
        gone[line.sku] += line.quantity
    ordered = orders.demand(told.orders)
    for item, on_hand, reserved in _rows(rig, LEVELS, location=LOCATION):
        found.compare("pieces taken from stock", gone[item], (ON_HAND - on_hand) // MILLIONTHS)
        found.compare("pieces set aside in stock", ordered[item] - gone[item], reserved // MILLIONTHS)


def _billing(rig: Rig, told: Told, found: Count) -> None:
    """Every dispatch is billed once, and its invoice reached the receiver under one webhook id."""
    announced, heard = dict(_pairs(rig, BILLED.format(json=JSON[rig.system.engine.dialect.name]))), heard_of(rig.receiver)
    for dispatch in told.dispatches:
        found.compare("invoices announced", 1, announced.get(dispatch.reference, 0))
        found.compare("webhooks received", 1, heard.get(dispatch.reference, 0))
    wanted = Counter(order_no(dispatch.number) for dispatch in told.dispatches)
    invoiced = dict(_pairs(rig, INVOICED))
    for name in wanted.keys() | invoiced.keys():
        found.compare("invoices", wanted[name], invoiced.get(name, 0))
    found.lost["webhooks whose signature was wrong"] += rig.receiver.refused


def _payments(rig: Rig, told: Told, found: Count) -> None:
    """Every payment is there once and settles its invoices to the last cent, which closes its order."""
    paid = {ref: (amount, allocated) for ref, amount, allocated in _rows(rig, PAID)}
    states = dict(_rows(rig, STATES))
    found.doubled["payments nobody sent"] += len(paid.keys() - {payment.reference for payment in told.payments})
    for payment in told.payments:
        cents = int(orders.shopify_order(payment.number)["total_price"].replace(".", ""))
        amount, allocated = paid.get(payment.reference, (0, 0))
        found.compare("cents received", cents, amount)
        found.compare("cents allocated", cents, allocated)
        found.compare("orders closed", 1, int(states.get(order_no(payment.number)) == "closed"))


def _records(rig: Rig, told: Told, found: Count) -> None:
    """Every record of master data is kept in one edition."""
    kept = dict(_pairs(rig, PLACES))
    for record in told.records:
        found.compare("records of master data", 1, kept.pop(record.reference, 0))
    found.doubled["records nobody sent"] += len(kept)


def heard_of(receiver: Receiver) -> Mapping[str, int]:
    """Under how many webhook ids the receiver heard of each shipment's invoice."""
    return Counter(json.loads(event.body)["data"]["shipment_no"] for event in list(receiver.received.values()))


def repeated(receiver: Receiver) -> int:
    """Webhooks that came again under an id already received, which a receiver drops."""
    return sum(event.times - 1 for event in receiver.received.values())


def _number(rig: Rig, sql: str) -> int:
    return int(_rows(rig, sql)[0][0])


def _pairs(rig: Rig, sql: str) -> list[tuple[str, int]]:
    return [(name, int(number)) for name, number in _rows(rig, sql)]


def _rows(rig: Rig, sql: str, **parameters: Any) -> Sequence[Any]:
    with rig.system.engine.connect() as connection:
        return connection.execute(text(sql), parameters).fetchall()
