"""Children in the order a schema wants them: a mapping need not know it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any


def in_order(content: Mapping[str, Any], names: Sequence[str]) -> Iterator[tuple[str, Any]]:
    """The members of an element: attributes and text as they come, children in the order of `names`, unnamed ones last."""
    places = {name: place for place, name in enumerate(names)}
    yield from sorted(content.items(), key=lambda item: -1 if item[0][0] in "@#" else places.get(item[0], len(places)))
