"""Platforms that sign nothing: a secret in the URL they are told to call, `POST /in/<endpoint>?token=...`.

A URL may end up in the logs of proxies and of the platform, so the token is for one endpoint alone; it is changed like any secret,
with two active meanwhile. Where the platform calls from known addresses, `allow_from` of the endpoint admits only those; an
endpoint with `allow_from` and without secrets is proved by the address alone.
"""

from dataclasses import replace

from canonical.failures import Misconfigured
from connectors.base import Endpoint, RawMessage
from connectors.settings import secrets_of
from connectors.signatures import check_signature, refusal

PARAMETER = "token"


def check_token(raw: RawMessage, endpoint: Endpoint) -> None:
    """Pass when the query parameter `token` holds one of the secrets; Unauthenticated otherwise. Without secrets the address is
    proof enough, which the intake has compared with `allow_from`."""
    if endpoint.allow_from and not endpoint.secrets:
        return
    keys = secrets_of(endpoint)
    given = raw.query.get(PARAMETER)
    if not given:
        raise refusal()
    check_signature([given], lambda secret: credential(secret, endpoint), keys)


def with_token(raw: RawMessage, endpoint: Endpoint) -> RawMessage:
    """The raw message as the platform sends it to a URL with the newest secret."""
    return replace(raw, query={**raw.query, PARAMETER: credential(secrets_of(endpoint)[0], endpoint)})


def credential(secret: bytes, endpoint: Endpoint) -> str:
    """The secret as it stands in a URL or a header."""
    try:
        return secret.decode("ascii")
    except UnicodeDecodeError:
        raise Misconfigured(f"endpoint {endpoint.name}: expected a token of ASCII characters") from None
