"""G12 and its kin: goods a dealer reports that others had from us become a case, whatever was told first."""

import itertools
from datetime import date
from typing import Any

from canonical.documents.returns import ReturnLine, ReturnReceived
from canonical.documents.sales_out import Period, SalesOutReported, SoldLine
from canonical.documents.shipments import ShipmentDispatched, ShipmentLine
from canonical.values import LotRef, Party
from tests.handlers.golden import DAY, d
from tests.handlers.pump import Pump
from tests.handlers.reading import rows
from tests.handlers.test_stock_by_lot import stock, wanted

MONTH = Period(start=date(2026, 11, 1), end=date(2026, 11, 30))


def to(dealer: str, qty: int = 1, *, serial: str | None = None, lot: str | None = None) -> list[Any]:
    """An order of a dealer, and its goods leaving."""
    order_no = f"SO-{dealer}-{serial or lot}"
    line = ShipmentLine(order_no=order_no, line_no="1", item="X", qty=d(qty), lots=(LotRef(lot=lot, serial=serial, qty=d(qty)),))
    sent = ShipmentDispatched(shipment_no=f"S-{order_no}", warehouse="WH-1", dispatched_at=DAY, lines=(line,))
    return [wanted(order_no, qty, customer_no=dealer), sent]


def reports(dealer: str, qty: int = 1, *, kind: str = "sale", no: str = "1", to: str = "H-9", **ref: Any) -> SalesOutReported:
    line = SoldLine(
        line_no="1", item="X", kind=kind, qty=d(qty), end_customer=Party(party_id=to), lots=(LotRef(**ref, qty=d(qty)),)
    )
    return SalesOutReported(report_no=f"{kind}-{no}", dealer=Party(party_id=dealer), period=MONTH, lines=(line,))


def cases(pump: Pump) -> list[tuple[Any, ...]]:
    return rows(pump.database, "SELECT case_no, code, state FROM stock_cases ORDER BY case_no")


def test_a_serial_sold_to_one_dealer_and_reported_by_another_is_a_case(pump: Pump) -> None:
    stock(pump, *to("A", serial="SN-1"), reports("A", serial="SN-1"))
    assert cases(pump) == []
    stock(pump, *to("A", serial="SN-2"), reports("B", serial="SN-2"))
    (case,) = pump.of("case.changed")
    assert (case.code, case.reported_by, case.sources, case.serial) == ("C_DIVERSION", "B", ("A",), "SN-2")
    assert [(line.report_no, line.line_no) for line in case.lines] == [("sale-1", "1")]
    assert cases(pump) == [("DIV/X/SN-2/B", "C_DIVERSION", "open")]


def test_a_transfer_explains_the_case_whatever_is_told_first(pump: Pump) -> None:
    story = [*to("A", serial="SN-1"), reports("A", kind="transfer", to="B", serial="SN-1"), reports("B", serial="SN-1")]
    for number, order in enumerate(itertools.permutations(story)):
        with pump.database.transaction() as tx:
            for table in ("stock_entries", "stock_cases", "stock_orders", "stock_lines", "stock"):
                tx.run(f"DELETE FROM {table}")
        other = Pump(pump.database)
        stock(other, *order)
        assert [state for _, _, state in cases(other)] in ([], ["explained"]), number


def test_a_serial_sold_twice_is_a_case_and_one_that_never_came_from_us_is_none(pump: Pump) -> None:
    stock(
        pump, reports("B", serial="OLD"), *to("A", serial="SN-1"), reports("A", serial="SN-1"), reports("A", no="2", serial="SN-1")
    )
    assert cases(pump) == [("DIV/X/SN-1/A", "C_DIVERSION", "open")]
    stock(pump, reports("A", kind="return", serial="SN-1"))
    assert cases(pump) == [("DIV/X/SN-1/A", "C_DIVERSION", "explained")]


def test_of_a_lot_all_who_bought_it_are_possible_sources(pump: Pump) -> None:
    stock(pump, *to("A", 5, lot="L1"), *to("C", 5, lot="L1"), *to("B", 2, lot="L1"), reports("B", 2, lot="L1"))
    assert cases(pump) == []
    stock(pump, reports("B", 3, no="2", lot="L1"))
    (case,) = pump.of("case.changed")
    assert (case.sources, case.had, case.sold) == (("A", "C"), 2, 5)


def sends_back(dealer: str, qty: int = 1, *, of: str, **ref: Any) -> ReturnReceived:
    """A dealer sends goods back that its order `of` (by lot or serial number) is said to have brought."""
    line = ReturnLine(line_no="1", item="X", qty=d(qty), lots=(LotRef(**ref, qty=d(qty)),))
    return ReturnReceived(
        rma_no=f"R-{dealer}", order_no=f"SO-{dealer}-{of}", returned_at=DAY.replace(day=25), warehouse="WH-1", lines=(line,)
    )


def test_goods_that_are_sent_back_by_another_than_who_had_them_are_a_case(pump: Pump) -> None:
    stock(pump, *to("A", serial="SN-1"), *to("B", serial="SN-2"), sends_back("B", of="SN-2", serial="SN-1"))
    (case,) = pump.of("case.changed")
    assert (case.case_no, case.code, case.reported_by, case.sources) == ("DIV/X/SN-1/B", "C_DIVERSION", "B", ("A",))
    assert (case.had, case.sold, case.lines) == (-1, 0, ())


def test_more_of_a_lot_sent_back_than_was_had_is_a_case_until_a_transfer_explains_it(pump: Pump) -> None:
    story = [*to("A", 5, lot="L1"), *to("B", 2, lot="L1"), sends_back("B", 4, of="L1", lot="L1")]
    stock(pump, *story)
    assert cases(pump) == [("DIV/X/L1/B", "C_DIVERSION", "open")]
    stock(pump, reports("A", 2, kind="transfer", to="B", lot="L1"))
    assert cases(pump) == [("DIV/X/L1/B", "C_DIVERSION", "explained")]


def test_what_is_sent_back_by_who_had_it_or_never_came_from_us_is_no_case(pump: Pump) -> None:
    stock(pump, *to("A", 5, lot="L1"), *to("B", 2, lot="L1"), sends_back("B", 2, of="L1", lot="L1"))
    stock(pump, sends_back("A", 1, of="L1", lot="UNKNOWN"))
    assert cases(pump) == []
