"""Webhooks of PayPal: signed with a key of PayPal's over the transmission, our webhook's id and the checksum of the body."""

import zlib
from dataclasses import replace
from functools import lru_cache

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from connectors.base import Endpoint, Identified, RawMessage
from connectors.finance.paypal.certificates import Certificates, check_chain
from connectors.finance.paypal.settings import PayPalSettings
from connectors.peek import delivery_id, json_object, one_of, text_at
from connectors.rsa_keys import CERTIFICATE, check_rsa, rsa_signature
from connectors.settings import options_of, secrets_of
from connectors.signatures import refusal, required, same

DOCUMENTS = (
    "PAYMENT.CAPTURE.COMPLETED", "PAYMENT.CAPTURE.PENDING", "PAYMENT.CAPTURE.DECLINED", "PAYMENT.CAPTURE.DENIED",
    "CHECKOUT.ORDER.APPROVED", "CHECKOUT.ORDER.COMPLETED", "CHECKOUT.PAYMENT-APPROVAL.REVERSED",
    "PAYMENT.AUTHORIZATION.CREATED", "PAYMENT.AUTHORIZATION.VOIDED", "PAYMENT.CAPTURE.REFUNDED", "PAYMENT.CAPTURE.REVERSED",
)  # fmt: skip
ALGORITHM = "SHA256withRSA"
CERTIFICATES = Certificates()


def authenticate(raw: RawMessage, endpoint: Endpoint) -> None:
    """By a certificate or key among the secrets; where these hold an authority, by the certificate the notification names."""
    options = options_of(endpoint, PayPalSettings)
    secrets = secrets_of(endpoint)
    authorities = [one for secret in secrets if (one := _authority(secret)) is not None]
    keys = [secret for secret in secrets if _authority(secret) is None]
    content = _signed_content(required(raw, "paypal-transmission-id"), required(raw, "paypal-transmission-time"), options, raw.body)
    if not same(required(raw, "paypal-auth-algo"), ALGORITHM):
        raise refusal()
    if authorities:
        chain = CERTIFICATES.at(required(raw, "paypal-cert-url"))
        check_chain(chain, authorities, raw.received_at)
        keys.append(chain[0].public_bytes(Encoding.PEM))
    check_rsa(required(raw, "paypal-transmission-sig"), content, keys, endpoint)


def identify(raw: RawMessage, endpoint: Endpoint) -> Identified:
    """The event's type; its id stays the same when PayPal sends it again."""
    event = json_object(raw.body)
    return Identified(one_of(text_at(event, "event_type"), DOCUMENTS, "event_type"), delivery_id(text_at(event, "id"), "id"))


def sign(raw: RawMessage, endpoint: Endpoint) -> RawMessage:
    """As PayPal sends it; wants a private key among the secrets that stands in for PayPal's own."""
    transmission, at = "69cd13f0-d67a-11e5-baa3-778b53f4ae55", raw.received_at.strftime("%Y-%m-%dT%H:%M:%SZ")
    content = _signed_content(transmission, at, options_of(endpoint, PayPalSettings), raw.body)
    proof = {
        "paypal-transmission-id": transmission,
        "paypal-transmission-time": at,
        "paypal-transmission-sig": rsa_signature(content, secrets_of(endpoint)[0], endpoint),
        "paypal-cert-url": "https://api.paypal.com/v1/notifications/certs/CERT-360caa42-fca2a594-5edc0ebc",
        "paypal-auth-algo": ALGORITHM,
    }
    return replace(raw, headers={"content-type": "application/json", **raw.headers, **proof})


def _signed_content(transmission: str, at: str, options: PayPalSettings, body: bytes) -> bytes:
    return f"{transmission}|{at}|{options.webhook_id}|{zlib.crc32(body)}".encode("utf-8", "surrogatepass")


@lru_cache(maxsize=64)
def _authority(secret: bytes) -> x509.Certificate | None:
    """The certificate of an authority; None for a certificate or key that signs notifications itself."""
    if not secret.lstrip().startswith(CERTIFICATE):
        return None
    try:
        certificate = x509.load_pem_x509_certificate(secret)
        constraints = certificate.extensions.get_extension_for_class(x509.BasicConstraints).value
    except (ValueError, x509.ExtensionNotFound):
        return None
    return certificate if constraints.ca else None
