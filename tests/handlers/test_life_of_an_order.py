"""The life of one order under events that fit and events that do not, in any order: the books stay right at every step, and
the same events in another order, with repeats, end in the same state."""

import random
import tempfile
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from canonical.documents.base import Document
from canonical.documents.decisions import OrderDecided
from canonical.documents.order_changes import LineOp, OrderChanged
from canonical.documents.shipments import DeliveredLine, DeliveryConfirmed
from handlers.worth import Worth
from store.database import Database
from tests.handlers import golden
from tests.handlers.golden import DAY, d
from tests.handlers.pump import Pump
from tests.handlers.reading import confirmed_document_of, empty_database, ending_of, revisions_of, rows, state_of, worth_billed
from tests.handlers.test_everything_in_any_order import changed
from tests.handlers.test_money_that_goes_back import refunded_payment, returned_goods, reversed_payment
from tests.support.examples import examples

ITEMS = {"1": "SO-1-NEEDLE", "2": "SO-1-GLOVES"}
QUANTITIES = st.fixed_dictionaries({}, optional={"1": st.integers(1, 10), "2": st.integers(1, 3)}).filter(bool)
STATES = st.sampled_from(["picked_up", "in_transit", "exception", "out_for_delivery", "delivered", "refused", "returned", "lost"])
VERDICTS = st.sampled_from(["approve", "reject", "release", "release", "hold", "hold", "close", "short_close", "reopen", "cancel"])
ROLES = st.sampled_from(["sales_assistant", "compliance", "finance"])
SHIPMENTS = st.sampled_from(["S1", "S2", "S3"])
AMOUNTS = st.sampled_from(["0.01", "271.20", "1000.00", "1123.22", "1394.42", "2000.00"])
MICRO = 1_000_000


