"""Mapping functions on what parcel carriers say."""

import re

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
