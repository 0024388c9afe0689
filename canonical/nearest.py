"""A word nobody knows: which known one was meant. Every refusal of a name is worded here."""

from collections.abc import Collection, Iterable
from difflib import get_close_matches

FEW = 8
"""So many names are read at a glance."""
ALIKE = 0.6
"""From this likeness on (0 to 1) a word may be the one that was meant."""


def did_you_mean(word: str, known: Iterable[str], *, alike: float = ALIKE) -> str:
    """` Did you mean `x`?` for the known word that looks most like this one; empty where none does."""
    by_lower = {one.lower(): one for one in known}
    close = get_close_matches(word.lower(), list(by_lower), n=1, cutoff=alike)
    return f" Did you mean `{by_lower[close[0]]}`?" if close else ""


def instead(word: str, known: Collection[str]) -> str:
    """` Did you mean `x`?`, then ` There are ...`: all of them, unless they are many and one was guessed."""
    guess = did_you_mean(word, known)
    return guess if guess and len(known) > FEW else f"{guess} There are {', '.join(sorted(known)) or 'none'}."


def unknown(kind: str, word: str, known: Collection[str], *, that: str = "") -> str:
    """That there is no such thing (`that receives documents`), which was meant, and which there are."""
    return f"there is no {kind} {word!r}{that and f' that {that}'}.{instead(word, known)}"
