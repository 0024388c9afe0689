"""Interchanges of dealers over HTTP: the request proves itself, the file says nothing about who sent it that could be trusted."""

from dataclasses import replace

from canonical.failures import Malformed
from canonical.problems import Problem
from connectors.base import Endpoint, Identified, RawMessage
from connectors.dealers.x12.settings import X12Settings
from connectors.peek import shown
from connectors.settings import options_of
from connectors.transport_auth import authorization, check_authorization

DOCUMENTS = ("850",)
MEDIA_TYPE = "application/edi-x12"
PADDING = b"\x00\x1a \t\r\n\x85"
BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def authenticate(raw: RawMessage, endpoint: Endpoint) -> None:
    check_authorization(raw, endpoint, options_of(endpoint, X12Settings))


def identify(raw: RawMessage, endpoint: Endpoint) -> Identified:
    """An interchange of orders. What else stands in the file (a 997, a kind we do not take) is told set by set when it is read.

    No delivery id: control numbers are used again after a year or a restart, so the body's hash tells repeats.
    """
    start = raw.body[:256].removeprefix(BYTE_ORDER_MARK).lstrip(PADDING)
    if not start.startswith(b"ISA"):
        found = shown(start[:20].decode("latin-1"))
        raise Malformed([Problem("E_X12_NO_ISA", "character 1", "expected an ISA segment", found)])
    return Identified(DOCUMENTS[0])


def sign(raw: RawMessage, endpoint: Endpoint) -> RawMessage:
    proof = {"authorization": authorization(endpoint, options_of(endpoint, X12Settings))}
    return replace(raw, headers={"content-type": MEDIA_TYPE, **raw.headers, **proof})
