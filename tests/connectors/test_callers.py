"""Where a request comes from, and whether an endpoint takes any from there."""

from datetime import UTC, datetime

import pytest

from canonical.failures import Misconfigured, Unauthenticated
from connectors.base import Endpoint, RawMessage
from connectors.callers import caller, comes_from, networks
from connectors.table import CONNECTORS
from connectors.url_token import check_token
from mappings.translation import Settings, Translations
from orderlane.endpoints import load_endpoints
from orderlane.settings import Settings as HubSettings
from routing.intake import Intake
from routing.routes import Router
from routing.rules.decide import Rules
from store.database import open_database

ALLOWED = networks(["203.0.113.0/24", "2001:db8::/32"])


@pytest.mark.parametrize(
    ("address", "allowed"),
    [
        ("203.0.113.7", True), ("203.0.114.7", False), ("2001:db8::1", True), ("2001:db9::1", False),
        ("::ffff:203.0.113.7", True), ("::ffff:10.0.0.1", False), ("", False), ("unknown", False), ("203.0.113.7:80", False),
    ],
)  # fmt: skip
def test_an_address_is_in_one_of_the_networks(address: str, allowed: bool) -> None:
    assert comes_from(address, ALLOWED) is allowed


@pytest.mark.parametrize(
    ("peer", "forwarded", "found"),
    [
        ("198.51.100.1", "203.0.113.7", "198.51.100.1"),  # a stranger may write what it likes
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "203.0.113.7", "203.0.113.7"),
        ("10.0.0.1", "203.0.113.7, 198.51.100.1", "198.51.100.1"),  # the first was written by the caller itself
        ("10.0.0.1", "203.0.113.7, 198.51.100.1, 10.0.0.2", "198.51.100.1"),
        ("10.0.0.1", "10.0.0.3,10.0.0.2", "10.0.0.3"),
        ("10.0.0.1", "nonsense", "nonsense"),
    ],
)
def test_only_our_own_proxies_are_believed(peer: str, forwarded: str, found: str) -> None:
    assert caller(peer, forwarded, networks(["10.0.0.0/8"])) == found


def test_the_networks_stand_in_the_configuration(tmp_path) -> None:
    file = tmp_path / "endpoints.yaml"
    file.write_text("endpoints:\n  sf:\n    partner: sf\n    connector: sf\n    allow_from: [203.0.113.0/24, 2001:db8::1]\n")
    assert load_endpoints(file, CONNECTORS, None)["sf"].allow_from == networks(["203.0.113.0/24", "2001:db8::1/128"])
    file.write_text("endpoints:\n  sf:\n    partner: sf\n    connector: sf\n    allow_from: [203.0.113.7/24]\n")
    with pytest.raises(Misconfigured, match="allow_from"):
        load_endpoints(file, CONNECTORS, None)


def test_trusted_proxies_are_read_from_a_list() -> None:
    assert HubSettings(trusted_proxies=" 10.0.0.0/8, ::1 ").proxies == networks(["10.0.0.0/8", "::1/128"])
    with pytest.raises(ValueError, match="trusted_proxies"):
        HubSettings(trusted_proxies="the proxy")


def intake(endpoint: Endpoint) -> Intake:
    return Intake(
        open_database("sqlite://"), CONNECTORS, {endpoint.name: endpoint}, Translations([]),
        Router(Rules(()), handlers=(), partitions=1), settings={endpoint.name: Settings()},
    )  # fmt: skip


def test_a_right_proof_from_elsewhere_is_not_taken() -> None:
    endpoint = Endpoint("parcels", "p", "easypost", (b"secret",), allow_from=ALLOWED)
    sign = CONNECTORS["easypost"].sign
    assert sign is not None
    signed = sign(RawMessage("parcels", {}, b"{}", datetime.now(UTC), caller="203.0.113.7"), endpoint)
    assert intake(endpoint).prepare(signed).record.status == "malformed"
    elsewhere = RawMessage("parcels", signed.headers, b"{}", signed.received_at, caller="203.0.114.7")
    with pytest.raises(Unauthenticated, match="not authentic"):
        intake(endpoint).prepare(elsewhere)


def test_where_nothing_is_signed_the_address_may_be_the_only_proof() -> None:
    raw = RawMessage("sf", {}, b"{}", datetime.now(UTC))
    check_token(raw, Endpoint("sf", "sf", "sf", allow_from=ALLOWED))
    with pytest.raises(Misconfigured):
        check_token(raw, Endpoint("sf", "sf", "sf"))
    with pytest.raises(Unauthenticated):
        check_token(raw, Endpoint("sf", "sf", "sf", (b"secret",), allow_from=ALLOWED))
