"""Receipts: proof that a handler has dealt with a message (Idempotent Receiver)."""

from collections.abc import Sequence
from dataclasses import dataclass

from store.database import Columns, Transaction

IDS: Columns = (("message_id", "text"),)


@dataclass(frozen=True, slots=True)
class Claim:
    """What came of claiming a batch. new: the ids that had no receipt before. lined: whether anything waits in line at the handler
    or was given up there. parked: whether any message at all is parked."""

    new: frozenset[str]
    lined: bool
    parked: bool


def claim(tx: Transaction, channel: str, message_ids: Sequence[str]) -> Claim:
    """Receipts for these messages, written now and in this order, which tells in what order they were handled. Those that had one
    were dealt with already. Where none is new, `lined` and `parked` are not looked at and true."""
    rows = tx.tuples_of_set(
        "INSERT INTO receipts (message_id, channel, handled_at) SELECT message_id, :channel, {now} FROM {rows} WHERE true"
        f"{tx.unless_known('message_id, channel')} RETURNING message_id,"
        " EXISTS (SELECT 1 FROM retries WHERE channel = :channel)"
        " OR EXISTS (SELECT 1 FROM dead_letters WHERE channel = :channel AND status = 'dead') AS lined,"
        " EXISTS (SELECT 1 FROM parked) AS parked",
        IDS,
        [(i,) for i in message_ids],
        channel=channel,
    )
    new, lined, parked = zip(*rows, strict=True) if rows else ((), (True,), (True,))
    return Claim(frozenset(new), bool(lined[0]), bool(parked[0]))


def give_back(tx: Transaction, channel: str, message_ids: Sequence[str]) -> None:
    """Not dealt with after all."""
    tx.run_set(
        "DELETE FROM receipts WHERE channel = :channel AND message_id IN (SELECT message_id FROM {rows})",
        IDS,
        [(i,) for i in message_ids],
        channel=channel,
    )


def known(tx: Transaction, channel: str, message_ids: Sequence[str]) -> set[str]:
    """Those of these messages that the handler has dealt with."""
    rows = tx.rows_of_set(
        "SELECT message_id FROM receipts WHERE channel = :channel AND message_id IN (SELECT message_id FROM {rows})",
        IDS,
        [(i,) for i in message_ids],
        channel=channel,
    )
    return {row.message_id for row in rows}
