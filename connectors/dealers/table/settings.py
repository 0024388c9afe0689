"""What an endpoint of this connector may say in its options."""

import codecs
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from connectors.settings import MaybeSending, Sending, UsableUrl
from connectors.transport_auth import TransportAuth

FIELD = r"^[a-z][a-z0-9_]*$"


def _known_encoding(name: str) -> str:
    try:
        codecs.lookup(name)
    except LookupError as error:
        raise ValueError("expected an encoding such as cp1252 or gb18030") from error
    return name


Name = Annotated[str, Field(min_length=1, max_length=200)]
FieldName = Annotated[str, Field(pattern=FIELD)]


class TableShape(BaseModel):
    """What a dealer's files look like. Whatever is not stated is found out from each file.

    columns: a field to the name of its column, several names, or its number as `#3`. fixed: a field to a value for all rows.
    decimal, day_first, date_format: how numbers and dates are written (`MM/DD/YYYY`). format: of the files that are sent.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    document: Literal["order", "stock"] | None = None
    encoding: Annotated[str, AfterValidator(_known_encoding)] | None = None
    delimiter: Annotated[str, Field(min_length=1, max_length=1, pattern=r"^[^\"\r\n]$")] | None = None
    decimal: Literal[".", ","] | None = None
    day_first: bool | None = None
    date_format: Annotated[str, Field(pattern=r"YY.*MM.*DD|DD.*MM.*YY|MM.*DD.*YY|YY.*DD.*MM")] | None = None
    sheet: Name | None = None
    header_row: Annotated[int, Field(ge=1, le=10_000)] | None = None
    columns: dict[FieldName, Name | Annotated[tuple[Name, ...], Field(min_length=1)]] = Field(default_factory=dict)
    fixed: dict[FieldName, Name] = Field(default_factory=dict)
    format: Literal["csv", "xlsx"] = "csv"


class TableSettings(TransportAuth, MaybeSending):
    """How requests prove themselves, what the files look like, and the dealer's URL where it is sent to."""

    table: TableShape = TableShape()


class TableSendingSettings(TableSettings, Sending):
    """The same for an endpoint that is being sent to."""

    url: UsableUrl
