"""Mapping functions on what parcel carriers say."""

import re

from babel.core import get_global

from canonical.regions import SUBDIVISION, province_of
from canonical.values import Address

COUNTRY_CODE = re.compile(r"[A-Z]{2,3}")

NO_NAME = (
    r"n/?a", "none", "null", "unknown", "unsigned", "waived", "driver", r"released?(?: .*)?", r"no (?:signature|name|one)\b.*",
    r"(?:not|without|left|delivered|driver release)\b.*", r".*\bsignature (?:not|release|waived|on file)\b.*", r".*\bon file",
    r".*\bnot (?:required|req|needed|available|captured)\b.*",
)  # fmt: skip
NO_PERSON = (
    r".*\b(?:locker|parcel ?box|mail ?box|packstation|parcel ?station|access point|pick-?up point|parcel ?shop)\b.*",
    r"(?:front|back|rear|side|garage)(?: (?:door|porch|yard))?", "porch", "patio", "reception", "mail ?room", "dock", "office",
    ".*柜.*", ".*驿站.*", r"[\W\d_]*",
)  # fmt: skip
NOBODY = re.compile("|".join((*NO_NAME, *NO_PERSON)), re.IGNORECASE)
"""What carriers put where a name belongs though nobody gave one: no signature was asked for, left at a place, in a machine."""


def receiver_name(value: str) -> str | None:
    """Who took a parcel; nothing where the carrier's words say that nobody signed for it."""
    name = value.strip()
    return None if NOBODY.fullmatch(name) else name


def region(country: str | None, state: str | None = None) -> str | None:
    """Where it happened, as canonical documents write it: `US-TX`, or the country alone where the state is no code of ISO 3166-2's
    form; the GB/T 2260 code of a province of China. Nothing without a country."""
    code = _alpha_2(country or "")
    if code is None:
        return None
    named = (state or "").strip().upper().removeprefix(f"{code}-")
    if code == "CN":
        return (province_of(Address(subdivision=named)) if named else None) or code
    return f"{code}-{named}" if SUBDIVISION.fullmatch(named) else code


def _alpha_2(country: str) -> str | None:
    """The code of two letters of a country told by two or three."""
    code = country.strip().upper()
    if not COUNTRY_CODE.fullmatch(code):
        return None
    now = get_global("territory_aliases").get(code, [code])[0]
    return now if len(now) == 2 else None
