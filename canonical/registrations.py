"""Numbers that Chinese authorities give to medical devices and to those who sell them, as their forms say.

Registration certificates and filings of products (after the rules of 2014), operating licences and filings of sellers.
"""

import re
from dataclasses import dataclass
from typing import Literal

PROVINCES = "京津冀晋蒙辽吉黑沪苏浙皖闽赣鲁豫鄂湘粤桂琼渝川贵云藏陕甘青宁新"
CERTIFICATE = re.compile(rf"(国|[{PROVINCES}])械注(准|进|许)(\d{{4}})([23])(\d{{2}})(\d{{4}})")
FILING = re.compile(rf"(国|[{PROVINCES}].?)械备(\d{{4}})(\d{{4}})号?")
# the city is read lazily, or it would take the first character of 食药监
SELLER = re.compile(rf"[{PROVINCES}].??食?药监械经营(许|备)(\d{{4}})(\d{{4}})号")
DEVICE = "械"


@dataclass(frozen=True, slots=True)
class Registration:
    """What a product's registration number says. category: two digits; None for a filing."""

    kind: Literal["certificate", "filing"]
    device_class: Literal["I", "II", "III"]
    year: int
    imported: bool = False
    category: str | None = None


def read_registration(number: str) -> Registration | None:
    """What the number of a certificate (国械注准20173134669) or filing (国械备20180123) says; None where it is neither.

    The state registers class III of the country and every import, provinces class II of the country.
    """
    filing = FILING.fullmatch(number)
    if filing is not None:
        return Registration("filing", "I", int(filing[2]), imported=filing[1] == "国")
    found = CERTIFICATE.fullmatch(number)
    if found is None:
        return None
    issuer, origin, year, device_class, category, _ = found.groups()
    national = issuer == "国"
    if not national and origin != "准":
        return None
    if origin == "准" and national != (device_class == "3"):
        return None
    return Registration("certificate", "III" if device_class == "3" else "II", int(year), origin != "准", category)


def is_device_number(number: str) -> bool:
    """Whether a number claims to be a Chinese device registration; numbers of other countries have no form here."""
    return DEVICE in number


def read_seller(number: str) -> Literal["operating_licence", "operating_filing"] | None:
    """Which kind of permission to sell devices a number names (沪浦食药监械经营许20160226号); None where it has not their form."""
    found = SELLER.fullmatch(number)
    if found is None:
        return None
    return "operating_licence" if found[1] == "许" else "operating_filing"
