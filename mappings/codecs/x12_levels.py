"""The levels of a ship notice (856) as rows: each item with the order, the packages and the shipment it belongs to.

The HL segments tell a tree: HL01 is a level's number, HL02 its parent's, HL03 what it is (shipment, order, tare or pallet, pack,
item). Partners nest them as they pack (S-O-P-I, S-O-T-P-I, S-T-P-O-I, S-O-I, S-I, S-O-I-P). For all of these the tree gets

    "shipment": level, "items": [{"item": level, "order": level, "pack": level}], "packs": [{"pack": level, "parent": level}]

where a level is the HL's loop itself, and "pack" of an item the innermost package around it (or its only one, where packages
stand below items). Partners that leave HL02 out mean the nearest level above.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from canonical.problems import Problem, shown
from mappings.codecs.base import Path

SHIPMENT, ORDER, TARE, PACK, ITEM = "S", "O", "T", "P", "I"
RANKS = {SHIPMENT: 0, ORDER: 1, TARE: 2, PACK: 3, ITEM: 4}
"""How far inside a level stands where no parent is named."""


class Levels:
    """rows: what the tree gets. aliases: the HL behind each part of a row, as paths of the tree."""

    def __init__(self, levels: Sequence[Mapping[str, Any]]) -> None:
        self._levels = levels
        self._orphans: list[int] = []
        self.rows: dict[str, Any] = {}
        self.aliases: dict[Path, Path] = {}
        if levels:
            above = list(self._above())
            self._fill(above)

    def problems(self, locate: Callable[[Path], str]) -> Iterator[Problem]:
        """A level whose parent does not stand before it."""
        for at in self._orphans:
            parent = self._levels[at]["HL"].get("02")
            yield Problem("E_X12_HL", locate(("HL", at, "HL", "02")), "expected the number of a level before", shown(parent))

    def _kind(self, at: int) -> str:
        return str(self._levels[at]["HL"].get("03", ""))

    def _above(self) -> Iterator[dict[str, int]]:
        """For each level the levels around it and itself by their kind, the innermost of each kind."""
        found: list[dict[str, int]] = []
        numbers: dict[str, int] = {}
        for at, level in enumerate(self._levels):
            parent = level["HL"].get("02")
            if parent is not None and parent not in numbers:
                self._orphans.append(at)
            around = found[numbers[parent]] if parent in numbers else self._nearest(found, at)
            found.append({**around, self._kind(at): at})
            numbers[level["HL"].get("01", "")] = at
            yield found[-1]

    def _nearest(self, found: Sequence[dict[str, int]], at: int) -> dict[str, int]:
        """What is around a level that names no parent: of the levels around the one before, those of a higher rank."""
        rank = RANKS.get(self._kind(at), len(RANKS))
        before = found[-1] if found else {}
        return {kind: number for kind, number in before.items() if RANKS.get(kind, len(RANKS)) < rank}

    def _fill(self, above: Sequence[Mapping[str, int]]) -> None:
        self.rows = {"shipment": {}, "items": [], "packs": []}
        packed_below = self._packed_below(above)
        for at, around in enumerate(above):
            kind = self._kind(at)
            if kind == ITEM:
                packs = [at for at in (around.get(PACK, around.get(TARE)), packed_below.get(at)) if at is not None]
                self._row("items", item=at, order=around.get(ORDER), pack=packs[0] if packs else None)
            elif kind in {PACK, TARE}:
                self._row("packs", pack=at, parent=around.get(TARE) if kind == PACK else None)
            elif kind == SHIPMENT and not self.rows["shipment"]:
                self.rows["shipment"] = self._levels[at]
                self.aliases[("shipment",)] = ("HL", at)

    def _packed_below(self, above: Sequence[Mapping[str, int]]) -> dict[int, int]:
        """The items with exactly one package below them, and that."""
        below: dict[int, list[int]] = {}
        for at, around in enumerate(above):
            if self._kind(at) == PACK and ITEM in around:
                below.setdefault(around[ITEM], []).append(at)
        return {item: packs[0] for item, packs in below.items() if len(packs) == 1}

    def _row(self, name: str, **members: int | None) -> None:
        rows = self.rows[name]
        known = {member: at for member, at in members.items() if at is not None}
        for number, (member, at) in enumerate(known.items()):
            self.aliases[(name, len(rows), member)] = ("HL", at)
            if number == 0:
                self.aliases[(name, len(rows))] = ("HL", at)
        rows.append({member: self._levels[at] for member, at in known.items()})
