"""Documents of the largest size that is translated at the door (256 KiB), right and as wrong as can be: time and memory of each.

`python -m benchmarks.vast` prints the table that docs/benchmarks.md holds; every document is translated in a process of its own.
"""

import multiprocessing
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from canonical.failures import Malformed
from mappings.translation import OWN_SPECS, Settings, Translations
from orderlane.memory import spare_the_collector
from routing.intake import LARGE

SETTINGS = Settings(endpoint="e", currency="EUR", time_zone="Europe/Berlin")
UBL = (
    '<Order xmlns="urn:oasis:names:specification:ubl:schema:xsd:Order-2"'
    ' xmlns:c="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"'
    ' xmlns:b="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"><b:ID>1</b:ID><b:IssueDate>2026-11-01'
    "</b:IssueDate><b:DocumentCurrencyCode>EUR</b:DocumentCurrencyCode><c:BuyerCustomerParty><c:Party><c:PartyIdentification>"
    "<b:ID>5</b:ID></c:PartyIdentification></c:Party></c:BuyerCustomerParty>"
)
CXML = (
    '<cXML payloadID="1" timestamp="2026-11-01T00:00:00Z"><Header><From><Credential domain="D"><Identity>1</Identity></Credential>'
    '</From><To><Credential domain="D"><Identity>2</Identity></Credential></To><Sender><Credential domain="D"><Identity>1'
    "</Identity></Credential><UserAgent>x</UserAgent></Sender></Header><Request><OrderRequest><OrderRequestHeader"
    ' orderID="1" orderDate="2026-11-01T00:00:00Z" type="new"><Total><Money currency="EUR">1</Money></Total><ShipTo><Address'
    ' addressID="1"><Name>x</Name></Address></ShipTo></OrderRequestHeader>'
)
X12 = (
    "ISA*00*          *00*          *ZZ*A              *ZZ*B              *261101*1200*U*00401*000000001*0*P*>~"
    "GS*PO*A*B*20261101*1200*1*X*004010~ST*850*0001~BEG*00*SA*PO1**20261101~N1*BY*Buyer*92*1~N1*ST*Ship*92*1~"
)
EDIFACT = (
    "UNB+UNOC:3+A:14+B:14+261101:1200+1'UNH+1+ORDERS:D:96A:UN'BGM+220+PO1+9'DTM+137:20261101:102'NAD+BY+1::92++Buyer'"
    "NAD+DP+1::92++Buyer'CUX+2:EUR:9'"
)
SHOPIFY = (
    '{"id":1,"name":"#1","created_at":"2026-11-20T09:00:00Z","processed_at":"2026-11-20T09:00:00Z","currency":"EUR",'
    '"total_price":"1","subtotal_price":"1","total_tax":"0","total_discounts":"0","total_line_items_price":"1",'
    '"taxes_included":false,"customer":{"id":2},"shipping_lines":[],"tax_lines":[],"line_items":[{}'
)
TABLE = "Order No;SKU;Qty;Price;Order Date;Currency;Ship To;Customer No\n"


@dataclass(frozen=True)
class Format:
    """A document of one format: what stands before its lines, and what closes it when there are so many."""

    connector: str
    document: str
    before: str
    after: Callable[[int, int], str]
    counted: str = ""
    """Ends a segment; how many there are before the end is told to `after`."""

    def body(self, line: str, last: str) -> bytes:
        count = (LARGE - len(self.before) - 100) // len(line)
        text = self.before + line * (count - 1) + last
        return (text + self.after(count, text.count(self.counted) if self.counted else 0)).encode()


FORMATS: Mapping[str, Format] = {
    "X12 850": Format("x12", "850", X12, lambda n, s: f"CTT*{n}~SE*{s}*0001~GE*1*1~IEA*1*000000001~", "~"),
    "EDIFACT ORDERS": Format("edifact", "ORDERS", EDIFACT, lambda n, s: f"UNS+S'UNT+{s + 1}+1'UNZ+1+1'", "'"),
    "Shopify order": Format("shopify", "orders/create", SHOPIFY, lambda n, s: "]}"),
    "UBL Order": Format("ubl", "Order", UBL, lambda n, s: "</Order>"),
    "cXML OrderRequest": Format("cxml", "OrderRequest", CXML, lambda n, s: "</OrderRequest></Request></cXML>"),
    "CSV order": Format("table", "order", TABLE, lambda n, s: ""),
}
CASES: tuple[tuple[str, str, str, str], ...] = (
    ("X12 850", "right", "PO1**1*EA*1**VN*A1~", ""),
    ("X12 850", "no line names an item", "PO1**1*EA*1~", ""),
    ("X12 850", "nothing in the lines", "PO1~", ""),
    ("X12 850", "the last of the lines is wrong", "PO1**1*EA*1**VN*A1~", "PO1**0*EA*x**VN*A1~"),
    ("EDIFACT ORDERS", "no line names an item", "LIN+1'QTY+21:1'", ""),
    ("EDIFACT ORDERS", "nothing in the lines", "LIN'", ""),
    ("EDIFACT ORDERS", "the last of the lines is wrong", "LIN+1++A:SA'QTY+21:1'", "LIN+1++A:SA'QTY+21:x'"),
    ("Shopify order", "nothing in the lines", ",{}", ""),
    ("Shopify order", "no line names an item", ',{"id":1,"quantity":1,"price":"1"}', ""),
    ("UBL Order", "no line names an item", "<c:OrderLine><c:LineItem><b:ID>1</b:ID></c:LineItem></c:OrderLine>", ""),
    ("cXML OrderRequest", "nothing in the lines", "<ItemOut/>", ""),
    ("cXML OrderRequest", "no line names an item", '<ItemOut quantity="1"/>', ""),
    ("CSV order", "no line names an item", "O1;;1;1\n", ""),
)


def measured(format_name: str, line: str, last: str) -> tuple[float, float, int]:
    """Processor seconds, peak memory in MB, problems told of one document."""
    spare_the_collector()
    wanted = FORMATS[format_name]
    translations = Translations.load(OWN_SPECS / wanted.connector)
    assert translations.reads(wanted.connector, wanted.document)  # compiled now, as a hub does once for all documents
    body = wanted.body(line, last or line)
    began = time.process_time()
    try:
        parts = list(translations.translate(wanted.connector, wanted.document, body, SETTINGS))
        problems = sum(len(part.problems) for part in parts)
    except Malformed as malformed:
        problems = len(malformed.problems)
    return time.process_time() - began, peak_megabytes(), problems


def peak_megabytes() -> float:
    """What this process alone had at most; `getrusage` would count the process it was started from."""
    (line,) = (line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) / 1024


def table() -> list[tuple[str, str, float, float, int]]:
    """A row per case, each measured in a process of its own, forked from one that has only imported the mappings."""
    fresh = multiprocessing.get_context("forkserver")
    fresh.set_forkserver_preload(["mappings.translation"])
    with fresh.Pool(1, maxtasksperchild=1) as pool:
        return [(name, what, *pool.apply(measured, (name, line, last))) for name, what, line, last in CASES]


def main() -> None:
    print(f"{datetime.now(UTC):%Y-%m-%d}, {LARGE // 1024} KiB each\n")
    print("| document | | processor time | memory of the process | problems told |\n|---|---|---|---|---|")
    for name, what, seconds, megabytes, problems in table():
        print(f"| {name} | {what} | {seconds:.2f} s | {megabytes:.0f} MB | {problems} |")


if __name__ == "__main__":
    main()
