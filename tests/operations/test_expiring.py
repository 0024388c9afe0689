"""Reservations whose time is over are let go without anybody asking, and told once."""

from datetime import UTC, datetime, timedelta

from handlers.order.policies.settings import ApprovalSettings
from operations.expiring import expire_approvals, expire_reservations, spoil_reservations
from tests.handlers.golden import level
from tests.handlers.reading import axes, rows, state_of
from tests.handlers.test_goods_grown_old import TODAY, shelf
from tests.handlers.test_soft_reservations import on_hold
from tests.handlers.test_stock_by_lot import wanted
from tests.handlers.trading import dealer, order, prices, product, said
from tests.operations.small_hub import SmallHub


def test_what_a_held_order_had_goes_to_who_waits_once_its_time_is_over(hub: SmallHub) -> None:
    until = datetime.now(UTC) + timedelta(hours=1)
    hub.take(level("WH-1", {"X": 5}), on_hold("SO-1", 5, until=until), wanted("SO-2", 3))
    held = "SELECT order_no, reserved / 1000000, backordered / 1000000 FROM stock_lines ORDER BY order_no"
    assert rows(hub.database, held) == [("SO-1", 5, 0), ("SO-2", 0, 3)]
    assert expire_reservations(hub.database, hub.router) == 0
    with hub.database.transaction() as tx:  # as if its time were over
        tx.run("UPDATE stock_orders SET soft_until = soft_until - 7200000000")
    assert expire_reservations(hub.database, hub.router) == 1
    assert expire_reservations(hub.database, hub.router) == 1
    hub.run()
    assert rows(hub.database, held) == [("SO-1", 0, 5), ("SO-2", 3, 0)]
    assert expire_reservations(hub.database, hub.router) == 0
    assert rows(hub.database, "SELECT count(*) FROM messages WHERE type = 'reservation.expired'") == [(1,)]


def test_an_approval_that_nobody_gives_in_time_expires_and_is_given_or_asked_for_again(hub: SmallHub) -> None:
    settings, now = ApprovalSettings(), datetime.now(UTC)
    hub.take(product(), dealer(limit="50"), prices())
    hub.take(order(), source="portal")
    assert axes(hub.database)[0] == "approval"
    assert expire_approvals(hub.database, hub.router, settings, now + timedelta(hours=23)) == 0
    assert expire_approvals(hub.database, hub.router, settings, now + timedelta(hours=25)) == 1
    hub.run()
    assert (axes(hub.database)[0], state_of(hub.database).holds) == ("on_hold", ("K_LIMIT", "A_EXPIRED"))
    assert expire_approvals(hub.database, hub.router, settings, now + timedelta(hours=25)) == 0
    runs = rows(hub.database, "SELECT decisions FROM order_decisions WHERE step = 'expire'")
    assert len(runs) == 1 and "credit_control" in runs[0][0]
    hub.take(said("release", codes=("A_EXPIRED",)))
    assert axes(hub.database)[0] == "approval"
    assert expire_approvals(hub.database, hub.router, settings, now + timedelta(hours=25)) == 1
    hub.run()
    assert axes(hub.database)[0] == "on_hold"
    hub.take(said("approve", 2))
    assert axes(hub.database)[0] == "approval"
    hub.take(said("approve", 3, role="finance_director", actor="ma"))
    assert (axes(hub.database)[0], state_of(hub.database).holds) == ("confirmed", ())


def test_the_clock_finds_what_has_grown_too_old_and_tells_it_once(hub: SmallHub) -> None:
    old, new = TODAY + timedelta(days=20), TODAY + timedelta(days=900)
    hub.take(shelf({"OLD": (6, old), "NEW": (9, new)}), wanted("SO-1", 2), wanted("SO-2", 2, min_remaining_shelf_days=10))
    zone, now = "Asia/Shanghai", datetime.now(UTC)
    assert spoil_reservations(hub.database, hub.router, zone, now) == 0
    assert spoil_reservations(hub.database, hub.router, zone, now + timedelta(days=11)) == 1, "too old for SO-2 alone"
    with hub.database.transaction() as tx:  # as if twenty days had passed
        tx.run("UPDATE stock_lots SET expiry = :today WHERE lot = 'OLD'", today=TODAY.isoformat())
    assert spoil_reservations(hub.database, hub.router, "UTC", now) == 2
    assert spoil_reservations(hub.database, hub.router, "UTC", now) == 2
    hub.run()
    found = rows(hub.database, "SELECT order_no, lot, qty / 1000000 FROM stock_holds ORDER BY order_no")
    assert found == [("SO-1", "NEW", 2), ("SO-2", "NEW", 2)]
    assert spoil_reservations(hub.database, hub.router, "UTC", now) == 0
