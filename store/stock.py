"""Stock: levels per item and location, the demand of orders on them, and movements since the last count.

Locks are taken in one order everywhere: orders by number, then stock rows by item and location, then lots (see `lots`).
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
from msgspec.structs import astuple

from canonical.failures import Transient
from store.arrays import laid_out
from store.database import Columns, Row, Rows, Transaction

ITEM: Columns = (("item", "text"),)
PLACE: Columns = (("item", "text"), ("location", "text"))
KEY: Columns = (("order_no", "text"),)
ORDER: Columns = (
    ("order_no", "text"), ("stated_in", "text"), ("confirmed_at", "bigint"), ("told", "bigint"), ("shipments", "bigint"),
    ("soft_until", "bigint"), ("early", "json"),
)  # fmt: skip
LINE: Columns = (
    ("order_no", "text"), ("line_no", "text"), ("item", "text"), ("location", "text"), ("demanded", "bigint"),
    ("cancelled", "bigint"), ("shipped", "bigint"), ("reserved", "bigint"), ("backordered", "bigint"), ("lotted", "bigint"),
    ("soft", "bigint"), ("shipped_from", "text"),
)  # fmt: skip
LEVEL: Columns = (
    *PLACE, ("on_hand", "bigint"), ("reserved", "bigint"), ("as_of", "bigint"), ("holder", "text"), ("detailed", "bigint"),
    ("owed", "bigint"),
)  # fmt: skip
LOCKED_LEVEL: Columns = (*LEVEL, ("address", "text"))
BEFORE = "on_hand - reserved AS before"
OF_NEW_ORDERS = ("told", "shipments", "soft_until", "early")
NOT_YET = ("cancelled", "shipped", "lotted", "soft", "shipped_from")
SELDOM = ("holder", "detailed", "owed")
"""Columns that are mostly alike: of new orders, of their lines, of levels."""
LEVEL_SETS = ", ".join(f"{name} = r.{name}" for name, _ in LEVEL[2:])
MOST_SOFT = 200
STATED = "COALESCE(demand, (SELECT body FROM messages WHERE message_id = stated_in))"
"""The document of `stock_orders` that says what is wanted."""
DEMAND = (
    f"SELECT order_no, {STATED} AS demand, confirmed_at, told, shipments, soft_until, early FROM stock_orders"
    " WHERE order_no {among}"
)
MOVE: Columns = (
    ("move_id", "text"), *PLACE, ("moved_at", "bigint"), ("qty", "bigint"), ("lot", "text"), ("serial", "text"), ("status", "text"),
)  # fmt: skip
BinKey = tuple[str, str, str, str, str]
"""(item, location, lot, serial, status)"""
Moved = tuple[tuple[str, str, str], int, int]
"""((lot, serial, status), instant, quantity)"""
LEVEL_COLUMNS = ", ".join(name for name, _ in LEVEL)
LINE_COLUMNS = ", ".join(name for name, _ in LINE)
INSERT_LINES = (
    f"INSERT INTO stock_lines ({LINE_COLUMNS}, reserved_at)"
    f" SELECT {LINE_COLUMNS}, CASE WHEN reserved > 0 THEN {{now}} END FROM {{rows}} WHERE true"
)


class Level(msgspec.Struct, gc=False):
    """The stock of one item at one location that is of no known lot, in millionths; first the columns of LEVEL, in their order.

    as_of: microseconds, of the newest snapshot of the item there, lots included; 0 before the first. holder: whose hands it is
    in, empty our own. detailed: lots of the item are kept there (2), or something else than the level has to be looked at (1).
    owed: what left beyond what was there. address: where the row lies that is locked. before: what was available when it was read.
    stopped: must not be given out. new: has no row yet. changed: has to be kept.
    """

    item: str
    location: str
    on_hand: int = 0
    reserved: int = 0
    as_of: int = 0
    holder: str = ""
    detailed: int = 0
    owed: int = 0
    address: str = ""
    before: int = 0
    stopped: bool = False
    new: bool = False
    changed: bool = False

    @property
    def available(self) -> int:
        return -self.reserved if self.stopped else self.on_hand - self.reserved

    @property
    def key(self) -> BinKey:
        return (self.item, self.location, "", "", "released")


class Line(msgspec.Struct, gc=False):
    """What one order line wants of stock and has, in millionths of the item's unit; first the columns of LINE, in their order.

    location: where its reservation is, else empty. lotted: how much of it was of known lots when loaded; `holds` tells of which
    (lot, serial). soft: the order's priority while it is only held, else 0. shipped_from: where goods left last.
    """

    order_no: str
    line_no: str
    item: str = ""
    location: str = ""
    demanded: int = 0
    cancelled: int = 0
    shipped: int = 0
    reserved: int = 0
    backordered: int = 0
    lotted: int = 0
    soft: int = 0
    shipped_from: str = ""
    holds: dict[tuple[str, str], int] = {}  # each has its own

    @property
    def open(self) -> int:
        """What is neither shipped nor cancelled."""
        left = self.demanded - self.cancelled - self.shipped
        return left if left > 0 else 0


class StoredDemand(msgspec.Struct, frozen=True):
    """One order as stock knows it. demand: the JSON of `order.confirmed`, or of `order.held` where `soft_until` is there; None
    before either came. early: JSON, what left before the order's units were known."""

    order_no: str
    demand: str | None
    confirmed_at: int | None
    told: int
    shipments: int
    soft_until: int | None
    early: str | None


