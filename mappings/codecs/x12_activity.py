"""Product activity (852) as rows: what lies at each place, what was sold.

Partners name the place in an N1 around the items, in one before them, or by SDQ: place and quantity in turns. For all of these the
tree gets

    "sites": [{"place": N1 loop, "store": "0042", "items": [{"item": LIN loop, "unit": "EA", "counts": {"QA": "10"}}],
               "rest": [...]}]
    "sold": [{"item": LIN loop, "activity": ZA loop, "place": N1 loop, "store": "0042", "units": "3"}]

where `counts` has the quantities by activity code (data element 859) and `store` stands only where SDQ names it; the first site has
what is told of items that lie nowhere as its `rest`.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from mappings.codecs.base import Path

PLACES = ("RL", "ST", "SN", "WH", "LC", "BY", "SF", "DB", "DS")
"""N101 of who has the goods: reporting location, ship to, store, warehouse, location, buyer, ship from, distributors."""
SALES = frozenset(("QS", "Q1", "TS", "RE", "WQ", "BS", "QU", "Q2", "Q3", "RQ", "QZ"))
"""Codes of what was sold, came back or was passed on; every other one is a stock figure."""
LYING = frozenset(("OH", "QA", "QE", "QH", "HL", "DG"))
"""Codes of what lies somewhere: gross, available, at the end of the period; damaged or on hold."""
PAIRS_FROM = 3
"""The first element of an SDQ that names a place."""


class Activities:
    """rows: what the tree gets. aliases: what stands behind each part of a row, as paths of the tree."""

    def __init__(self, tree: Mapping[str, Any]) -> None:
        self.rows: dict[str, Any] = {"sites": [], "sold": []}
        self.aliases: dict[Path, Path] = {}
        self._tree = tree
        self._stock: dict[tuple[Path, str], dict[Path, dict[str, tuple[Path, Any]]]] = {}
        for place, path in self._items():
            for activity in range(len(self._at(path).get("ZA", ()))):
                self._take(place, path, (*path, "ZA", activity))
        self._place_stock()

    def _items(self) -> Iterator[tuple[Path, Path]]:
        """Every LIN loop with the N1 loop of its place, as paths; () for a place that is not named."""
        parties = self._tree.get("N1", ())
        named = next((("N1", at) for code in PLACES for at, one in enumerate(parties) if one["N1"].get("01") == code), ())
        for at, party in enumerate(parties):
            own: Path = ("N1", at) if party["N1"].get("01") in PLACES else named or ("N1", at)
            yield from ((own, ("N1", at, "LIN", number)) for number in range(len(party.get("LIN", ()))))
        yield from ((named, ("LIN", number)) for number in range(len(self._tree.get("LIN", ()))))

    def _take(self, place: Path, item: Path, activity: Path) -> None:
        loop = self._at(activity)
        code = str(loop["ZA"].get("01", ""))
        for store, units, source in _shares(loop, activity):
            if code in SALES:
                self._sold(place, item, activity, store, units, source)
            else:
                counts = self._stock.setdefault((place, store), {}).setdefault(item, {})
                counts.setdefault(code, (source, units))

    def _sold(self, place: Path, item: Path, activity: Path, store: str, units: Any, source: Path) -> None:
        rows = self.rows["sold"]
        row = ("sold", len(rows))
        self.aliases |= {row: activity, (*row, "item"): item, (*row, "activity"): activity, (*row, "units"): source}
        made = {"item": self._at(item), "activity": self._at(activity), "units": units, "store": store}
        if place:
            made["place"] = self._at(place)
            self.aliases[(*row, "place")] = place
        rows.append({name: value for name, value in made.items() if value})

    def _place_stock(self) -> None:
        """A row for each place that tells what lies there of some item."""
        rest: list[dict[str, Any]] = []
        for (place, store), items in self._stock.items():
            told = {item: counts for item, counts in items.items() if counts.keys() & LYING}
            rest += [self._untold(place, store, item, counts) for item, counts in items.items() if item not in told]
            if not told:
                continue
            at = len(self.rows["sites"])
            self.aliases |= {("sites", at): place, ("sites", at, "place"): place}
            rows = [self._item(("sites", at, "items", number), item, counts) for number, (item, counts) in enumerate(told.items())]
            site = {"place": self._at(place) if place else None, "store": store, "items": rows}
            self.rows["sites"].append({name: value for name, value in site.items() if value})

        if rest and self.rows["sites"]:
            self.rows["sites"][0]["rest"] = rest

    def _untold(self, place: Path, store: str, item: Path, counts: Mapping[str, tuple[Path, Any]]) -> dict[str, Any]:
        """Figures of an item of which nothing lies anywhere: what is on order, asked for, out of stock."""
        made = {"place": self._at(place)["N1"] if place else None, "store": store, "item": self._at(item)["LIN"]}
        figures = {code: units for code, (_, units) in counts.items()}
        return {name: value for name, value in {**made, "counts": figures}.items() if value}

    def _item(self, row: Path, item: Path, counts: Mapping[str, tuple[Path, Any]]) -> dict[str, Any]:
        self.aliases |= {row: item, (*row, "item"): item}
        self.aliases |= {(*row, "counts", code): source for code, (source, _) in counts.items()}
        unit = next(activity["ZA"].get("03") for activity in self._at(item)["ZA"])
        return {"item": self._at(item), "unit": unit, "counts": {code: units for code, (_, units) in counts.items()}}

    def _at(self, path: Path) -> Any:
        found: Any = self._tree
        for step in path:
            found = found[step]
        return found


def _shares(loop: Mapping[str, Any], path: Path) -> Iterator[tuple[str, Any, Path]]:
    """Place, quantity and where it stands: of each pair of the SDQ segments, else of the activity as a whole."""
    for number, segment in enumerate(loop.get("SDQ", ())):
        for at in range(PAIRS_FROM, 23, 2):
            if f"{at:02d}" in segment:
                yield str(segment[f"{at:02d}"]), segment.get(f"{at + 1:02d}"), (*path, "SDQ", number, f"{at + 1:02d}")
    if not loop.get("SDQ"):
        yield "", loop["ZA"].get("02"), (*path, "ZA", "02")
