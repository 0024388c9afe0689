"""Regions: what an address says of itself, and when two of them are certainly not one."""

import pytest

from canonical.regions import apart, region_of
from canonical.values import Address, Party
from mappings.functions_carriers import region


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ({"country": "US", "subdivision": "tx"}, "US-TX"),
        ({"country": "US", "subdivision": "US-TX"}, "US-TX"),
        ({"country": "DE"}, "DE"),
        ({"country": "CN", "subdivision": "CN-SH"}, "31"),
        ({"country": "CN", "city": "苏州市", "lines": ["江苏省苏州市"]}, "32"),
    ],
)
def test_an_address_says_in_which_region_it_lies(address, found):
    assert region_of(Party(party_id="P", address=Address.model_validate(address))) == found


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("US-TX", "US-CA"),
        ("US-TX", "DE"),
        ("310115", "44"),
        ("31", "HK"),
        ("CN-GD", "310115"),
        ("CA-ON", "US-CA"),
        ("GB-ENG", "GB-SCT"),
    ],
)
def test_other_countries_and_other_subdivisions_of_one_are_apart(one, other):
    assert apart(one, other) and apart(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("US-TX", "US-TX"), ("US-TX", "US"), ("US-TEXAS", "US-TX"), ("MX-AGU", "MX-AG"), ("310115", "310101"), ("31", "CN-SH"),
        ("CN", "310115"), ("81", "HK"), ("the east", "US-TX"), ("99", "44"),
    ],
)  # fmt: skip
def test_what_is_not_coded_or_coded_by_other_lists_is_not_said_to_be_apart(one, other):
    assert not apart(one, other) and not apart(other, one)


@pytest.mark.parametrize(
    ("told", "found"),
    [
        (("US", "GA"), "US-GA"), (("USA", "ga"), "US-GA"), (("DE", None), "DE"), (("GB", "Kent"), "GB"),
        (("CN", "Guangdong"), "44"), (("CHN", None), "CN"), ((None, "GA"), None), (("Germany", None), None), (("UK", ""), "GB"),
    ],
)  # fmt: skip
def test_what_carriers_code_is_written_as_our_regions_are(told, found):
    assert region(*told) == found
