"""The ledger: counts and differences that tell whether everything accepted has exactly one end, set-based throughout.

Each check is one statement over whole tables; a difference is a row (what, n, example). Run them in one `unhurried`
transaction, so that all see the same moment.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from store.database import Row, Transaction
from store.sweeping import EACH_CHANNEL

EACH_ID = {
    "postgresql": "json_array_elements_text(CAST(k.message_ids AS json)) AS c(value)",
    "sqlite": "json_each(k.message_ids) AS c",
}


def unhurried(tx: Transaction) -> None:
    """Every later statement of this transaction (a `reading(scans=True)`) sees this moment. Call it first."""
    if tx.dialect == "postgresql":
        tx.run("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        tx.run("SET LOCAL jit = off")
        tx.run("SET LOCAL work_mem = '128MB'")


def now(tx: Transaction) -> int:
    """The database's clock, in microseconds."""
    return int(tx.rows("SELECT {now} AS now")[0].now)


def standings(tx: Transaction, *, handlers: Sequence[str], cutoff: int) -> Sequence[Row]:
    """Every (message, channel) by how it stands: channel, standing, n, example (a message id).

    standing of a handler's message: handled, discarded, dead, retrying, parked, on_its_way, lost; of a delivery: sent,
    discarded, dead, on_its_way, lost. Lost: recorded before `cutoff` (microseconds) and nothing of the others.
    """
    names, parameters = _named(handlers)
    return tx.rows(
        f"SELECT c.value AS channel, {STANDING.replace('{handlers}', names)} AS standing, count(*) AS n,"
        f" min(m.message_id) AS example FROM messages m CROSS JOIN {EACH_CHANNEL[tx.dialect]}"
        " LEFT JOIN receipts r ON r.message_id = m.message_id AND r.channel = c.value"
        " LEFT JOIN dead_letters d ON d.message_id = m.message_id AND d.channel = c.value"
        " LEFT JOIN retries t ON t.message_id = m.message_id AND t.channel = c.value"
        " LEFT JOIN parked p ON p.message_id = m.message_id AND p.channel = c.value"
        " LEFT JOIN (SELECT DISTINCT message_id, channel FROM outbox) o ON o.message_id = m.message_id AND o.channel = c.value"
        " LEFT JOIN deliveries v ON v.message_id = m.message_id AND v.endpoint = c.value"
        " GROUP BY 1, 2 ORDER BY 1, 2",
        cutoff=cutoff,
        **parameters,
    )


STANDING = (
    "CASE WHEN c.value NOT IN ({handlers}) THEN CASE WHEN v.status IN ('pending', 'queued') THEN 'on_its_way'"
    " ELSE coalesce(v.status, 'lost') END"
    " WHEN r.message_id IS NOT NULL THEN 'handled' WHEN d.status IN ('discarded', 'dead') THEN d.status"
    " WHEN t.message_id IS NOT NULL THEN 'retrying' WHEN p.message_id IS NOT NULL THEN 'parked'"
    " WHEN o.message_id IS NOT NULL OR m.recorded_at > :cutoff OR d.decided_at > :cutoff THEN 'on_its_way' ELSE 'lost' END"
)


def _named(handlers: Sequence[str]) -> tuple[str, dict[str, str]]:
    parameters = {f"handler{i}": name for i, name in enumerate(handlers)}
    return ", ".join(f":{name}" for name in parameters), parameters


def sums(tx: Transaction) -> dict[str, int]:
    """messages, and raw messages by what became of them (`raw accepted`, `raw rejected`...)."""
    found = {"messages": int(tx.rows("SELECT count(*) AS n FROM messages")[0].n)}
    for row in tx.rows("SELECT status, count(*) AS n FROM raw_messages GROUP BY status ORDER BY status"):
        found[f"raw {row.status}"] = int(row.n)
    return found


def disordered(tx: Transaction) -> Row:
    """Receipts of messages that were recorded before one handled ahead of them, within a channel, key and source: n, example.

    Not yet an error: a parked or retried message is overtaken on purpose, and what partners send at once has no order.
    """
    return tx.rows(
        "SELECT count(*) AS n, min(message_id) AS example FROM (SELECT m.message_id, m.recorded_at, max(m.recorded_at) OVER"
        " (PARTITION BY r.channel, m.partition_key, m.source ORDER BY r.receipt_id ROWS BETWEEN UNBOUNDED PRECEDING"
        " AND 1 PRECEDING) AS latest FROM receipts r JOIN messages m ON m.message_id = r.message_id) AS o"
        " WHERE recorded_at < latest"
    )[0]


