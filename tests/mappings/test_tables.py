"""Orders and stock lists in CSV, XLSX and XLS files: what each becomes, and what is told of what cannot be read."""

import io
import re
import tracemalloc
import zipfile
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from canonical.documents.order_answers import OrderProgressed, OrderResponse, ResponseLine
from canonical.documents.orders import OrderPlaced
from canonical.documents.stock import StockItem, StockLevel
from canonical.envelope import first_message
from canonical.failures import Malformed
from canonical.values import Quantity
from mappings.codecs.rows import Rows
from mappings.codecs.rows_values import Habits, day, number
from mappings.translation import OWN_SPECS, Part, Settings, Translations
from tests.support.examples import examples

SAMPLES = Path(__file__).parents[1] / "samples" / "table"
TRANSLATIONS = Translations.load(OWN_SPECS / "table")
ORDER = "Order No,Order Date,Customer No,Item No,Qty,Unit Price,Currency\n"
SHEET = "xl/worksheets/sheet1.xml"
NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


def parts(body: bytes | str, received_at: datetime | None = None, zone: str = "UTC", **table: Any) -> list[Part]:
    content = body.encode() if isinstance(body, str) else body
    options = Settings(endpoint="test", partner="acme", time_zone=zone, options={"table": table}, received_at=received_at)
    return list(TRANSLATIONS.translate("table", "order", content, options))


def orders(body: bytes | str, **table: Any) -> list[OrderPlaced]:
    found = parts(body, **table)
    assert [problem for part in found for problem in part.problems] == []
    return [document for part in found for document in part.documents]  # type: ignore[misc]


def problems(body: bytes | str, **table: Any) -> list[tuple[str, str, str | None]]:
    try:
        found = parts(body, **table)
    except Malformed as error:
        return [(one.code, one.path, one.value) for one in error.problems]
    return [(one.code, one.path, one.value) for part in found for one in part.problems]


def sample(name: str) -> bytes:
    return (SAMPLES / name).read_bytes()


def workbook(*rows: list[Any], formats: dict[str, str] | None = None, epoch: datetime | None = None) -> bytes:
    book = openpyxl.Workbook()
    if epoch is not None:
        book.epoch = epoch
    sheet = book.active
    sheet.title = "Orders"
    for row in rows:
        sheet.append(row)
    for place, number_format in (formats or {}).items():
        sheet[place].number_format = number_format
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


SMALL_WORKBOOK = workbook(["PO No", "Item", "Qty"], [1, 2, 3])
"""Made once: a workbook holds the time it was made at."""


