"""Certificates that PayPal signs with, fetched from PayPal itself and trusted only under an authority the endpoint names.

Nobody waits for a fetch: a notification whose certificate is not here yet is asked for again (503), while one thread fetches it.
"""

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

from cryptography import x509
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError

from canonical.failures import Failure, Transient
from connectors.http import ask
from connectors.settings import Asking
from connectors.signatures import refusal
from connectors.urls import parsed

DOMAIN = ".paypal.com"
FOLDER = "/v1/notifications/certs/"
NAMES = ("messageverificationcerts.paypal.com", "messageverificationcerts.sandbox.paypal.com")
"""Whom the certificates are made out to."""
ASKING = Asking(deadline_seconds=10, most_bytes=64 * 1024)
MOST_KEPT = 16
MOST_UNDER_WAY = 4
PAUSE_AFTER_FAILURE = 60.0


def fetched(url: str) -> bytes:
    """The bytes at an address of PayPal's; a kind of failure otherwise."""
    return ask(url, ASKING, {"accept": "application/x-pem-file, */*"}).body


class Certificates:
    """Certificates by address, as they were fetched. Threads may share it."""

    def __init__(self, fetch: Callable[[str], bytes] = fetched) -> None:
        self._fetch = fetch
        self._lock = threading.Lock()
        self._kept: dict[str, tuple[x509.Certificate, ...]] = {}
        self._under_way: set[str] = set()
        self._failed: dict[str, float] = {}
        self._threads = ThreadPoolExecutor(max_workers=1, thread_name_prefix="paypal-certificates")

    def at(self, url: str) -> tuple[x509.Certificate, ...]:
        """The certificate at an address and those it stands under. Unauthenticated where the address is not PayPal's, Transient
        while it is being fetched."""
        check_address(url)
        with self._lock:
            if url in self._kept:
                return self._kept[url]
            waits = time.monotonic() < self._failed.get(url, 0.0)
            if url not in self._under_way and not waits and len(self._under_way) < MOST_UNDER_WAY:
                self._under_way.add(url)
                self._threads.submit(self._bring, url)
        raise Transient("the certificate is being fetched")

    def _bring(self, url: str) -> None:
        try:
            chain = tuple(x509.load_pem_x509_certificates(self._fetch(url)))
        except (Failure, ValueError):
            chain = ()
        with self._lock:
            self._under_way.discard(url)
            kept, end = (self._kept, chain) if chain else (self._failed, time.monotonic() + PAUSE_AFTER_FAILURE)
            while len(kept) >= MOST_KEPT:
                kept.pop(next(iter(kept)))
            kept[url] = end  # type: ignore[assignment]


def check_address(url: str) -> None:
    """Unauthenticated for an address from which anybody but PayPal could answer."""
    try:
        address = parsed(url)
    except ValueError:
        raise refusal() from None
    if (address.scheme, address.port) != ("https", 443) or not address.host.endswith(DOMAIN):
        raise refusal()
    if not address.target.startswith(FOLDER):
        raise refusal()


def check_chain(chain: Sequence[x509.Certificate], authorities: Sequence[x509.Certificate], now: datetime) -> None:
    """Pass when the first certificate is PayPal's, valid now, and stands under an authority; Unauthenticated otherwise."""
    policy = PolicyBuilder().store(Store(list(authorities))).time(now.astimezone(UTC).replace(tzinfo=None))
    for name in NAMES:
        try:
            policy.build_server_verifier(x509.DNSName(name)).verify(chain[0], list(chain[1:]))
        except VerificationError:
            continue
        return
    raise refusal()
