"""Customers by every number partners know them under; where no number helps, by likeness (domain R4)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from rapidfuzz import fuzz

from canonical.documents.customers import CustomerMaster
from canonical.regions import block_of, region_of
from canonical.uscc import compact, is_uscc
from canonical.values import Party
from handlers.lookup.answers import keep_few
from handlers.lookup.names import LEAST, Names
from handlers.lookup.similarity import Comparable, Likeness, comparable, likeness, plain_name

How = Literal["uscc", "gln", "lei", "external_id", "our_number", "collective", "likeness", "nothing"]
OURS = "91"
"""The scheme of numbers that the seller gave (UN/EDIFACT 3055, X12 66)."""
ANYBODY = "*"
"""External id of a customer that stands for every buyer of a source."""
MOST = 20
"""So many are compared in full, and the best FEW told."""
FEW = 5
MOST_CACHED = 20_000
BY_NUMBERS: frozenset[How] = frozenset({"uscc", "gln", "lei", "external_id"})
"""Ways of finding a customer that go by numbers alone: whatever else a party says does not count."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A customer a party may be. score: thousandths. same_region: both known and the same."""

    customer: CustomerMaster
    likeness: Likeness
    same_region: bool
    uscc_conflict: bool

    @property
    def score(self) -> int:
        return self.likeness.score


@dataclass(frozen=True, slots=True)
class Match:
    """What was found for a party. customer: by a number of its own, in force. candidates: by likeness, the best first; or
    several customers that have the same number."""

    how: How
    customer: CustomerMaster | None = None
    candidates: tuple[Candidate, ...] = ()


class Customers:
    """All customers. What was found for a party is remembered until a customer changes."""

    def __init__(self) -> None:
        self.by_no: dict[str, CustomerMaster] = {}
        self._numbered: dict[tuple[str, str], set[str]] = {}
        self._names = Names()
        self._found: dict[tuple[object, ...], Match] = {}

    def put(self, customer: CustomerMaster) -> None:
        """Take over a customer's newest edition."""
        known = self.by_no.get(customer.customer_no)
        if known is not None:
            for named in _numbers(known):
                self._numbered[named].discard(known.customer_no)
        number = customer.customer_no
        self.by_no[number] = customer
        for name in _numbers(customer):
            self._numbered.setdefault(name, set()).add(number)
        self._names.put(number, _names(customer))
        self._found.clear()

    def in_force(self, customer_no: str) -> CustomerMaster | None:
        """The customer of that number, or the one that took it over."""
        customer = self.by_no.get(customer_no)
        if customer is None or customer.merged_into is None:
            return customer
        passed = {customer_no}
        while customer is not None and customer.merged_into is not None and customer.merged_into not in passed:
            passed.add(customer.merged_into)
            customer = self.by_no.get(customer.merged_into) or customer
        return customer

    def find(self, party: Party, source: str, *, alike: bool) -> Match:
        """Who a party is that an endpoint names. alike: where no number tells, look for customers that are like it."""
        numbers = source, party.party_id, party.uscc, party.gln, party.lei
        found = self._found.get(numbers)
        if found is None:
            everything = alike, *_key(party, source)
            found = self._found.get(everything)
            if found is None:
                found = self._by_number(party, source) or (self._by_likeness(party) if alike else Match("nothing"))
                alone = found.customer is not None and found.how in BY_NUMBERS
                keep_few(self._found, numbers if alone else everything, found, MOST_CACHED)
        return found

    def _by_number(self, party: Party, source: str) -> Match | None:
        for how, scheme, number in _asked(party, source):
            found = self._having(scheme, number)
            if len(found) == 1:
                return Match(how, found[0])
            if found:
                return Match(how, candidates=tuple(self._compared(customer, party) for customer in found))
        ours = self.in_force(party.ids.get(OURS, party.party_id))
        if ours is not None and (OURS in party.ids or self._agrees(ours, party)):
            return Match("our_number", ours)
        everybody = self._numbered.get((f"id {source}", ANYBODY))
        return Match("collective", self.in_force(next(iter(everybody)))) if everybody else None

    def _having(self, scheme: str, number: str) -> list[CustomerMaster]:
        """Customers in force with a number; pending ones only where nobody else has it."""
        having = self._numbered.get((scheme, number))
        if not having:
            return []
        numbers = sorted(having)
        found = list({c.customer_no: c for n in numbers if (c := self.in_force(n)) is not None}.values())
        return [c for c in found if c.status != "pending"] or found if len(found) > 1 else found

    def _agrees(self, customer: CustomerMaster, party: Party) -> bool:
        """Whether nothing speaks against a number that may be ours by chance."""
        if party.name is None:
            return _uscc(party.uscc) is None or _uscc(party.uscc) == customer.uscc
        return any(fuzz.ratio(name, plain_name(party.name)) >= LEAST for name in _names(customer))

    def _by_likeness(self, party: Party) -> Match:
        name = plain_name(party.name) if party.name else ""
        if not name:
            return Match("nothing")
        numbers = self._names.alike(name, MOST)
        in_force = {c.customer_no: c for number in numbers if (c := self.in_force(number)) is not None}
        candidates = sorted((self._compared(c, party) for c in in_force.values()), key=lambda c: (-c.score, c.customer.customer_no))
        return Match("likeness", candidates=tuple(candidates[:FEW])) if candidates else Match("nothing")

    def _compared(self, customer: CustomerMaster, party: Party) -> Candidate:
        theirs, ours = block_of(region_of(party)), block_of(region_of(customer))
        uscc = _uscc(party.uscc)
        asked = comparable(party.name or "", party.address, party.phone)
        best = max((likeness(asked, ready) for ready in self._comparables(customer)), key=lambda found: found.score)
        return Candidate(customer, best, bool(ours) and theirs == ours, None not in (uscc, customer.uscc) and uscc != customer.uscc)

    def _comparables(self, customer: CustomerMaster) -> Iterator[Comparable]:
        for name in (customer.name, *customer.aliases):
            yield comparable(name, customer.address, customer.phone)


def _numbers(customer: CustomerMaster) -> Iterator[tuple[str, str]]:
    """(scheme, number) of everything that names the customer; a branch it is shipped to names it too."""
    if customer.uscc is not None:
        yield "uscc", customer.uscc
    yield from (("gln", gln) for gln in {customer.gln, *(party.gln for party in customer.ship_tos)} if gln is not None)
    if customer.lei is not None:
        yield "lei", customer.lei
    yield from ((f"id {external.source}", external.id) for external in customer.external_ids)


def _asked(party: Party, source: str) -> Iterator[tuple[How, str, str]]:
    """The numbers of a party, the surest first."""
    uscc = _uscc(party.uscc)
    if uscc is not None:
        yield "uscc", "uscc", uscc
    if party.gln is not None:
        yield "gln", "gln", party.gln
    if party.lei is not None:
        yield "lei", "lei", party.lei
    yield "external_id", f"id {source}", party.party_id


def _uscc(given: str | None) -> str | None:
    """A sound code, compact; a wrong one says nothing."""
    code = compact(given) if given else ""
    return code if is_uscc(code) else None


def _names(customer: CustomerMaster) -> set[str]:
    return {plain_name(name) for name in (customer.name, *customer.aliases)}


def _key(party: Party, source: str) -> tuple[object, ...]:
    address = party.address
    where = (address.lines, address.city, address.subdivision, address.postcode, address.country) if address is not None else None
    return (
        source,
        party.party_id,
        party.name,
        party.uscc,
        party.gln,
        party.lei,
        party.region,
        party.phone,
        where,
        tuple(party.ids.items()),
    )
