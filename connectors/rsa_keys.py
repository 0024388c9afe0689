"""SHA256withRSA (RFC 8017, PKCS #1 v1.5) of platforms that sign with a key of their own.

An endpoint's secrets then hold the platform's public keys: a PEM certificate or public key, or the bare base64 that consoles show.
A private key is taken for its public half as well, so that a test bench, which is the platform itself, can sign.
"""

import base64
import binascii
from collections.abc import Iterable
from functools import lru_cache

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    load_der_public_key,
    load_pem_private_key,
    load_pem_public_key,
)

from canonical.failures import Misconfigured
from connectors.base import Endpoint
from connectors.signatures import refusal

CERTIFICATE = b"-----BEGIN CERTIFICATE-----"
PEM = b"-----BEGIN "
PRIVATE = b"PRIVATE KEY-----"


def check_rsa(signature: str, content: bytes, keys: Iterable[bytes], endpoint: Endpoint) -> None:
    """Pass when one of the keys made the base64 signature over the content; Unauthenticated otherwise."""
    given = _decoded(signature)
    if not any([_made(given, content, public_key(key, endpoint)) for key in keys]):
        raise refusal()


def rsa_signature(content: bytes, secret: bytes, endpoint: Endpoint) -> str:
    """The base64 signature as the platform makes it; Misconfigured where only its public key is at hand."""
    try:
        key = _private(secret)
    except (ValueError, TypeError):
        raise Misconfigured(f"endpoint {endpoint.name}: expected a private key in PEM to sign as the platform does") from None
    return base64.b64encode(key.sign(content, PKCS1v15(), SHA256())).decode()


def public_key(secret: bytes, endpoint: Endpoint) -> RSAPublicKey:
    """The RSA public key of a secret in any of its forms; Misconfigured for anything else."""
    try:
        return _public(secret)
    except (ValueError, TypeError, binascii.Error):
        raise Misconfigured(f"endpoint {endpoint.name}: expected RSA keys as PEM or base64 among the secrets") from None


@lru_cache(maxsize=64)
def serial_of(secret: bytes) -> str | None:
    """The serial number of a certificate in upper-case hex; None for a key that is in none."""
    if not secret.lstrip().startswith(CERTIFICATE):
        return None
    return f"{x509.load_pem_x509_certificate(secret).serial_number:X}"


@lru_cache(maxsize=64)
def _public(secret: bytes) -> RSAPublicKey:
    if secret.lstrip().startswith(CERTIFICATE):
        key: object = x509.load_pem_x509_certificate(secret).public_key()
    elif PRIVATE in secret:
        key = load_pem_private_key(secret, None)
    elif secret.lstrip().startswith(PEM):
        key = load_pem_public_key(secret)
    else:
        key = load_der_public_key(base64.b64decode(secret, validate=True))
    if isinstance(key, RSAPrivateKey):
        return key.public_key()
    if not isinstance(key, RSAPublicKey):
        raise TypeError("no RSA key")
    return key


@lru_cache(maxsize=64)
def _private(secret: bytes) -> RSAPrivateKey:
    key = load_pem_private_key(secret, None)
    if not isinstance(key, RSAPrivateKey):
        raise TypeError("no RSA key")
    return key


def _made(signature: bytes, content: bytes, key: RSAPublicKey) -> bool:
    try:
        key.verify(signature, content, PKCS1v15(), SHA256())
    except InvalidSignature:
        return False
    return True


def _decoded(signature: str) -> bytes:
    """The bytes of strict base64: of its several spellings only the one that is written anew from the bytes."""
    try:
        given = base64.b64decode(signature, validate=True)
    except ValueError:
        raise refusal() from None
    if base64.b64encode(given).decode() != signature:
        raise refusal()
    return given
