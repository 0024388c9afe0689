"""Who pays from which account, as customers' master data state it."""

from canonical.documents.customers import CustomerMaster


def account_key(account: str) -> str:
    """A bank account as it is compared: without spaces, in upper case."""
    return "".join(account.split()).upper()


class Payers:
    """Customers by the accounts they pay from."""

    def __init__(self) -> None:
        self._customers: dict[str, set[str]] = {}
        self._accounts: dict[str, set[str]] = {}

    def put(self, customer: CustomerMaster) -> None:
        """Take over what a customer's newest record says."""
        for account in self._accounts.pop(customer.customer_no, set()):
            self._customers[account].discard(customer.customer_no)
        accounts = {account_key(account) for account in customer.payer_accounts}
        self._accounts[customer.customer_no] = accounts
        for account in accounts:
            self._customers.setdefault(account, set()).add(customer.customer_no)

    def of(self, account: str) -> frozenset[str]:
        """The customers that pay from this account (a key)."""
        return frozenset(self._customers.get(account, ()))