def billed_orders(tx: Transaction) -> Iterator[Row]:
    """Fully billed orders, never changed, whose invoices sum to something else than their payable amount: order_no, currency,
    payable, gross (minor units), prepaid, rounding (text as the order states them, or null). The last two may explain it."""
    yield from tx.rows(
        "SELECT o.order_no, o.currency, o.payable, sum(i.gross) AS gross,"
        " min(CAST(m.body AS {json})->'totals'->>'prepaid') AS prepaid,"
        " min(CAST(m.body AS {json})->'totals'->>'rounding') AS rounding FROM orders o JOIN invoices i ON i.order_no = o.order_no"
        " LEFT JOIN messages m ON m.message_id = o.placed_in"
        " WHERE o.billing = 'full' AND o.payable IS NOT NULL AND CAST(o.facts AS {json})->'revisions' IS NULL AND i.kind = 'normal'"
        " AND i.state NOT IN ('void', 'draft') GROUP BY o.order_no, o.currency, o.payable"
        " HAVING sum(i.gross) <> o.payable"
    )


def changed_orders(tx: Transaction) -> list[str]:
    """The numbers of orders that were changed and of which something is billed."""
    rows = tx.rows(
        "SELECT o.order_no FROM orders o WHERE o.billing <> 'none' AND CAST(o.facts AS {json})->'revisions' IS NOT NULL"
        " ORDER BY o.order_no"
    )
    return [row.order_no for row in rows]


def awaiting(tx: Transaction, channel: str, keys: Sequence[str]) -> set[str]:
    """Those keys of which a handler still has a message to deal with: on its way, parked or to be tried again."""
    rows = tx.rows_of_set(
        "SELECT DISTINCT m.partition_key FROM {rows} JOIN messages m ON m.partition_key = r.key"
        f" CROSS JOIN {EACH_CHANNEL[tx.dialect]} WHERE c.value = :channel"
        " AND NOT EXISTS (SELECT 1 FROM receipts t WHERE t.message_id = m.message_id AND t.channel = c.value)"
        " AND NOT EXISTS (SELECT 1 FROM dead_letters d WHERE d.message_id = m.message_id AND d.channel = c.value)",
        (("key", "text"),),
        [(key,) for key in keys],
        channel=channel,
    )
    return {row.partition_key for row in rows}


def doubled(tx: Transaction) -> list[Row]:
    """Effects that are there more often than they should be: what, n, example."""
    return _broken(tx, DOUBLED, (), {})


def differences(tx: Transaction, *, handlers: Sequence[str]) -> list[Row]:
    """Every other broken rule of the ledger: what, n, example. Empty: all is well."""
    names, parameters = _named(handlers)
    fill = {"{each_id}": EACH_ID[tx.dialect], "{handlers}": names}
    return _broken(tx, CHECKS, fill.items(), parameters)


def _broken(
    tx: Transaction, checks: Iterable[tuple[str, str, str]], fill: Iterable[tuple[str, str]], parameters: Mapping[str, str]
) -> list[Row]:
    broken = []
    for what, example, rows in checks:
        statement = f"SELECT :what AS what, count(*) AS n, min({example}) AS example FROM {rows}"
        for name, value in fill:
            statement = statement.replace(name, value)
        row = tx.rows(statement, what=what, **(parameters if ":handler" in statement else {}))[0]
        if row.n:
            broken.append(row)
    return broken


def _without_message(table: str) -> str:
    return f"{table} t WHERE NOT EXISTS (SELECT 1 FROM messages m WHERE m.message_id = t.message_id)"


