"""Credit (domain R5): the limit bears what is confirmed and unpaid, once each, whoever comes first."""

import multiprocessing
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from multiprocessing.synchronize import Barrier

import pytest

from canonical.documents.settlement import InvoiceReminded, PaymentDeposited
from canonical.documents.stock import ReservedLine, StockReserved
from canonical.envelope import first_message
from canonical.failures import Transient
from canonical.values import Money
from handlers.order.handler import OrderHandler
from handlers.order.policies.settings import Policies
from store import archive
from store.archive import Routed
from store.database import Database, Transaction, open_database
from tests.handlers.golden import cancelled, dispatched, level, paid
from tests.handlers.pump import NOW, Pump
from tests.handlers.reading import rows, state_of
from tests.handlers.trading import SKU, dealer, known, order, prices, product, said
from tests.support.waiting import PATIENCE

D = Decimal


def _cny(amount: str) -> Money:
    return Money(amount=D(amount), currency="CNY")


def _account(pump: Pump, name: str = "D-1") -> tuple[int, int]:
    """(exposure, deposits), which must be the sums of the orders and deposits they are made of."""
    ((exposure, deposits),) = rows(pump.database, "SELECT exposure, deposits FROM credit_accounts WHERE account = :name", name=name)
    ((shares,),) = rows(pump.database, "SELECT coalesce(sum(credit_share), 0) FROM orders WHERE credit_account = :name", name=name)
    ((ready,),) = rows(pump.database, "SELECT coalesce(sum(amount), 0) FROM credit_deposits WHERE account = :name", name=name)
    assert (exposure, deposits) == (shares, ready)
    return exposure, deposits


def test_of_two_orders_of_60_a_limit_of_100_bears_the_first(pump: Pump) -> None:
    known(pump, product(), dealer(limit="100"), prices("60.00"))
    pump.take(order("SO-1", price="60.00"), order("SO-2", price="60.00"), source="portal")
    assert [state_of(pump.database, no).holds for no in ("SO-1", "SO-2")] == [(), ("K_LIMIT",)]
    assert _account(pump) == (6000, 0)
    pump.take(cancelled("SO-1"))
    assert _account(pump) == (0, 0)
    pump.take(said("approve", 1, order_no="SO-2"), said("approve", 2, role="finance_director", actor="ma", order_no="SO-2"))
    assert state_of(pump.database, "SO-2").state == "confirmed"
    assert _account(pump) == (6000, 0)


def test_an_order_of_60_is_not_counted_twice_at_its_release(pump: Pump) -> None:
    known(pump, product(), dealer(limit="60"), prices("60.00")).take(level("WH-1", {SKU: 5}), order(price="60.00"), source="portal")
    assert len(pump.of("shipment.requested")) == 1
    assert _account(pump) == (6000, 0)


def test_a_limit_of_zero_is_prepay_only_and_no_limit_is_none(pump: Pump) -> None:
    known(pump, product(), dealer("D-0", limit="0"), dealer("D-9", limit=None), prices("60.00"))
    ahead = PaymentDeposited(payment_ref="B-1", customer_no="D-0", amount=_cny("60.00"), seq=1)
    pump.take(order("SO-1", price="60.00", buyer="D-0"), order("SO-2", price="60.00", buyer="D-9"), source="portal")
    assert [state_of(pump.database, no).holds for no in ("SO-1", "SO-2")] == [("K_LIMIT",), ()]
    pump.take(ahead)
    pump.take(order("SO-3", price="60.00", buyer="D-0"), order("SO-4", price="60.00", buyer="D-0"), source="portal")
    assert [state_of(pump.database, no).holds for no in ("SO-3", "SO-4")] == [(), ("K_LIMIT",)]
    assert _account(pump, "D-0") == (6000, 6000)


def test_an_order_in_another_currency_counts_by_the_rate_of_its_price_date(pump: Pump) -> None:
    known(pump, product(), dealer(limit="1000"))
    rates = [{"first": date(2026, 1, 1), "rate": "7"}, {"first": date(2026, 11, 1), "rate": "8"}]
    handler = OrderHandler(Policies.model_validate({"credit": {"rates": {"EUR/CNY": rates}}}))
    days = {"SO-1": date(2026, 10, 31), "SO-2": date(2026, 11, 1), "SO-3": date(2025, 12, 31)}
    placed = [order(no, price="20.00", currency="EUR", price_date=day) for no, day in days.items()]
    batch = [first_message(one, source="portal", raw_id="raw", now=NOW) for one in placed]
    with pump.database.transaction() as tx:
        archive.record_messages(tx, [Routed(message) for message in batch])
        handler.handle(batch, tx, NOW)
    assert rows(pump.database, "SELECT order_no, credit_share FROM orders ORDER BY 1") == [
        ("SO-1", 14_000),
        ("SO-2", 16_000),
        ("SO-3", 0),
    ]
    assert [state_of(pump.database, no).holds for no in days] == [(), (), ("K_LIMIT",)]
    assert _account(pump) == (30_000, 0)


def test_a_deposit_counts_as_its_newest_word_says_whatever_comes_first(pump: Pump) -> None:
    known(pump, product(), dealer(), prices())
    said_of = [PaymentDeposited(payment_ref="B-1", customer_no="D-1", amount=_cny(amount), seq=seq) for seq, amount in (
        (2, "20.00"), (1, "60.00"), (3, "5.00"))]  # fmt: skip
    for told, left in zip(said_of, (2000, 2000, 500), strict=True):
        pump.take(told)
        assert _account(pump) == (0, left)


