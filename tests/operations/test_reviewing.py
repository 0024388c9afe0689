"""Orders that wait are looked at again by the clock, once for each version of the master data."""

from operations.reviewing import review_waiting
from store import master, orders
from store.database import to_micros
from store.master import Edition
from tests.handlers.reading import rows
from tests.handlers.trading import dealer, order, prices, product
from tests.operations.small_hub import SmallHub


def test_data_that_came_while_an_order_was_decided_on_are_seen_by_the_clock(hub: SmallHub) -> None:
    assert review_waiting(hub.database, hub.router) == 0
    hub.take(product("OTHER"), dealer(), prices())
    hub.take(order())
    held = rows(hub.database, "SELECT state FROM orders")
    assert held == [("on_hold",)]
    assert review_waiting(hub.database, hub.router) == 1
    assert review_waiting(hub.database, hub.router) == 0
    hub.run()
    assert rows(hub.database, "SELECT state FROM orders") == held
    late = product()
    with hub.database.transaction() as tx:  # as if it had been kept while the order was being decided on
        master.add(tx, [Edition(late.message_type, late.key(), to_micros(late.as_of), late.body())])
    assert review_waiting(hub.database, hub.router) == 1
    hub.run()
    assert "E_ITEM" not in rows(hub.database, "SELECT CAST(facts AS text) FROM orders")[0][0]
    with hub.database.reading() as tx:
        assert [run.step for run in orders.decisions(tx, "SO-1")] == ["confirm", "review"]
