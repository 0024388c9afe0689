"""Orders of JD as its API answers them. JD's own messages travel over its client library; who forwards them calls a URL with a
secret."""

from canonical.failures import Malformed
from canonical.problems import Problem
from connectors.base import Endpoint, Identified, RawMessage
from connectors.ecommerce.jd.settings import JdSettings
from connectors.peek import json_object, refuse_error
from connectors.settings import options_of
from connectors.url_token import check_token, with_token

DOCUMENTS = ("order",)
ANSWERS = tuple(
    f"jingdong_pop_order_{name}_{answer}" for name in ("get", "search", "enGet", "enSearch") for answer in ("responce", "response")
)
"""JD writes "responce"."""


def authenticate(raw: RawMessage, endpoint: Endpoint) -> None:
    options_of(endpoint, JdSettings)
    check_token(raw, endpoint)


def identify(raw: RawMessage, endpoint: Endpoint) -> Identified:
    tree = json_object(raw.body)
    refuse_error(tree, "error_response")
    if not any(name in tree for name in ANSWERS):
        raise Malformed([Problem("E_DOCUMENT", "$", f"expected one of {', '.join(ANSWERS[::2])}")])
    return Identified("order")


def sign(raw: RawMessage, endpoint: Endpoint) -> RawMessage:
    return with_token(raw, endpoint)
