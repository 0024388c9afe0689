"""Asks Kuaidi100 about one number at a time: `poll/query.do`, signed with the authorisation key and the customer code."""

import json
from collections.abc import Iterator, Sequence
from typing import Annotated
from urllib.parse import urlencode

from pydantic import Field

from connectors.base import Endpoint, Polled
from connectors.carriers.kuaidi100.receive import signature
from connectors.http import Reply
from connectors.number_polling import NumberPolling, poll_numbers
from connectors.platform_answers import answer_of, failure_of
from connectors.rest_polling import Question
from connectors.settings import poll_secret_of, polling_of
from connectors.signed_params import FORM

NOTHING = ("408", "500")
"""Codes of a number alone: its telephone number does not fit, nothing is known about it (yet)."""


class Kuaidi100Polling(NumberPolling):
    """customer: the customer code at Kuaidi100; its authorisation key is the poll's secret. company: Kuaidi100's word for the
    carrier of these numbers (`shunfeng`). phone: the last four digits of a telephone number, which some carriers ask for."""

    customer: Annotated[str, Field(min_length=1, max_length=100)]
    company: Annotated[str, Field(min_length=1, max_length=60)]
    phone: Annotated[str, Field(pattern=r"^[0-9]{4,11}$")] | None = None


def track(endpoint: Endpoint, numbers: Sequence[str]) -> Iterator[Polled]:
    """Each answer is a document `query`."""
    settings = polling_of(endpoint, Kuaidi100Polling)
    key = poll_secret_of(endpoint)
    phone = {"phone": settings.phone} if settings.phone else {}

    def question(some: Sequence[str]) -> Question:
        asked = {"com": settings.company, "num": some[0], **phone, "resultv2": "4", "show": "0", "order": "desc"}
        param = json.dumps(asked, ensure_ascii=False, separators=(",", ":"))
        fields = {"customer": settings.customer, "sign": signature(param, key + settings.customer.encode()), "param": param}
        return Question(settings.url, FORM, urlencode(fields).encode())

    return poll_numbers(endpoint, settings, numbers, question, says_something=_heard)


def _heard(reply: Reply) -> bool:
    """Kuaidi100 answers 200 whatever is wrong; what is not about the number ends the poll."""
    answer = answer_of(reply)
    if answer.get("result") is not False:
        return True
    code = str(answer.get("returnCode"))
    if code not in NOTHING:
        raise failure_of(f"{code} {answer.get('message')}", "Kuaidi100")
    return False
