"""Asks SF Express about waybills, ten at a time: EXP_RECE_SEARCH_ROUTES, signed with the checkword."""

import base64
import hashlib
import json
import time
import uuid
from collections.abc import Iterator, Sequence
from typing import Annotated
from urllib.parse import quote_plus, urlencode

from pydantic import Field

from connectors.base import Endpoint, Polled
from connectors.http import Reply
from connectors.number_polling import NumberPolling, poll_numbers
from connectors.platform_answers import answer_of, failure_of
from connectors.rest_polling import Question
from connectors.settings import poll_secret_of, polling_of
from connectors.signed_params import FORM

SERVICE = "EXP_RECE_SEARCH_ROUTES"
MOST = 10
GOOD = "A1000"


class SfPolling(NumberPolling):
    """partner_id: the customer code at SF; its checkword is the poll's secret. check_phone: the last four digits of the sender's
    telephone number, which SF asks for where the waybills are not of the customer's own account."""

    partner_id: Annotated[str, Field(min_length=1, max_length=100)]
    check_phone: Annotated[str, Field(pattern=r"^[0-9]{4}$")] | None = None


def track(endpoint: Endpoint, numbers: Sequence[str]) -> Iterator[Polled]:
    """Each answer is a document `route_query`."""
    settings = polling_of(endpoint, SfPolling)
    checkword = poll_secret_of(endpoint)
    phone = {"checkPhoneNo": settings.check_phone} if settings.check_phone else {}

    def question(some: Sequence[str]) -> Question:
        asked = {"language": "0", "trackingType": "1", "trackingNumber": list(some), "methodType": "1", **phone}
        data, timestamp = json.dumps(asked, separators=(",", ":")), str(int(time.time() * 1000))
        fields = {
            "partnerID": settings.partner_id, "requestID": str(uuid.uuid4()), "serviceCode": SERVICE, "timestamp": timestamp,
            "msgDigest": digest(data, timestamp, checkword), "msgData": data,
        }  # fmt: skip
        return Question(settings.url, FORM, urlencode(fields).encode())

    return poll_numbers(endpoint, settings, numbers, question, at_once=MOST, says_something=_heard)


def digest(data: str, timestamp: str, checkword: bytes) -> str:
    """base64 of the MD5 of message, timestamp and checkword run together and URL-encoded, as Java does it (SF: msgDigest)."""
    text = quote_plus((data + timestamp).encode() + checkword, safe="*").replace("~", "%7E")
    return base64.b64encode(hashlib.md5(text.encode(), usedforsecurity=False).digest()).decode()


def _heard(reply: Reply) -> bool:
    """SF answers 200 whatever is wrong: what is not about the waybills ends the poll."""
    answer = answer_of(reply)
    if answer.get("apiResultCode") != GOOD:
        raise failure_of(f"{answer.get('apiResultCode')} {answer.get('apiErrorMsg')}", "SF")
    return True
