"""Receipts: proof that a handler has dealt with a message (Idempotent Receiver)."""

from collections.abc import Sequence

from store.database import Columns, Transaction

IDS: Columns = (("message_id", "text"),)


def claim(tx: Transaction, channel: str, message_ids: Sequence[str]) -> set[str]:
    """Receipts for these messages, written now; the ids that had none before. The others were dealt with already."""
    rows = tx.rows_of_set(
        "INSERT INTO receipts (message_id, channel, handled_at) SELECT message_id, :channel, {now} FROM {rows} WHERE true"
        " ON CONFLICT (message_id, channel) DO NOTHING RETURNING message_id",
        IDS,
        [{"message_id": i} for i in message_ids],
        channel=channel,
    )
    return {row.message_id for row in rows}


def give_back(tx: Transaction, channel: str, message_ids: Sequence[str]) -> None:
    """Not dealt with after all."""
    tx.run_set(
        "DELETE FROM receipts WHERE channel = :channel AND message_id IN (SELECT message_id FROM {rows})",
        IDS,
        [{"message_id": i} for i in message_ids],
        channel=channel,
    )


def known(tx: Transaction, channel: str, message_ids: Sequence[str]) -> set[str]:
    """Those of these messages that the handler has dealt with."""
    rows = tx.rows_of_set(
        "SELECT message_id FROM receipts WHERE channel = :channel AND message_id IN (SELECT message_id FROM {rows})",
        IDS,
        [{"message_id": i} for i in message_ids],
        channel=channel,
    )
    return {row.message_id for row in rows}