def levels(tx: Transaction, items: Iterable[str]) -> list[Level]:
    """The levels of these items as they are now; not locked, they may change."""
    names = ", ".join(f"s.{name}" for name, _ in LEVEL)
    rows = tx.tuples_of_set(
        f"SELECT {names}, '' AS address, {BEFORE} FROM {{rows}} JOIN stock s ON s.item = r.item", ITEM, _items(items)
    )
    return [Level(*row) for row in rows]


def orders_waiting(tx: Transaction, items: Iterable[str]) -> set[str]:
    """Orders with a backordered line of one of the items."""
    rows = tx.rows_of_set(
        "SELECT DISTINCT l.order_no FROM {rows} JOIN stock_lines l ON l.item = r.item WHERE l.backordered > 0", ITEM, _items(items)
    )
    return {row.order_no for row in rows}


def lines_waiting(tx: Transaction, items: Iterable[str]) -> list[tuple[str, str]]:
    """(order, item) of every backordered line of one of the items, by order."""
    rows = tx.rows_of_set(
        "SELECT DISTINCT l.order_no, l.item AS item FROM {rows} JOIN stock_lines l ON l.item = r.item WHERE l.backordered > 0"
        " ORDER BY l.order_no, l.item",
        ITEM,
        _items(items),
    )
    return [(row.order_no, row.item) for row in rows]


def orders_holding(tx: Transaction, places: Iterable[tuple[str, str]]) -> set[str]:
    """Orders with a reservation at one of these (item, location)."""
    rows = tx.rows_of_set(
        "SELECT DISTINCT l.order_no FROM {rows} JOIN stock_lines l ON l.item = r.item AND l.location = r.location"
        " WHERE l.reserved > 0",
        PLACE,
        [(item, location) for item, location in sorted(places)],
    )
    return {row.order_no for row in rows}


def orders_softly_holding(tx: Transaction, items: Iterable[str]) -> set[str]:
    """Orders that hold one of the items softly, the least urgent ones of them where they are very many."""
    rows = tx.rows_of_set(
        "SELECT l.order_no FROM {rows} JOIN stock_lines l ON l.item = r.item AND l.soft > 0 AND l.reserved > 0"
        f" ORDER BY l.soft DESC, l.order_no LIMIT {MOST_SOFT}",
        ITEM,
        [(item,) for item in items],
    )
    return {row.order_no for row in rows}


def softly_held_past_their_time(tx: Transaction, limit: int) -> Sequence[Row]:
    """Held orders that still have goods set aside though their time is over: order_no, soft_until (microseconds)."""
    return tx.rows(
        "SELECT o.order_no, o.soft_until FROM stock_orders o WHERE o.soft_until <= {now} AND o.soft_until IS NOT NULL AND EXISTS"
        " (SELECT 1 FROM stock_lines l WHERE l.order_no = o.order_no AND l.reserved > 0) ORDER BY o.soft_until LIMIT :limit",
        limit=limit,
    )


