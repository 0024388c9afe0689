"""The credit accounts one batch is about: locked at once, in the order of their names, after every other lock."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from canonical.amounts import rounded, to_minor
from canonical.documents.customers import CustomerMaster
from canonical.documents.settlement import PaymentDeposited
from handlers.order.money import first_due
from store import credit
from store.database import Transaction

if TYPE_CHECKING:
    from handlers.order.books import Order

Rates = Callable[[str, str, date], Decimal | None]
"""(own currency, wanted one, day): how much of the second one unit of the first was worth then; None where nobody says"""


@dataclass(slots=True)
class Account:
    """One account in minor units of its currency. restless: orders that changed since the exposure was last
    reckoned."""

    account: str
    currency: str
    exposure: int
    deposits: int
    due: str | None
    restless: "dict[str, Order]" = field(default_factory=dict)
    changed: bool = False

    def used(self, rates: Rates) -> int:
        """What orders use of the limit, less the money that lies ready; every change so far is in it."""
        for order in self.restless.values():
            share = share_of(order, self.currency, rates)
            order.credit_due = first_due(order.facts)
            if share is not None and share != order.credit_share:
                self.exposure += share - order.credit_share
                order.credit_share = share
                self.changed = True
        self.restless.clear()
        return self.exposure - self.deposits


class Accounts:
    """The accounts of a batch, by name."""

    def __init__(self, tx: Transaction, rates: Rates, today: date) -> None:
        self._tx = tx
        self.rates = rates
        self._today = today
        self._known: dict[str, Account] = {}
        self._deposits: dict[str, credit.StoredDeposit] = {}
        self._new_deposits: dict[str, credit.StoredDeposit] = {}

    def lock(self, currencies: Mapping[str, str]) -> None:
        """Load these accounts ({name: currency}) and keep them until the transaction ends."""
        missing = {name: currency for name, currency in currencies.items() if name not in self._known}
        for kept in credit.lock(self._tx, missing) if missing else ():
            self._known[kept.account] = Account(kept.account, kept.currency, kept.exposure, kept.deposits, kept.due)

    def of(self, name: str, currency: str) -> Account:
        """One account; locked now where nobody foresaw it."""
        self.lock({name: currency})
        return self._known[name]

    def lock_deposits(self, payment_refs: Iterable[str]) -> None:
        """Load what is known to lie ready of these payments."""
        for kept in credit.lock_deposits(self._tx, payment_refs):
            self._deposits[kept.payment_ref] = kept

    def deposit(self, account: Account, told: PaymentDeposited) -> None:
        """So much of a payment lies ready now; older news than the last change nothing."""
        before = self._deposits.get(told.payment_ref)
        if before is not None and before.seq >= told.seq:
            return
        amount = in_currency(told.amount.amount, told.amount.currency, account.currency, self.rates, self._today) or 0
        if before is not None:
            self._take_off(before)
        account.deposits += amount
        account.changed = True
        self._deposits[told.payment_ref] = credit.StoredDeposit(told.payment_ref, account.account, amount, told.seq)
        self._new_deposits[told.payment_ref] = self._deposits[told.payment_ref]

    def _take_off(self, before: credit.StoredDeposit) -> None:
        account = self.of(before.account, "")
        account.deposits -= before.amount
        account.changed = True

    def reckon(self) -> None:
        """Bring the share of every order that changed up to date, on the order and on its account."""
        for account in self._known.values():
            account.used(self.rates)

    def save(self) -> None:
        """Keep what changed."""
        changed = [account for account in self._known.values() if account.changed]
        names = [name for name, _ in credit.ACCOUNT]
        credit.update(self._tx, [{name: getattr(account, name) for name in names} for account in changed])
        told = [name for name, _ in credit.DEPOSIT]
        credit.save_deposits(self._tx, [{name: getattr(one, name) for name in told} for one in self._new_deposits.values()])


def share_of(order: "Order", currency: str, rates: Rates) -> int | None:
    """What an order uses of its account's limit: what is confirmed of it and not paid; None where its currency has no rate."""
    if order.facts.pending == "new" or order.state.state in ("cancelled", "rejected"):
        return 0
    return in_currency(order.state.owed, order.document.currency, currency, rates, order.document.price_date)


def in_currency(amount: Decimal, own: str, wanted: str, rates: Rates, day: date) -> int | None:
    """The amount in minor units of another currency, by a day's rate; None without. An account's first currency is its own."""
    rate = Decimal(1) if own == wanted or not wanted else rates(own, wanted, day)
    return None if rate is None else to_minor(rounded(amount * rate, wanted or own), wanted or own)


def account_of(customer: CustomerMaster) -> tuple[str, str] | None:
    """(name, currency) of the account a customer uses; None for one without terms of credit."""
    if customer.credit is None:
        return None
    return customer.credit.account or customer.customer_no, customer.credit.currency