def repacked(body: bytes, change: dict[str, Any]) -> bytes:
    """The archive with parts changed by functions of their text."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(body)) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name).decode()
            new.writestr(name, change[name](content) if name in change else content)
    return made.getvalue()


def test_a_german_file_is_read_with_its_commas_quotes_and_leading_zeros():
    good, bad = parts(sample("order--german_cp1252.in.csv"))
    [order] = good.documents
    assert isinstance(order, OrderPlaced)
    assert (order.order_no, order.price_date, order.currency) == ("00471", date(2026, 3, 1), "EUR")
    assert order.ship_to.name == "Klinikum Süd"
    assert order.ship_to.address is not None
    assert (order.ship_to.address.lines, order.ship_to.address.postcode, order.ship_to.address.country) == (
        ("Ringstr. 1",),
        "01067",
        "DE",
    )
    first, second = order.lines
    assert (first.sku, first.description) == ("007-100", 'Katheter "6F", steril')
    assert (first.qty, first.unit_price, first.line_amount) == (
        Quantity(value=Decimal(1200)),
        Decimal("1234.50"),
        Decimal("1481400.00"),
    )
    assert first.requested_lots[0].lot == "000012"
    assert (second.description, second.qty) == ("Set\nzweizeilig", Quantity(value=Decimal(2), uom="XCT"))
    assert order.totals is not None and order.totals.payable == Decimal("1762895.75")
    assert order.extensions["others"] == [{"row": "5", "Kostenstelle": "4711"}]
    assert [(p.code, p.path, p.value) for p in bad.problems] == [("E_TABLE_NUMBER", "row 7, column 6", "drei")]


@pytest.mark.parametrize("name", ["order--chinese_gb18030.in.csv", "order--chinese_utf16.in.csv"])
def test_a_chinese_file_is_read_whatever_its_encoding_and_its_prices_contain_tax(name: str):
    [order] = orders(sample(name))
    assert order.sold_to.name == "华东医疗器械有限公司"
    assert [(line.sku, line.qty.uom, line.unit_price, line.line_amount) for line in order.lines] == [
        ("00123", "EA", Decimal("113.00"), Decimal("1130.00")),
        ("00124", "XBX", Decimal("56.5"), Decimal("282.50")),
    ]
    assert order.lines[0].requested_lots[0].expiry == date(2028, 5, 31)
    assert [line.tax and line.tax.rate_pct for line in order.lines] == [13, 13]
    assert order.totals is not None
    assert (order.totals.tax_exclusive, order.totals.tax, order.totals.payable) == (
        Decimal("1250.00"),
        Decimal("162.50"),
        Decimal("1412.50"),
    )


def test_one_bad_order_does_not_stop_the_others_and_is_told_by_row_and_column():
    assert problems(sample("order--us_ambiguous.in.csv"), fixed={"currency": "USD"}) == [
        ("E_SCHEMA", "row 4", None),
        ("E_TABLE_DIFFERS", "row 5, column 3", "2026-03-05"),
    ]
    good = [
        document.subject()
        for part in parts(sample("order--us_ambiguous.in.csv"), fixed={"currency": "USD"})
        for document in part.documents
    ]
    assert good == ["1001"]


def test_a_stock_list_is_told_by_its_columns_and_becomes_one_snapshot_for_each_location():
    first, second = [document for part in parts(sample("stock--english.in.csv")) for document in part.documents]
    assert isinstance(first, StockLevel) and isinstance(second, StockLevel)
    assert (first.location, first.as_of, first.mode) == ("WH1", datetime(2026, 3, 1, 10, tzinfo=UTC), "snapshot")
    assert [(one.item, one.on_hand, one.uom, one.lot, one.expiry, one.status) for one in first.items] == [
        ("0010", Decimal(120), "EA", "0007", date(2027, 12, 31), "released"),
        ("0011", Decimal(3), "XBX", None, None, "quarantine"),
    ]
    assert [(one.on_hand, one.expiry) for one in second.items] == [(Decimal(0), date(2027, 12, 31))]


@pytest.mark.parametrize("name", ["order--typed.in.xls", "order--typed_1904.in.xls"])
def test_a_legacy_workbook_is_read_with_its_types_in_both_calendars(name: str):
    order, notes = parts(sample(name))
    [made] = order.documents
    assert isinstance(made, OrderPlaced)
    assert (made.order_no, made.sold_to.party_id, made.price_date) == ("4711", "000042", date(2026, 3, 1))
    [line] = made.lines
    assert (line.sku, line.unit_price, line.tax and line.tax.rate_pct) == ("000123", Decimal("0.3"), Decimal(19))
    assert (line.requested_lots[0].lot, line.requested_lots[0].expiry) == ("20260301", date(2028, 12, 31))
    assert notes.skipped == "sheet Notes: no orders and no stock"


@pytest.mark.parametrize("epoch", [None, CALENDAR_MAC_1904])
def test_cells_of_a_workbook_keep_zeros_dates_and_digits(epoch: datetime | None):
    body = workbook(
        ["Purchase order", "PO-9"],
        ["PO Date:", date(2026, 3, 1)],
        [],
        ["Item No", "Qty", "Unit Price", "Currency", "Lot No", "Serial No", "GTIN", "Tax Rate", "Remarks"],
        [123, 3, 0.1 + 0.2, "EUR", "0012", None, 9506000134352, 0.19, "=1+1"],
        formats={"A5": "00000", "H5": "0%"},
        epoch=epoch,
    )
    with_result = repacked(body, {SHEET: lambda text: re.sub("</f><v ?/>|</f><v></v>", "</f><v>2</v>", text)})
    [order] = orders(with_result)
    [line] = order.lines
    assert (order.order_no, order.price_date) == ("PO-9", date(2026, 3, 1))
    assert (line.line_no, line.sku, line.gtin, line.unit_price) == ("5", "00123", "09506000134352", Decimal("0.3"))
    assert line.tax is not None and line.tax.rate_pct == Decimal(19)
    assert line.requested_lots[0].lot == "0012"
    assert line.references == {"remarks": "2"}, "a formula is its kept result"


def test_an_id_that_a_spreadsheet_has_rounded_is_refused():
    body = workbook(["PO No", "Date", "Item", "Qty", "Currency"], [1, date(2026, 3, 1), 123456789012345678, 1, "EUR"])
    assert problems(body) == [("E_TABLE_DIGITS", "Orders!C2", "123456789012345696")]


@pytest.mark.parametrize("result", ["", "<v></v>", "<v />"])
def test_a_formula_without_a_result_is_told_and_not_passed_over(result: str):
    body = workbook(["PO No", "Date", "Item", "Qty", "Price", "Currency"], [1, date(2026, 3, 1), "A", 2, "=3*4", "EUR"],
                    ["Total", None, None, "=SUM(D2:D2)"])  # fmt: skip
    body = repacked(body, {"xl/worksheets/sheet1.xml": lambda text: text.replace("<v></v>", result).replace("<v />", result)})
    assert problems(body) == [("E_TABLE_FORMULA", "Orders!E2", "=3*4")]


def test_a_formula_with_an_empty_text_as_its_result_is_an_empty_cell():
    body = workbook(["PO No", "Date", "Item", "Qty", "Remarks", "Currency"], [1, date(2026, 3, 1), "A", 2, "=T(A1)", "EUR"])
    body = repacked(body, {"xl/worksheets/sheet1.xml": lambda text: text.replace('<c r="E2">', '<c r="E2" t="str">')})
    assert problems(body) == []


def test_rows_of_an_order_need_not_stand_together_and_merged_cells_belong_to_the_row_above():
    rows = "1,2026-03-01,C,A,1,,EUR\n2,2026-03-01,C,B,1,,EUR\n1,,C,D,1,,\n,,,E,2,,\nTotal,,,,5,,\n"
    made = orders(ORDER + rows)
    assert [(order.order_no, [line.sku for line in order.lines]) for order in made] == [("2", ["B"]), ("1", ["A", "D", "E"])]
    assert made[1].extensions["below"] == ["Total | 5"]


def test_an_endpoint_states_what_its_files_look_like():
    body = "a;b;c;d\n77;X1;1,234;01022026\n".encode("cp1252")
    columns = {"order_no": "a", "sku": ["nothing", "b"], "qty": "#3", "order_date": "d"}
    [order] = orders(
        body, columns=columns, date_format="DDMMYYYY", decimal=",", fixed={"currency": "EUR", "uom": "box"}, header_row=1
    )
    assert (order.order_no, order.price_date, order.lines[0].qty) == (
        "77",
        date(2026, 2, 1),
        Quantity(value=Decimal("1.234"), uom="XBX"),
    )


def test_a_list_of_quantities_is_stock_where_the_endpoint_says_so():
    body = "date,product_code,quantity\n2026-03-01,QX039,5000\n"
    assert problems(body) == [("E_TABLE_KIND", "row 1", "date, product_code, quantity")]
    [level] = [document for part in parts(body, **{"document": "stock"}) for document in part.documents]
    assert isinstance(level, StockLevel)
    assert (level.location, level.as_of, level.items[0].on_hand) == ("acme", datetime(2026, 3, 1, tzinfo=UTC), Decimal(5000))


@pytest.mark.parametrize(
    ("text", "decimal", "expected"),
    [
        ("1.234,56", "", "1234.56"),
        ("1,234.56", "", "1234.56"),
        ("1'234.50", "", "1234.50"),
        ("12,5", "", "12.5"),
        ("1,234", ",", "1.234"),
        ("1,234", ".", "1234"),
        ("1,234", "", None),
        ("1.234.567", "", "1234567"),
        ("0,500", "", "0.500"),
        ("(5.00)", "", "-5.00"),
        ("7-", "", "-7"),
        ("€ 12,50", "", "12.50"),
        ("12.50 EUR", "", "12.50"),
        ("13%", "", "13"),
        ("12,34,56", ".", None),
        ("1e5", "", None),
        ("", "", None),
        (".5", "", "0.5"),
        ("٣", "", None),
        ("1.2.3,4", ",", None),
    ],
)
def test_numbers_are_exact_or_none(text: str, decimal: str, expected: str | None):
    assert number(text, decimal) == (None if expected is None else Decimal(expected))


@pytest.mark.parametrize(
    ("text", "habits", "expected"),
    [
        ("20260301", Habits(), date(2026, 3, 1)),
        ("2026/3/1", Habits(), date(2026, 3, 1)),
        ("1.3.2026", Habits(), date(2026, 3, 1)),
        ("25/03/2026", Habits(), date(2026, 3, 25)),
        ("03/25/2026", Habits(), date(2026, 3, 25)),
        ("03/04/2026", Habits(), None),
        ("03/04/2026", Habits(day_first=True), date(2026, 4, 3)),
        ("03/04/2026", Habits(date_format="MM/DD/YYYY"), date(2026, 3, 4)),
        ("2026-03-01 08:00", Habits(), date(2026, 3, 1)),
        ("31.02.2026", Habits(), None),
        ("1.12.26", Habits(), date(2026, 12, 1)),
        ("1.12.69", Habits(), date(1969, 12, 1)),
        ("1/12/26", Habits(day_first=True), None),
        ("5/5/2026", Habits(), date(2026, 5, 5)),
    ],
)
def test_dates_are_certain_or_none(text: str, habits: Habits, expected: date | None):
    assert day(text, habits) == expected


@pytest.mark.parametrize(
    ("body", "code", "path"),
    [
        (b"", "E_TABLE_EMPTY", "row 1"),
        (b"%PDF-1.7", "E_TABLE_FORMAT", "byte 1"),
        (b"<a/>", "E_TABLE_FORMAT", "row 1"),
        (b'{"a": 1}', "E_TABLE_FORMAT", "row 1"),
        (b"UNA:+.? 'UNB+UNOC:3'", "E_TABLE_FORMAT", "row 1"),
        (b"a,b\n\x01,2\n", "E_TABLE_FORMAT", "character 5"),
        (b"PK\x03\x04 broken", "E_TABLE_FORMAT", "byte 1"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 broken", "E_TABLE_FORMAT", "byte 1"),
        (b"some text\nand more\n", "E_TABLE_HEADER", "row 1"),
        (b"Code,Product,Lot number,Qty\n1,2,3,4\n", "E_TABLE_KIND", "row 1"),
        (ORDER.encode(), "E_TABLE_EMPTY", "row 2"),
        (b"Order No,Item No,Qty\n,A,1\n", "E_TABLE_ORDER_NO", "row 2, column 1"),
        (b'Order No,Item No,Qty\n1,"A,1\n', "E_TABLE_CSV", "row 2"),
        (b"\xff\xfeP", "E_TABLE_ENCODING", "byte 3"),
        (b"Order No,Item No,Qty\n" + b"a," * 300 + b"b\n", "E_TABLE_LIMIT", "row 2"),
    ],
)
def test_what_is_no_order_is_refused_with_its_place(body: bytes, code: str, path: str):
    assert [(found[0], found[1]) for found in problems(body)] == [(code, path)]


def test_an_archive_that_unpacks_to_too_much_or_holds_entities_is_refused():
    book = workbook(["PO No", "Item", "Qty"], [1, 2, 3])
    bomb = repacked(book, {SHEET: lambda _: " " * (257 * 1024 * 1024)})
    assert len(bomb) < 400_000
    assert problems(bomb) == [("E_TABLE_LIMIT", "byte 1", None)]
    entities = repacked(book, {"xl/workbook.xml": lambda text: '<!DOCTYPE a [<!ENTITY b "c">]>' + text})
    assert problems(entities) == [("E_TABLE_FORMAT", "xl/workbook.xml", None)]


@pytest.mark.parametrize(("near", "far"), [('r="C2"', 'r="XFD2"'), ('<row r="2"', '<row r="99999999999"')])
def test_cells_far_away_cost_nothing(near: str, far: str):
    book = workbook(["PO No", "Item", "Qty"], [1, 2, 3])
    assert near in zipfile.ZipFile(io.BytesIO(book)).read(SHEET).decode()
    [(code, _, _)] = problems(repacked(book, {SHEET: lambda text: text.replace(near, far)}))
    assert code == "E_TABLE_LIMIT"


def message(document: Any) -> Any:
    return first_message(document, source="test", raw_id="raw-1", now=NOW)


def response(**given: Any) -> OrderResponse:
    line = ResponseLine(
        line_no="0001", code="accepted", qty=Quantity(value=Decimal("2.50")), sku="=cmd|'/C calc'!A1", unit_price=Decimal("-0") + 3
    )
    return OrderResponse(order_no="00471", code="CA", currency="EUR", lines=(line,), **given)


def test_an_answer_goes_out_as_csv_in_which_nothing_is_a_formula():
    made = TRANSLATIONS.write("table", "order_response", message(response(reasons=("@late",))), Settings())
    assert made == (
        b"\xef\xbb\xbfOrder No,Answer,Line,Line answer,Item No,Item,GTIN,Quantity,Unit,Unit Price,Currency,Promised Date,Reason\r\n"
        b"00471,CA,0001,accepted,'=cmd|'/C calc'!A1,,,2.50,EA,3,EUR,,'@late\r\n"
    )


def test_an_answer_goes_out_as_a_workbook_with_text_as_text_and_numbers_as_numbers():
    made = TRANSLATIONS.write("table", "order_response", message(response()), Settings(options={"table": {"format": "xlsx"}}))
    sheet = openpyxl.load_workbook(io.BytesIO(made)).active
    assert sheet.title == "Order response"
    assert [(cell.value, cell.data_type) for cell in sheet[2]][4:8] == [
        ("=cmd|'/C calc'!A1", "s"),
        (None, "n"),
        (None, "n"),
        (2.5, "n"),
    ]


def test_a_milestone_is_one_row_in_the_dealers_own_way_of_writing():
    progressed = OrderProgressed(
        order_no="1",
        origin="dealer",
        channel="edi",
        milestone="shipped",
        state="open",
        fulfilment="shipped",
        billing="none",
        payment="none",
        tracking_nos=("T1", "T2"),
    )
    made = TRANSLATIONS.write(
        "table", "order_status", message(progressed), Settings(options={"table": {"delimiter": ";", "encoding": "cp1252"}})
    )
    assert made.splitlines()[1] == b"1;;shipped;open;shipped;none;none;;T1 T2;;;2026-03-02T09:30:00Z"


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_stock_that_goes_out_is_stock_when_it_comes_in_again(kind: str):
    items = (
        StockItem(
            item="0010", sku="0010", on_hand=Decimal("3.5"), uom="EA", lot="0007", expiry=date(2027, 1, 31), status="blocked"
        ),
    )
    level = StockLevel(location="WH1", as_of=NOW, mode="snapshot", reference="R1", items=items)
    made = TRANSLATIONS.write("table", "stock", message(level), Settings(options={"table": {"format": kind}}))
    [part] = parts(made)
    assert part.documents == (level,)


@examples(150)
@given(
    st.one_of(st.binary(max_size=200), st.text(alphabet="Order No,;|\t\n\"'=1.,Qtyitm\u5355\u53f7", max_size=200).map(str.encode))
)
def test_any_bytes_are_documents_or_problems(body: bytes):
    assert isinstance(problems(body), list)


@examples(60)
@given(st.data())
def test_a_workbook_with_any_bytes_changed_is_documents_or_problems(data: st.DataObject):
    name = data.draw(st.sampled_from(["order--typed.in.xls", "xlsx"]))
    body = bytearray(SMALL_WORKBOOK if name == "xlsx" else sample(name))
    for at, byte in data.draw(st.lists(st.tuples(st.integers(0, len(body) - 1), st.integers(0, 255)), max_size=12)):
        body[at] = byte
    assert isinstance(problems(bytes(body)), list)


@pytest.mark.slow
def test_a_large_workbook_takes_little_room():
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("Orders")
    sheet.append(["PO No", "Date", "Item", "Qty", "Currency"])
    for row in range(4000):
        sheet.append([f"PO-{row // 4}", date(2026, 3, 1), f"SKU-{row}", 1, "EUR"])
    made = io.BytesIO()
    book.save(made)
    tracemalloc.start()
    count = sum(1 for _ in Rows().read(made.getvalue()))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 1000
    assert peak < 6_000_000


PLAIN_ORDERS = [
    "PO Number,Order Date,Customer No,Item No,Qty,Unit Price,Currency\nA1,2026-11-01,C1,4711,2,10.50,EUR\n",
    "PurchaseOrderNumber,OrderDate,CustomerId,ItemCode,OrderedQty,UnitPrice,CurrencyCode\nA1,2026-11-01,C1,4711,2,10.50,EUR\n",
    "Purchase Order No;Ordered On;Account No;Catalogue No;Ordered Quantity;Price/Unit;Curr.\nA1;2026-11-01;C1;4711;2;10.50;EUR\n",
    "Bestellnr.;Bestelldatum;Kundennr.;Art.-Nr.;Menge;Einzelpreis netto;Währung\nA1;01.11.2026;C1;4711;2;10,50;EUR\n",
    "Auftragsnummer;Datum;Debitor Nr;Artikelnr;Bestellmenge;Preis in €\nA1;01.11.2026;C1;4711;2;10,50\n",
    "订单编号,订货日期,客户编号,商品编码,数量,单价 EUR\nA1,2026/11/01,C1,4711,2,10.50\n",
    "采购订单号,下单日期,客户代码,物料编码,订购数量,单价,币种\nA1,2026-11-01,C1,4711,2,10.50,EUR\n",
]


@pytest.mark.parametrize("text", PLAIN_ORDERS)
def test_a_plain_order_needs_no_statement_of_its_columns(text: str):
    (order,) = orders(text)
    assert (order.order_no, order.sold_to.party_id, order.currency, order.price_date) == ("A1", "C1", "EUR", date(2026, 11, 1))
    (line,) = order.lines
    assert (line.sku, line.qty.value, line.unit_price, line.line_amount) == ("4711", 2, Decimal("10.50"), Decimal("21.00"))


def test_a_missing_column_is_told_with_those_that_were_seen():
    assert [path for _, path, _ in problems("order,sku,quantity\nA1,S1,3\n")] == [
        "row 2 (no column for currency among order, sku, quantity)",
        "row 2 (no column for order_date among order, sku, quantity)",
    ]


def test_a_currency_in_the_names_of_columns_counts_only_where_they_agree():
    names = "Order No,Order Date,Customer,SKU,Qty,Price EUR,Amount USD\nA1,2026-11-01,C,S,1,2,2\n"
    assert [path.partition(" among")[0] for _, path, _ in problems(names)] == ["row 2 (no column for currency"]


def test_an_order_without_a_date_is_of_the_day_on_which_its_file_came_where_the_endpoint_is_and_says_so():
    body = "Order No,Customer No,Item No,Qty,Currency\n1,C,A,2,USD\n"
    late = datetime(2026, 3, 1, 23, 30, tzinfo=UTC)
    (order,) = (one for part in parts(body, late, "Asia/Shanghai") for one in part.documents)
    assert isinstance(order, OrderPlaced)
    assert (order.price_date, order.extensions["price_date"]) == (date(2026, 3, 2), "the day it was received")
    (dated,) = (one for part in parts(ORDER + "1,2026-02-01,C,A,2,1.00,USD\n", late) for one in part.documents)
    assert isinstance(dated, OrderPlaced)
    assert (dated.price_date, "price_date" in dated.extensions) == (date(2026, 2, 1), False)
    assert problems(ORDER + "1,soon,C,A,2,1.00,USD\n", received_at=late) == [("E_TABLE_DATE", "row 2, column 2", "soon")]


ROW = ["1", None, "C", "A", 2, 1, "USD"]
DAYS: dict[str, tuple[Any, datetime | None, date]] = {
    "a number without the format of a date": (45987, None, date(2025, 11, 26)),
    "with a time of day": (45987.75, None, date(2025, 11, 26)),
    "of the calendar of 1904": (44525, CALENDAR_MAC_1904, date(2025, 11, 26)),
    "a number that is a date without marks": (20251126, None, date(2025, 11, 26)),
    "a text of digits": ("45987", None, date(2025, 11, 26)),
    "a date with a time of day": (datetime(2025, 11, 26, 10, 30), None, date(2025, 11, 26)),
}


@pytest.mark.parametrize("case", DAYS)
def test_what_stands_in_a_date_column_of_a_workbook_is_a_date(case: str):
    cell, epoch, expected = DAYS[case]
    row = [cell if one is None else one for one in ROW]
    (order,) = orders(workbook(ORDER.strip().split(","), row, epoch=epoch))
    assert order.price_date == expected


@pytest.mark.parametrize("text", ["12345", "31226", "99999", "50112"])
def test_digits_that_may_be_another_date_are_told(text: str):
    assert problems(ORDER + f"1,{text},C,A,2,1.00,USD\n") == [("E_TABLE_DATE", "row 2, column 2", text)]


def test_a_number_is_no_day_where_the_endpoint_states_dates_of_digits():
    row = [31226 if one is None else one for one in ROW]
    assert problems(workbook(ORDER.strip().split(","), row), date_format="DDMMYY") == [("E_TABLE_DATE", "Orders!B2", "31226")]


GROUPED_NUMBERS = ("1,093.50", "1.093,50", "1 093,50", "1\u00a0093,50", "1'093.50", "1093,50")


@pytest.mark.parametrize("text", GROUPED_NUMBERS)
def test_a_price_with_thousands_apart_is_read_by_its_own_marks(text: str):
    (order,) = orders(ORDER + f'1,2026-03-01,C,A,2,"{text}",USD\n')
    assert order.lines[0].unit_price == Decimal("1093.50")


def test_lakhs_are_thousands_too_and_a_mark_against_the_stated_one_is_told():
    (order,) = orders(ORDER + '1,2026-03-01,C,A,2,"12,34,567.50",INR\n')
    assert order.lines[0].unit_price == Decimal("1234567.50")
    assert problems(ORDER + '1,2026-03-01,C,A,2,"1.093,50",USD\n', decimal=".") == [
        ("E_TABLE_NUMBER", "row 2, column 6", "1.093,50")
    ]


def test_a_workbook_with_odd_properties_is_read_for_its_cells():
    body = workbook(ORDER.strip().split(","), ["1", "2026-03-01", "C", "A", 2, 1, "USD"])
    odd = repacked(
        body, {"docProps/core.xml": lambda text: text.replace("<dcterms:created", "<dcterms:created odd='1'").replace("20", "x")}
    )
    assert [one.order_no for one in orders(odd)] == ["1"]


def test_cells_and_rows_that_do_not_say_where_they_stand_follow_each_other():
    body = workbook(ORDER.strip().split(","), ["1", "2026-03-01", "C", "A", 2, 1, "USD"])
    bare = repacked(body, {SHEET: lambda text: re.sub(r'(<(?:c|row)\b[^>]*?) r="[A-Z0-9]+"', r"\1", text)})
    (order,) = orders(bare)
    assert (order.order_no, order.lines[0].sku, order.lines[0].qty.value) == ("1", "A", 2)