def held_of_lots_that_age(tx: Transaction, today: str) -> Sequence[Row]:
    """What is set aside of lots that expire by a day, or for lines that may ask for a least shelf life: order_no, line_no, expiry,
    demand (JSON text)."""
    return tx.rows(
        f"SELECT h.order_no, h.line_no, b.expiry, {STATED} AS demand FROM stock_holds h"
        " JOIN stock_lines l ON l.order_no = h.order_no AND l.line_no = h.line_no"
        " JOIN stock_lots b ON b.item = l.item AND b.location = l.location AND b.lot = h.lot AND b.serial = h.serial"
        " JOIN stock_orders o ON o.order_no = h.order_no WHERE b.status = 'released' AND b.expiry IS NOT NULL"
        f" AND (b.expiry <= :today OR {STATED} LIKE '%min_remaining_shelf_days%') ORDER BY h.order_no, h.line_no",
        today=today,
    )


def any_known(tx: Transaction, order_nos: Iterable[str]) -> bool:
    """Whether stock has heard of one of these orders before."""
    rows = tx.rows_of_set("SELECT order_no FROM stock_orders WHERE order_no {among} LIMIT 1", KEY, _keys(order_nos))
    return bool(rows)


def orders(tx: Transaction, order_nos: Iterable[str]) -> list[StoredDemand]:
    """The known ones of these orders as they are now; not locked, they may change."""
    rows = tx.rows_of_set(DEMAND, KEY, _keys(order_nos))
    return [StoredDemand(*row) for row in rows]


def lock_orders(tx: Transaction, order_nos: Iterable[str]) -> list[StoredDemand]:
    """The known ones of these orders, locked in the order of their numbers."""
    rows = tx.rows_of_set(f"{DEMAND} ORDER BY order_no {{for_update}}", KEY, _keys(order_nos))
    return [StoredDemand(*row) for row in rows]


def lines_of(tx: Transaction, order_nos: Iterable[str]) -> list[Line]:
    """The lines of these orders; they stay as they are only when the orders are locked."""
    names = ", ".join(f"l.{name}" for name, _ in LINE)
    rows = tx.rows_of_set(
        f"SELECT {names} FROM {{rows}} JOIN stock_lines l ON l.order_no = r.order_no ORDER BY l.order_no, l.line_no",
        KEY,
        _keys(order_nos),
    )
    return [Line(*row) for row in rows]


def lock_levels(tx: Transaction, items: Iterable[str], known: set[str]) -> list[Level]:
    """All levels of these items, locked by item and location. known: items that have a row for good; gains what is found out.

    An item nobody has reported gets a row at the empty location first: an order that finds nothing and the first report
    of the item then meet on that row, and none misses the other.
    """
    wanted = set(items)
    unknown = wanted - known
    made = tx.rows_of_set(
        "INSERT INTO stock (item, location, on_hand, reserved, as_of) SELECT item, '', 0, 0, 0 FROM {rows}"
        " WHERE NOT EXISTS (SELECT 1 FROM stock s WHERE s.item = r.item) ORDER BY item ON CONFLICT (item, location) DO NOTHING"
        " RETURNING item",
        ITEM,
        _items(unknown),
    )
    known |= unknown - {row.item for row in made}  # what was made now may be taken back
    rows = tx.tuples_of_set(
        f"SELECT {LEVEL_COLUMNS}, CAST({{address}} AS text) AS address, {BEFORE} FROM stock WHERE item {{among}}"
        " ORDER BY item, location {for_update}",
        ITEM,
        _items(wanted),
    )
    return [Level(*row) for row in rows]


def moved_since(tx: Transaction, counts: Sequence[tuple[str, str, int]]) -> dict[tuple[str, str], list[Moved]]:
    """The movements after each (item, location, instant): {(item, location): movements}."""
    rows = tx.rows_of_set(
        "SELECT m.item, m.location, m.lot, m.serial, m.status, m.moved_at, m.qty FROM {rows} JOIN stock_moves m"
        " ON m.item = r.item AND m.location = r.location AND m.moved_at > r.as_of",
        (*PLACE, ("as_of", "bigint")),
        [(item, location, as_of) for item, location, as_of in counts],
    )
    moves: dict[tuple[str, str], list[Moved]] = {}
    for row in rows:
        moved = ((row.lot, row.serial, row.status), row.moved_at, row.qty)
        moves.setdefault((row.item, row.location), []).append(moved)
    return moves