class LifeOfAnOrder(RuleBasedStateMachine):
    """One order of ten needles and three boxes of gloves. told: every document that arrived, in order."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.database = empty_database(self.folder.name)
        self.pump = Pump(self.database)
        self.told: list[Document] = []
        self.placed = False
        self.sent: dict[str, dict[str, int]] = {}
        self.counted: dict[str, dict[str, int]] = {}
        self.paid: list[str] = []
        self.revision = 0
        self.commutes = True
        self.repriced = False
        self.asked = 0
        self.serial = 0

    def teardown(self) -> None:
        self.database.close()
        self.folder.cleanup()

    def tell(self, document: Document) -> None:
        self.told.append(document)
        self.pump.take(document)

    def next(self) -> int:
        self.serial += 1
        return self.serial

    @initialize(early=st.booleans(), repriced=st.sampled_from([False, False, True]))
    def begin(self, early: bool, repriced: bool) -> None:
        self.repriced = repriced
        if not early:
            self.place()

    @rule()
    def place(self) -> None:
        self.placed = True
        self.tell(golden.placed())

    @rule(quantities=QUANTITIES)
    def goods_come_in(self, quantities: dict[str, int]) -> None:
        items = {ITEMS[line_no]: qty for line_no, qty in quantities.items()}
        self.tell(golden.level("WH-1", items, mode="delta", reference=f"in-{self.next()}"))

    @rule(shipment=SHIPMENTS, quantities=QUANTITIES)
    def goods_leave(self, shipment: str, quantities: dict[str, int]) -> None:
        """Perhaps more of a line than was ordered; a shipment that left is told again as it was."""
        self.sent.setdefault(shipment, quantities)
        self.tell(golden.dispatched(shipment, lines=self.sent[shipment], day=20 + int(shipment[1:])))

    @rule(shipment=SHIPMENTS, state=STATES, hour=st.integers(1, 20))
    def the_carrier_tells(self, shipment: str, state: str, hour: int) -> None:
        self.tell(golden.tracked(shipment, state, hour, day=24))

    @precondition(lambda self: self.sent)
    @rule(data=st.data())
    def the_receiver_counts(self, data: st.DataObject) -> None:
        shipment = data.draw(st.sampled_from(sorted(self.sent)))
        if shipment not in self.counted:
            self.counted[shipment] = {no: data.draw(st.integers(0, qty)) for no, qty in self.sent[shipment].items()}
        lines = self.counted[shipment]
        self.tell(
            DeliveryConfirmed(
                shipment_no=f"SO-1-{shipment}", delivered_at=DAY.replace(day=25), receiver="desk",
                lines=tuple(DeliveredLine(order_no="SO-1", line_no=no, qty_ok=d(qty)) for no, qty in lines.items()),
            )
        )  # fmt: skip

    @rule(quantities=st.one_of(st.none(), QUANTITIES))
    def the_buyer_takes_back(self, quantities: dict[str, int] | None) -> None:
        self.tell(golden.cancelled(lines=quantities, reason=f"reason-{self.next() % 3}"))

    @rule(amount=AMOUNTS, currency=st.sampled_from(["CNY", "CNY", "CNY", "USD"]))
    def money_comes(self, amount: str, currency: str) -> None:
        ref = f"B-{self.next()}"
        if currency == "CNY":
            self.paid.append(ref)
        self.tell(golden.paid(ref, amount, currency=currency))

    @precondition(lambda self: self.paid)
    @rule(data=st.data(), amount=AMOUNTS, by_the_bank=st.booleans())
    def money_goes_back(self, data: st.DataObject, amount: str, by_the_bank: bool) -> None:
        """Perhaps more than had come, or in parts."""
        make = reversed_payment if by_the_bank else refunded_payment
        self.tell(make(f"R-{self.next()}", amount, data.draw(st.sampled_from(self.paid))))

    @precondition(lambda self: self.sent)
    @rule(quantities=QUANTITIES)
    def goods_come_back(self, quantities: dict[str, int]) -> None:
        """Perhaps more than had left."""
        self.tell(returned_goods(f"RMA-{self.next()}", quantities))

    @precondition(lambda self: self.placed)
    @rule(qty=st.one_of(st.none(), st.integers(1, 5)), skipped=st.sampled_from([0, 0, 0, 1]), whole=st.booleans())
    def the_buyer_changes(self, qty: int | None, skipped: int, whole: bool) -> None:
        """The boxes become so many, perhaps fewer than have left, or only the header another; by differences, of which one may be
        missing, or by a newer copy of the whole."""
        self.revision += 1 + skipped
        remarks = {} if qty else {"remarks": f"revision {self.revision}"}
        if whole:
            lines = golden.placed().lines
            gloves = golden.line("2", ITEMS["2"], qty or 3, "120.00", "XBX")
            self.tell(golden.placed(revision=self.revision, lines=(lines[0], gloves), **remarks))
            return
        self.tell(changed(self.revision, qty, **remarks))
        self.commutes = self.commutes and not skipped

    @precondition(lambda self: self.placed and self.repriced)
    @rule(price=st.sampled_from(["110.00", "120.00", "131.70"]))
    def the_buyer_asks_for_another_price(self, price: str) -> None:
        """Whether it comes before the goods are billed or after it; order and invoices agree."""
        self.revision += 1
        op = LineOp(op="update", line_no="2", unit_price=d(price))
        self.tell(OrderChanged(order_no="SO-1", revision=self.revision, base_revision=self.revision - 1, line_ops=(op,)))

    @precondition(lambda self: self.placed)
    @rule(verdict=VERDICTS, role=ROLES, actor=st.sampled_from(["li", "wang", "H-1"]))
    def somebody_decides(self, verdict: str, role: str, actor: str) -> None:
        """What is not allowed changes nothing of the order, its goods or its money."""
        before, refusals = self.everything(), self.refusals()
        self.serial += 1
        document = OrderDecided(
            order_no="SO-1", seq=self.serial, verdict=verdict, actor=actor, role=role, reason="because", decided_at=DAY
        )
        self.pump.take(document)
        if self.refusals() > refusals:
            assert self.everything() == before
        else:
            self.commutes = False
            self.asked = self.pump.counts()["shipment.requested"]

    def refusals(self) -> int:
        runs = rows(self.database, "SELECT decisions FROM order_decisions WHERE order_no = 'SO-1'")
        return sum('"policy":"person","result":"reject"' in text for (text,) in runs)

    @precondition(lambda self: self.told)
    @rule(data=st.data())
    def something_comes_again(self, data: st.DataObject) -> None:
        before = self.everything()
        self.pump.take(data.draw(st.sampled_from(self.told)))
        assert self.everything() == before

    @rule(what=st.sampled_from(["cancel", "line", "money", "goods"]))
    def something_strange_comes(self, what: str) -> None:
        """About an order nobody knows, or a line it does not have: nothing of this order changes."""
        before = self.everything() if self.placed else None
        if what == "cancel":
            self.tell(golden.cancelled("SO-2"))
        elif what == "line":
            self.tell(golden.cancelled(lines={"9": 1}, reason="no such line"))
        elif what == "money":
            self.tell(golden.paid(f"B-{self.next()}", "5.00", refs=("nothing we know",)))
        else:
            self.tell(golden.level("WH-1", {"OTHER": 5}, mode="delta", reference=f"in-{self.next()}"))
        assert before is None or self.everything() == before

    def everything(self) -> list[Any]:
        """All that is kept about the order, without when it was kept."""
        return [
            repr(state_of(self.database)) if self.placed else None,
            rows(self.database, "SELECT invoice_no, gross, allocated FROM invoices ORDER BY invoice_no"),
            rows(self.database, "SELECT item, location, on_hand, reserved FROM stock WHERE item <> 'OTHER' ORDER BY 1, 2"),
            rows(self.database, "SELECT line_no, reserved, backordered FROM stock_lines WHERE order_no = 'SO-1' ORDER BY line_no"),
        ]

    @invariant()
    def the_ledger_of_each_line_is_sound(self) -> None:
        if not self.placed:
            return
        for one in state_of(self.database).lines.values():
            assert 0 <= one.cancelled <= max(0, one.ordered - one.shipped), "what has left cannot be cancelled"
            assert one.open == max(0, one.ordered - one.cancelled - one.shipped)
            assert 0 <= one.delivered <= one.shipped and 0 <= one.returned <= one.shipped
            assert 0 <= one.invoiced <= one.shipped and 0 <= one.credited <= one.invoiced

    @invariant()
    def what_is_billed_is_what_was_shipped_to_the_cent(self) -> None:
        if not self.placed:
            return
        state = state_of(self.database)
        agreed = confirmed_document_of(self.database)
        ordered = {one.line_no: one.qty.value for one in agreed.lines}
        shipped = {no: min(one.shipped, ordered.get(no, d(0))) for no, one in state.lines.items() if no in ordered}
        if not (self.repriced and any(one.sent_back for one in state.lines.values())):  # else some of it was credited meanwhile
            assert worth_billed(self.database) == Worth(agreed).between({}, shipped).gross

    @invariant()
    def nobody_gets_more_goods_or_money_than_there_are(self) -> None:
        assert rows(self.database, "SELECT item FROM stock WHERE reserved > on_hand OR reserved < 0 OR on_hand < 0") == []
        reserved = "SELECT coalesce(sum(reserved), 0) FROM "
        assert rows(self.database, f"{reserved} stock_lines") == rows(self.database, f"{reserved} stock")
        assert (
            rows(self.database, "SELECT payment_ref FROM payments WHERE allocated > max(amount - returned, 0) OR allocated < 0")
            == []
        )
        assert rows(self.database, "SELECT invoice_no FROM invoices WHERE allocated > gross OR allocated < 0") == []
        billed, credited = (f"SELECT coalesce(sum(gross), 0) FROM invoices WHERE kind {kind} 'credit'" for kind in ("<>", "="))
        assert rows(self.database, f"SELECT 1 WHERE ({credited}) > ({billed})") == []
        assert self.pump.conflicts == []

    @invariant()
    def nobody_is_asked_to_ship_while_the_order_is_held(self) -> None:
        asked = self.pump.counts()["shipment.requested"]
        if self.placed and state_of(self.database).holds:
            assert asked == self.asked
        self.asked = asked

    @precondition(lambda self: self.placed and self.commutes and len(self.told) > 3)
    @rule(seed=st.integers(0, 999))
    def the_same_in_another_order_ends_the_same(self, seed: int) -> None:
        chance = random.Random(seed)
        mixed = [*self.told, *chance.choices(self.told, k=3)]
        chance.shuffle(mixed)
        with tempfile.TemporaryDirectory() as folder:
            database = empty_database(folder)
            other = Pump(database, batch=chance.choice([1, 5, 50]), shuffle=chance)
            for document in mixed:
                other.take(document)
            assert ending_of(database) == ending_of(self.database)
            assert answers_to(database) == answers_to(self.database)
            database.close()


def answers_to(database: Database) -> list[tuple[Any, ...]]:
    """What is refused of every change that was asked for."""
    judged = [one for one in revisions_of(database) if "told" in one]
    return [(one["revision"], one["told"], one.get("idle", False)) for one in judged if one["told"]]


TestLifeOfAnOrder = LifeOfAnOrder.TestCase
TestLifeOfAnOrder.settings = settings(examples(25), stateful_step_count=25)
