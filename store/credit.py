"""Credit accounts: how much of its limit each uses, locked last in the order handler, and the money that lies ready on them.

The exposure of an account is the sum of `orders.credit_share` over its orders, its deposits the sum over `credit_deposits`. Amounts
are minor units of the account's currency.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from store.arrays import laid_out
from store.database import Columns, Transaction

ACCOUNT: Columns = (("account", "text"), ("currency", "text"), ("exposure", "bigint"), ("deposits", "bigint"))
DEPOSIT: Columns = (("payment_ref", "text"), ("account", "text"), ("amount", "bigint"), ("seq", "bigint"))


@dataclass(frozen=True, slots=True)
class StoredAccount:
    """An account as it is kept. due: the first day an invoice of any of its orders that lacks money is or was due."""

    account: str
    currency: str
    exposure: int
    deposits: int
    due: str | None


@dataclass(frozen=True, slots=True)
class StoredDeposit:
    """So much of a payment lies ready; seq: the newest word of it."""

    payment_ref: str
    account: str
    amount: int
    seq: int


def lock(tx: Transaction, accounts: Mapping[str, str]) -> list[StoredAccount]:
    """These accounts ({account: currency}), made where they are new, locked in the order of their names until the transaction
    ends."""
    wanted = [(account, accounts[account]) for account in sorted(accounts)]
    tx.run_set(
        "INSERT INTO credit_accounts (account, currency, exposure, deposits) SELECT account, currency, 0, 0 FROM {rows}"
        " WHERE NOT EXISTS (SELECT 1 FROM credit_accounts a WHERE a.account = r.account) ORDER BY account"
        " ON CONFLICT (account) DO NOTHING",
        ACCOUNT[:2],
        wanted,
    )
    rows = tx.rows_of_set(
        "SELECT account, currency, exposure, deposits, (SELECT min(o.credit_due) FROM orders o"
        " WHERE o.credit_account = credit_accounts.account) AS due"
        " FROM credit_accounts WHERE account IN (SELECT account FROM {rows}) ORDER BY account {for_update}",
        ACCOUNT[:2],
        wanted,
    )
    return [StoredAccount(*list(row)) for row in rows]


def update(tx: Transaction, rows: Sequence[Mapping[str, Any]]) -> None:
    """Keep what accounts locked before use (columns of ACCOUNT)."""
    tx.run_set(
        "UPDATE credit_accounts SET exposure = r.exposure, deposits = r.deposits FROM {rows}"
        " WHERE credit_accounts.account = r.account",
        ACCOUNT,
        laid_out(ACCOUNT, rows),
    )


def lock_deposits(tx: Transaction, payment_refs: Iterable[str]) -> list[StoredDeposit]:
    """What is known to lie ready of these payments, locked in the order of their references."""
    rows = tx.rows_of_set(
        "SELECT payment_ref, account, amount, seq FROM credit_deposits WHERE payment_ref IN (SELECT payment_ref FROM {rows})"
        " ORDER BY payment_ref {for_update}",
        DEPOSIT[:1],
        [(ref,) for ref in sorted(payment_refs)],
    )
    return [StoredDeposit(*list(row)) for row in rows]


def save_deposits(tx: Transaction, rows: Sequence[Mapping[str, Any]]) -> None:
    """Keep what lies ready (columns of DEPOSIT)."""
    tx.run_set(
        "INSERT INTO credit_deposits (payment_ref, account, amount, seq) SELECT payment_ref, account, amount, seq FROM {rows}"
        " WHERE true ON CONFLICT (payment_ref) DO UPDATE SET account = excluded.account, amount = excluded.amount,"
        " seq = excluded.seq",
        DEPOSIT,
        laid_out(DEPOSIT, rows),
    )
