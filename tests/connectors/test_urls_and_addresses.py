"""No URL, name or redirect leads into our own network (fault F24)."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from canonical.failures import Misconfigured, Transient
from connectors.addresses import dialable
from connectors.http import exchange
from connectors.settings import Sending
from connectors.urls import parsed
from tests.connectors import partner
from tests.connectors.partner import Partner

INSIDE_V4 = ("127.0.0.1", "127.1.2.3", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1")
INSIDE_V6 = ("::1", "fd00::1", "fc00::1")
NEVER = (
    "169.254.169.254", "169.254.170.2", "100.100.100.200", "168.63.129.16", "0.0.0.0", "0.1.2.3", "192.0.0.192", "192.0.2.1",
    "198.18.0.1", "198.51.100.1", "203.0.113.1", "192.88.99.1", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255",
    "::", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:169.254.169.254", "::ffff:8.8.8.8", "64:ff9b::a9fe:a9fe", "64:ff9b:1::7f00:1",
    "2002:7f00:1::", "2002:a9fe:a9fe::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2", "2001:db8::1", "3fff::1", "fe80::1", "fe80::1%lo",
    "fec0::1", "ff02::1", "fd00:ec2::254", "fd20:ce::254", "100::1", "5f00::1", "not an address", "", "1.2.3", "127.1",
)  # fmt: skip
PUBLIC = ("8.8.8.8", "1.1.1.1", "172.15.0.1", "172.32.0.1", "100.63.0.1", "100.128.0.1", "2606:4700::1111", "2a00:1450:4001::1")


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_may_be_dialled(address: str) -> None:
    assert dialable(address, allow_private=False)
    assert dialable(address, allow_private=True)


@pytest.mark.parametrize("address", INSIDE_V4 + INSIDE_V6)
def test_private_addresses_only_where_it_is_allowed(address: str) -> None:
    assert not dialable(address, allow_private=False)
    assert dialable(address, allow_private=True)


@pytest.mark.parametrize("address", NEVER)
def test_metadata_link_local_multicast_and_embedding_addresses_never(address: str) -> None:
    assert not dialable(address, allow_private=False)
    assert not dialable(address, allow_private=True)


UNREADABLE = (
    "", "example.com", "//example.com/", "/hook", "file:///etc/passwd", "gopher://example.com/", "ftp://example.com/", "ws://example.com/",
    "javascript:alert(1)", "http://", "http:///hook", "http:example.com", "http://user@example.com/", "http://user:word@example.com/",
    "http://example.com@127.0.0.1/", "http://example.com#@127.0.0.1/", "http://example.com\\@127.0.0.1/", "http://example.com/#a",
    "http://example.com/a b", "http://example.com/\r\nHost: inside", "http://exam\nple.com/", "http://example.com/\x00", "http://\u24d4xample.com/",
    "http://\uff11\uff12\uff17.0.0.1/", "http://m\u00fcller.example/", "http://example.com:22/", "http://example.com:25/", "http://example.com:5432/",
    "http://example.com:5672/", "http://example.com:15672/", "http://example.com:6379/", "http://example.com:0/", "http://example.com:99999/",
    "http://example.com:x/", "http://[::1", "http://[fe80::1%25lo]/", "http://exa_mple$.com/", "http://%6c%6f%63alhost/", " http://example.com/",
    "http://" + "a" * 2000 + "/",
)  # fmt: skip


@pytest.mark.parametrize("text", UNREADABLE)
def test_a_url_two_readers_may_read_differently_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="expected"):
        parsed(text)


@pytest.mark.parametrize(
    ("text", "host", "port", "target"),
    [
        ("https://partner.example.com/hook?a=1&b=%20", "partner.example.com", 443, "/hook?a=1&b=%20"),
        ("http://PARTNER.example.com", "partner.example.com", 80, "/"),
        ("https://xn--mller-kva.example:8443/", "xn--mller-kva.example", 8443, "/"),
        ("https://[2606:4700::1111]:443/x", "2606:4700::1111", 443, "/x"),
    ],
)
def test_an_ordinary_url_is_read_into_its_parts(text: str, host: str, port: int, target: str) -> None:
    url = parsed(text)
    assert (url.host, url.port, url.target) == (host, port, target)


SPELLINGS = (
    "127.0.0.1", "2130706433", "0x7f000001", "0x7f.1", "017700000001", "0177.0.0.1", "127.1", "127.0.1", "0", "0.0.0.0",
    "localhost", "LOCALHOST", "[::1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::127.0.0.1]", "[0:0:0:0:0:0:0:1]", "[::]",
    "127.0.0.1.",
)  # fmt: skip


@contextmanager
def no_dialling(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Any]]:
    """Where connections were tried to."""
    dialled: list[Any] = []

    def refuse(address: Any, *_: object) -> socket.socket:
        dialled.append(address)
        raise ConnectionRefusedError(111, "Connection refused")

    monkeypatch.setattr(socket, "create_connection", refuse)
    yield dialled


@pytest.mark.parametrize("host", SPELLINGS)
def test_no_spelling_of_this_host_is_dialled(host: str) -> None:
    with Partner(partner.answer(200)) as inside:
        with pytest.raises((Misconfigured, Transient)):
            exchange(Sending(url=f"http://{host}:{inside.port}/"), b"{}", {})
        assert inside.connections == 0


@pytest.mark.parametrize("address", [*INSIDE_V4, *INSIDE_V6, *NEVER[:36]])
def test_a_name_that_leads_inside_is_not_dialled(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda host, port, **_: [found(address, port)])
    with no_dialling(monkeypatch) as dialled, pytest.raises(Misconfigured):
        exchange(Sending(url="https://partner.example.com/hook"), b"{}", {})
    assert dialled == []


def test_a_name_with_one_address_inside_is_not_dialled_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda host, port, **_: [found("8.8.8.8", port), found("10.0.0.1", port)])
    with no_dialling(monkeypatch) as dialled, pytest.raises(Misconfigured, match=r"leads to 10\.0\.0\.1"):
        exchange(Sending(url="https://partner.example.com/hook"), b"{}", {})
    assert dialled == []


def test_the_address_that_was_checked_is_the_one_that_is_dialled(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = ["8.8.8.8", "127.0.0.1", "127.0.0.1"]
    monkeypatch.setattr(socket, "getaddrinfo", lambda host, port, **_: [found(answers.pop(0), port)])
    with no_dialling(monkeypatch) as dialled, pytest.raises(Transient):
        exchange(Sending(url="https://rebinding.example.com/hook"), b"{}", {})
    assert (dialled, answers) == ([("8.8.8.8", 443)], ["127.0.0.1", "127.0.0.1"])


def test_every_address_of_a_name_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        socket, "getaddrinfo", lambda host, port, **_: [found(a, port) for a in ("8.8.8.8", "2606:4700::1111", "8.8.8.8")]
    )
    with no_dialling(monkeypatch) as dialled, pytest.raises(Transient, match="Connection refused"):
        exchange(Sending(url="https://partner.example.com/hook"), b"{}", {})
    assert dialled == [("8.8.8.8", 443), ("2606:4700::1111", 443)]


def test_metadata_is_out_of_reach_even_where_private_addresses_are_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    with no_dialling(monkeypatch) as dialled, pytest.raises(Misconfigured):
        exchange(Sending(url="http://169.254.169.254/latest/meta-data/", allow_private=True), b"", {})
    assert dialled == []


def found(address: str, port: int) -> tuple[Any, ...]:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    return (family, socket.SOCK_STREAM, 6, "", (address, port))
