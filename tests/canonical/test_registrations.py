"""Numbers of Chinese authorities: what their forms take and what they refuse."""

import pytest

from canonical.registrations import read_registration, read_seller
from canonical.uscc import ALPHABET, is_uscc

STANDARD = "91350100M000100Y43"


@pytest.mark.parametrize("code", [
    STANDARD, "91110108551385082Q", "91110000600037341L", "913101151000040680", "913101151000057490", "12310000425001236R",
    "121100004006860134", "92440101MA5A1B2C1D", "52110000500023452F", "N2440106MF1234567F",
])  # fmt: skip
def test_social_credit_codes_with_the_right_check_character_pass(code: str) -> None:
    assert is_uscc(code)


@pytest.mark.parametrize("code", ["91350100M000100Y4Z", "91350100M000100Y42", "9135010OM000100Y43", "", "1" * 17, STANDARD + "0"])
def test_other_codes_do_not(code: str) -> None:
    assert not is_uscc(code)


def test_every_wrong_character_and_nearly_every_swap_is_noticed() -> None:
    wrong = [STANDARD[:i] + c + STANDARD[i + 1 :] for i in range(17) for c in ALPHABET if c != STANDARD[i]]
    assert (len(wrong), sum(is_uscc(code) for code in wrong)) == (510, 0)
    swaps = {STANDARD[:i] + STANDARD[i + 1] + STANDARD[i] + STANDARD[i + 2 :] for i in range(16)} - {STANDARD}
    assert not any(is_uscc(code) for code in swaps)


@pytest.mark.parametrize(("number", "told"), [
    ("国械注准20173134669", ("certificate", "III", 2017, False, "13")),
    ("国械注准20233400253", ("certificate", "III", 2023, False, "40")),
    ("国械注准20223031078", ("certificate", "III", 2022, False, "03")),
    ("国械注进20163222345", ("certificate", "III", 2016, True, "22")),
    ("国械注许20202140001", ("certificate", "II", 2020, True, "14")),
    ("沪械注准20202140123", ("certificate", "II", 2020, False, "14")),
    ("国械备20180123", ("filing", "I", 2018, True, None)),
    ("苏宁械备20150001号", ("filing", "I", 2015, False, None)),
])  # fmt: skip
def test_registration_numbers_tell_class_year_and_origin(number: str, told: tuple[object, ...]) -> None:
    read = read_registration(number)
    assert read is not None
    assert (read.kind, read.device_class, read.year, read.imported, read.category) == told


@pytest.mark.parametrize("number", [
    "国械注准202326400123", "国械注准20200001", "沪械注准20203140123", "国械注准20202140123", "沪械注进20202140123", "K123456", "",
])  # fmt: skip
def test_what_has_not_the_form_of_a_registration_is_none(number: str) -> None:
    assert read_registration(number) is None


@pytest.mark.parametrize(("number", "kind"), [
    ("沪嘉食药监械经营许20187006号", "operating_licence"), ("沪浦食药监械经营许20160226号", "operating_licence"),
    ("桂南食药监械经营许20170354号", "operating_licence"), ("粤穗食药监械经营许20171161号", "operating_licence"),
    ("京丰食药监械经营备20150159号", "operating_filing"), ("粤深药监械经营许20220001号", "operating_licence"),
    ("京食药监械经营许20240001号", "operating_licence"), ("黑哈食药监械经营许20XXXXXX", None), ("沪浦食药监械经营许20160226", None),
])  # fmt: skip
def test_numbers_of_sellers_tell_licence_from_filing(number: str, kind: str | None) -> None:
    assert read_seller(number) == kind
