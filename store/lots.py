"""Stock by lot: bins of known lots and serial numbers, what order lines hold of them, the lot ledger, recalls.

Lots are locked last, by item, location and lot; whoever changes one has locked the level of its place before.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from operator import attrgetter
from typing import Any

import msgspec

from store.arrays import laid_out
from store.database import Columns, Rows, Transaction
from store.stock import ITEM, KEY, BinKey

BIN: Columns = (("item", "text"), ("location", "text"), ("lot", "text"), ("serial", "text"), ("status", "text"))
LOT: Columns = (*BIN, ("expiry", "text"), ("mfg_date", "text"), ("on_hand", "bigint"), ("reserved", "bigint"), ("owed", "bigint"))
HOLDER: Columns = (("order_no", "text"), ("line_no", "text"))
HOLD: Columns = (*HOLDER, ("lot", "text"), ("serial", "text"), ("qty", "bigint"))
ENTRY: Columns = (
    ("entry_id", "text"), ("item", "text"), ("lot", "text"), ("serial", "text"), ("kind", "text"), ("qty", "bigint"),
    ("at", "bigint"), ("location", "text"), ("status", "text"), ("party", "text"), ("to_party", "text"), ("region", "text"),
    ("order_no", "text"),
    ("line_no", "text"), ("document", "text"), ("expiry", "text"), ("mfg_date", "text"), ("stated", "bigint"),
    ("message_id", "text"),
)  # fmt: skip
GOODS: Columns = (("item", "text"), ("lot", "text"), ("serial", "text"))
CASE: Columns = (("case_no", "text"), ("code", "text"), *GOODS, ("state", "text"), ("document", "json"))
RECEIPT: Columns = (
    ("receipt_id", "text"), ("shipment_no", "text"), ("item", "text"), ("location", "text"), ("lot", "text"), ("expiry", "text"),
    ("qty", "bigint"), ("due_on", "text"),
)  # fmt: skip
RECALL: Columns = (("recall_no", "text"), ("item", "text"), ("as_of", "bigint"), ("document", "json"))
LOT_COLUMNS, HOLD_COLUMNS, ENTRY_COLUMNS, RECALL_COLUMNS = (
    ", ".join(name for name, _ in columns) for columns in (LOT, HOLD, ENTRY, RECALL)
)

_lot_row = attrgetter(*(name for name, _ in LOT))


class Lot(msgspec.Struct):
    """A bin: goods of one lot or one serial number at a place, in millionths. expiry, mfg_date: ISO days.

    owed: what left beyond what was there. stopped: recalled. before: what was available when it was read.
    """

    item: str
    location: str
    lot: str
    serial: str
    status: str = "released"
    expiry: str | None = None
    mfg_date: str | None = None
    on_hand: int = 0
    reserved: int = 0
    owed: int = 0
    stopped: bool = False
    before: int = 0

    @property
    def available(self) -> int:
        return (0 if self.stopped or self.status != "released" else self.on_hand) - self.reserved

    @property
    def key(self) -> BinKey:
        return (self.item, self.location, self.lot, self.serial, self.status)


def lots(tx: Transaction, items: Iterable[str], *, locked: bool) -> list[Lot]:
    """All bins of these items; locked where wanted."""
    rows = tx.rows_of_set(
        f"SELECT {LOT_COLUMNS} FROM stock_lots WHERE item IN (SELECT item FROM {{rows}})"
        f" ORDER BY item, location, lot, serial, status {'{for_update}' if locked else ''}",
        ITEM,
        [(item,) for item in sorted(items)],
    )
    return [Lot(*row) for row in rows]


def save_lots(tx: Transaction, lots: Iterable[Lot]) -> None:
    """Keep bins of places locked before; empty ones go. IntegrityError when more is reserved than there is."""
    left: list[tuple[Any, ...]] = []
    gone: list[BinKey] = []
    for lot in lots:
        if lot.on_hand or lot.reserved or lot.owed:
            left.append(_lot_row(lot))
        else:
            gone.append(lot.key)
    sets = ", ".join(f"{name} = excluded.{name}" for name, _ in LOT[5:])
    tx.run_set(
        f"INSERT INTO stock_lots ({LOT_COLUMNS}) SELECT {LOT_COLUMNS} FROM {{rows}} WHERE true"
        f" ON CONFLICT (item, location, lot, serial, status) DO UPDATE SET {sets}",
        LOT,
        left,
    )
    tx.run_set(
        "DELETE FROM stock_lots WHERE (item, location, lot, serial, status) IN"
        " (SELECT item, location, lot, serial, status FROM {rows})",
        BIN,
        gone,
    )


def holds(tx: Transaction, order_nos: Iterable[str]) -> list[Any]:
    """What the lines of these orders hold of known lots: order_no, line_no, lot, serial, qty."""
    names = ", ".join(f"h.{name}" for name, _ in HOLD)
    return list(
        tx.rows_of_set(
            f"SELECT {names} FROM {{rows}} JOIN stock_holds h ON h.order_no = r.order_no"
            " ORDER BY h.order_no, h.line_no, h.lot, h.serial",
            KEY,
            [(order_no,) for order_no in sorted(order_nos)],
        )
    )


def save_holds(tx: Transaction, lines: Rows, held: Rows) -> None:
    """Replace what these lines (columns of HOLDER) hold by `held` (columns of HOLD)."""
    tx.run_set(
        "DELETE FROM stock_holds WHERE (order_no, line_no) IN (SELECT order_no, line_no FROM {rows})",
        HOLDER,
        lines,
    )
    tx.run_set(f"INSERT INTO stock_holds ({HOLD_COLUMNS}) SELECT {HOLD_COLUMNS} FROM {{rows}} WHERE true", HOLD, held)


def insert_entries(tx: Transaction, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write the lot ledger (columns of ENTRY); what stands there already stays."""
    tx.run_set(
        f"INSERT INTO stock_entries ({ENTRY_COLUMNS}) SELECT {ENTRY_COLUMNS} FROM {{rows}} WHERE true"
        " ON CONFLICT (entry_id) DO NOTHING",
        ENTRY,
        laid_out(ENTRY, rows),
    )


