"""The rows of a sheet as one tree per order, or per location of a stock list."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from canonical.problems import Problem, shown
from mappings.codecs.base import Path, Source
from mappings.codecs.rows_layout import HEADERS, Layout
from mappings.codecs.rows_names import KINDS, USED
from mappings.codecs.rows_options import TableOptions
from mappings.codecs.rows_sheets import Row
from mappings.codecs.rows_values import Rounded, Unworked, text_of, value_of

KEYS = {"order": "order_no", "stock": "location"}
"""The field whose value holds rows together."""
ROWS = "rows"


@dataclass(slots=True)
class Group:
    """Rows that belong together. key: None for rows without an order number. below: rows of totals."""

    key: str | None
    rows: list[Row] = field(default_factory=list)
    below: list[Row] = field(default_factory=list)

    @property
    def first(self) -> int:
        return (self.rows or self.below)[0][0]


def sources(layout: Layout, options: TableOptions) -> Iterator[Source]:
    """One source for each group of rows, as soon as its last row has come."""
    empty = True
    for group in _groups(layout, options):
        empty = False
        yield _source(group, layout, options)
    if empty:
        problem = Problem("E_TABLE_EMPTY", layout.sheet.place(layout.header + 1), "expected rows below the names of the columns")
        yield Source({}, lambda _: layout.sheet.place(layout.header), layout.sheet.name, problems=(problem,))


def _groups(layout: Layout, options: TableOptions) -> Iterator[Group]:
    """Rows of one order need not stand together; what is open is kept until its last row, found in a first run, has come."""
    ends = {key: number for key, number, _, _ in _keyed(layout, options)}
    groups: dict[str | None, Group] = {}
    for key, number, row, is_total in _keyed(layout, options):
        group = groups.setdefault(key, Group(key))
        (group.below if is_total else group.rows).append(row)
        if ends[key] == number:
            yield groups.pop(key)


def _keyed(layout: Layout, options: TableOptions) -> Iterator[tuple[str | None, int, Row, bool]]:
    """Each row with the key it belongs to: its own, else that of the row before (merged cells), else that of the title."""
    name = KEYS[layout.kind]
    title = layout.titles.get(name)
    key = text_of(title[2]) if title else options.fixed.get(name) or ("" if layout.kind == "stock" else None)
    for row in layout.body():
        number, cells = row
        is_total = layout.is_total(cells)
        if not is_total:
            key = text_of(layout.cell(cells, name)) or key
        yield key, number, row, is_total


def _source(group: Group, layout: Layout, options: TableOptions) -> Source:
    reference = " ".join(filter(None, (layout.sheet.name, group.key or f"row {group.first}")))
    locate = _locator(group, layout)
    if group.key is None:
        return Source({}, locate, reference, layout.kind, problems=(_keyless(group, layout),))
    tree, problems = _header(group, layout, options)
    problems += tuple(_lost(group, layout))
    stated = {
        name: value_of(options.fixed[name], KINDS.get(name, "text"), options.habits)
        for name in options.fixed if name in USED[layout.kind] - HEADERS[layout.kind]
    }  # fmt: skip
    tree[ROWS] = [_line(row, layout, stated) for row in group.rows]
    tree["others"] = [found for row in group.rows if (found := _others(row, layout))]
    tree["above"] = _texts(row for row in layout.sheet.rows() if row[0] < layout.header) if layout.header > 1 else []
    tree["below"] = _texts(group.below)
    return Source(
        {name: value for name, value in tree.items() if value not in (None, [])}, locate, reference, layout.kind, problems
    )


def _keyless(group: Group, layout: Layout) -> Problem:
    column = layout.columns.get(KEYS[layout.kind])
    return Problem("E_TABLE_ORDER_NO", layout.sheet.place(group.first, column), "expected an order number in this row or above it")


def _header(group: Group, layout: Layout, options: TableOptions) -> tuple[dict[str, Any], tuple[Problem, ...]]:
    """The fields of the whole: from the first row that fills each, else from the title, else as stated. A row that says
    something else is told."""
    tree: dict[str, Any] = {}
    problems: list[Problem] = []
    for name in sorted(USED[layout.kind]):
        kind = KINDS.get(name, "text")
        if name in HEADERS[layout.kind] and name in layout.columns:
            tree[name] = _agreed(name, group, layout, problems)
        if tree.get(name) is None and name in layout.titles:
            tree[name] = value_of(layout.titles[name][2], kind, layout.habits)
        if tree.get(name) is None and name in options.fixed and name in HEADERS[layout.kind]:
            tree[name] = value_of(options.fixed[name], kind, options.habits)
    tree.setdefault(KEYS[layout.kind], group.key or None)
    return tree, tuple(problems)


LOST = {
    Rounded: ("E_TABLE_DIGITS", "expected text: a spreadsheet keeps only fifteen digits of a number"),
    Unworked: ("E_TABLE_FORMULA", "expected a value: this formula has no result, open the file in a spreadsheet and save it"),
}


def _lost(group: Group, layout: Layout) -> Iterator[Problem]:
    for number, cells in group.rows:
        for column, cell in enumerate(cells):
            if cell.__class__ in LOST:
                code, message = LOST[cell.__class__]
                yield Problem(code, layout.sheet.place(number, column), message, shown(str(cell)))


def _agreed(name: str, group: Group, layout: Layout, problems: list[Problem]) -> Any:
    value = None
    for number, cells in group.rows:
        found = layout.value(cells, name)
        if value is None:
            value = found
        elif found is not None and found != value:
            place = layout.sheet.place(number, layout.columns[name])
            message = f"expected the same in all rows of {group.key}: {shown(value)}"
            problems.append(Problem("E_TABLE_DIFFERS", place, message, shown(found)))
            break
    return value


def _line(row: Row, layout: Layout, stated: Mapping[str, Any]) -> dict[str, Any]:
    """What a row says about its line; stated values where its cell is empty."""
    number, cells = row
    tree: dict[str, Any] = {"row": str(number), **stated}
    for name, column, kind in layout.of_lines:
        if column < len(cells) and (value := value_of(cells[column], kind, layout.habits)) is not None:
            tree[name] = value
    return tree


def _others(row: Row, layout: Layout) -> dict[str, str]:
    """The filled cells that no field takes, by their columns' names; columns without one by their letters."""
    number, cells = row
    unnamed = range(len(layout.names), len(cells))
    found = {
        (layout.names[column] if column < len(layout.names) else "") or layout.sheet.place(number, column): text_of(cells[column])
        for column in (*layout.others, *unnamed)
        if column < len(cells)
    }
    filled = {name: text for name, text in found.items() if text}
    return {"row": str(number), **filled} if filled else {}


def _texts(rows: Any) -> list[str]:
    """Rows around the table, their filled cells side by side."""
    return [" | ".join(text for cell in cells if (text := text_of(cell))) for _, cells in rows]


def _locator(group: Group, layout: Layout) -> Callable[[Path], str]:
    """A path of the tree as the cell it was read from, or the row and what it has no column for."""

    def locate(path: Path) -> str:
        name = next((str(step) for step in reversed(path) if isinstance(step, str) and step != ROWS), "")
        number = group.first
        if path[:1] == (ROWS,) and len(path) > 1 and isinstance(path[1], int) and path[1] < len(group.rows):
            number = group.rows[path[1]][0]
        if name in layout.titles and (path[:1] != (ROWS,)) and name not in layout.columns:
            return layout.sheet.place(*layout.titles[name][:2])
        if name in layout.columns:
            return layout.sheet.place(number, layout.columns[name])
        return layout.sheet.place(number) + (f" (no column for {name} among {layout.seen()})" if name in USED[layout.kind] else "")

    return locate
