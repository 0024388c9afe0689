"""What every list of the API takes: how many, and from where on."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Query

MOST = 200


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which part of a list is asked for."""

    limit: int
    cursor: str | None


def wanted_page(
    limit: Annotated[int, Query(ge=1, le=MOST, description="Items on the page.")] = 50,
    cursor: Annotated[str | None, Query(max_length=2000, description="`next` of the page before; absent: the first page.")] = None,
) -> Wanted:
    return Wanted(limit, cursor)


WantedPage = Annotated[Wanted, Depends(wanted_page)]
