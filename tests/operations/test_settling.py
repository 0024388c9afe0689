"""What people decide about money: carried out and told at once, or refused with a code and nothing changed."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from canonical.documents.order_changes import LineQty
from canonical.envelope import first_message
from handlers.invoice.handler import InvoiceHandler
from handlers.refusing import NotAllowed
from operations import finance_day, money
from operations.failing import NotFound
from operations.settling import By, decide_invoice, decide_payment
from operations.verify import verify
from store import archive
from store.money_lists import InvoiceFilter, PaymentFilter
from tests.handlers import golden
from tests.handlers.test_money_without_reference import customer, from_account
from tests.operations.small_hub import SmallHub

D = Decimal
WEI, CHEN = By("li.wei", "said the bank"), By("chen.jun", "looked at it")
S1, S2 = "INV-SO-1-S1", "INV-SO-1-S2"


def shipped(hub: SmallHub) -> None:
    hub.take(golden.stocked(), golden.placed(), golden.dispatched("S1"), golden.dispatched("S2", day=22))


def refused(code: str, hub: SmallHub, decide: Any, *args: Any, **more: Any) -> None:
    """The decision is refused with the code, and nothing has changed."""
    before = books(hub)
    with pytest.raises(NotAllowed) as error:
        decide(hub.operations, *args, **more)
    assert error.value.code == code
    assert books(hub) == before


def books(hub: SmallHub) -> list[Any]:
    with hub.database.reading() as tx:
        tables = ("invoices", "payments", "allocations", "payment_matches", "write_offs", "messages", "payers")
        return [tuple(row) for table in tables for row in tx.rows(f"SELECT * FROM {table} ORDER BY 1, 2")]


def exact(hub: SmallHub) -> bool:
    result = verify(hub.database, handlers=("invoice", "master", "order", "stock"), grace=0)
    assert result.differences == []
    return result.exact


def open_of(hub: SmallHub) -> dict[str, Decimal]:
    return {i.invoice_no: i.open for i in money.invoices(hub.database, InvoiceFilter(kind="normal")).items}


def test_money_in_suspense_settles_the_invoice_a_person_names(hub: SmallHub) -> None:
    shipped(hub)
    hub.take(from_account("B-1", "300.00"))
    done = decide_payment(hub.operations, "B-1", "allocate", WEI, invoice_no=S2, amount=D("200.00"))
    assert (done.seq, done.led_to) == (1, ["payment.allocated", "payment.deposited"])
    assert decide_payment(hub.operations, "B-1", "allocate", WEI, invoice_no=S2).led_to == [
        "payment.allocated",
        "payment.deposited",
    ]
    shown = money.payment(hub.database, "B-1")
    assert [(s.invoice_no, s.amount, s.how) for s in shown.settles] == [(S2, D("271.20"), "person")]
    assert (shown.state, shown.left, [d.actor for d in shown.decided]) == ("part_allocated", D("28.80"), ["li.wei", "li.wei"])
    hub.run()
    assert exact(hub)


def test_what_does_not_fit_is_refused_with_its_code(hub: SmallHub) -> None:
    shipped(hub)
    hub.take(from_account("B-1", "300.00"), from_account("B-2", "300.00", currency="EUR"))
    refused("F_CURRENCY", hub, decide_payment, "B-2", "allocate", WEI, invoice_no=S2)
    refused("F_CURRENCY", hub, decide_payment, "B-1", "allocate", WEI, invoice_no=S2, currency="EUR")
    refused("F_MORE_THAN_LEFT", hub, decide_payment, "B-1", "allocate", WEI, invoice_no=S1, amount=D("300.01"))
    refused("F_MORE_THAN_OPEN", hub, decide_payment, "B-1", "allocate", WEI, invoice_no=S2, amount=D("271.21"))
    refused("F_UNKNOWN", hub, decide_payment, "B-1", "allocate", WEI, invoice_no="INV-9")
    refused("F_NOTHING", hub, decide_payment, "B-1", "release", WEI, invoice_no=S1)
    refused("F_UNKNOWN", hub, decide_payment, "B-1", "link", WEI, customer_no="C-9")
    with pytest.raises(NotFound):
        decide_payment(hub.operations, "B-9", "allocate", WEI, invoice_no=S2)


def test_what_a_person_took_off_does_not_come_back_by_itself(hub: SmallHub) -> None:
    shipped(hub)
    hub.take(golden.paid("B-1", "1394.42"))
    done = decide_payment(hub.operations, "B-1", "release", WEI, invoice_no=S1)
    assert done.led_to == ["payment.deallocated", "payment.deposited"]
    hub.take(golden.paid("B-2", "1.00"))
    assert open_of(hub) == {S1: D("1122.22"), S2: D("0.00")}
    assert exact(hub)


def test_a_payer_that_a_person_links_pays_what_fits(hub: SmallHub) -> None:
    hub.take(customer())
    hub.take(golden.stocked(), golden.placed())
    hub.take(golden.dispatched("S1"), from_account("B-1", "1123.22", account="AGENT"))
    assert money.payments(hub.database, PaymentFilter(state="suspense")).items[0].reason == "no_reference"
    assert decide_payment(hub.operations, "B-1", "link", WEI, customer_no="C-1").led_to == ["payment.allocated"]
    assert open_of(hub) == {S1: D("0.00")}


def test_giving_up_needs_two_people(hub: SmallHub) -> None:
    shipped(hub)
    hub.take(golden.paid("B-1", "1390.00"))
    refused("F_MORE_THAN_OPEN", hub, decide_invoice, S2, "write_off", WEI, amount=D("4.43"))
    refused("F_NOTHING", hub, decide_invoice, S2, "approve", CHEN)
    assert decide_invoice(hub.operations, S2, "write_off", WEI).led_to == []
    refused("F_ASKED", hub, decide_invoice, S2, "write_off", CHEN)
    for written in (WEI.actor, WEI.actor.upper(), f" {WEI.actor} "):
        refused("A_SELF_APPROVAL", hub, decide_invoice, S2, "approve", By(written, "it is little"))
    assert open_of(hub)[S2] == D("4.42")
    assert decide_invoice(hub.operations, S2, "approve", CHEN).led_to == ["invoice.written_off"]
    assert open_of(hub)[S2] == 0
    assert exact(hub)


def test_what_lacks_little_is_put_up_for_approval(hub: SmallHub) -> None:
    shipped(hub)
    for ref, amount in (("B-1", "1390.00"), ("B-2", "3.42")):
        message = first_message(golden.paid(ref, amount), source="bank", raw_id=None, now=datetime.now(UTC))
        with hub.database.transaction() as tx:
            InvoiceHandler({"CNY": D("1.00")}).handle([message], tx, datetime.now(UTC))
        waiting = money.invoices(hub.database, InvoiceFilter(asked=True)).items
        assert [(i.invoice_no, i.open, i.asked) for i in waiting] == ([(S2, D("1.00"), D("1.00"))] if ref == "B-2" else [])
    assert decide_invoice(hub.operations, S2, "approve", WEI).led_to == ["invoice.written_off"]
    assert money.invoices(hub.database, InvoiceFilter(asked=True)).items == []


def test_a_rejected_write_off_changes_nothing_and_may_be_asked_again(hub: SmallHub) -> None:
    shipped(hub)
    decide_invoice(hub.operations, S2, "write_off", WEI, amount=D("1.00"))
    decide_invoice(hub.operations, S2, "reject", CHEN)
    decide_invoice(hub.operations, S2, "write_off", WEI, amount=D("2.00"))
    decide_invoice(hub.operations, S2, "approve", CHEN)
    assert open_of(hub)[S2] == D("269.20")


def test_a_price_that_was_too_high_is_credited_and_never_more_than_was_billed(hub: SmallHub) -> None:
    shipped(hub)
    refused("F_MORE_THAN_BILLED", hub, decide_invoice, S1, "credit", WEI, amount=D("994.01"))
    refused("F_MORE_THAN_BILLED", hub, decide_invoice, S1, "credit", WEI, lines=(LineQty(line_no="1", qty=D(11)),))
    assert decide_invoice(hub.operations, S1, "credit", WEI, amount=D("94.00")).led_to == ["invoice.issued"]
    assert open_of(hub)[S1] == D("1017.00")
    decide_invoice(hub.operations, S1, "credit", WEI, lines=(LineQty(line_no="1", qty=D(10)), LineQty(line_no="2", qty=D(1))))
    assert open_of(hub)[S1] == D("0.00")
    assert exact(hub)


def test_only_what_nobody_was_sent_can_be_voided(hub: SmallHub) -> None:
    shipped(hub)
    refused("F_REPORTED", hub, decide_invoice, S1, "void", WEI)
    with hub.database.transaction() as tx:
        tx.run("DELETE FROM attempts")
        tx.run("UPDATE deliveries SET status = 'pending', attempts = 0")
    assert decide_invoice(hub.operations, S1, "void", WEI).led_to == ["invoice.voided"]
    refused("F_STATE", hub, decide_payment, _paid(hub), "allocate", WEI, invoice_no=S1)
    refused("F_STATE", hub, decide_invoice, S1, "dispute", WEI)


def _paid(hub: SmallHub) -> str:
    hub.take(golden.paid("B-1", "2000.00"))
    assert open_of(hub) == {S1: D("0.00"), S2: D("0.00")}
    return "B-1"


def test_reminders_go_by_days_past_due_and_skip_what_is_disputed(hub: SmallHub) -> None:
    shipped(hub)
    decide_invoice(hub.operations, S2, "dispute", WEI)
    steps, told = (-3, 1, 7, 15, 30), []
    for day in ("2026-12-17", "2026-12-18", "2026-12-22", "2026-12-23", "2027-01-10", "2027-02-01", "2027-02-02"):
        finance_day.send_reminders(hub.operations, datetime.fromisoformat(f"{day}T06:00:00+00:00"), steps, hold_level=4)
        told = reminders(hub)
    assert told == [(S1, 0, -3, False), (S1, 1, 1, False), (S1, 3, 20, False), (S1, 4, 42, True)]
    decide_invoice(hub.operations, S2, "settle", WEI)
    finance_day.send_reminders(hub.operations, datetime(2027, 2, 3, tzinfo=UTC), steps, hold_level=4)
    assert reminders(hub)[-1] == (S2, 4, 43, True)


def reminders(hub: SmallHub) -> list[tuple[str, int, int, bool]]:
    with hub.database.reading() as tx:
        found = tx.rows("SELECT body FROM messages WHERE type = 'invoice.reminded' ORDER BY recorded_at, message_id")
        bodies = [archive.parsed(row.body) for row in found]
    return [(b["invoice_no"], b["level"], b["days"], b.get("hold", False)) for b in bodies]


def test_money_that_came_before_its_order_is_looked_at_again(hub: SmallHub) -> None:
    hub.take(golden.paid("B-1", "1394.42"))
    assert finance_day.look_again(hub.operations, datetime.now(UTC)) == 0
    hub.take(golden.placed())
    assert money.payment(hub.database, "B-1").reason == "unknown_reference"
    assert finance_day.look_again(hub.operations, datetime.now(UTC)) == 1
    assert (money.payment(hub.database, "B-1").state, money.payment(hub.database, "B-1").reason) == ("deposit", None)
    assert finance_day.look_again(hub.operations, datetime.now(UTC)) == 0
    hub.run()
    assert exact(hub)


def test_a_customer_who_wants_that_gets_one_invoice_for_a_month(hub: SmallHub) -> None:
    hub.take(customer(consolidated_invoices=True))
    for order_no in ("SO-1", "SO-2"):
        hub.take(golden.stocked(order_no), golden.placed(order_no))
        hub.take(golden.dispatched("S1", order_no))
    assert {i.state for i in money.invoices(hub.database).items} == {"draft"}
    assert finance_day.close_periods(hub.operations, datetime(2026, 11, 30, tzinfo=UTC)) == 0
    assert finance_day.close_periods(hub.operations, datetime(2026, 12, 1, tzinfo=UTC)) == 1
    assert finance_day.close_periods(hub.operations, datetime(2026, 12, 1, tzinfo=UTC)) == 1
    hub.run()
    number = "INV-C-1-20261130-CNY"
    (collective,) = [b for b in issued(hub) if b["invoice_no"] == number]
    assert (collective["totals"]["gross"], len(collective["lines"]), collective.get("order_no")) == ("2246.44", 4, None)
    assert {(b["order_no"], b["collected_in"]) for b in issued(hub) if "collected_in" in b} == {("SO-1", number), ("SO-2", number)}
    refused("F_REPORTED", hub, decide_invoice, "INV-SO-1-S1", "void", WEI)
    assert finance_day.send_reminders(hub.operations, datetime(2027, 1, 2, tzinfo=UTC), (1,), hold_level=4) == 2
    with hub.database.reading() as tx:
        bodies = [archive.parsed(row.body) for row in tx.rows("SELECT body FROM messages WHERE type = 'invoice.reminded'")]
    assert {(b["invoice_no"], b["collective_no"]) for b in bodies} == {("INV-SO-1-S1", number), ("INV-SO-2-S1", number)}
    hub.take(golden.paid("B-1", "2246.44", refs=(number,)))
    assert {(i.state, str(i.due_on)) for i in money.invoices(hub.database).items} == {("paid", "2026-12-31")}
    assert exact(hub)


def issued(hub: SmallHub) -> list[dict[str, Any]]:
    with hub.database.reading() as tx:
        return [archive.parsed(row.body) for row in tx.rows("SELECT body FROM messages WHERE type = 'invoice.issued'")]
