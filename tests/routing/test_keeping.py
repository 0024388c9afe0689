"""What is new in every part is kept in one statement, whatever else came with it is looked at; both ways come to the same."""

import asyncio
import threading
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from random import Random
from typing import Any

import pytest

from canonical.documents.orders import OrderLine, OrderPlaced
from canonical.envelope import first_message
from canonical.ids import new_id
from canonical.problems import Problem
from canonical.values import Party, Quantity
from connectors.base import Accepted
from routing.group_commit import GroupCommitter
from routing.keeping import Prepared, keep, keep_new
from routing.quick_commit import QuickCommitter
from store import archive, references
from store.archive import RawRecord, Routed
from store.database import Database, open_database
from store.lane import Lane
from store.references import Remembered
from store.used_tokens import UsedToken
from tests.support.services import new_database
from tests.support.waiting import PATIENCE
from tools.services import pair

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
KEPT = {
    "raw messages": "SELECT raw_id, endpoint, dedupe_key, document, sha256, headers, body, received_at, status, message_ids,"
    " problems FROM raw_messages ORDER BY raw_id",
    "messages": f"SELECT {archive.MESSAGE_FIELDS} FROM messages ORDER BY message_id",
    "outbox": "SELECT m.raw_id, o.message_id, o.channel, o.partition, o.redriven FROM outbox o JOIN messages m USING (message_id)"
    " ORDER BY m.raw_id, o.outbox_id",
    "deliveries": "SELECT message_id, endpoint, partition_key, status, next_at FROM deliveries ORDER BY message_id, endpoint",
    "references": "SELECT our_id, kind, endpoint, their_id FROM cross_references ORDER BY our_id, kind, endpoint",
}


def order(raw_id: str, number: int, pieces: int) -> Routed:
    """An order of one line, on its way to a handler and a shop; it names the order and its item in the shop's words."""
    party = Party(party_id="P")
    line = OrderLine(line_no="1", sku=f"SKU-{number}", buyer_item_id=f"theirs-{number}", qty=Quantity(value=Decimal(pieces)))
    document = OrderPlaced(
        order_no=f"O{number}", source_order_id=f"order-{number}", channel="ecommerce", sold_to=party, ship_to=party,
        currency="EUR", price_date=NOW.date(), lines=(line,),
    )  # fmt: skip
    message = first_message(document, source="shop", raw_id=raw_id, now=NOW)
    return Routed(message, (("order", number % 2), ("stock", 0)), ("shop-out",) if number % 3 else ())


def prepared(key: str, *orders: tuple[int, int], body: bytes = b"{}", token: UsedToken | None = None) -> Prepared:
    """A raw message with orders of (number, pieces); one without an order is refused."""
    raw_id = new_id()
    problems = () if orders else (Problem("E_SCHEMA", "lines", "expected a line"),)
    record = RawRecord(
        raw_id, "shop", key, "orders", body.hex(), {"x-id": key}, body, NOW, "accepted" if orders else "rejected"
    )  # fmt: skip
    return Prepared(record, [order(raw_id, *one) for one in orders], problems, token=token)


@pytest.fixture
def databases(services: dict[str, str], template: str) -> Iterator[tuple[Database, Database]]:
    """Two PostgreSQL databases of the same, empty tables."""
    server = services[pair.DATABASE_URL]
    with new_database(server, template=template) as one, new_database(server, template=template) as other:
        pair_of = open_database(one), open_database(other)
        yield pair_of
        for database in pair_of:
            database.close()


def carefully(database: Database, group: Sequence[Prepared]) -> list[Accepted]:
    with database.transaction() as tx:
        return keep(tx, group)


def quickly(database: Database, group: Sequence[Prepared], names: Remembered) -> list[Accepted | None]:
    """The short way alone."""
    told: list[list[Accepted | None] | Exception] = []

    async def on_a_lane() -> None:
        lane = await opened(database)
        lane.take(keep_new(group, names), told.append)
        while not told:
            await asyncio.sleep(0.001)
        await lane.close()

    asyncio.run(on_a_lane())
    (outcome,) = told
    assert isinstance(outcome, list), outcome
    return outcome


async def opened(database: Database) -> Lane:
    lane = Lane(database)
    while not lane.is_open():
        await asyncio.sleep(0.001)
    return lane


def committed(database: Database, group: Sequence[Prepared], names: Remembered) -> list[Accepted | Exception]:
    """As the intake door commits a group: the short way first."""
    told: dict[int, Accepted | Exception] = {}
    thorough: GroupCommitter[Prepared, Accepted, int] = GroupCommitter(lambda items: carefully(database, items), told.update)

    async def on_a_lane() -> None:
        committer: QuickCommitter[Prepared, Accepted, int] = QuickCommitter(
            await opened(database), lambda items: keep_new(items, names), told.update, thorough
        )
        committer.submit(*enumerate(group))
        await committer.close()

    asyncio.run(on_a_lane())
    thorough.close()
    assert len(told) == len(group), told
    return [told[number] for number in range(len(group))]