def days_of(tx: Transaction, goods: Iterable[tuple[str, str, str]]) -> dict[tuple[str, str, str], tuple[str | None, str | None]]:
    """What was last said of the days of these (item, lot, serial): {goods: (expiry, day of manufacture)}."""
    last = (
        "(SELECT e.{0} FROM stock_entries e WHERE e.item = r.item AND e.lot = r.lot AND e.serial = r.serial"
        " AND e.{0} IS NOT NULL ORDER BY e.at DESC, e.entry_id DESC LIMIT 1) AS {0}"
    )
    rows = tx.rows_of_set(
        f"SELECT r.item, r.lot, r.serial, {last.format('expiry')}, {last.format('mfg_date')} FROM {{rows}}",
        GOODS,
        [(item, lot, serial) for item, lot, serial in sorted(goods)],
    )
    return {(row.item, row.lot, row.serial): (row.expiry, row.mfg_date) for row in rows}


def name_buyers(tx: Transaction, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write into the lot ledger who got the goods of these orders (order_no, party, region), where it was not known yet."""
    tx.run_set(
        "UPDATE stock_entries SET party = r.party, region = r.region FROM {rows}"
        " WHERE stock_entries.order_no = r.order_no AND stock_entries.party = ''",
        (("order_no", "text"), ("party", "text"), ("region", "text")),
        laid_out((("order_no", "text"), ("party", "text"), ("region", "text")), rows),
    )


def ways_of(tx: Transaction, goods: Iterable[tuple[str, str, str]], reported: Collection[tuple[str, str, str]]) -> list[Any]:
    """Where goods of these (item, lot, serial) went, of those that anybody sold on or sent back, in `reported` or before: sums by
    kind, party and report."""
    return list(
        tx.rows_of_set(
            "SELECT e.item, e.lot, e.serial, e.kind, e.party, e.to_party, sum(e.qty) AS qty,"
            " CASE WHEN e.kind = 'sold' THEN e.document ELSE '' END AS document,"
            " CASE WHEN e.kind = 'sold' THEN e.line_no ELSE '' END AS line_no FROM {rows}"
            " JOIN stock_entries e ON e.item = r.item AND e.lot = r.lot AND e.serial = r.serial"
            " WHERE e.kind NOT IN ('received', 'counted') AND (r.reported = 1 OR EXISTS (SELECT 1 FROM stock_entries s"
            " WHERE s.item = r.item AND s.lot = r.lot AND s.kind IN ('sold', 'returned', 'scrapped')"
            " AND s.serial = r.serial))"
            " GROUP BY e.item, e.lot, e.serial, e.kind, e.party, e.to_party, 8, 9",
            (*GOODS, ("reported", "bigint")),
            [(*one, int(one in reported)) for one in sorted(goods)],
        )
    )


def cases_of(tx: Transaction, goods: Iterable[tuple[str, str, str]]) -> list[Any]:
    """The cases about goods of these (item, lot, serial): case_no, document (JSON text)."""
    return list(
        tx.rows_of_set(
            "SELECT c.case_no, c.document FROM {rows}"
            " JOIN stock_cases c ON c.item = r.item AND c.lot = r.lot AND c.serial = r.serial ORDER BY c.case_no",
            GOODS,
            [(item, lot, serial) for item, lot, serial in sorted(goods)],
        )
    )


def save_cases(tx: Transaction, rows: Sequence[Mapping[str, Any]]) -> None:
    """Keep cases (columns of CASE) as they stand now."""
    tx.run_set(
        "INSERT INTO stock_cases (case_no, code, item, lot, serial, opened_at, state, document)"
        " SELECT case_no, code, item, lot, serial, {now}, state, document FROM {rows} WHERE true"
        " ON CONFLICT (case_no) DO UPDATE SET state = excluded.state, document = excluded.document",
        CASE,
        laid_out(CASE, rows),
    )


def lock_case(tx: Transaction, case_no: str) -> Any:
    """A case, locked: document (JSON text); None where there is none."""
    found = tx.rows("SELECT document FROM stock_cases WHERE case_no = :case_no {for_update}", case_no=case_no)
    return found[0] if found else None


def close_case(tx: Transaction, case_no: str, document: bytes) -> None:
    """A person has looked into it; document as it stands now."""
    tx.run(
        "UPDATE stock_cases SET state = 'closed', document = :document WHERE case_no = :case_no",
        case_no=case_no,
        document=document.decode(),
    )


def insert_receipts(tx: Transaction, rows: Sequence[Mapping[str, Any]]) -> None:
    """Expect goods (columns of RECEIPT); what is expected already stays."""
    names = ", ".join(name for name, _ in RECEIPT)
    tx.run_set(
        f"INSERT INTO stock_receipts ({names}) SELECT {names} FROM {{rows}} WHERE true ON CONFLICT (receipt_id) DO NOTHING",
        RECEIPT,
        laid_out(RECEIPT, rows),
    )


def receipts_arrived(tx: Transaction, rows: Sequence[Mapping[str, Any]]) -> None:
    """These items of these despatches (shipment_no, item, arrived_at) are here."""
    tx.run_set(
        "UPDATE stock_receipts SET arrived_at = r.arrived_at FROM {rows} WHERE stock_receipts.shipment_no = r.shipment_no"
        " AND stock_receipts.item = r.item AND stock_receipts.arrived_at IS NULL",
        (("shipment_no", "text"), ("item", "text"), ("arrived_at", "bigint")),
        laid_out((("shipment_no", "text"), ("item", "text"), ("arrived_at", "bigint")), rows),
    )


def recalls(tx: Transaction, items: Iterable[str]) -> list[Any]:
    """The recalls of these items as last stated: recall_no, item, as_of, document (JSON text)."""
    return list(
        tx.rows_of_set(
            "SELECT recall_no, k.item AS item, as_of, document FROM {rows}"
            " JOIN stock_recalls k ON k.item = r.item ORDER BY recall_no",
            ITEM,
            [(item,) for item in sorted(items)],
        )
    )


def save_recalls(tx: Transaction, rows: Sequence[Mapping[str, Any]]) -> None:
    """Keep recalls (columns of RECALL); an older statement than the kept one changes nothing."""
    tx.run_set(
        f"INSERT INTO stock_recalls ({RECALL_COLUMNS}) SELECT {RECALL_COLUMNS} FROM {{rows}} WHERE true ON CONFLICT (recall_no)"
        " DO UPDATE SET item = excluded.item, as_of = excluded.as_of, document = excluded.document"
        " WHERE excluded.as_of >= stock_recalls.as_of",
        RECALL,
        laid_out(RECALL, rows),
    )
