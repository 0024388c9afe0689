"""Money that names nothing (R10, T2 to T4): matched where there is one way, left to a person where there are several."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from canonical.documents.customers import CustomerMaster, ExternalId, Salesperson
from canonical.documents.finance import Payer, PaymentReceived
from canonical.values import Party
from handlers.invoice.matching import MOST_ITEMS, Open, match
from tests.handlers.golden import BUYER, dispatched, line, paid, placed
from tests.handlers.pump import Pump
from tests.handlers.reading import payment, rows

D = Decimal
ALLOCATED = "SELECT payment_ref, invoice_no, amount FROM allocations WHERE amount > 0 ORDER BY 1, 2"


def customer(number: str = "C-1", **more: Any) -> CustomerMaster:
    """The customer that the buyer of the base order is, whichever endpoint names it."""
    return CustomerMaster(
        customer_no=number, name=f"Hospital {number}", as_of=datetime(2020, 1, 1, tzinfo=UTC), payer_accounts=("DE02 1203 0000",),
        external_ids=tuple(ExternalId(source=source, id=BUYER.party_id) for source in ("shop-eu", "warehouse-main")),
        salesperson=Salesperson(person_id="sales-7"), **more,
    )  # fmt: skip


def from_account(ref: str, amount: str, account: str = "de0212030000", **more: Any) -> PaymentReceived:
    return paid(ref, amount, refs=(), **more).model_copy(update={"payer": Payer(name="Payer", account=account)})


def billed(pump: Pump, order_no: str, net: int, *, buyer: Party = BUYER, day: int = 21) -> None:
    """An order of the customer, shipped and billed for `net` without tax."""
    pump.take(placed(order_no, lines=(line("1", "X", 1, str(net), tax=None),), sold_to=buyer))
    pump.take(dispatched("S1", order_no, lines={"1": 1}, day=day, item="X"))


def test_the_only_open_invoice_of_exactly_this_amount_is_settled(pump: Pump) -> None:
    pump.take(customer())
    billed(pump, "SO-1", 100)
    billed(pump, "SO-2", 250)
    pump.take(from_account("B-1", "250.00"))
    assert rows(pump.database, ALLOCATED) == [("B-1", "INV-SO-2-S1", 25_000)]
    (told,) = pump.of("payment.allocated")
    assert (told.order_no, told.customer_no, told.salesperson) == ("SO-2", "C-1", "sales-7")


def test_two_open_invoices_of_the_amount_leave_it_to_a_person(pump: Pump) -> None:
    pump.take(customer(fifo=True))
    billed(pump, "SO-1", 100)
    billed(pump, "SO-2", 100)
    pump.take(from_account("B-1", "100.00"))
    assert payment(pump.database, "B-1") == ("suspense", D("100.00"), "A_AMBIGUOUS_PAYMENT")


def test_the_only_set_of_invoices_that_sums_to_the_amount_is_settled(pump: Pump) -> None:
    pump.take(customer())
    for number, net in enumerate((100, 250, 70)):
        billed(pump, f"SO-{number}", net)
    pump.take(from_account("B-1", "170.00"))
    assert rows(pump.database, ALLOCATED) == [("B-1", "INV-SO-0-S1", 10_000), ("B-1", "INV-SO-2-S1", 7_000)]


def test_two_sets_that_sum_to_the_amount_leave_it_to_a_person(pump: Pump) -> None:
    pump.take(customer())
    for number, net in enumerate((100, 50, 60, 90)):
        billed(pump, f"SO-{number}", net)
    pump.take(from_account("B-1", "150.00"))
    assert payment(pump.database, "B-1") == ("suspense", D("150.00"), "A_AMBIGUOUS_PAYMENT")


def test_the_oldest_are_settled_only_where_the_customer_wants_that(pump: Pump) -> None:
    pump.take(customer(fifo=True))
    billed(pump, "SO-1", 100, day=22)
    billed(pump, "SO-2", 250, day=21)
    pump.take(from_account("B-1", "300.00"))
    assert rows(pump.database, ALLOCATED) == [("B-1", "INV-SO-1-S1", 5_000), ("B-1", "INV-SO-2-S1", 25_000)]


def test_others_wait_for_a_person_and_for_an_invoice_that_fits(pump: Pump) -> None:
    pump.take(customer())
    billed(pump, "SO-1", 100)
    pump.take(from_account("B-1", "300.00"))
    assert payment(pump.database, "B-1") == ("suspense", D("300.00"), "no_reference")
    billed(pump, "SO-2", 300)
    assert rows(pump.database, ALLOCATED) == [("B-1", "INV-SO-2-S1", 30_000)]


def test_an_unknown_account_is_learned_from_a_payment_that_names_its_invoice(pump: Pump) -> None:
    pump.take(customer())
    billed(pump, "SO-1", 100)
    billed(pump, "SO-2", 250)
    pump.take(from_account("B-1", "250.00", account="PARENT-1"))
    assert payment(pump.database, "B-1") == ("suspense", D("250.00"), "no_reference")
    pump.take(from_account("B-2", "100.00", account="PARENT-1").model_copy(update={"refs": ("SO-1",)}))
    assert rows(pump.database, "SELECT payer, customer_no, times FROM payers") == [("PARENT-1", "C-1", 1)]
    pump.take(from_account("B-3", "250.00", account="parent-1"))
    assert rows(pump.database, ALLOCATED) == [("B-2", "INV-SO-1-S1", 10_000), ("B-3", "INV-SO-2-S1", 25_000)]


def test_another_customers_invoice_and_another_currency_never_fit(pump: Pump) -> None:
    pump.take(customer())
    billed(pump, "SO-1", 100, buyer=Party(party_id="H-2", name="Another"))
    pump.take(from_account("B-1", "100.00"))
    billed(pump, "SO-2", 70)
    pump.take(from_account("B-2", "70.00", currency="EUR"))
    assert rows(pump.database, ALLOCATED) == []


def test_what_was_matched_stays_when_another_invoice_of_the_amount_is_issued(pump: Pump) -> None:
    pump.take(customer())
    billed(pump, "SO-1", 100)
    pump.take(from_account("B-1", "100.00"))
    billed(pump, "SO-2", 100, day=20)
    assert rows(pump.database, ALLOCATED) == [("B-1", "INV-SO-1-S1", 10_000)]


ITEMS = st.lists(st.integers(1, 40), min_size=0, max_size=MOST_ITEMS + 2)


@given(ITEMS, st.integers(1, 200), st.booleans())
def test_a_match_never_gives_out_more_than_there_is_or_is_owed(amounts: list[int], amount: int, oldest_first: bool) -> None:
    items = [Open(f"I-{number:02}", owed, f"2026-11-{number + 1:02}") for number, owed in enumerate(amounts)]
    found = match(amount, items, oldest_first=oldest_first)
    parts = dict(found.parts)
    assert sum(parts.values()) <= amount
    assert all(0 < parts[item.invoice_no] <= item.amount for item in items if item.invoice_no in parts)
    if found.kind in ("amount", "sum"):
        assert sum(parts.values()) == amount
    assert not (found.ambiguous and parts)


@given(ITEMS.filter(lambda amounts: len(amounts) <= 8), st.integers(1, 200))
def test_a_sum_is_found_exactly_when_there_is_one_way_to_it(amounts: list[int], amount: int) -> None:
    items = [Open(f"I-{number}", owed, "2026-11-01") for number, owed in enumerate(amounts)]
    ways = [s for s in range(1, 2 ** len(amounts)) if sum(a for i, a in enumerate(amounts) if s >> i & 1) == amount]
    found = match(amount, items, oldest_first=False)
    if amounts.count(amount) == 0:
        assert (found.kind == "sum", found.ambiguous) == (len(ways) == 1, len(ways) > 1)
    else:
        assert (found.kind == "amount", found.ambiguous) == (amounts.count(amount) == 1, amounts.count(amount) > 1)
