"""Orders that another version of the hub has kept are read: what it knew besides is warned of, counts for nothing and stays."""

import logging

import orjson
import pytest

from handlers.order import facts
from handlers.order.facts import Facts
from store.database import Database
from tests.handlers.golden import dispatched, placed, stocked
from tests.handlers.pump import Pump
from tests.handlers.reading import rows, state_of

LOWERED = {"asks": {"1": [[1, "5"]]}, "lines": {"1": {}}, "document": {}}
"""What an older version kept of lines that a buyer had lowered."""


def test_an_order_with_facts_of_an_older_version_goes_on_and_keeps_them(
    database: Database, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(facts, "WARNED", set())
    pump = Pump(database)
    pump.take(stocked(), placed())
    kept = orjson.loads(rows(database, "SELECT CAST(facts AS text) FROM orders")[0][0])
    with database.transaction() as tx:
        older = orjson.dumps(kept | {"lowered": LOWERED}).decode()
        tx.run("UPDATE orders SET facts = CAST(:facts AS json)" if tx.dialect == "postgresql" else OLDER, facts=older)
    with caplog.at_level(logging.WARNING, logger="orderlane.orders"):
        pump.take_each(dispatched("S1"), dispatched("S2", day=22))
    assert (state_of(database).fulfilment, state_of(database).billing) == ("shipped", "full")
    assert [(one.message, one.__dict__["kind"]) for one in caplog.records] == [
        ("an order has facts of a kind that this version does not know", "lowered")
    ]
    assert orjson.loads(rows(database, "SELECT CAST(facts AS text) FROM orders")[0][0])["foreign"] == {"lowered": LOWERED}


OLDER = "UPDATE orders SET facts = :facts"


def test_facts_that_another_version_set_aside_count_where_they_are_known() -> None:
    facts = Facts.kept(orjson.dumps({"pending": "new", "foreign": {"priced": ["1"], "lowered": LOWERED}}))
    assert (facts.pending, facts.priced, facts.foreign) == ("new", ["1"], {"lowered": LOWERED})


def test_a_mistyped_kind_of_fact_is_an_error_in_the_hub_itself() -> None:
    with pytest.raises(TypeError):
        Facts(lowred={})
