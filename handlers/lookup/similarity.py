"""How alike a party and a customer are: name, address, telephone (domain R4). Scores are whole thousandths."""

import re
import unicodedata
from dataclasses import dataclass

from rapidfuzz import fuzz

from canonical.values import Address

LEGAL_WORDS = frozenset({
    "CO", "COMPANY", "CORP", "CORPORATION", "INC", "LIMITED", "LLC", "LTD", "GMBH", "AG", "KG", "BV", "NV", "PLC", "SA", "SARL",
})  # fmt: skip
LEGAL_ENDINGS = ("有限责任公司", "股份有限公司", "有限公司", "集团")
NOT_A_WORD = re.compile(r"[\W_]+")
NOT_A_DIGIT = re.compile(r"\D+")
TELLING = re.compile(r"[0-9一二三四五六七八九十东南西北]|分公司|院区|分院")
PHONE_DIGITS = 8
WHOLE = 1000
WEIGHTS = {"name": 600, "address": 300, "phone": 100}
UNSURE = 919
"""The most where only names could be compared, or where something tells two apart: never enough to link by."""


@dataclass(frozen=True, slots=True)
class Likeness:
    """How alike two are in thousandths; None where one of them does not say."""

    name: int
    address: int | None
    phone: int | None
    told_apart: bool

    @property
    def score(self) -> int:
        """0.6 name + 0.3 address + 0.1 telephone, over what both say."""
        parts = {"name": self.name, "address": self.address, "phone": self.phone}
        compared = {part: value for part, value in parts.items() if value is not None}
        weight = sum(WEIGHTS[part] for part in compared)
        score = sum(WEIGHTS[part] * value for part, value in compared.items()) // weight
        return min(score, UNSURE) if self.told_apart or len(compared) == 1 else score


@dataclass(frozen=True, slots=True)
class Comparable:
    """What is compared of a party or customer, made ready."""

    name: str
    address: str
    phone: str


def comparable(name: str, address: Address | None, phone: str | None) -> Comparable:
    where = "".join((*address.lines, address.city or "", address.postcode or "")) if address is not None else ""
    return Comparable(plain_name(name), _plain(where), NOT_A_DIGIT.sub("", phone or "")[-PHONE_DIGITS:])


def likeness(one: Comparable, other: Comparable) -> Likeness:
    """Numbers, points of the compass and branches in names tell two apart, however alike the rest is."""
    return Likeness(
        name=_alike(one.name, other.name),
        address=_alike(one.address, other.address) if one.address and other.address else None,
        phone=WHOLE * (one.phone == other.phone) if one.phone and other.phone else None,
        told_apart=TELLING.findall(one.name) != TELLING.findall(other.name),
    )


def plain_name(name: str) -> str:
    """A name for comparison only: NFKC, capitals, no spaces or punctuation, without the legal form at its end."""
    words = NOT_A_WORD.sub(" ", unicodedata.normalize("NFKC", name).upper()).split()
    while len(words) > 1 and words[-1] in LEGAL_WORDS:
        words.pop()
    return _without_ending("".join(words))


def _without_ending(name: str) -> str:
    ending = next((e for e in LEGAL_ENDINGS if name.endswith(e) and len(name) > len(e)), None)
    return _without_ending(name[: -len(ending)]) if ending is not None else name


def _plain(text: str) -> str:
    return NOT_A_WORD.sub("", unicodedata.normalize("NFKC", text).upper())


def _alike(one: str, other: str) -> int:
    return int(fuzz.ratio(one, other) * 10)
