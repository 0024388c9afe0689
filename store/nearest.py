"""Names that stand beside one nobody knows, to guess which was meant."""

from store.database import Transaction

KEYS = {
    "order": ("orders", "order_no"),
    "shipment": ("shipments", "shipment_no"),
    "invoice": ("invoices", "invoice_no"),
    "payment": ("payments", "payment_ref"),
    "item": ("stock", "item"),
}
"""Kinds of things whose neighbours can be told: their table and its key, so that an index finds them however many there are."""
EACH_WAY = 30


def names_near(tx: Transaction, kind: str, name: str) -> list[str]:
    """The names next to this one in the order of the index, some on each side."""
    table, key = KEYS[kind]
    sides = ((">=", "ASC"), ("<", "DESC"))
    return [
        str(row.name)
        for side, order in sides
        for row in tx.rows(
            f"SELECT DISTINCT {key} AS name FROM {table} WHERE {key} {side} :name ORDER BY 1 {order} LIMIT {EACH_WAY}", name=name
        )
    ]