def rows(database: Database) -> dict[str, list[tuple[Any, ...]]]:
    with database.reading() as tx:
        return {name: [tuple(row) for row in tx.rows(sql)] for name, sql in KEPT.items()}


@pytest.mark.parametrize("seed", range(4))
def test_the_short_way_keeps_and_answers_what_looking_at_everything_does(databases: tuple[Database, Database], seed: int) -> None:
    one, other = databases
    chance, names = Random(seed), Remembered(most=5)
    for _ in range(12):
        group = [
            prepared(
                f"delivery-{chance.randrange(40)}",
                *((chance.randrange(40), chance.choice([1, 1, 1, 2])) for _ in range(chance.choice([0, 1, 1, 2]))),
                body=chance.choice([b"{}", b"{}", b"[]"]),
            )
            for _ in range(chance.randrange(1, 9))
        ]
        assert committed(one, group, names) == carefully(other, group)
    assert rows(one) == rows(other)
    assert len(rows(one)["raw messages"]) > 20


def test_what_is_new_is_kept_in_one_statement_with_everything_that_belongs_to_it(databases: tuple[Database, Database]) -> None:
    one, other = databases
    group = [prepared("a", (1, 1)), prepared("b", (2, 1), (3, 1)), prepared("c")]
    assert quickly(one, group, Remembered()) == carefully(other, group)
    assert rows(one) == rows(other)
    assert {name: len(found) for name, found in rows(one).items()} == {
        "raw messages": 3, "messages": 3, "outbox": 6, "deliveries": 2, "references": 6,
    }  # fmt: skip


def test_whatever_is_known_in_any_part_is_left_alone_as_a_whole(databases: tuple[Database, Database]) -> None:
    database, _ = databases
    carefully(database, [prepared("known", (1, 1))])
    before = rows(database)
    token = UsedToken("shop", "token", "00")
    group = [
        prepared("known", (2, 1)), prepared("a", (1, 1), (3, 1)), prepared("b", (4, 1), (4, 2)), prepared("c", (5, 1), token=token)
    ]  # fmt: skip
    assert quickly(database, group, Remembered()) == [None] * 4
    assert rows(database) == before
    told = quickly(
        database, [*group, prepared("d", (6, 1)), prepared("d", (7, 1)), prepared("e", (6, 2)), prepared("f", (8, 1))], Remembered()
    )
    assert [one is not None for one in told] == [False] * 4 + [True, False, False, True]


def test_a_fact_that_this_version_cannot_read_again_is_a_conflict_and_no_failure(databases: tuple[Database, Database]) -> None:
    database, _ = databases
    carefully(database, [prepared("known", (1, 1))])
    with database.transaction() as tx:
        tx.run("UPDATE messages SET body = '{\"order_no\": 1}'")
    (told,) = carefully(database, [prepared("again", (1, 1))])
    assert (told.status, [problem.code for problem in told.problems]) == ("conflict", ["D_CONFLICT"])


def test_names_that_were_kept_are_not_handed_to_the_database_again(
    databases: tuple[Database, Database], monkeypatch: pytest.MonkeyPatch
) -> None:
    database, other = databases
    names, handed = Remembered(), []
    given = references.rows
    monkeypatch.setattr(references, "rows", lambda seen: handed.extend(seen) or given(seen))
    groups = [[prepared("a", (1, 1))], [prepared("a", (2, 1))], [prepared("b", (1, 2)), prepared("c", (2, 1))]]
    for group in groups:
        quickly(database, group, names)
    assert [one.reference.our_id for one in handed] == ["O1", "SKU-1", "O2", "SKU-2", "O2", "SKU-2"]
    monkeypatch.undo()
    for group in (groups[0], [groups[2][1]]):
        carefully(other, group)
    assert rows(database) == rows(other)


def test_a_group_in_which_another_process_was_first_is_looked_at_as_a_whole(databases: tuple[Database, Database]) -> None:
    database, _ = databases
    first, mine, new = prepared("a", (1, 1)), prepared("a", (1, 1)), prepared("b", (2, 1))
    with database.transaction() as tx:  # not committed yet: nobody sees it, but its keys are taken
        (kept,) = keep(tx, [first])
        answers: list[Accepted | Exception] = []
        waiting = threading.Thread(target=lambda: answers.extend(committed(database, [mine, new], Remembered())))
        waiting.start()
        waiting.join(0.5)
        assert waiting.is_alive()
    waiting.join(PATIENCE)
    assert answers == [
        kept._replace(repeated=True),
        Accepted(new.record.raw_id, "accepted", [new.routed[0].message.message_id], []),
    ]
