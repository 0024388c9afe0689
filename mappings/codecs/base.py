"""The codec port: bytes of one format to trees of dicts, lists and values, and back."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol, runtime_checkable

from canonical.documents.base import Document
from canonical.problems import Problem

Path = tuple[str | int, ...]
"""A way into a tree: dict keys and list indexes."""

Verdicts = Mapping[str, Sequence[Problem]]
"""The problems found in each business document of an interchange, by `Source.reference`."""


class Source(NamedTuple):
    """One business document as a tree, cut out of what arrived.

    tree: dicts, lists, text, Decimal, int, bool, None; never a float. Empty where only the problems or the reason count.
    locate: a path in the tree, told in the words of the sender's document (`line_items[0].price`, `ST[1]/PO1[2]-04`).
    reference: which document of the interchange this is; empty where there is only one.
    document: the partner document this one is (`850`) where an interchange mixes several; empty: the one that was asked for.
    problems: what the codec itself found wrong with this document; its neighbours are none the worse for it.
    skipped: why there is rightly nothing to translate here (a debit on a statement); empty otherwise.
    acknowledge: set on the source that closes an interchange which must be answered: given every problem found in the
        interchange's documents and the name of the endpoint, it makes the verdict; such a source is not translated.
    """

    tree: Any
    locate: Callable[[Path], str]
    reference: str = ""
    document: str = ""
    problems: tuple[Problem, ...] = ()
    skipped: str = ""
    acknowledge: Callable[[Verdicts, str], Document] | None = None


class Codec(Protocol):
    """Reads and writes one format. `read` raises Malformed with the position when the bytes are not of the format."""

    def read(self, body: bytes) -> Iterable[Source]: ...

    def write(self, tree: Any) -> bytes: ...


@runtime_checkable
class Configurable(Protocol):
    """A codec that reads and writes by what an endpoint states about its partner's files."""

    def configured(self, options: Mapping[str, Any]) -> Codec: ...