def insert_orders(tx: Transaction, rows: Rows) -> int:
    """Keep orders stock has not heard of before (columns of ORDER); how many were new indeed."""
    return tx.insert_new(
        "INSERT INTO stock_orders (order_no, stated_in, confirmed_at, told, shipments, soft_until, early)"
        " SELECT order_no, stated_in, confirmed_at, told, shipments, soft_until, early FROM {rows} WHERE true ORDER BY order_no",
        ORDER,
        rows,
        "order_no",
        alike=OF_NEW_ORDERS,
    )


def update_orders(tx: Transaction, rows: Rows) -> None:
    """Keep orders locked before (columns of ORDER); a row without a message that states the demand leaves the known one."""
    tx.run_set(
        "UPDATE stock_orders SET demand = CASE WHEN r.stated_in IS NULL THEN demand END,"
        " stated_in = COALESCE(r.stated_in, stock_orders.stated_in), confirmed_at = r.confirmed_at, told = r.told,"
        " shipments = r.shipments, soft_until = r.soft_until, early = r.early FROM {rows} WHERE stock_orders.order_no = r.order_no",
        ORDER,
        rows,
    )


def insert_lines(tx: Transaction, lines: Iterable[Line]) -> None:
    """Keep the lines of orders that were inserted before; notes when a line first has a reservation."""
    tx.run_set(INSERT_LINES, LINE, [astuple(line)[: len(LINE)] for line in lines], alike=NOT_YET)


def save_lines(tx: Transaction, lines: Iterable[Line]) -> None:
    """Keep lines, new ones and others, of orders locked before."""
    sets = ", ".join(f"{name} = excluded.{name}" for name, _ in LINE[2:])
    tx.run_set(
        f"{INSERT_LINES} ON CONFLICT (order_no, line_no) DO UPDATE SET {sets},"
        " reserved_at = COALESCE(stock_lines.reserved_at, excluded.reserved_at)",
        LINE,
        [astuple(line)[: len(LINE)] for line in lines],
    )


def insert_levels(tx: Transaction, levels: Iterable[Level]) -> int:
    """Keep levels of places that are new; how many were new indeed."""
    return tx.touched_of_set(
        f"INSERT INTO stock ({LEVEL_COLUMNS}) SELECT {LEVEL_COLUMNS} FROM {{rows}} WHERE true ORDER BY item, location"
        " ON CONFLICT (item, location) DO NOTHING",
        LEVEL,
        [astuple(level)[: len(LEVEL)] for level in levels],
    )


def update_levels(tx: Transaction, levels: Iterable[Level]) -> None:
    """Keep levels locked before. Conflict when more is reserved than there is, Transient when one was not locked."""
    rows = [astuple(level)[: len(LOCKED_LEVEL)] for level in levels]
    kept = tx.touched_of_set(
        f"UPDATE stock SET {LEVEL_SETS} FROM {{rows}}"
        " WHERE stock.{address} = CAST(r.address AS tid) AND stock.item = r.item AND stock.location = r.location",
        LOCKED_LEVEL,
        rows,
        alike=SELDOM,
    )
    if kept != len(rows):
        raise Transient("a level is not where it was locked")


def insert_moves(tx: Transaction, rows: Sequence[Mapping[str, Any]]) -> None:
    """Keep movements (columns of MOVE)."""
    names = ", ".join(name for name, _ in MOVE)
    tx.run_set(
        f"INSERT INTO stock_moves ({names}) SELECT {names} FROM {{rows}} WHERE true ON CONFLICT (move_id) DO NOTHING",
        MOVE,
        laid_out(MOVE, rows),
    )


def forget_moves(tx: Transaction, counts: Sequence[tuple[str, str, int]]) -> None:
    """Drop the movements that a count of each (item, location, instant) has seen."""
    tx.run_set(
        "DELETE FROM stock_moves WHERE move_id IN (SELECT m.move_id FROM {rows} JOIN stock_moves m"
        " ON m.item = r.item AND m.location = r.location AND m.moved_at <= r.as_of)",
        (*PLACE, ("as_of", "bigint")),
        [(item, location, as_of) for item, location, as_of in counts],
    )


def _items(items: Iterable[str]) -> list[tuple[str, ...]]:
    return [(item,) for item in sorted(items)]


def _keys(order_nos: Iterable[str]) -> list[tuple[str, ...]]:
    return [(order_no,) for order_no in sorted(order_nos)]
