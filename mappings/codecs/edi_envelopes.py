"""What the envelopes of X12 and EDIFACT have in common: numbers that have to agree, and numbers that may stand once."""

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from canonical.problems import Problem, shown

Numbered = TypeVar("Numbered")


def differs(code: str, path: str, stated: str, expected: str, meaning: str) -> Iterator[Problem]:
    """A problem where two numbers or references differ; leading zeros do not count."""
    if stated.lstrip("0") != expected.lstrip("0"):
        yield Problem(code, path, f"expected {meaning}, {expected}", shown(stated))


def repeated(found: Iterable[Numbered], name: Callable[[Numbered], object]) -> Iterator[Numbered]:
    """Those whose name another one had before them."""
    seen: set[object] = set()
    for one in found:
        if name(one) in seen:
            yield one
        seen.add(name(one))
