"""R5: whether a customer's credit bears an order, when it is confirmed and again when its goods shall leave."""

from datetime import date, timedelta
from decimal import Decimal

from canonical.amounts import from_minor, to_minor
from canonical.documents.customers import Credit
from handlers.order.accounts import Account, in_currency
from handlers.order.books import Books, Order
from handlers.order.policies.base import Case, Decision

NAME = "credit"
UNCHECKED = Decision(NAME, "unchecked")


def check(case: Case, order: Order, books: Books) -> None:
    """K_LIMIT, K_OVERDUE and K_BLOCKED hold. The exposure counts the order once, whether it is in it already or not."""
    credit = case.customer.credit if case.customer is not None else None
    account = order.account
    if credit is None or account is None:
        case.decide(UNCHECKED)
        return
    used = account.used(books.accounts.rates)
    document = order.document
    own = in_currency(order.state.owed, document.currency, account.currency, books.accounts.rates, document.price_date)
    after = None if own is None else used - order.credit_share + own
    found = [*_against(credit, account, after, own, books.today)]
    inputs = _inputs(credit, account, used, own, order)
    for code, text in found:
        case.decide(Decision(NAME, "hold", code, None, text, inputs))
    if not found:
        case.decide(Decision(NAME, "pass", inputs=inputs))


def _against(credit: Credit, account: Account, after: int | None, own: int | None, today: date) -> list[tuple[str, str]]:
    found = []
    limit = limit_of(credit, today)
    if credit.blocked:
        found.append(("K_BLOCKED", "the credit of this customer is blocked"))
    if after is None:
        found.append(("K_LIMIT", f"no rate to {account.currency} is set"))
    elif limit is not None and own and after > to_minor(limit, account.currency):
        shown = from_minor(after, account.currency)
        found.append(("K_LIMIT", f"{shown} {account.currency} would be used of a limit of {limit}"))
    if account.due is not None and date.fromisoformat(account.due) < today - timedelta(days=credit.grace_days):
        found.append(("K_OVERDUE", f"an invoice due on {account.due} is not paid"))
    return found


def limit_of(credit: Credit, today: date) -> Decimal | None:
    """The limit with what is added for a time; None without one. 0 is prepay only."""
    if credit.limit is None:
        return None
    temporary = credit.temporary_limit is not None and (credit.temporary_until is None or today <= credit.temporary_until)
    return credit.limit + (credit.temporary_limit or Decimal(0)) if temporary else credit.limit


def _inputs(credit: Credit, account: Account, used: int, own: int | None, order: Order) -> dict[str, str]:
    told = {
        "account": account.account,
        "currency": account.currency,
        "limit": credit.limit,
        "used_by_others": from_minor(used - order.credit_share, account.currency),
        "deposits": from_minor(account.deposits, account.currency),
        "order": None if own is None else from_minor(own, account.currency),
        "grade": credit.grade,
        "oldest_due": account.due,
    }
    return {name: str(value) for name, value in told.items() if value is not None}
