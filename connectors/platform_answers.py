"""What the Chinese open platforms answer to a call: JSON with a status of 200 whatever happened, the failure in its words."""

import json
from collections.abc import Mapping
from typing import Any

from canonical.failures import Failure, Misconfigured, OutcomeUnknown, Refused, Transient
from connectors.base import Endpoint
from connectors.http import Reply

BUSY = ("繁忙", "超时", "稍后", "频繁", "限流", "limited", "timeout", "try again")


def answer_of(reply: Reply) -> Mapping[str, Any]:
    """The JSON object of an answer; OutcomeUnknown where it cannot be read."""
    try:
        answer = json.loads(reply.body) if reply.complete else None
    except (ValueError, RecursionError):
        answer = None
    if not isinstance(answer, dict):
        raise OutcomeUnknown("the platform's answer cannot be read")
    return answer


def at(answer: Any, *names: str) -> Any:
    """What stands below the names, whatever the platform has put there; None where nothing does."""
    for name in names:
        answer = answer.get(name) if isinstance(answer, dict) else None
    return answer


def error_response(answer: Mapping[str, Any], *words: str) -> str | None:
    """What `error_response` of an answer says: those of its `words` that are there; None where there is no such thing."""
    error = answer.get("error_response")
    if error is None:
        return None
    if not isinstance(error, dict):
        return str(error)
    told = [str(error[word]) for word in words if error.get(word)]
    return " ".join(told) or "error without a reason"


def failure_of(told: str, about: str) -> Failure:
    """A platform in trouble is asked again, any other no is final."""
    return (Transient if says(told, BUSY) else Refused)(f"{about}: {told[:200]}")


def says(told: str, words: tuple[str, ...]) -> bool:
    return any(word in told.lower() for word in words)


def app_secrets(secrets: tuple[bytes, ...], endpoint: Endpoint) -> tuple[bytes, str]:
    """The application's secret and the access token of the shop, in this order; Misconfigured without both."""
    if len(secrets) != 2 or not all(secrets):
        raise Misconfigured(f"endpoint {endpoint.name}: expected two secrets, the application's secret and the shop's access token")
    try:
        return secrets[0], secrets[1].decode("ascii")
    except UnicodeDecodeError:
        raise Misconfigured(f"endpoint {endpoint.name}: expected an access token of ASCII characters") from None
