"""Tables on the terminal: ids, types and figures stay in one piece, and what goes into a pipe is not cut to a terminal's width."""

import os
import sys
from collections.abc import Collection

from rich.console import Console
from rich.table import Table

PIPED_WIDTH = 160

out = Console(highlight=False, width=None if sys.stdout.isatty() or "COLUMNS" in os.environ else PIPED_WIDTH)


def table(*columns: str, whole: Collection[str] = ()) -> Table:
    """An empty table. whole: the columns whose cells are never broken over lines."""
    made = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        made.add_column(column, overflow="fold", no_wrap=column in whole)
    return made


def show(filled: Table, *, nothing: str) -> None:
    """Print a table, or the words `nothing` for one without rows."""
    out.print(filled if filled.row_count else nothing)
