"""Tables on the terminal: ids, types and figures stay in one piece, and what goes into a pipe is not cut to a terminal's width."""

import os
import sys
from collections.abc import Collection
from typing import Protocol

from rich.console import Console
from rich.markup import escape
from rich.table import Table

PIPED_WIDTH = 160

out = Console(highlight=False, width=None if sys.stdout.isatty() or "COLUMNS" in os.environ else PIPED_WIDTH)


class Dumps(Protocol):
    """What knows itself as JSON: any view."""

    def model_dump_json(self, *, indent: int | None = None, exclude_none: bool = False) -> str: ...


def table(*columns: str, whole: Collection[str] = ()) -> Table:
    """An empty table. whole: the columns whose cells are never broken over lines."""
    made = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        made.add_column(column, overflow="fold", no_wrap=column in whole)
    return made


def show(filled: Table, *, nothing: str) -> None:
    """Print a table, or the words `nothing` for one without rows."""
    out.print(filled if filled.row_count else nothing)


def print_json(view: Dumps, *, indent: int | None = None) -> None:
    """Print a view as JSON, for programs."""
    print(view.model_dump_json(indent=indent, exclude_none=True))


def print_next(cursor: str | None) -> None:
    """How to ask for the next page, where there is one."""
    if cursor:
        out.print(f"more: --cursor {cursor}")


def bare_source(source: str) -> str:
    """An endpoint's name, or the bare name of a handler."""
    return escape(source.removeprefix("orderlane/"))
