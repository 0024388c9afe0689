"""RSA keys of platforms that do not exist."""

from functools import cache

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat, load_pem_private_key


@cache
def private_key(name: str) -> bytes:
    """A private key in PEM, the same for the same name."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def public_key(private: bytes, *, encoding: Encoding = Encoding.PEM) -> bytes:
    key = load_pem_private_key(private, None)
    return key.public_key().public_bytes(encoding, PublicFormat.SubjectPublicKeyInfo)
