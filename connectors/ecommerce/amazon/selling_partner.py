"""Amazon's Selling Partner API: every call carries an access token that Login with Amazon gives for an hour."""

from canonical.failures import Misconfigured
from connectors.base import Endpoint
from connectors.json_api import JsonApi
from connectors.oauth_tokens import TOKENS
from connectors.settings import Dialling


def access_token(token_url: str, client_id: str, secret: bytes, options: Dialling, endpoint: Endpoint) -> str:
    """A token of Login with Amazon. Failures as `connectors/http.py` says."""
    return TOKENS.get(token_url, _grant(client_id, secret, endpoint), options)


def _grant(client_id: str, secret: bytes, endpoint: Endpoint) -> dict[str, str]:
    client_secret, _, refresh_token = secret.decode("latin-1").partition(" ")
    if not client_secret or not refresh_token.strip():
        raise Misconfigured(f"endpoint {endpoint.name}: expected a client secret, a blank, a refresh token")
    known = {"client_id": client_id, "client_secret": client_secret}
    return {"grant_type": "refresh_token", "refresh_token": refresh_token.strip(), **known}


def selling_partner(url: str, token_url: str, client_id: str, secret: bytes, options: Dialling, endpoint: Endpoint) -> JsonApi:
    """The API of a region, with an access token."""
    token = access_token(token_url, client_id, secret, options, endpoint)
    return JsonApi(url, options, {"x-amz-access-token": token})
