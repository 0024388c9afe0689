"""`config/policies.yaml` is read into settings; what is wrong with it is told with its line."""

from datetime import timedelta
from pathlib import Path

import pytest

from canonical.failures import Misconfigured
from demo.partners import ROOT
from handlers.order.policies.settings import Policies
from orderlane.policies import load_policies, read_policies


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


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("price:\n  regoin: ship_to\n", 2, "price.regoin: Extra inputs"),
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
