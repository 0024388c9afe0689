"""Notifications of WeChat Pay: v3 (JSON, signed with the platform's key, sealed for the merchant) and v2 (XML)."""

from canonical.failures import Misconfigured
from connectors.base import Accepted, Answer, Endpoint, Identified, RawMessage
from connectors.finance.wechatpay import version_2, version_3
from connectors.finance.wechatpay.settings import WechatPaySettings
from connectors.peek import json_object, refuse_error
from connectors.rsa_keys import PEM
from connectors.settings import options_of, secrets_of

DOCUMENTS = (*version_3.DOCUMENTS, *version_2.DOCUMENTS)
TAKEN = frozenset({"accepted", "untranslated", "quarantined"})
STATUSES = {"rejected": 422, "malformed": 400, "conflict": 409}


def authenticate(raw: RawMessage, endpoint: Endpoint) -> None:
    options = options_of(endpoint, WechatPaySettings)
    platform, own = _sorted_secrets(endpoint)
    if options.api == "v2":
        version_2.check(raw, _filled(own, "an API key", endpoint), options)
    else:
        version_3.check(raw, _filled(platform, "WeChat Pay's public key or certificate", endpoint), options, endpoint)


def identify(raw: RawMessage, endpoint: Endpoint) -> Identified:
    """XML is a v2 notification; JSON a v3 one, or what the API answers about a payment or a refund."""
    if raw.body.lstrip()[:1] == b"<":
        return version_2.identified(raw.body)
    tree = json_object(raw.body)
    if "code" in tree and "message" in tree:
        refuse_error(tree, "message")
    return version_3.identified(tree)


def opened(body: bytes, endpoint: Endpoint) -> bytes:
    """The notification with what its resource holds in place of the sealed one; anything that is not sealed as it is."""
    own = tuple(secret for secret in endpoint.secrets if not secret.lstrip().startswith(PEM))
    return version_2.opened(body, own) if body.lstrip()[:1] == b"<" else version_3.opened(body, own)


def sign(raw: RawMessage, endpoint: Endpoint) -> RawMessage:
    """As WeChat Pay sends it; v3 wants a private key among the secrets that stands in for WeChat Pay's own."""
    platform, own = _sorted_secrets(endpoint)
    if options_of(endpoint, WechatPaySettings).api == "v2":
        return version_2.signed(raw, _filled(own, "an API key", endpoint)[0])
    return version_3.signed(raw, _filled(platform, "a private key", endpoint)[0], endpoint)


def answer(accepted: Accepted, endpoint: Endpoint) -> Answer:
    """SUCCESS in the words of the version, or WeChat Pay sends again for a day."""
    status = 200 if accepted.status in TAKEN else STATUSES[accepted.status]
    return _answer(status, endpoint)


def turn_away(status: int, endpoint: Endpoint) -> Answer:
    return _answer(status, endpoint)


def _answer(status: int, endpoint: Endpoint) -> Answer:
    if options_of(endpoint, WechatPaySettings).api == "v2":
        return version_2.answer(taken=status == 200)
    code, message = ("SUCCESS", "OK") if status == 200 else ("FAIL", "not taken")
    return Answer(status, f'{{"code":"{code}","message":"{message}"}}'.encode())


def _sorted_secrets(endpoint: Endpoint) -> tuple[tuple[bytes, ...], tuple[bytes, ...]]:
    """WeChat Pay's keys, which are PEM, and the merchant's own API keys."""
    secrets = secrets_of(endpoint)
    platform = tuple(secret for secret in secrets if secret.lstrip().startswith(PEM))
    return platform, tuple(secret for secret in secrets if secret not in platform)


def _filled(keys: tuple[bytes, ...], what: str, endpoint: Endpoint) -> tuple[bytes, ...]:
    if not keys:
        raise Misconfigured(f"endpoint {endpoint.name}: expected {what} among the secrets")
    return keys
