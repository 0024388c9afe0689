"""Hands the engine only what expressions mention: plain maps, lists, text and numbers cut out of a canonical document."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from routing.rules.shapes import ANY, Shape

Convert = Callable[[Any], Any]


@dataclass(slots=True)
class Use:
    """What expressions mention of a value: some members of a record, parts of a list's items, or `whole`."""

    members: dict[str, "Use"] = field(default_factory=dict)
    item: "Use | None" = None
    whole: bool = False

    def member(self, name: str) -> "Use":
        return self.members.setdefault(name, Use())

    def items(self) -> "Use":
        self.item = self.item or Use()
        return self.item

    def merge(self, other: "Use") -> None:
        """Afterwards this covers what the other mentions, too."""
        self.whole = self.whole or other.whole
        for name, use in other.members.items():
            self.member(name).merge(use)
        if other.item is not None:
            self.items().merge(other.item)


def projector(shape: Shape, use: Use) -> Convert | None:
    """A function from a document's value to what the engine reads; None where the value can stay as it is.

    Amounts become doubles (docs/rules.md tells how exact that is), dates and instants text; absent members are left out.
    """
    if shape.kind == "record":
        return _record(shape, use)
    if shape.kind == "list":
        return _list(shape, use)
    return _SCALARS.get(shape.kind)


def _record(shape: Shape, use: Use) -> Convert:
    parts = [
        (name, member.attribute, projector(member.shape, Use(whole=True) if use.whole else use.members[name]))
        for name, member in shape.members.items()
        if use.whole or name in use.members
    ]

    def record(value: Any) -> dict[str, Any]:
        found = {}
        for name, attribute, convert in parts:
            part = getattr(value, attribute)
            if part is not None:
                found[name] = part if convert is None else convert(part)
        return found

    return record


def _list(shape: Shape, use: Use) -> Convert:
    convert = projector(shape.item or ANY, Use(whole=True) if use.whole else use.item or Use())
    return list if convert is None else lambda values: [convert(value) for value in values]


def _instant(value: datetime) -> str:
    """RFC 3339 in UTC, as `timestamp()` reads it."""
    return value.isoformat().replace("+00:00", "Z")


def _int64(value: int) -> int | float:
    """The engine's integers have 64 bits; a larger one is handed over as a double, or as infinity past that."""
    if -(2**63) <= value < 2**63:
        return value
    return float(value) if abs(value) < 10**308 else float("inf") * (1 if value > 0 else -1)


def _json(value: Any) -> Any:
    """What a partner sent and the schema does not know, made fit for the engine."""
    if isinstance(value, dict):
        return {key: _json(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_json(part) for part in value]
    return _int64(value) if isinstance(value, int) and not isinstance(value, bool) else value


_SCALARS: dict[str, Convert] = {
    "decimal": float, "date": date.isoformat, "instant": _instant, "int": _int64, "any": _json, "map": _json,
}  # fmt: skip
