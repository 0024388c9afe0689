"""Diversion (窜货): who sells, or sends back, goods that others had from us (domain R8 c, d). Derived from the lot ledger."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from typing import Any, cast

import orjson

from canonical.documents.cases import CaseChanged, ReportedLine
from canonical.documents.sales_out import SalesOutReported, SoldLine
from canonical.envelope import Message
from canonical.handling import Outcome
from canonical.lean import lean
from canonical.reading import read
from handlers.stock.books import Books
from handlers.stock.entries import buyer
from store import lots
from store.database import Transaction, to_micros
from store.exact import from_micro_units, to_micro_units

case_changed, reported_line = lean(CaseChanged), lean(ReportedLine)

CODE = "C_DIVERSION"
KINDS = {"sale": "sold", "transfer": "transferred", "return": "sold_back"}
TELLING = frozenset({*KINDS.values(), "returned", "scrapped"})
"""Entries of the lot ledger that may tell of goods which went ways they should not."""
Goods = tuple[str, str, str]
"""(item, lot, serial)"""


@dataclass(slots=True)
class Way:
    """Where goods went, in millionths, by party. lines: the sales of each, as reported. sent_back: who returned any."""

    bought: Counter[str] = field(default_factory=Counter)
    passed: Counter[str] = field(default_factory=Counter)
    sold: Counter[str] = field(default_factory=Counter)
    lines: dict[str, set[tuple[str, str]]] = field(default_factory=lambda: defaultdict(set))
    sent_back: set[str] = field(default_factory=set)

    def add(self, kind: str, party: str, to_party: str, qty: int, line: tuple[str, str]) -> None:
        """One entry, or the sum of several, of the lot ledger."""
        if kind in ("shipped", "returned", "scrapped"):
            self.bought[party] -= qty if kind == "shipped" else abs(qty)
            self.sent_back |= {party} if kind != "shipped" and party else set()
        elif kind == "transferred":
            self.passed[party] -= qty
            self.passed[to_party] += qty
        elif kind in ("sold", "sold_back"):
            self.sold[party] += qty if kind == "sold" else -qty
            if kind == "sold":
                self.lines[party].add(line)

    def suspects(self, *, serial: bool) -> Iterator[tuple[str, int, list[str]]]:
        """(dealer, what it had, who else may have passed it on) of everyone who sold or returned more than it had; what never came
        from us is nobody's."""
        for dealer in sorted({*self.sold, *self.sent_back}):
            had = self.bought[dealer] + self.passed[dealer]
            sources = sorted(party for party, qty in self.bought.items() if qty > 0 and party not in ("", dealer))
            if (had < 0 or self.sold[dealer] > max(0, had)) and (sources or (serial and had > 0)):
                yield dealer, had, sources


def report_sales(books: Books, message: Message) -> None:
    """sales_out.reported: what a dealer passed on, of lots and serial numbers, goes into the lot ledger."""
    document = cast(SalesOutReported, message.document)
    dealer = books.naming.party(document.dealer, message.source)
    for position, line in enumerate(document.lines):
        item = books.naming.item(line)
        if line.kind == "sale":
            _ask_where(books, document, line, dealer, message)
        for number, ref in enumerate(line.lots):
            if ref.lot or ref.serial:
                books.entries.append({
                    "entry_id": f"{message.message_id}/{position}/{number}", "item": item, "lot": ref.lot or "",
                    "serial": ref.serial or "", "kind": KINDS[line.kind], "qty": to_micro_units(ref.qty),
                    "at": _sold_at(line, document), "location": "", "status": "", "party": dealer,
                    "to_party": books.naming.party(line.end_customer, message.source) if line.end_customer else "",
                    "region": line.region or (line.end_customer.region if line.end_customer else None) or "", "order_no": "",
                    "line_no": line.line_no, "document": document.report_no, "expiry": None, "mfg_date": None, "stated": 1,
                    "message_id": message.message_id,
                })  # fmt: skip


def _ask_where(books: Books, document: SalesOutReported, line: SoldLine, dealer: str, message: Message) -> None:
    """A sale outside the dealer's territory is a case of its own (domain R8e)."""
    to = books.naming.party(line.end_customer, message.source) if line.end_customer else ""
    found = books.naming.outside(dealer, line, to, line.sold_on or document.period.end)
    if found is None:
        return
    case = case_changed(
        case_no=f"TER/{dealer}/{document.report_no}/{line.line_no}",
        seq=1,
        state="open",
        kind="sold_outside",
        code=CODE if found.covers else "C_AUTH_REGION",
        item=books.naming.item(line),
        reported_by=dealer,
        sold=line.qty,
        sold_to=to or None,
        region=line.region or (line.end_customer.region if line.end_customer else None),
        lines=(reported_line(report_no=document.report_no, line_no=line.line_no),),
    )
    books.to_tell.append((case, message))