DOUBLED: tuple[tuple[str, str, str], ...] = (
    ("shipments billed twice to one order", "subject",
     "(SELECT subject FROM messages WHERE type = 'invoice.issued' AND CAST(body AS {json})->>'kind' IS NULL"
     " GROUP BY subject, CAST(body AS {json})->>'shipment_no', CAST(body AS {json})->>'invoice_no' HAVING count(*) > 1) AS twice"),
)  # fmt: skip
CHECKS: tuple[tuple[str, str, str], ...] = (
    *((f"{table} without a message", "t.message_id", _without_message(table))
      for table in ("receipts", "parked", "retries", "dead_letters", "outbox", "deliveries")),
    ("raw messages that name a message which is not there", "k.raw_id",
     "raw_messages k CROSS JOIN {each_id} WHERE NOT EXISTS (SELECT 1 FROM messages m WHERE m.message_id = c.value)"),
    ("messages whose raw message is not there", "m.message_id",
     "messages m WHERE m.raw_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM raw_messages k WHERE k.raw_id = m.raw_id)"),
    ("messages whose cause is not there", "m.message_id",
     "messages m WHERE m.causation_id IS NOT NULL AND NOT EXISTS"
     " (SELECT 1 FROM messages c WHERE c.message_id = m.causation_id)"),
    ("messages both handled and dead", "r.message_id",
     "dead_letters d JOIN receipts r ON r.message_id = d.message_id AND r.channel = d.channel"
     " WHERE d.status IN ('dead', 'discarded')"),
    ("receipts of handlers that are not there", "r.message_id", "receipts r WHERE r.channel NOT IN ({handlers})"),
    ("deliveries marked sent without a finished attempt", "d.delivery_id",
     "deliveries d WHERE d.status = 'sent' AND NOT EXISTS (SELECT 1 FROM attempts a WHERE a.delivery_id = d.delivery_id"
     " AND a.ended_at IS NOT NULL)"),
    ("master data of handled messages that are not kept", "m.subject",
     "messages m JOIN receipts r ON r.message_id = m.message_id AND r.channel = 'master' WHERE NOT EXISTS"
     " (SELECT 1 FROM master_records k WHERE k.kind = m.type AND k.key = m.subject"
     " AND (k.as_of = m.occurred_at OR m.causation_id IS NOT NULL))"),
    ("stock whose reserved sum differs from its order lines", "item",
     "(SELECT item, location FROM (SELECT item, location, reserved AS kept, 0 AS lines FROM stock"
     " UNION ALL SELECT item, location, 0, reserved - lotted FROM stock_lines) AS places GROUP BY item, location"
     " HAVING sum(kept) <> sum(lines)) AS s"),
    ("lots whose reserved sum differs from what order lines hold of them", "item",
     "(SELECT item, location, lot, serial FROM (SELECT item, location, lot, serial, reserved AS kept, 0 AS held FROM stock_lots"
     " UNION ALL SELECT l.item, l.location, h.lot, h.serial, 0, h.qty FROM stock_holds h JOIN stock_lines l"
     " ON l.order_no = h.order_no AND l.line_no = h.line_no) AS bins GROUP BY item, location, lot, serial"
     " HAVING sum(kept) <> sum(held)) AS s"),
    ("order lines whose lots differ from what they hold", "order_no",
     "(SELECT order_no, line_no FROM (SELECT order_no, line_no, lotted, 0 AS held FROM stock_lines WHERE lotted <> 0"
     " UNION ALL SELECT order_no, line_no, 0, qty FROM stock_holds) AS holds GROUP BY order_no, line_no"
     " HAVING sum(lotted) <> sum(held)) AS s"),
    ("lots reserved below zero, above what is there, or not released", "item",
     "stock_lots WHERE reserved < 0 OR reserved > on_hand OR (reserved > 0 AND status <> 'released')"),
    ("lots whose ledger does not sum to what lies there", "item",
     "(SELECT item, location, status FROM (SELECT item, location, status, on_hand AS there, 0 AS entered FROM stock_lots"
     " UNION ALL SELECT item, location, status, 0, qty FROM stock_entries WHERE location <> '') AS bins"
     " GROUP BY item, location, status HAVING sum(there) <> sum(entered)) AS s"),
    ("stock reserved below zero or above what is there", "item", "stock WHERE reserved < 0 OR reserved > on_hand"),
    ("order lines that have or wait for something else than is open", "order_no",
     "stock_lines WHERE demanded > 0 AND reserved + backordered <> CASE WHEN demanded > cancelled + shipped"
     " THEN demanded - cancelled - shipped ELSE 0 END"),
    ("invoices whose allocated amount differs from their allocations", "i.invoice_no",
     "invoices i LEFT JOIN (SELECT invoice_no, sum(amount) AS total FROM allocations GROUP BY invoice_no) a"
     " ON a.invoice_no = i.invoice_no WHERE i.allocated <> coalesce(a.total, 0)"),
    ("payments whose allocated amount differs from their allocations", "p.payment_ref",
     "payments p LEFT JOIN (SELECT payment_ref, sum(amount) AS total FROM allocations GROUP BY payment_ref) a"
     " ON a.payment_ref = p.payment_ref WHERE p.allocated <> coalesce(a.total, 0)"),
    ("allocations without their invoice or payment", "a.invoice_no",
     "allocations a WHERE NOT EXISTS (SELECT 1 FROM invoices i WHERE i.invoice_no = a.invoice_no)"
     " OR NOT EXISTS (SELECT 1 FROM payments p WHERE p.payment_ref = a.payment_ref)"),
    ("invoices settled for more than they are worth", "i.invoice_no",
     "invoices i WHERE i.kind <> 'credit' AND i.state <> 'void' AND i.allocated > i.gross - i.credited - i.written_off"),
    ("void invoices and drafts that are settled", "i.invoice_no",
     "invoices i WHERE i.state IN ('void', 'draft') AND i.allocated <> 0"),
    ("invoices whose credited amount differs from their credit notes", "i.invoice_no",
     "invoices i LEFT JOIN (SELECT original_no, sum(gross) AS total FROM invoices WHERE kind = 'credit' GROUP BY original_no) c"
     " ON c.original_no = i.invoice_no WHERE i.kind <> 'credit' AND i.credited <> coalesce(c.total, 0)"),
    ("invoices whose written-off amount differs from what was approved", "i.invoice_no",
     "invoices i LEFT JOIN (SELECT invoice_no, sum(amount) AS total FROM write_offs WHERE state = 'approved' GROUP BY invoice_no) w"
     " ON w.invoice_no = i.invoice_no WHERE i.written_off <> coalesce(w.total, 0)"),
    ("payments used for more than arrived and stayed", "p.payment_ref",
     "payments p WHERE p.allocated > 0 AND p.allocated > p.amount - p.fee - p.returned"),
    ("payments whose returned amount differs from what went back", "p.payment_ref",
     "payments p LEFT JOIN (SELECT payment_ref, sum(amount) AS total FROM payment_returns GROUP BY payment_ref) b"
     " ON b.payment_ref = p.payment_ref WHERE p.returned <> coalesce(b.total, 0)"),
    ("money settling invoices of another currency", "a.payment_ref",
     "allocations a JOIN invoices i ON i.invoice_no = a.invoice_no JOIN payments p ON p.payment_ref = a.payment_ref"
     " WHERE a.amount <> 0 AND i.currency <> p.currency"),
    ("deposits told otherwise than they stand", "p.payment_ref",
     "payments p WHERE p.deposited <> CASE WHEN p.state = 'suspense' OR p.amount - p.fee - p.returned < p.allocated THEN 0"
     " ELSE p.amount - p.fee - p.returned - p.allocated END"),
    ("invoices that were not announced", "i.invoice_no",
     "invoices i WHERE i.collected_in IS NULL AND i.state <> 'draft' AND NOT EXISTS"
     " (SELECT 1 FROM messages m WHERE m.type = 'invoice.issued' AND m.identity = i.invoice_no)"),
    ("collective invoices that were not announced", "i.collected_in",
     "invoices i WHERE i.collected_in IS NOT NULL AND NOT EXISTS"
     " (SELECT 1 FROM messages m WHERE m.type = 'invoice.issued' AND m.identity = i.collected_in)"),
    ("announced invoices that are not there", "m.message_id",
     "messages m WHERE m.type = 'invoice.issued' AND CAST(m.body AS {json})->'seller' IS NULL AND NOT EXISTS"
     " (SELECT 1 FROM invoices i WHERE i.invoice_no = m.identity OR i.collected_in = m.identity)"),
    ("credit accounts whose exposure differs from what their orders use", "a.account",
     "credit_accounts a LEFT JOIN (SELECT credit_account, sum(credit_share) AS total FROM orders GROUP BY credit_account) o"
     " ON o.credit_account = a.account WHERE a.exposure <> coalesce(o.total, 0)"),
    ("credit accounts whose deposits differ from what lies ready", "a.account",
     "credit_accounts a LEFT JOIN (SELECT account, sum(amount) AS total FROM credit_deposits GROUP BY account) d"
     " ON d.account = a.account WHERE a.deposits <> coalesce(d.total, 0)"),
    ("orders handled that are not there", "m.message_id",
     "messages m JOIN receipts r ON r.message_id = m.message_id AND r.channel = 'order' WHERE m.type = 'order.placed'"
     " AND NOT EXISTS (SELECT 1 FROM orders o WHERE o.order_no = m.subject)"),
    ("payments handled that are not there", "m.message_id",
     "messages m JOIN receipts r ON r.message_id = m.message_id AND r.channel = 'invoice' WHERE m.type = 'payment.received'"
     " AND NOT EXISTS (SELECT 1 FROM payments p WHERE p.payment_ref = m.subject)"),
)  # fmt: skip
"""(what is broken, the column of an example, FROM ... WHERE of the broken rows)."""
