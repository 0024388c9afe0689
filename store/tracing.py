"""Reading stock by lot: what lies where, what is promised and expected of an item, and where goods of a lot went."""

from collections.abc import Sequence

from store.database import Row, Transaction
from store.stock import STATED


def bins(tx: Transaction, item: str) -> Sequence[Row]:
    """Every bin of an item, levels included: location, holder, as_of (0 for lots), lot, serial, status, expiry, mfg_date, on_hand,
    reserved and, of that, soft; quantities in millionths. soft: held by orders whose time is not over at `now`."""
    return tx.rows(
        "SELECT s.location, s.holder, s.as_of, '' AS lot, '' AS serial, 'released' AS status, CAST(NULL AS text) AS expiry,"
        " CAST(NULL AS text) AS mfg_date, s.on_hand, s.reserved, coalesce((SELECT sum(l.reserved - l.lotted) FROM stock_lines l"
        " WHERE l.item = s.item AND l.location = s.location AND l.reserved > 0 AND l.soft > 0), 0) AS soft"
        " FROM stock s WHERE s.item = :item UNION ALL"
        " SELECT b.location, s.holder, 0, b.lot, b.serial, b.status, b.expiry, b.mfg_date, b.on_hand, b.reserved,"
        " coalesce((SELECT sum(h.qty) FROM stock_lines l JOIN stock_holds h ON h.order_no = l.order_no AND h.line_no = l.line_no"
        " WHERE l.item = b.item AND l.location = b.location AND l.reserved > 0 AND l.soft > 0 AND h.lot = b.lot"
        " AND h.serial = b.serial AND b.status = 'released'), 0)"
        " FROM stock_lots b JOIN stock s ON s.item = b.item AND s.location = b.location WHERE b.item = :item"
        " ORDER BY location, expiry, lot, serial, status",
        item=item,
    )


def waiting(tx: Transaction, item: str) -> Sequence[Row]:
    """Lines of confirmed orders that wait for an item: order_no, line_no, backordered (millionths), demand (JSON text)."""
    return tx.rows(
        f"SELECT l.order_no, l.line_no, l.backordered, {STATED} AS demand FROM stock_lines l"
        " JOIN stock_orders o ON o.order_no = l.order_no WHERE l.item = :item AND l.backordered > 0 AND o.soft_until IS NULL"
        " ORDER BY l.order_no, l.line_no",
        item=item,
    )


def expected(tx: Transaction, item: str) -> Sequence[Row]:
    """Goods of an item on their way to us: shipment_no, location, lot, expiry, qty (millionths), due_on; the first due first."""
    return tx.rows(
        "SELECT shipment_no, location, lot, expiry, qty, due_on FROM stock_receipts WHERE item = :item AND arrived_at IS NULL"
        " ORDER BY due_on, receipt_id",
        item=item,
    )


def recall(tx: Transaction, recall_no: str) -> Row | None:
    """A recall as last stated: document (JSON text)."""
    rows = tx.rows("SELECT document FROM stock_recalls WHERE recall_no = :no", no=recall_no)
    return rows[0] if rows else None


def recalls_of(tx: Transaction, item: str) -> Sequence[Row]:
    """The recalls of an item as last stated: document (JSON text)."""
    return tx.rows("SELECT document FROM stock_recalls WHERE item = :item ORDER BY recall_no", item=item)


def entries(tx: Transaction, item: str) -> Sequence[Row]:
    """The lot ledger of an item, in the order things happened; quantities in millionths."""
    return tx.rows(
        "SELECT item, lot, serial, kind, qty, at, location, status, party, to_party, region, order_no, line_no, document, expiry,"
        " mfg_date, stated FROM stock_entries WHERE item = :item ORDER BY at, entry_id",
        item=item,
    )


def shipped_without_lot(tx: Transaction, item: str) -> Sequence[Row]:
    """Order lines of which goods left that the lot ledger does not know: order_no, line_no, qty (millionths)."""
    return tx.rows(
        "SELECT order_no, line_no, qty FROM (SELECT l.order_no, l.line_no, l.shipped + coalesce((SELECT sum(e.qty)"
        " FROM stock_entries e WHERE e.order_no = l.order_no AND e.line_no = l.line_no AND e.kind = 'shipped'), 0) AS qty"
        " FROM stock_lines l WHERE l.item = :item AND l.shipped > 0) AS s WHERE qty > 0 ORDER BY order_no, line_no",
        item=item,
    )


def holding(tx: Transaction, item: str) -> Sequence[Row]:
    """Who has goods of known lots of an item set aside: order_no, line_no, lot, serial, qty (millionths)."""
    return tx.rows(
        "SELECT h.order_no, h.line_no, h.lot, h.serial, h.qty FROM stock_lines l JOIN stock_holds h ON h.order_no = l.order_no"
        " AND h.line_no = l.line_no WHERE l.item = :item AND l.reserved > 0 ORDER BY h.order_no, h.line_no, h.lot, h.serial",
        item=item,
    )


def cases(tx: Transaction, *, state: str | None, before: str | None, limit: int) -> Sequence[Row]:
    """Cases by number, from just after `before` on: opened_at, document (JSON text)."""
    conditions = [text for text, given in (("state = :state", state), ("case_no > :before", before)) if given is not None]
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    given = {name: value for name, value in (("state", state), ("before", before)) if value is not None}
    return tx.rows(
        f"SELECT case_no, opened_at, document FROM stock_cases{where} ORDER BY case_no LIMIT :limit",
        limit=limit,
        **given,
    )