def tell_cases(books: Books, tx: Transaction, outcome: Outcome) -> None:
    """Keep and tell the cases that follow from one message alone: sales outside a territory, goods that should not have left."""
    _keep((case for case, _ in books.to_tell), tx)
    for case, message in books.to_tell:
        outcome.emit(case, message)


def _keep(cases: Iterable[CaseChanged], tx: Transaction) -> None:
    rows = [
        {"case_no": case.case_no, "code": case.code, "item": case.item or "", "lot": case.lot or "", "serial": case.serial or "",
         "state": case.state, "document": orjson.Fragment(case.content())}
        for case in cases
    ]  # fmt: skip
    if rows:
        lots.save_cases(tx, rows)


def look_into(books: Books, batch: Iterable[Message], tx: Transaction, outcome: Outcome) -> None:
    """Open, or find explained, the cases of goods that the batch says something about. Three statements, none without such news.

    The levels of the items are locked, so nobody else is at it.
    """
    goods = {_goods(e) for e in books.entries if e["kind"] not in ("received", "counted")} | _named_late(books, tx)
    ways = _ways(books, tx, goods) if goods else {}
    if not ways:
        return
    causes = {message.message_id: message for message in batch}
    known = {row.case_no: read(CaseChanged, row.document) for row in lots.cases_of(tx, goods)}
    found = {case.case_no: case for goods, way in ways.items() for case in _cases(goods, way)}
    changed = [case for case in _changes(known, found)]
    _keep(changed, tx)
    for case in changed:
        outcome.emit(case, _cause(books, case, causes))


def _ways(books: Books, tx: Transaction, goods: set[Goods]) -> dict[Goods, Way]:
    """Of the goods that anybody reported sales of or sent back, where they went: what is kept, and what this batch adds."""
    reported = {_goods(e) for e in books.entries if e["kind"] in TELLING}
    ways: dict[Goods, Way] = {}
    for row in lots.ways_of(tx, goods, reported):
        way = ways.setdefault((row.item, row.lot, row.serial), Way())
        way.add(row.kind, row.party, row.to_party, int(row.qty), (row.document, row.line_no))
    for e in books.entries:
        key = _goods(e)
        if key in ways or key in reported:
            ways.setdefault(key, Way()).add(e["kind"], e["party"], e["to_party"], e["qty"], (e["document"], e["line_no"]))
    return ways


def _cases(goods: Goods, way: Way) -> Iterator[CaseChanged]:
    item, lot, serial = goods
    for dealer, had, sources in way.suspects(serial=bool(serial)):
        yield case_changed(
            case_no="/".join(part for part in ("DIV", item, lot, serial, dealer) if part), seq=1, state="open", code=CODE,
            item=item, lot=lot or None, serial=serial or None, reported_by=dealer, had=from_micro_units(had),
            sold=from_micro_units(way.sold[dealer]), sources=tuple(sources),
            lines=tuple(reported_line(report_no=no, line_no=line) for no, line in sorted(way.lines[dealer])),
        )  # fmt: skip


def _changes(known: dict[str, CaseChanged], found: dict[str, CaseChanged]) -> Iterator[CaseChanged]:
    """What is new, what stands differently now, and what has found its explanation."""
    for case_no, case in found.items():
        before = known.get(case_no)
        if before is None:
            yield case
        elif before != case.but(seq=before.seq):
            yield case.but(seq=before.seq + 1)
    for case_no, before in known.items():
        if case_no not in found and before.state == "open":
            yield before.but(seq=before.seq + 1, state="explained")


def _named_late(books: Books, tx: Transaction) -> set[Goods]:
    """Goods that left before we knew whose order it was: write down who got them. The goods."""
    buyers = {order_no: buyer(books.demands[order_no]) for order_no in books.late}
    for e in books.entries:
        if e["order_no"] in buyers and not e["party"]:
            e.update(buyers[e["order_no"]])
    lots.name_buyers(tx, [{"order_no": order_no, **named} for order_no, named in buyers.items()])
    return {goods for late in books.late.values() for goods in late}


def _goods(entry: dict[str, Any]) -> Goods:
    return (entry["item"], entry["lot"], entry["serial"])


def _cause(books: Books, case: CaseChanged, causes: dict[str, Message]) -> Message:
    goods = (case.item, case.lot or "", case.serial or "")
    told = [causes[e["message_id"]] for e in books.entries if _goods(e) == goods]
    told += [cause for no, late in books.late.items() if goods in late and (cause := books.demands[no].cause) is not None]
    return told[0]


def _sold_at(line: SoldLine, document: SalesOutReported) -> int:
    return to_micros(datetime.combine(line.sold_on or document.period.end, time(), UTC))
