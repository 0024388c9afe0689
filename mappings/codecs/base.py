"""The codec port: bytes of one format to trees of dicts, lists and values, and back."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

Path = tuple[str | int, ...]
"""A way into a tree: dict keys and list indexes."""


@dataclass(frozen=True, slots=True)
class Source:
    """One business document as a tree, cut out of what arrived.

    tree: dicts, lists, text, Decimal, int, bool, None; never a float.
    locate: a path in the tree, told in the words of the sender's document (`line_items[0].price`, `ST[1]/PO1[2]-04`).
    reference: which document of the interchange this is; empty where there is only one.
    """

    tree: Any
    locate: Callable[[Path], str]
    reference: str = ""


class Codec(Protocol):
    """Reads and writes one format. `read` raises Malformed with the position when the bytes are not of the format."""

    def read(self, body: bytes) -> Iterator[Source]: ...

    def write(self, tree: Any) -> bytes: ...
