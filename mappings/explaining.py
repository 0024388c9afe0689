"""Which place of the partner's document filled which field."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from canonical.problems import shown
from mappings.codecs.base import Path as TreePath
from mappings.codecs.base import Source
from mappings.codecs.json import locate, written
from mappings.functions_lists import is_missing
from mappings.specs import Spec
from mappings.tracing import trace
from mappings.tracing_values import SETTING, Read

Explained = tuple[str, str, str, str]
"""Reference of the part, canonical path, path in the sender's document or "constant" or "settings", value."""


def explained(spec: Spec, source: Source, settings: Any) -> Iterator[Explained]:
    """A row for every filled target of one business document."""
    several = bool(spec.body.loops)
    for number, traced in enumerate(trace(spec, source, settings, {})):
        for path, value in traced.values.items():
            target: TreePath = (number, *path) if several else path
            yield source.reference, locate(target), _origin(traced.origins[path], source), _told(value)


def _origin(reads: tuple[Read, ...], source: Source) -> str:
    """The places read that held something, in the order of reading."""
    filled = [read.path for read in reads if not is_missing(read.value)]
    places = dict.fromkeys(source.locate(path) for path in filled if path[:1] != (SETTING,))
    if places:
        return ", ".join(places)
    return "settings" if filled else "constant"


def _told(value: Any) -> str:
    """Text as it is, anything else as JSON; cut to 200 characters."""
    if isinstance(value, Decimal):
        return f"{value:f}"
    return shown(value if isinstance(value, str) else written(value).decode().strip('"')) or ""
