"""Names by the short pieces they are made of: who is called much like this is found without comparing everybody."""

from collections.abc import Iterable

from rapidfuzz import fuzz, process

LEAST = 60
"""Percent. Names less alike than this are not told."""
ENOUGH = 2_000
"""So many names are compared; the rarest pieces of the name that is asked for come first."""


class Names:
    """Who is called what. Sorted into pieces when first asked for: who never asks never pays for it."""

    def __init__(self) -> None:
        self._called: dict[str, frozenset[str]] = {}
        self._sorted: dict[str, frozenset[str]] = {}
        self._unsorted: set[str] = set()
        self._having: dict[str, set[tuple[str, str]]] = {}

    def put(self, number: str, names: Iterable[str]) -> None:
        """From now on somebody is called so, and not as before."""
        self._called[number] = frozenset(names)
        self._unsorted.add(number)

    def alike(self, name: str, most: int) -> list[str]:
        """The numbers of those who are called most like this."""
        self._sort()
        asked = {(number, other): other for number, other in self._candidates(name)}
        found = process.extract(name, asked, scorer=fuzz.ratio, score_cutoff=LEAST, limit=most)
        return list(dict.fromkeys(number for _, _, (number, _) in found))

    def _candidates(self, name: str) -> set[tuple[str, str]]:
        found: set[tuple[str, str]] = set()
        known = [having for piece in _pieces(name) if (having := self._having.get(piece))]
        for having in sorted(known, key=len):
            if found and len(found) + len(having) > ENOUGH:
                break
            found |= having
        return found

    def _sort(self) -> None:
        for number in self._unsorted:
            before, now = self._sorted.get(number, frozenset()), self._called[number]
            for name in before - now:
                for piece in _pieces(name):
                    self._having[piece].discard((number, name))
            for name in now - before:
                for piece in _pieces(name):
                    self._having.setdefault(piece, set()).add((number, name))
            self._sorted[number] = now
        self._unsorted.clear()


def _pieces(name: str) -> set[str]:
    """Every two characters that follow each other; three where the alphabet is short."""
    size = min(3 if name.isascii() else 2, len(name))
    return {name[i : i + size] for i in range(len(name) - size + 1)} if size else set()
