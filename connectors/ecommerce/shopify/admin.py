"""Shopify's Admin API: GraphQL below the shop's address, with its kinds of error."""

from collections.abc import Mapping
from typing import Any

from canonical.failures import Misconfigured, Refused, Throttled, Transient
from connectors.base import Endpoint
from connectors.ecommerce.shopify.settings import ShopifySettings
from connectors.json_api import JsonApi, dug, rows

THROTTLE_SECONDS = 2.0
PASSING = frozenset({"INTERNAL_SERVER_ERROR", "TIMEOUT", "SERVICE_UNAVAILABLE"})


class Admin:
    """The API of one shop. Failures as `connectors/http.py` says; what GraphQL answers with 200 is told apart here."""

    def __init__(self, url: str, options: ShopifySettings, token: str) -> None:
        self.api = JsonApi(url, options, {"x-shopify-access-token": token})
        self.path = f"/admin/api/{options.api_version}"

    def graphql(self, query: str, variables: Mapping[str, Any], key: str | None = None) -> dict[str, Any]:
        """`data` of the answer. Throttled, Transient or Refused for its errors. key: our own, sent as a header."""
        headers = {} if key is None else {"idempotency-key": key}
        answer = self.api.change("POST", f"{self.path}/graphql.json", {"query": query, "variables": variables}, headers)
        for error in rows(answer, "errors"):
            raise _failure(error)
        data = dug(answer, "data")
        if not isinstance(data, dict):
            raise Transient("expected data in the answer of the Admin API")
        return data

    def mutate(self, name: str, query: str, variables: Mapping[str, Any], key: str) -> dict[str, Any]:
        """What the mutation of that name gives. Refused with the first of its user errors."""
        result = dug(self.graphql(query, variables, key), name)
        for error in rows(result, "userErrors"):
            raise Refused(f"{name}: {error.get('message')}")
        if not isinstance(result, dict):
            raise Refused(f"{name}: expected a result")
        return result


def _failure(error: Mapping[str, Any]) -> Exception:
    code, told = dug(error, "extensions", "code"), str(error.get("message"))[:200]
    if code == "THROTTLED":
        return Throttled(told, after=THROTTLE_SECONDS)
    return Transient(told) if code in PASSING else Refused(told)


def token_of(secret: bytes, endpoint: Endpoint) -> str:
    try:
        return secret.decode("ascii")
    except UnicodeDecodeError:
        raise Misconfigured(f"endpoint {endpoint.name}: expected an access token of ASCII characters") from None
