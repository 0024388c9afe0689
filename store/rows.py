"""Rows whose columns are attributes."""

from collections import namedtuple
from functools import lru_cache
from typing import Any, TypeAlias

Row: TypeAlias = Any
"""A row: its columns are attributes."""


@lru_cache(maxsize=512)
def row_type(names: tuple[str, ...]) -> Any:
    return namedtuple("Row", names, rename=True)
