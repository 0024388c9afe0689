"""The tables. Instants are microseconds since 1970 UTC, quantities millionths, money minor units (see `database`)."""

import sqlalchemy as sa
from sqlalchemy import BigInteger, Boolean, CheckConstraint, Column, Identity, Index, Integer, LargeBinary, MetaData, Table, text

metadata = MetaData()

Text = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
"""Compared byte by byte, as SQLite does: several times cheaper than in the order of a language, and alike everywhere."""
Prose = sa.Text()
"""What people search without regard to upper and lower case."""
Json = sa.Text()
"""JSON, kept as the text it was written as. PostgreSQL's own type would read each document again to see that it is JSON, which
took an eighth of what it does for an order."""
Serial = BigInteger().with_variant(Integer(), "sqlite")

# --- what came in -----------------------------------------------------------------------------------------------------

raw_messages = Table(
    "raw_messages",
    metadata,
    Column("raw_id", Text, primary_key=True),
    Column("endpoint", Text, nullable=False),
    Column("dedupe_key", Text, nullable=False),
    Column("document", Text),
    Column("sha256", Text, nullable=False),
    Column("headers", Json, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("received_at", BigInteger, nullable=False),
    # accepted | rejected | quarantined | conflict | untranslated
    Column("status", Text, nullable=False),
    Column("message_ids", Json, nullable=False),
    Column("problems", Json, nullable=False),
    # untranslated only: not before this time shall a worker be asked (again)
    Column("translate_at", BigInteger, nullable=False, server_default="0"),
    Index("raw_messages_once", "endpoint", "dedupe_key", unique=True),
    Index(
        "raw_messages_untranslated",
        "translate_at",
        postgresql_where=text("status = 'untranslated'"),
        sqlite_where=text("status = 'untranslated'"),
    ),
    Index(
        "raw_messages_quarantined",
        "raw_id",
        postgresql_where=text("status = 'quarantined'"),
        sqlite_where=text("status = 'quarantined'"),
    ),
)

messages = Table(
    "messages",
    metadata,
    Column("message_id", Text, primary_key=True),
    Column("type", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("partition_key", Text, nullable=False),
    Column("identity", Text, nullable=False),
    Column("occurred_at", BigInteger, nullable=False),
    Column("recorded_at", BigInteger, nullable=False),
    Column("correlation_id", Text, nullable=False),
    Column("causation_id", Text),
    Column("raw_id", Text),
    Column("schema_version", Text, nullable=False),
    Column("traceparent", Text),
    Column("channels", Json, nullable=False),
    Column("body", Json, nullable=False),
    # false: a message of the same subject led to it, by which its story finds it, or the story has its id
    Column("leads", Boolean, nullable=False, server_default=sa.true()),
    Index("messages_once", "type", "identity", unique=True),
    Index("messages_by_story", "correlation_id", postgresql_where=text("leads"), sqlite_where=text("leads")),
    Index("messages_by_subject", "subject"),
)

# --- on its way -------------------------------------------------------------------------------------------------------

outbox = Table(
    "outbox",
    metadata,
    Column("outbox_id", Serial, Identity(), primary_key=True),
    Column("message_id", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("partition", Integer, nullable=False),
    Column("redriven", Integer, nullable=False, server_default="0"),
    sqlite_autoincrement=True,  # ids are never used again, on PostgreSQL neither
)

receipts = Table(
    "receipts",
    metadata,
    # counts them in the order they were written; on PostgreSQL without an index, for nobody looks a receipt up by it
    Column("receipt_id", Serial, Identity(), primary_key=True),
    Column("message_id", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("handled_at", BigInteger, nullable=False),
    Index("receipts_once", "message_id", "channel", unique=True),
    sqlite_autoincrement=True,
)

parked = Table(
    "parked",
    metadata,
    Column("message_id", Text, primary_key=True),
    Column("channel", Text, primary_key=True),
    Column("waits_for", Text, nullable=False),
    Column("parked_at", BigInteger, nullable=False),
    Column("recheck_at", BigInteger, nullable=False),
    Column("rechecks", Integer, nullable=False, server_default="0"),
    Column("alarm_at", BigInteger, nullable=False),
    Index("parked_by_wait", "waits_for"),
    Index("parked_by_time", "recheck_at"),
)

retries = Table(
    "retries",
    metadata,
    Column("retry_id", Serial, Identity(), primary_key=True),
    Column("message_id", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("partition_key", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    # null: waits behind an earlier message of its key, or is on its way again
    Column("next_at", BigInteger),
    Column("last_error", Text),
    Index("retries_once", "message_id", "channel", unique=True),
    Index("retries_by_key", "channel", "partition_key"),
    sqlite_autoincrement=True,
)

dead_letters = Table(
    "dead_letters",
    metadata,
    Column("message_id", Text, primary_key=True),
    Column("channel", Text, primary_key=True),
    Column("died_at", BigInteger, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("reason", Prose, nullable=False),
    # dead | replayed | recovered | discarded
    Column("status", Text, nullable=False),
    Column("decided_by", Text),
    Column("decided_at", BigInteger),
    Index("dead_letters_open", "channel", postgresql_where=text("status = 'dead'"), sqlite_where=text("status = 'dead'")),
)

leases = Table(
    "leases",
    metadata,
    Column("name", Text, primary_key=True),
    Column("holder", Text, nullable=False),
    Column("token", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
)

watermarks = Table(
    "watermarks",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
)

poll_watermarks = Table(
    "poll_watermarks",
    metadata,
    Column("endpoint", Text, primary_key=True),
    # from where the next poll goes on, in the words of the connector or file source
    Column("watermark", Text),
    # when a poll was last handed to a worker or begun
    Column("asked_at", BigInteger, nullable=False),
    # when a poll last came to its end, and how many raw messages it brought
    Column("polled_at", BigInteger),
    Column("brought", Integer, nullable=False, server_default="0"),
    # polls that failed since then, until when the next one waits, and why the last one failed
    Column("failures", Integer, nullable=False, server_default="0"),
    Column("wait_until", BigInteger, nullable=False, server_default="0"),
    Column("error", Text),
)

# --- going out --------------------------------------------------------------------------------------------------------

deliveries = Table(
    "deliveries",
    metadata,
    Column("delivery_id", Text, primary_key=True),
    Column("message_id", Text, nullable=False),
    Column("endpoint", Text, nullable=False),
    Column("partition_key", Text, nullable=False),
    # pending | queued | sent | dead | discarded
    Column("status", Text, nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("next_at", BigInteger, nullable=False),
    Column("outcome", Text),
    Column("partner_id", Text),
    Index("deliveries_once", "message_id", "endpoint", unique=True),
    Index(
        "deliveries_due",
        "next_at",
        postgresql_where=text("status IN ('pending', 'queued')"),
        sqlite_where=text("status IN ('pending', 'queued')"),
    ),
    Index(
        "deliveries_open",
        "endpoint",
        "partition_key",
        "delivery_id",
        postgresql_where=text("status IN ('pending', 'queued')"),
        sqlite_where=text("status IN ('pending', 'queued')"),
    ),
    Index("deliveries_dead", "next_at", postgresql_where=text("status = 'dead'"), sqlite_where=text("status = 'dead'")),
)

attempts = Table(
    "attempts",
    metadata,
    Column("delivery_id", Text, primary_key=True),
    Column("attempt", Integer, primary_key=True),
    Column("began_at", BigInteger, nullable=False),
    Column("ended_at", BigInteger),
    # null while under way or after a crash: the outcome is not known
    Column("outcome", Text),
    Column("detail", Text),
    Column("answer", LargeBinary),
)

circuits = Table(
    "circuits",
    metadata,
    Column("endpoint", Text, primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("open_until", BigInteger, nullable=False),
)

# --- orders, stock, money ---------------------------------------------------------------------------------------------

used_tokens = Table(
    "used_tokens",
    metadata,
    Column("endpoint", Text, primary_key=True),
    Column("token", Text, primary_key=True),
    # of the message it proved
    Column("sha256", Text, nullable=False),
    Column("used_at", BigInteger, nullable=False),
    Index("used_tokens_by_time", "used_at"),
)

cross_references = Table(
    "cross_references",
    metadata,
    Column("our_id", Text, primary_key=True),
    # order | item | shipment | invoice | payment | tracking
    Column("kind", Text, primary_key=True),
    Column("endpoint", Text, primary_key=True),
    Column("their_id", Text, nullable=False),
    # the message or the delivery that first told it
    Column("seen_in", Text, nullable=False),
    Column("seen_at", BigInteger, nullable=False),
    Index("cross_references_theirs", "their_id", "kind", "endpoint", unique=True),
)

orders = Table(
    "orders",
    metadata,
    Column("order_no", Text, primary_key=True),
    Column("origin", Text, nullable=False),
    Column("source_order_id", Text),
    # state, the three axes and payable are a projection of the document and `facts`, for lists
    Column("state", Text, nullable=False),
    Column("fulfilment", Text, nullable=False),
    Column("billing", Text, nullable=False),
    Column("payment", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("payable", BigInteger),
    Column("placed_at", BigInteger, nullable=False),
    Column("changed_at", BigInteger, nullable=False),
    # the message with the placed document
    Column("placed_in", Text, nullable=False, server_default=""),
    # the document in force where it is another one: changed by the buyer, or priced by us
    Column("effective", Json),
    Column("revision", BigInteger, nullable=False, server_default="0"),
    Column("customer_no", Text),
    # whose limit it uses, what it uses of it, and the first day an open invoice of it is due
    Column("credit_account", Text),
    Column("credit_share", BigInteger, nullable=False, server_default="0"),
    Column("credit_due", Text),
    # every other fact known about the order, one JSON object
    Column("facts", Json, nullable=False),
    Index("orders_by_time", "placed_at", "order_no"),
    Index("orders_by_source", "source_order_id"),
    Index(
        "orders_waiting",
        "order_no",
        postgresql_where=text("state IN ('on_hold', 'approval')"),
        sqlite_where=text("state IN ('on_hold', 'approval')"),
    ),
    Index(
        "orders_by_account",
        "credit_account",
        "credit_due",
        postgresql_where=text("credit_account IS NOT NULL"),
        sqlite_where=text("credit_account IS NOT NULL"),
    ),
)

order_decisions = Table(
    "order_decisions",
    metadata,
    Column("order_no", Text, primary_key=True),
    # counts the runs of one order
    Column("seq", Integer, primary_key=True),
    # what was to be decided: confirm, release, or a person's verdict
    Column("step", Text, nullable=False),
    # the message that led to it
    Column("cause", Text, nullable=False),
    Column("decided_at", BigInteger, nullable=False),
    Column("decisions", Json, nullable=False),
)

credit_accounts = Table(
    "credit_accounts",
    metadata,
    Column("account", Text, primary_key=True),
    Column("currency", Text, nullable=False),
    # the sum of credit_share over its orders, and of what lies ready for it
    Column("exposure", BigInteger, nullable=False),
    Column("deposits", BigInteger, nullable=False),
)

credit_deposits = Table(
    "credit_deposits",
    metadata,
    Column("payment_ref", Text, primary_key=True),
    Column("account", Text, nullable=False),
    Column("amount", BigInteger, nullable=False),
    # of the newest word about it
    Column("seq", Integer, nullable=False),
    Index("credit_deposits_by_account", "account"),
)

shipments = Table(
    "shipments",
    metadata,
    Column("shipment_no", Text, primary_key=True),
    Column("order_nos", Json, nullable=False),
    Column("carrier", Text),
    Column("state", Text, nullable=False),
    Column("dispatched_at", BigInteger),
    Column("changed_at", BigInteger, nullable=False),
    # the dispatch and every tracking event known about it, one JSON object
    Column("facts", Json, nullable=False),
)

tracking_numbers = Table(
    "tracking_numbers",
    metadata,
    Column("tracking_no", Text, primary_key=True),
    Column("shipment_no", Text, primary_key=True),
)

stock = Table(
    "stock",
    metadata,
    Column("item", Text, primary_key=True),
    # empty: nobody has reported the item yet; the row is what orders and the first report meet on
    Column("location", Text, primary_key=True),
    Column("on_hand", BigInteger, nullable=False),
    Column("reserved", BigInteger, nullable=False),
    # of the newest snapshot
    Column("as_of", BigInteger, nullable=False),
    # whose hands our goods are in; empty: our own
    Column("holder", Text, nullable=False, server_default=""),
    # 2: lots of the item are kept here; 1: goods of another status, or a recall of it; 0: nothing but this row
    Column("detailed", Integer, nullable=False, server_default="0"),
    # how much more than was there has left since the count: news still to come, or a shelf that was counted wrong
    Column("owed", BigInteger, nullable=False, server_default="0"),
    CheckConstraint("reserved >= 0 AND reserved <= on_hand", name="stock_never_below_zero"),
)

stock_lots = Table(
    "stock_lots",
    metadata,
    Column("item", Text, primary_key=True),
    Column("location", Text, primary_key=True),
    # lot and serial are empty where the location does not tell; the row goes when nothing of it is left
    Column("lot", Text, primary_key=True),
    Column("serial", Text, primary_key=True),
    # released | quarantine | blocked | expired
    Column("status", Text, primary_key=True),
    Column("expiry", Text),
    Column("mfg_date", Text),
    Column("on_hand", BigInteger, nullable=False),
    Column("reserved", BigInteger, nullable=False),
    Column("owed", BigInteger, nullable=False, server_default="0"),
    CheckConstraint("reserved >= 0 AND reserved <= on_hand", name="stock_lots_never_below_zero"),
)

stock_holds = Table(
    "stock_holds",
    metadata,
    # of what an order line has set aside, what is of known lots
    Column("order_no", Text, primary_key=True),
    Column("line_no", Text, primary_key=True),
    Column("lot", Text, primary_key=True),
    Column("serial", Text, primary_key=True),
    Column("qty", BigInteger, nullable=False),
    CheckConstraint("qty > 0", name="stock_holds_above_zero"),
)

stock_moves = Table(
    "stock_moves",
    metadata,
    # the message that reported it, and its line
    Column("move_id", Text, primary_key=True),
    Column("item", Text, nullable=False),
    Column("location", Text, nullable=False),
    Column("moved_at", BigInteger, nullable=False),
    Column("qty", BigInteger, nullable=False),
    Column("lot", Text, nullable=False, server_default=""),
    Column("serial", Text, nullable=False, server_default=""),
    Column("status", Text, nullable=False, server_default="released"),
    Index("stock_moves_since", "item", "location", "moved_at"),
)

stock_orders = Table(
    "stock_orders",
    metadata,
    Column("order_no", Text, primary_key=True),
    # the message order.confirmed, or order.held before it; null while only other news of the order has come
    Column("stated_in", Text),
    # what it says, where no message says so word for word: kept by an earlier version
    Column("demand", Json),
    Column("confirmed_at", BigInteger),
    # how many allocations, shortages and releases were told, and how many shipments asked for
    Column("told", Integer, nullable=False),
    Column("shipments", Integer, nullable=False),
    # null: confirmed; else the order is held, and until then goods are set aside for it
    Column("soft_until", BigInteger),
    # what left for the order before its units were known
    Column("early", Json),
    Index(
        "stock_orders_soft",
        "soft_until",
        postgresql_where=text("soft_until IS NOT NULL"),
        sqlite_where=text("soft_until IS NOT NULL"),
    ),
)

stock_lines = Table(
    "stock_lines",
    metadata,
    Column("order_no", Text, primary_key=True),
    Column("line_no", Text, primary_key=True),
    Column("item", Text, nullable=False),
    Column("location", Text, nullable=False),
    Column("demanded", BigInteger, nullable=False),
    Column("cancelled", BigInteger, nullable=False),
    Column("shipped", BigInteger, nullable=False),
    Column("reserved", BigInteger, nullable=False),
    Column("backordered", BigInteger, nullable=False),
    # when the line first had a reservation
    Column("reserved_at", BigInteger),
    # of the reservation, what is of known lots (stock_holds)
    Column("lotted", BigInteger, nullable=False, server_default="0"),
    # not 0: the reservation may be given to others; the number is the order's priority
    Column("soft", Integer, nullable=False, server_default="0"),
    # where goods of the line left last; empty before they did
    Column("shipped_from", Text, nullable=False, server_default=""),
    CheckConstraint("reserved >= 0 AND backordered >= 0", name="stock_lines_not_negative"),
    Index(
        "stock_lines_waiting",
        "item",
        "order_no",
        postgresql_where=text("backordered > 0"),
        sqlite_where=text("backordered > 0"),
    ),
    Index(
        "stock_lines_holding",
        "item",
        "location",
        postgresql_where=text("reserved > 0"),
        sqlite_where=text("reserved > 0"),
    ),
    Index(
        "stock_lines_soft",
        "item",
        "soft",
        postgresql_where=text("soft > 0 AND reserved > 0"),
        sqlite_where=text("soft > 0 AND reserved > 0"),
    ),
)

stock_entries = Table(
    "stock_entries",
    metadata,
    # the message that told it, and its place in it
    Column("entry_id", Text, primary_key=True),
    Column("item", Text, nullable=False),
    Column("lot", Text, nullable=False),
    Column("serial", Text, nullable=False),
    # received | counted | shipped | returned | sold | transferred | sold_back
    Column("kind", Text, nullable=False),
    # how much more of it lay at the location afterwards, or, where the location is empty, how much somebody passed on
    Column("qty", BigInteger, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("location", Text, nullable=False),
    Column("status", Text, nullable=False),
    # who had it from us, who reported it, who has it now
    Column("party", Text, nullable=False),
    Column("to_party", Text, nullable=False),
    Column("region", Text, nullable=False),
    # order_no, line_no, shipment, return or report
    Column("order_no", Text, nullable=False),
    Column("line_no", Text, nullable=False),
    Column("document", Text, nullable=False),
    Column("expiry", Text),
    Column("mfg_date", Text),
    # 0: not stated by the sender, taken as we had asked for it
    Column("stated", Integer, nullable=False),
    Column("message_id", Text, nullable=False),
    Index("stock_entries_by_lot", "item", "lot", "serial", "kind"),
    Index("stock_entries_by_serial", "item", "serial"),
    Index("stock_entries_by_order", "order_no"),
)

stock_recalls = Table(
    "stock_recalls",
    metadata,
    Column("recall_no", Text, primary_key=True),
    Column("item", Text, nullable=False),
    Column("as_of", BigInteger, nullable=False),
    # recall.opened as it was last stated
    Column("document", Json, nullable=False),
    Index("stock_recalls_by_item", "item"),
)

stock_receipts = Table(
    "stock_receipts",
    metadata,
    # the supplier's despatch and its line
    Column("receipt_id", Text, primary_key=True),
    Column("shipment_no", Text, nullable=False),
    Column("item", Text, nullable=False),
    Column("location", Text, nullable=False),
    Column("lot", Text, nullable=False),
    Column("expiry", Text),
    Column("qty", BigInteger, nullable=False),
    Column("due_on", Text, nullable=False),
    # null: not here yet
    Column("arrived_at", BigInteger),
    Index("stock_receipts_by_item", "item", "due_on"),
    Index("stock_receipts_by_shipment", "shipment_no"),
)

stock_cases = Table(
    "stock_cases",
    metadata,
    Column("case_no", Text, primary_key=True),
    Column("code", Text, nullable=False),
    Column("item", Text, nullable=False),
    Column("lot", Text, nullable=False),
    Column("serial", Text, nullable=False),
    Column("opened_at", BigInteger, nullable=False),
    # open | explained | closed
    Column("state", Text, nullable=False),
    # case.changed
    Column("document", Json, nullable=False),
    Index("stock_cases_by_item", "item"),
)

invoices = Table(
    "invoices",
    metadata,
    Column("invoice_no", Text, primary_key=True),
    Column("order_no", Text, nullable=False),
    Column("shipment_no", Text, nullable=False),
    Column("kind", Text, nullable=False),
    # draft | issued | part_paid | paid | credited | written_off | void
    Column("state", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("gross", BigInteger, nullable=False),
    Column("allocated", BigInteger, nullable=False),
    Column("issued_on", Text, nullable=False),
    Column("due_on", Text, nullable=False),
    Column("document", Json, nullable=False),
    Column("customer_no", Text),
    # of a credit note: the invoice it corrects
    Column("original_no", Text),
    # of a part: the collective invoice it went out with
    Column("collected_in", Text),
    # what credit notes take off it, and what was given up
    Column("credited", BigInteger, nullable=False, server_default="0"),
    Column("written_off", BigInteger, nullable=False, server_default="0"),
    Column("disputed", Integer, nullable=False, server_default="0"),
    # the last reminder told, null before the first; how many decisions people took
    Column("reminded", Integer),
    Column("decisions", Integer, nullable=False, server_default="0"),
    # which invoice of its shipment and order: 0, the next for goods that the order covered later
    Column("part", Integer, nullable=False, server_default="0"),
    # how many invoices and credit notes of the order there were before it
    Column("seq", Integer, nullable=False, server_default="0"),
    CheckConstraint("allocated >= 0 AND allocated <= gross", name="invoices_not_overpaid"),
    Index(
        "invoices_once",
        "shipment_no",
        "order_no",
        "part",
        unique=True,
        postgresql_where=text("kind = 'normal'"),
        sqlite_where=text("kind = 'normal'"),
    ),
    Index("invoices_by_order", "order_no"),
    Index("invoices_by_customer", "customer_no"),
    Index("invoices_by_original", "original_no"),
    Index("invoices_by_collective", "collected_in"),
    Index(
        "invoices_open",
        "due_on",
        postgresql_where=text("state IN ('issued', 'part_paid')"),
        sqlite_where=text("state IN ('issued', 'part_paid')"),
    ),
)

payments = Table(
    "payments",
    metadata,
    Column("payment_ref", Text, primary_key=True),
    # suspense | deposit | part_allocated | allocated | returned
    Column("state", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("allocated", BigInteger, nullable=False),
    # why it is in suspense: no_reference | unknown_reference | currency | nothing_expected | A_AMBIGUOUS_PAYMENT
    Column("reason", Text),
    Column("value_date", Text, nullable=False),
    Column("document", Json, nullable=False),
    # what of it never reached us, and what went back: reversed, refunded
    Column("fee", BigInteger, nullable=False, server_default="0"),
    Column("returned", BigInteger, nullable=False, server_default="0"),
    # who paid as the bank knows it, and whose money it is where that is known
    Column("payer", Text),
    Column("customer_no", Text),
    # the deposit told last, and in how many messages; how many decisions people took
    Column("deposited", BigInteger, nullable=False, server_default="0"),
    Column("told", Integer, nullable=False, server_default="0"),
    Column("decisions", Integer, nullable=False, server_default="0"),
    CheckConstraint("allocated >= 0 AND allocated <= amount", name="payments_not_overspent"),
    Index(
        "payments_waiting",
        "payer",
        postgresql_where=text("state = 'suspense'"),
        sqlite_where=text("state = 'suspense'"),
    ),
    Index("payments_by_date", "value_date", "payment_ref"),
)

payment_refs = Table(
    "payment_refs",
    metadata,
    Column("reference", Text, primary_key=True),
    Column("payment_ref", Text, primary_key=True),
    Index("payment_refs_by_payment", "payment_ref"),
)

allocations = Table(
    "allocations",
    metadata,
    Column("payment_ref", Text, primary_key=True),
    Column("invoice_no", Text, primary_key=True),
    # 0: it settled something once and does so no more
    Column("amount", BigInteger, nullable=False),
    Column("allocated_at", BigInteger, nullable=False),
    Column("changes", Integer, nullable=False, server_default="0"),
    Index("allocations_by_invoice", "invoice_no"),
)

payment_orders = Table(
    "payment_orders",
    metadata,
    # a payment may settle invoices of this order: it names the order or one of its invoices, or somebody said so
    Column("payment_ref", Text, primary_key=True),
    Column("order_no", Text, primary_key=True),
    Index("payment_orders_by_order", "order_no"),
)

payment_matches = Table(
    "payment_matches",
    metadata,
    # so much of a payment settles an invoice because somebody or a rule decided so, not because it names it
    Column("payment_ref", Text, primary_key=True),
    Column("invoice_no", Text, primary_key=True),
    # amount | sum | oldest_first | person; barred: a person took it off, amount 0
    Column("kind", Text, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Index("payment_matches_by_invoice", "invoice_no"),
)

payment_returns = Table(
    "payment_returns",
    metadata,
    # money that went back: a reversal or a refund
    Column("refund_ref", Text, primary_key=True),
    Column("payment_ref", Text, nullable=False),
    # reversed | refunded
    Column("kind", Text, nullable=False),
    # in the payment's currency; 0 where it was another
    Column("amount", BigInteger, nullable=False),
    Column("value_date", Text, nullable=False),
    Column("document", Json, nullable=False),
    Index("payment_returns_by_payment", "payment_ref"),
)

write_offs = Table(
    "write_offs",
    metadata,
    Column("invoice_no", Text, primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("amount", BigInteger, nullable=False),
    # asked | approved | rejected
    Column("state", Text, nullable=False),
    Column("requested_by", Text, nullable=False),
    Column("decided_by", Text),
)

payers = Table(
    "payers",
    metadata,
    # an account, and a customer for whom it has paid; times: how often, `stated` where a person said so
    Column("payer", Text, primary_key=True),
    Column("customer_no", Text, primary_key=True),
    Column("times", Integer, nullable=False),
    Column("stated", Integer, nullable=False, server_default="0"),
)

# --- master data ------------------------------------------------------------------------------------------------------

master_records = Table(
    "master_records",
    metadata,
    # the message type, and the record's own key
    Column("kind", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("as_of", BigInteger, primary_key=True),
    # of the whole master data, when this edition came in
    Column("version", BigInteger, nullable=False),
    Column("body", Json, nullable=False),
    Index("master_records_since", "version"),
)

master_version = Table(
    "master_version",
    metadata,
    Column("row_no", Integer, primary_key=True, autoincrement=False),
    Column("version", BigInteger, nullable=False),
)
