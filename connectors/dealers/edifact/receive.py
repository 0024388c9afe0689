"""Interchanges over HTTP: the request proves itself, the file says nothing about who sent it that could be trusted."""

import re
from dataclasses import replace

from canonical.failures import Malformed
from canonical.problems import Problem
from connectors.base import Endpoint, Identified, RawMessage
from connectors.dealers.edifact.settings import EdifactSettings
from connectors.peek import shown
from connectors.settings import options_of
from connectors.transport_auth import authorization, check_authorization

DOCUMENTS = ("ORDERS", "ORDCHG", "ORDCHG.CANCEL", "ORDRSP", "DESADV", "INVOIC", "CONTRL")
MEDIA_TYPE = "application/edifact"
PADDING = b"\x00\x1a \t\r\n"
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
BEGINS = re.compile(rb"UNA|UN[BGH][^A-Za-z0-9\s]")
MESSAGE = re.compile(rb"UNH[^A-Za-z0-9\s][^'\r\n]{1,40}?[^A-Za-z0-9\s](" + "|".join(DOCUMENTS).encode() + rb")[^A-Za-z0-9]")


def authenticate(raw: RawMessage, endpoint: Endpoint) -> None:
    check_authorization(raw, endpoint, options_of(endpoint, EdifactSettings))


def identify(raw: RawMessage, endpoint: Endpoint) -> Identified:
    """The kind of the first message; what each message is, is told one by one when the file is read.

    No delivery id: interchange references are used again, so the body's hash tells repeats.
    """
    start = raw.body.removeprefix(BYTE_ORDER_MARK).lstrip(PADDING)[:4096]
    if not BEGINS.match(start):
        found = shown(start[:20].decode("latin-1"))
        raise Malformed([Problem("E_EDIFACT_NO_UNB", "character 1", "expected a UNA or UNB segment", found)])
    found_message = MESSAGE.search(start)
    return Identified(found_message[1].decode() if found_message else DOCUMENTS[0])


def sign(raw: RawMessage, endpoint: Endpoint) -> RawMessage:
    proof = {"authorization": authorization(endpoint, options_of(endpoint, EdifactSettings))}
    return replace(raw, headers={"content-type": MEDIA_TYPE, **raw.headers, **proof})
