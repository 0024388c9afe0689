"""What Magento's REST API answers, posted to the hub by whatever watches the shop: open source Magento signs nothing, so the URL
holds a secret."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from canonical.failures import Malformed
from canonical.problems import Problem
from connectors.base import Endpoint, Identified, RawMessage
from connectors.ecommerce.magento.settings import MagentoSettings
from connectors.peek import json_object, shown
from connectors.settings import options_of
from connectors.url_token import check_token, with_token

DOCUMENTS = ("order", "orders", "creditmemo", "creditmemos")


def authenticate(raw: RawMessage, endpoint: Endpoint) -> None:
    options_of(endpoint, MagentoSettings)
    check_token(raw, endpoint)


def identify(raw: RawMessage, endpoint: Endpoint) -> Identified:
    """An order or a credit memo, or a page of them, told by its shape. No delivery id: Magento gives none."""
    tree = json_object(raw.body)
    if "message" in tree and "increment_id" not in tree:
        expected = "expected a document, not the answer to a request that failed"
        raise Malformed([Problem("E_DOCUMENT", "message", expected, shown(tree["message"]))])
    if "search_criteria" not in tree and "total_count" not in tree:
        return Identified("creditmemo" if _is_memo(tree) else "order")
    items = tree.get("items")
    first = items[0] if isinstance(items, list) and items else None
    return Identified("creditmemos" if isinstance(first, dict) and _is_memo(first) else "orders")


def _is_memo(row: Mapping[str, Any]) -> bool:
    """A credit memo names the order it is about; an order does not."""
    return "order_id" in row


def sign(raw: RawMessage, endpoint: Endpoint) -> RawMessage:
    return with_token(replace(raw, headers={"content-type": "application/json", **raw.headers}), endpoint)
