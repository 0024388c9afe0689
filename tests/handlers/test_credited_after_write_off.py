"""What was given up of an invoice is not given back too: whatever is credited, written off, paid and repriced, in any order, an
invoice's credit notes sum to what it says is credited, nothing is settled beyond what is left, and order and invoices agree."""

import contextlib
import tempfile
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from canonical.documents.base import Document
from canonical.documents.order_changes import LineQty
from canonical.documents.settlement import InvoiceDecided
from handlers.invoice.accounts import Account, Books, Invoice
from handlers.invoice.correcting import apart, differences
from handlers.refusing import NotAllowed
from store import finance, ledger, orders
from store.database import Database
from tests.handlers.golden import d, dispatched, paid
from tests.handlers.pump import NOW, Pump
from tests.handlers.reading import empty_database, rows, state_of
from tests.handlers.test_money_that_goes_back import returned_goods
from tests.handlers.test_prices_changed_after_billing import BEGUN, repriced
from tests.handlers.trading import SKU
from tests.support.examples import examples

MONEY = ("credited amount", "written-off amount", "allocated amount", "settled for more", "used for more")
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("write off"), st.sampled_from([None, "20.00", "130.00"])),
        st.tuples(st.just("credit"), st.sampled_from(["10.00", "100.00", "290.00"])),
        st.tuples(st.just("return"), st.integers(1, 3)),
        st.tuples(st.just("take back"), st.integers(1, 3)),
        st.tuples(st.just("pay"), st.sampled_from(["50.00", "280.00"])),
        st.tuples(st.just("reprice"), st.sampled_from(["40.00", "90.00", "110.00"])),
    ),
    min_size=2, max_size=6,
)  # fmt: skip


def decided(seq: int, verdict: str, **more: object) -> InvoiceDecided:
    actor = "ben" if verdict == "approve" else "ada"
    return InvoiceDecided(
        invoice_no="INV-SO-1-S1", seq=seq, verdict=verdict, actor=actor, reason="gone", decided_at=NOW, **more  # type: ignore[arg-type]
    )  # fmt: skip


class Doing:
    """Turns steps into documents: decisions count, revisions and numbers too."""

    def __init__(self) -> None:
        self.seq, self.revision, self.number = 0, 0, 0

    def of(self, kind: str, value: object) -> list[Document]:
        self.number += 1
        if kind == "write off":
            amount = {"amount": d(value)} if value else {}
            return [decided(self._next(), "write_off", **amount), decided(self._next(), "approve")]
        if kind == "credit":
            return [decided(self._next(), "credit", amount=d(value))]
        if kind == "take back":
            return [decided(self._next(), "credit", lines=(LineQty(line_no="1", qty=d(value)),))]
        if kind == "return":
            return [returned_goods(f"R-{self.number}", {"1": int(str(value))}, shipment_no="SO-1-S1")]
        if kind == "pay":
            return [paid(f"B-{self.number}", str(value), refs=("SO-1",))]
        self.revision += 1
        return [repriced(str(value), self.revision)]

    def _next(self) -> int:
        self.seq += 1
        return self.seq


def take(pump: Pump, steps: list[tuple[str, object]]) -> None:
    doing = Doing()
    for kind, value in steps:
        before = seq_of(pump.database)
        doing.seq = before
        for document in doing.of(kind, value):
            if isinstance(document, InvoiceDecided):
                with contextlib.suppress(NotAllowed):
                    pump.accept_for("invoice", document)
            else:
                pump.take(document)


def seq_of(database: Database) -> int:
    found = rows(database, "SELECT decisions FROM invoices WHERE invoice_no = 'INV-SO-1-S1'")
    return int(found[0][0]) if found else 0


def agrees(database: Database) -> None:
    with database.reading() as tx:
        broken = [row.what for row in ledger.differences(tx, handlers=("invoice",))]
        assert [what for what in broken if any(word in what for word in MONEY)] == []
        books = Books({kept.order_no: Account(kept) for kept in orders.read(tx, ["SO-1"])})
        for invoice in finance.invoices_of(tx, books.accounts):
            books.add_invoice(Invoice(invoice))
        assert not apart(differences(books.accounts["SO-1"]))
    lacking = rows(database, "SELECT gross - credited - written_off - allocated FROM invoices WHERE kind <> 'credit'")
    assert min(row[0] for row in lacking) >= 0
    assert state_of(database).money.balance == Decimal(sum(row[0] for row in lacking)) / 100


@examples(60)
@given(STEPS)
def test_whatever_is_credited_and_written_off_the_sums_agree(steps: list[tuple[str, object]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        database = empty_database(folder)
        pump = Pump(database)
        pump.take_each(*BEGUN, dispatched("S1", lines={"1": 3}, item=SKU))
        take(pump, steps)
        agrees(database)
        database.close()


def test_goods_that_come_back_after_their_invoice_was_given_up_are_credited_for_what_was_left(pump: Pump) -> None:
    pump.take_each(*BEGUN, dispatched("S1", lines={"1": 3}, item=SKU), paid("B-1", "200.00"))
    take(pump, [("write off", None), ("return", 3)])
    (note,) = rows(pump.database, "SELECT gross, original_no FROM invoices WHERE kind = 'credit'")
    assert tuple(note) == (20_000, "INV-SO-1-S1")
    (line,) = pump.of("invoice.issued")[-1].lines
    assert (line.qty, line.net, line.references["withheld_net"]) == (3, d("200.00"), "100.00")
    agrees(pump.database)
