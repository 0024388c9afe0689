"""Webhooks of PayPal, proved by a pinned key or by a certificate that is fetched from PayPal."""

import contextlib
import json
import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache, partial
from typing import Any, ClassVar

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from canonical.failures import Malformed, Transient, Unauthenticated
from connectors.base import Identified, RawMessage
from connectors.finance.paypal import certificates, receive
from connectors.finance.paypal.certificates import Certificates, check_address
from connectors.rsa_keys import rsa_signature
from mappings.translation import OWN_SPECS, Settings, Translations
from tests.connectors.keys import private_key, public_key
from tests.connectors.suite import NOW, ReceivingSuite, _with
from tests.support.waiting import until

CERT_URL = "https://api.paypal.com/v1/notifications/certs/CERT-360caa42-fca2a594-5edc0ebc"
Key = rsa.RSAPrivateKey


@cache
def key_of(name: str) -> Key:
    key = load_pem_private_key(private_key(name), None)
    assert isinstance(key, rsa.RSAPrivateKey)
    return key


@cache
def certificate(name: str, *, by: str, host: str = "", ca: bool = False, until: datetime = NOW + timedelta(days=90)) -> bytes:
    """A certificate for the key of that name, signed with another's. host: whom it is made out to."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, by)])
    usage = x509.KeyUsage(
        digital_signature=not ca, content_commitment=False, key_encipherment=False, data_encipherment=False, key_agreement=False,
        key_cert_sign=ca, crl_sign=ca, encipher_only=False, decipher_only=False,
    )  # fmt: skip
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key_of(name).public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW - timedelta(days=90))
        .not_valid_after(until)
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(key_of(by).public_key()), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key_of(name).public_key()), critical=False)
    )
    if host:
        made = made.add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        made = made.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
    return made.sign(key_of(by), SHA256()).public_bytes(Encoding.PEM)


ROOT = certificate("root", by="root", ca=True)
HOST = "messageverificationcerts.paypal.com"


class TestPayPal(ReceivingSuite):
    connector = "paypal"
    options: ClassVar = {"webhook_id": "8PT597110X687430LKGECATA"}
    secrets: ClassVar = (private_key("newest"), private_key("before"))
    other_secret = private_key("foreign")
    body = b'{"id":"WH-58D329510W468432D","event_type":"PAYMENT.CAPTURE.COMPLETED","resource":{}}'
    proof = ("paypal-transmission-sig", "paypal-transmission-id", "paypal-transmission-time", "paypal-auth-algo")
    identified = Identified("PAYMENT.CAPTURE.COMPLETED", "WH-58D329510W468432D")

    def test_the_signature_is_over_transmission_webhook_and_checksum(self) -> None:
        signed = self.signed()
        content = f"69cd13f0-d67a-11e5-baa3-778b53f4ae55|2026-03-02T09:30:00Z|8PT597110X687430LKGECATA|{zlib.crc32(self.body)}"
        expected = rsa_signature(content.encode(), self.secrets[0], self.endpoint())
        assert signed.headers["paypal-transmission-sig"] == expected

    def test_a_pinned_certificate_or_public_key_is_enough(self) -> None:
        pinned = certificate("newest", by="newest", host=HOST)
        assert self.passes(self.signed(), pinned)
        assert self.passes(self.signed(), public_key(self.secrets[0]))

    def test_an_event_of_another_webhook_is_refused(self) -> None:
        other = replace(self.endpoint(), options={"webhook_id": "0AA00000000000000"})
        assert self.row.authenticate is not None
        with pytest.raises(Unauthenticated):
            self.row.authenticate(self.signed(), other)

    @pytest.mark.parametrize(
        ("body", "code", "path"),
        [
            (b'{"id": "WH-1"}', "E_REQUIRED", "event_type"),
            (b'{"id": "WH-1", "event_type": "CUSTOMER.DISPUTE.CREATED"}', "E_DOCUMENT", "event_type"),
            (b'{"event_type": "PAYMENT.CAPTURE.PENDING"}', "E_REQUIRED", "id"),
        ],
    )
    def test_an_event_that_cannot_be_told_is_malformed_where_it_is_wrong(self, body: bytes, code: str, path: str) -> None:
        with pytest.raises(Malformed) as caught:
            self.row.identify(replace(self.signed(), body=body), self.endpoint())  # type: ignore[misc]
        assert [(problem.code, problem.path) for problem in caught.value.problems] == [(code, path)]


BENCH = TestPayPal()
"""Its ways to sign and to ask."""


@pytest.fixture
def fetches(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[bytes], list[str]]]:
    """What is fetched from PayPal from now on; gives the addresses that were asked for."""

    def serve(bundle: bytes) -> list[str]:
        asked: list[str] = []

        def fetch(url: str) -> bytes:
            asked.append(url)
            if not bundle:
                raise Transient("PayPal is away")
            return bundle

        monkeypatch.setattr(receive, "CERTIFICATES", Certificates(fetch))
        return asked

    yield serve


def passes_by_fetching(raw: RawMessage) -> bool:
    """The answer once the certificate is here; the first time it never is."""
    with pytest.raises(Transient, match="being fetched"):
        BENCH.passes(raw, ROOT)
    passed: list[bool] = []

    def here() -> bool:
        with contextlib.suppress(Transient):
            passed.append(BENCH.passes(raw, ROOT))
        return bool(passed)

    until(here, "the certificate is here")
    return passed[0]


def test_a_certificate_under_the_named_authority_is_fetched_once_and_believed(fetches: Callable[[bytes], list[str]]) -> None:
    between = certificate("between", by="root", ca=True)
    asked = fetches(certificate("newest", by="between", host=HOST) + between)
    assert passes_by_fetching(BENCH.signed())
    assert not BENCH.passes(replace(BENCH.signed(), body=b"{}"), ROOT)
    assert asked == [CERT_URL]


@pytest.mark.parametrize(
    "bundle",
    [
        certificate("newest", by="foreign", host=HOST),
        certificate("newest", by="root", host="www.paypal.com.example.org"),
        certificate("newest", by="root", host=HOST, until=NOW - timedelta(days=1)),
        certificate("foreign", by="root", host=HOST),
    ],
    ids=["another authority", "another name", "expired", "another key"],
)
def test_a_fetched_certificate_must_be_paypals_and_valid(fetches: Callable[[bytes], list[str]], bundle: bytes) -> None:
    fetches(bundle)
    assert not passes_by_fetching(BENCH.signed())


@pytest.mark.parametrize(
    "url",
    [
        "http://api.paypal.com/v1/notifications/certs/CERT-1",
        "https://api.paypal.com.example.org/v1/notifications/certs/CERT-1",
        "https://evilpaypal.com/v1/notifications/certs/CERT-1",
        "https://paypal.com@example.org/v1/notifications/certs/CERT-1",
        "https://api.paypal.com:8443/v1/notifications/certs/CERT-1",
        "https://www.paypal.com/redirect?to=https://example.org",
        "https://169.254.169.254/v1/notifications/certs/CERT-1",
        "",
    ],
)
def test_nothing_is_fetched_from_anywhere_else(fetches: Callable[[bytes], list[str]], url: str) -> None:
    asked = fetches(b"")
    assert not BENCH.passes(_with(BENCH.signed(), "paypal-cert-url", url), ROOT)
    assert asked == []
    with pytest.raises(Unauthenticated):
        check_address(url)


def test_a_fetch_that_fails_is_not_tried_again_at_once(
    fetches: Callable[[bytes], list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(certificates, "PAUSE_AFTER_FAILURE", 3600.0)
    asked, others = fetches(b""), [f"{CERT_URL}-{number}" for number in (1, 2)]

    def everything_has_been_fetched(other: str) -> bool:
        """One thread fetches, so whatever came before the fetch of another one is done."""
        with pytest.raises(Transient):
            BENCH.passes(_with(BENCH.signed(), "paypal-cert-url", other), ROOT)
        return other in asked

    for other in others:
        for _ in range(20):
            with pytest.raises(Transient):
                BENCH.passes(BENCH.signed(), ROOT)
        until(partial(everything_has_been_fetched, other), "the fetch has failed")
    assert asked == [CERT_URL, *others]


TRANSLATIONS = Translations.load(OWN_SPECS / "paypal")


def skipped(document: str, event: dict[str, Any]) -> str:
    (part,) = TRANSLATIONS.translate("paypal", document, json.dumps(event).encode(), Settings())
    assert (part.documents, part.problems) == ((), ())
    return part.skipped


@pytest.mark.parametrize(
    ("event", "resource", "because"),
    [
        ("PAYMENT.CAPTURE.PENDING", {"status": "PENDING"}, "the money is held back"),
        ("PAYMENT.CAPTURE.DENIED", {"status": "DECLINED"}, "no money moved"),
        ("CHECKOUT.ORDER.APPROVED", {"status": "APPROVED"}, "no money moved"),
        ("PAYMENT.CAPTURE.REFUNDED", {"status": "PENDING"}, "the refund is on its way"),
    ],
)
def test_an_event_without_money_is_skipped_with_its_reason(event: str, resource: dict[str, Any], because: str) -> None:
    assert skipped(event, {"event_type": event, "resource": resource}).startswith(because)
