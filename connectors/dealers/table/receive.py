"""Table files of dealers: CSV, XLSX and XLS. The request proves itself; what the file holds is told by its columns."""

from dataclasses import replace

from canonical.failures import Malformed
from canonical.problems import Problem
from connectors.base import Endpoint, Identified, RawMessage
from connectors.dealers.table.settings import TableSettings
from connectors.settings import options_of
from connectors.transport_auth import authorization, check_authorization

DOCUMENTS = ("order", "stock")
MEDIA_TYPES = (
    (b"PK\x03\x04", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    (b"\xd0\xcf\x11\xe0", "application/vnd.ms-excel"),
    (b"", "text/csv"),
)
"""First bytes of a file to its media type."""


def authenticate(raw: RawMessage, endpoint: Endpoint) -> None:
    check_authorization(raw, endpoint, options_of(endpoint, TableSettings))


def identify(raw: RawMessage, endpoint: Endpoint) -> Identified:
    """A file with orders, or what the endpoint states; the columns tell stock lists when it is read. A file says nothing that
    would tell a repeat, so the body's hash does."""
    if not raw.body.strip():
        raise Malformed([Problem("E_TABLE_EMPTY", "row 1", "expected a table")])
    return Identified(options_of(endpoint, TableSettings).table.document or DOCUMENTS[0])


def sign(raw: RawMessage, endpoint: Endpoint) -> RawMessage:
    proof = {"authorization": authorization(endpoint, options_of(endpoint, TableSettings))}
    media_type = next(kind for mark, kind in MEDIA_TYPES if raw.body.startswith(mark))
    return replace(raw, headers={"content-type": media_type, **raw.headers, **proof})
