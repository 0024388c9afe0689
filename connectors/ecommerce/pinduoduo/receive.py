"""Orders of Pinduoduo as its API answers them. Its messages travel over a socket of its client library; who forwards them calls a
URL with a secret."""

from canonical.failures import Malformed
from canonical.problems import Problem
from connectors.base import Endpoint, Identified, RawMessage
from connectors.ecommerce.pinduoduo.settings import PinduoduoSettings
from connectors.peek import json_object, refuse_error
from connectors.settings import options_of
from connectors.url_token import check_token, with_token

DOCUMENTS = ("order",)
ANSWERS = ("order_info_get_response", "order_list_get_response", "order_sn_increment_get_response")


def authenticate(raw: RawMessage, endpoint: Endpoint) -> None:
    options_of(endpoint, PinduoduoSettings)
    check_token(raw, endpoint)


def identify(raw: RawMessage, endpoint: Endpoint) -> Identified:
    tree = json_object(raw.body)
    refuse_error(tree, "error_response")
    if not any(name in tree for name in ANSWERS):
        raise Malformed([Problem("E_DOCUMENT", "$", f"expected one of {', '.join(ANSWERS)}")])
    return Identified("order")


def sign(raw: RawMessage, endpoint: Endpoint) -> RawMessage:
    return with_token(raw, endpoint)
