"""What the trace of a recall adds up to, on the screen."""

from decimal import Decimal

from operations.stock_views import RecallTrace
from orderlane.shown_stock import print_trace
from orderlane.shown_tables import out


def test_a_trace_shows_both_sums_with_all_their_figures() -> None:
    figures = {
        "received": 120, "returned": 4, "in_stock": 94, "reserved": 0, "shipped": 30, "scrapped": 1, "confirmed": 20,
        "unlocated": 5, "difference": 0,
    }  # fmt: skip
    trace = RecallTrace(
        recall_no="RC-1", sku="CATH-5F", status="open", reason="coating", stock=[], buyers=[], unknown_lot=[],
        **{name: Decimal(figure) for name, figure in figures.items()},
    )  # fmt: skip
    with out.capture() as seen:
        print_trace(trace)
    assert seen.get().splitlines()[:3] == [
        "Recall RC-1  CATH-5F, open: coating",
        "received 120 + returned 4 = in stock 94 + left our places 30; difference 0",
        "shipped 30 = returned 4 + scrapped 1 + sold on 20 + unlocated 5",
    ]
