"""`config/policies.yaml` is read into settings; what is wrong with it is told with its line."""

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from canonical.failures import Misconfigured
from demo.partners import ROOT
from handlers.order.policies.settings import Policies
from orderlane.policies import for_trying_out, load_policies, read_policies, unnamed_findings


def test_the_shipped_file_says_what_is_the_default_anyway() -> None:
    assert load_policies(ROOT / "config" / "policies.yaml") == Policies()


def test_a_folder_without_the_file_has_the_defaults(tmp_path: Path) -> None:
    assert load_policies(tmp_path / "policies.yaml") == Policies()


def test_what_the_file_says_replaces_its_default_and_nothing_else(tmp_path: Path) -> None:
    file = tmp_path / "policies.yaml"
    file.write_text("approval:\n  chains: {discount: [director]}\n  answer_within: PT8H\n")
    approval = load_policies(file).approval
    assert (approval.chain("discount"), approval.chain("below_floor")) == (("director",), ("regional_manager", "finance"))
    assert (approval.answer_within, approval.discount_pct) == (timedelta(hours=8), 15)


def test_rates_hold_for_ever_or_from_a_day_on(tmp_path: Path) -> None:
    file = tmp_path / "policies.yaml"
    dated = '[{first: 2026-11-01, rate: "7.85"}, {first: 2026-01-01, rate: "7.80"}]'
    file.write_text(f'credit:\n  rates: {{USD/CNY: "7.1", EUR/CNY: {dated}}}\n')
    credit = load_policies(file).credit
    days = (date(2025, 12, 31), date(2026, 1, 1), date(2026, 10, 31), date(2026, 11, 1), date(2027, 1, 1))
    assert [credit.rate("EUR", "CNY", day) for day in days] == [
        None,
        Decimal("7.80"),
        Decimal("7.80"),
        Decimal("7.85"),
        Decimal("7.85"),
    ]
    assert credit.rate("USD", "CNY", days[0]) == Decimal("7.1")
    assert credit.rate("CNY", "EUR", days[1]) is None


def test_without_a_broker_anybody_may_decide_until_somebody_is_named_or_the_file_says_nobody(tmp_path: Path) -> None:
    file = tmp_path / "policies.yaml"
    texts = ("", "approval: {people: {finance: [li]}}\n", "approval: {unnamed: nobody}\n", "approval: {unnamed: anybody}\n")
    for text, unnamed in zip(texts, ("anybody", "nobody", "nobody", "anybody"), strict=True):
        file.write_text(text)
        assert for_trying_out(load_policies(file)).approval.unnamed == unnamed


def test_roles_that_nobody_may_act_in_are_told_with_the_line(tmp_path: Path) -> None:
    file = tmp_path / "policies.yaml"
    file.write_text("approval:\n  discount_pct: 15\n  people:\n    compliance: [li]\n    finance: []\n")
    (found,) = unnamed_findings(file, load_policies(file))
    assert (found.line, found.code, found.level) == (3, "nobody", "warning")
    assert "compliance" not in found.message and "finance, finance_director" in found.message
    file.write_text("approval:\n  unnamed: anybody\n")
    assert unnamed_findings(file, load_policies(file)) == []
    assert [one.line for one in unnamed_findings(tmp_path / "none.yaml", Policies())] == [1]


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("price:\n  regoin: ship_to\n", 2, "price.regoin: there is no such key. Did you mean `region`?"),
        ("approval:\n  discount_pct: 15\n  chains:\n    discount: [Boss]\n", 4, "approval.chains.discount.0"),
        ("approval:\n  chains: {discount: [emperor]}\n", 1, "no level is given for emperor"),
        ("approval:\n  large: {YEN: 5}\n", 2, "expected an ISO 4217 currency code"),
        ("price: [\n", 2, "expected"),
        ("- price\n", 1, "file: "),
    ],
)
def test_a_mistake_is_told_with_its_line(tmp_path: Path, text: str, line: int, words: str) -> None:
    file = tmp_path / "policies.yaml"
    file.write_text(text)
    policies, findings = read_policies(file)
    assert policies == Policies()
    assert [finding.line for finding in findings] == [line]
    assert words in str(findings[0])
    with pytest.raises(Misconfigured, match=r"policies\.yaml"):
        load_policies(file)
