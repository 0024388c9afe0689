"""What an endpoint may state about its partner's tables (`options.table`)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mappings.codecs.rows_values import Habits

AS_STATED = ("document", "encoding", "delimiter", "fixed", "sheet", "header_row", "format")


@dataclass(frozen=True, slots=True)
class TableOptions:
    """Everything empty: found out from the file itself.

    document: `order` or `stock`. columns: field to the names of its columns (or `#3` for the third). fixed: field to a value for
    all rows. sheet: the only one that is read. header_row: number of the row with the columns' names. format: of what is sent.
    """

    document: str = ""
    encoding: str = ""
    delimiter: str = ""
    habits: Habits = field(default_factory=Habits)
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    fixed: Mapping[str, str] = field(default_factory=dict)
    sheet: str = ""
    header_row: int = 0
    format: str = "csv"


def table_options(options: Mapping[str, Any]) -> TableOptions:
    """The options of an endpoint as this codec reads them; the connector's settings have checked them."""
    stated: Mapping[str, Any] = options.get("table") or {}
    columns = {name: (given,) if isinstance(given, str) else tuple(given) for name, given in (stated.get("columns") or {}).items()}
    habits = Habits(stated.get("decimal") or "", stated.get("day_first"), stated.get("date_format") or "")
    return TableOptions(habits=habits, columns=columns, **{name: stated[name] for name in AS_STATED if stated.get(name)})
