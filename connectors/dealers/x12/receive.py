"""Interchanges of dealers over HTTP: the request proves itself, the file says nothing about who sent it that could be trusted."""

import re
from dataclasses import replace

from canonical.failures import Malformed
from canonical.problems import Problem
from connectors.base import Endpoint, Identified, RawMessage
from connectors.dealers.x12.settings import X12Settings
from connectors.peek import shown
from connectors.settings import options_of
from connectors.transport_auth import authorization, check_authorization

DOCUMENTS = ("850", "860", "855", "856", "810", "846", "852", "861", "867", "997", "999", "TA1")
MEDIA_TYPE = "application/edi-x12"
PADDING = b"\x00\x1a \t\r\n\x85"
LOOKED_AT = 4096
"""How far into a file its first document must begin to be told."""
BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def authenticate(raw: RawMessage, endpoint: Endpoint) -> None:
    check_authorization(raw, endpoint, options_of(endpoint, X12Settings))


def identify(raw: RawMessage, endpoint: Endpoint) -> Identified:
    """The first document of the file; others are told set by set when it is read, kinds that we do not take as well.

    No delivery id: control numbers are used again after a year or a restart, so the body's hash tells repeats.
    """
    start = raw.body[:LOOKED_AT].removeprefix(BYTE_ORDER_MARK).lstrip(PADDING)
    if not start.startswith(b"ISA"):
        found = shown(start[:20].decode("latin-1"))
        raise Malformed([Problem("E_X12_NO_ISA", "character 1", "expected an ISA segment", found)])
    return Identified(_first_document(start))


def _first_document(start: bytes) -> str:
    """What the first TA1 or ST says; an order where neither is found or known."""
    separator = re.escape(start[3:4])
    found = re.search(rb"[^0-9A-Za-z](?:(TA1)|ST[ \r\n]*" + separator + rb"[ \r\n]*([0-9]{3}))" + separator, start)
    told = (found[1] or found[2]).decode() if found else ""
    return told if told in DOCUMENTS else DOCUMENTS[0]


def sign(raw: RawMessage, endpoint: Endpoint) -> RawMessage:
    proof = {"authorization": authorization(endpoint, options_of(endpoint, X12Settings))}
    return replace(raw, headers={"content-type": MEDIA_TYPE, **raw.headers, **proof})