def test_an_overdue_invoice_stops_further_orders_until_it_is_paid(pump: Pump) -> None:
    known(pump, product(), dealer(credit={"grace_days": 5}), prices("60.00"))
    pump.take(level("WH-1", {SKU: 5}), order(price="60.00", payment_terms={"net_days": 0}), source="portal")
    pump.take(dispatched("S1", lines={"1": 1}, item=SKU, day=10))
    assert rows(pump.database, "SELECT credit_due FROM orders") == [("2026-11-10",)]
    pump.take(order("SO-2", price="60.00"), source="portal")
    assert state_of(pump.database, "SO-2").holds == ("K_OVERDUE",)
    pump.take(paid("B-1", "60.00"))
    assert _account(pump) == (0, 0)
    pump.take(order("SO-3", price="60.00"), source="portal")
    assert state_of(pump.database, "SO-3").holds == ()


def test_the_last_reminder_holds_the_credit_whatever_the_grace(pump: Pump) -> None:
    known(pump, product(), dealer(credit={"grace_days": 3650}), prices("60.00"))
    pump.take(level("WH-1", {SKU: 5}), order(price="60.00", payment_terms={"net_days": 0}), source="portal")
    pump.take(dispatched("S1", lines={"1": 1}, item=SKU))
    pump.take(
        InvoiceReminded(
            invoice_no="INV-SO-1-S1", order_no="SO-1", level=4, days=30, due_on=date(2026, 11, 20), reminded_on=date(2026, 12, 20),
            open=_cny("60.00"), hold=True,
        )
    )  # fmt: skip
    pump.take(order("SO-2", price="60.00"), source="portal")
    assert state_of(pump.database, "SO-2").holds == ("K_OVERDUE",)


def test_customers_of_one_account_share_its_limit(pump: Pump) -> None:
    group = [dealer(no, limit="100", credit={"account": "GROUP"}) for no in ("D-1", "D-2")]
    known(pump, product(), *group, prices("60.00"))
    pump.take(order("SO-1", price="60.00"), order("SO-2", price="60.00", buyer="D-2"), source="portal")
    assert [state_of(pump.database, no).holds for no in ("SO-1", "SO-2")] == [(), ("K_LIMIT",)]
    assert _account(pump, "GROUP") == (6000, 0)


def test_two_orders_of_60_at_once_against_a_limit_of_100_never_both_pass(database: Database) -> None:
    known(Pump(database), product(), *(dealer(f"D-{n}", limit="100") for n in range(10)), prices("60.00"))
    for number in range(10):
        start = threading.Barrier(2)
        with ThreadPoolExecutor(2) as pool:
            for run in [pool.submit(_place, database, f"SO-{number}-{side}", f"D-{number}", start) for side in "ab"]:
                run.result(timeout=PATIENCE)
    assert rows(database, "SELECT state, count(*) FROM orders GROUP BY state ORDER BY state") == [
        ("approval", 10),
        ("confirmed", 10),
    ]
    assert rows(database, "SELECT DISTINCT exposure FROM credit_accounts") == [(6000,)]


@pytest.mark.slow
def test_two_processes_that_race_for_one_account_never_both_pass(database: Database, database_url: str) -> None:
    known(Pump(database), product(), *(dealer(f"D-{n}", limit="100") for n in range(15)), prices("60.00"))
    context = multiprocessing.get_context("spawn")
    start = context.Barrier(2)
    runs = [context.Process(target=_race, args=(database_url, side, start)) for side in "ab"]
    for run in runs:
        run.start()
    for run in runs:
        run.join(timeout=PATIENCE)
    assert [run.exitcode for run in runs] == [0, 0]
    assert rows(database, "SELECT state, count(*) FROM orders GROUP BY state ORDER BY state") == [
        ("approval", 15),
        ("confirmed", 15),
    ]
    assert rows(database, "SELECT DISTINCT exposure FROM credit_accounts") == [(6000,)]


def _race(database_url: str, side: str, start: Barrier) -> None:
    database = open_database(database_url)
    start.wait(timeout=PATIENCE)
    for number in range(15):
        _place(database, f"SO-{number}-{side}", f"D-{number}", threading.Barrier(1))
    database.close()


def _place(database: Database, order_no: str, buyer: str, start: threading.Barrier) -> None:
    handler = OrderHandler()
    message = first_message(order(order_no, price="60.00", buyer=buyer), source="portal", raw_id="raw", now=NOW)
    start.wait()
    while True:
        try:
            with database.transaction() as tx:
                handler.handle([message], tx, NOW)
            return
        except Transient:
            continue


@pytest.mark.parametrize("known_before", [False, True])
def test_a_batch_takes_a_bounded_number_of_statements_whatever_it_holds(
    database: Database, monkeypatch: pytest.MonkeyPatch, *, known_before: bool
) -> None:
    known(Pump(database), product(), *(dealer(f"D-{n}") for n in range(50)), prices("60.00"))
    handler = OrderHandler()
    placed = [order(f"SO-{n}", price="60.00", buyer=f"D-{n % 50}") for n in range(250)]
    reserved = [
        StockReserved(
            order_no=f"SO-{n}", origin="portal", channel="dealer_portal", seq=1, location="WH-1",
            lines=(ReservedLine(line_no="1", item=SKU, qty=D(1)),),
        )
        for n in range(250)
    ]  # fmt: skip
    counted: list[str] = []
    for name in ("_fetched", "_touched"):
        real = getattr(Transaction, name)
        monkeypatch.setattr(Transaction, name, lambda tx, sql, given, real=real: counted.append(sql) or real(tx, sql, given))
    for documents in (placed, reserved) if known_before else (placed,):
        counted.clear()
        batch = [first_message(document, source="portal", raw_id="raw", now=NOW) for document in documents]
        with database.transaction() as tx:
            outcome = handler.handle(batch, tx, NOW)
        assert len(outcome.emitted) == (250 if documents is reserved else 500)
        assert len(counted) <= 8
