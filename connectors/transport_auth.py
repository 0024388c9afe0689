"""Partners whose documents carry no signature: a bearer token (RFC 6750) or a user and password (RFC 7617) per request."""

import base64
from typing import Annotated, Literal

from pydantic import Field, model_validator

from connectors.base import Endpoint, RawMessage
from connectors.settings import Settings, secrets_of
from connectors.signatures import check_signature, refusal, required
from connectors.url_token import credential


class TransportAuth(Settings):
    """auth: how requests prove themselves; the secret is the token or the password. username: for basic only."""

    auth: Literal["bearer", "basic"] = "bearer"
    username: Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^:]+$")] | None = None

    @model_validator(mode="after")
    def _username_where_it_belongs(self) -> "TransportAuth":
        if (self.auth == "basic") != (self.username is not None):
            raise ValueError("expected a username with auth: basic and only there")
        return self


def check_authorization(raw: RawMessage, endpoint: Endpoint, options: TransportAuth) -> None:
    """Pass when the Authorization header holds one of the secrets; Unauthenticated otherwise."""
    scheme, _, credentials = required(raw, "authorization").partition(" ")
    if scheme.lower() != options.auth:
        raise refusal()
    check_signature([credentials], lambda secret: _credentials(secret, options, endpoint), secrets_of(endpoint))


def authorization(endpoint: Endpoint, options: TransportAuth) -> str:
    """The Authorization header of a request with the newest secret."""
    return f"{options.auth.capitalize()} {_credentials(secrets_of(endpoint)[0], options, endpoint)}"


def _credentials(secret: bytes, options: TransportAuth, endpoint: Endpoint) -> str:
    if options.auth == "basic":
        return base64.b64encode(f"{options.username}:".encode() + secret).decode()
    return credential(secret, endpoint)
