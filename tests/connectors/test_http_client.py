"""The HTTP client below the connectors: TLS, names, proxies, threads, forks."""

import os
import socket
import ssl
import subprocess
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from canonical.failures import Misconfigured, OutcomeUnknown, Transient
from connectors import http
from connectors.http import exchange, post
from connectors.settings import Sending
from tests.connectors import partner
from tests.connectors.deadlines import far_away
from tests.connectors.partner import Partner
from tests.support.waiting import PATIENCE


def options(url: str, deadline_seconds: float = 15.0) -> Sending:
    return Sending(url=url, allow_private=True, deadline_seconds=deadline_seconds)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate for localhost that nobody trusts, and its key."""
    folder = tmp_path_factory.mktemp("tls")
    made = (folder / "cert.pem", folder / "key.pem")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
         "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-out", str(made[0]), "-keyout", str(made[1])],
        check=True, capture_output=True,
    )  # fmt: skip
    return made


@pytest.fixture
def tls(certificate: tuple[Path, Path]) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    return context


def test_a_certificate_nobody_vouches_for_gets_nothing(tls: ssl.SSLContext) -> None:
    with Partner(partner.answer(200), tls) as other, pytest.raises(Transient, match="certificate verify failed"):
        exchange(options(f"https://localhost:{other.port}/"), b"secret", {"authorization": "Bearer token"})
    assert other.requests == []


def test_a_trusted_certificate_is_good_for_its_name_only(
    tls: ssl.SSLContext, certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    http._client.cache_clear()
    with Partner(partner.answer(200, b"taken"), tls) as other:
        assert post(options(f"https://localhost:{other.port}/"), b"x", {}).body == b"taken"
        with pytest.raises(Transient, match="certificate"):
            exchange(options(f"https://127.0.0.1:{other.port}/"), b"x", {})
    http._client.cache_clear()
    assert len(other.requests) == 1


def test_a_partner_without_tls_on_an_https_url_gets_nothing() -> None:
    with Partner(partner.answer(200)) as other, pytest.raises(Transient):
        exchange(options(f"https://127.0.0.1:{other.port}/", 0.2), b"x", {})
    assert [request for request in other.requests if request.body] == []


def test_a_handshake_without_end_stops_at_the_deadline() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(Transient, match=r"in time|deadline passed"):
        exchange(options(f"https://127.0.0.1:{silent.getsockname()[1]}/", 0.3), b"x", {})


def test_a_name_that_does_not_exist_is_tried_again() -> None:
    with pytest.raises(Transient, match=r"nowhere\.invalid"):
        exchange(options("http://nowhere.invalid/"), b"x", {})


def test_a_name_server_that_hangs_is_left_at_the_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    found = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found.wait(PATIENCE))
    with pytest.raises(Transient, match="name not found in time"):
        exchange(options("http://slow.example.com/", 0.2), b"x", {})
    found.set()


def test_no_proxy_of_the_environment_sees_anything(monkeypatch: pytest.MonkeyPatch) -> None:
    with Partner(partner.answer(200)) as other, Partner(partner.answer(200)) as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.url)
        post(options(other.url), b"x", {})
    assert (other.connections, proxy.connections) == (1, 0)


@pytest.mark.parametrize("value", ["a\r\nx-admin: yes", "a\nb", "a\x00b", "a\u20acb"])
def test_a_header_that_cannot_be_written_is_our_mistake(value: str) -> None:
    with Partner(partner.answer(200)) as other, pytest.raises(Misconfigured):
        exchange(options(other.url), b"x", {"x-order": value})
    assert other.requests == []


def test_a_compressed_answer_is_not_unpacked() -> None:
    with Partner(partner.answer(200, b"\x1f\x8b" + b"\x00" * 20, content_encoding="gzip")) as other:
        reply = post(options(other.url), b"x", {})
    assert reply.body == b"\x1f\x8b" + b"\x00" * 20
    assert other.requests[0].headers["accept-encoding"] == "identity"


def test_a_connection_the_partner_has_closed_is_not_used_again() -> None:
    closed = threading.Semaphore(0)

    def answer_and_close(stream: socket.socket) -> None:
        partner.answer(200)(stream)
        stream.shutdown(socket.SHUT_RDWR)
        closed.release()

    with Partner(answer_and_close) as other:
        for _ in range(3):
            assert post(options(other.url), b"x", {}).status == 200
            assert closed.acquire(timeout=PATIENCE)
    assert (len(other.requests), other.connections) == (3, 3)


def test_a_connection_left_in_the_middle_of_an_answer_is_not_used_again() -> None:
    with Partner(partner.answer(200, b"x" * 100_000)) as other:
        replies = [post(options(other.url), b"x", {}) for _ in range(2)]
    assert [(len(reply.body), reply.complete) for reply in replies] == [(65536, False)] * 2
    assert other.connections == 2


def test_many_threads_share_the_client_and_a_slow_partner_holds_up_nobody_else() -> None:
    with (
        Partner(partner.answer(200, b"quick")) as quick,
        ThreadPoolExecutor(24) as threads,
        Partner(partner.hang) as slow,
        far_away(),
    ):
        stuck = [threads.submit(exchange, options(slow.url), b"x", {}) for _ in range(16)]
        answers = [f.result() for f in [threads.submit(post, options(quick.url), b"x", {}) for _ in range(200)]]
        assert not any(future.done() for future in stuck)
    assert {answer.body for answer in answers} == {b"quick"}
    assert {type(future.exception()) for future in stuck} == {OutcomeUnknown}
    assert quick.connections <= 8


def test_a_forked_process_opens_connections_of_its_own() -> None:
    with Partner(partner.answer(200)) as other:
        post(options(other.url), b"parent", {})
        child = os.fork()
        if child == 0:
            try:
                os._exit(0 if post(options(other.url), b"child", {}).status == 200 else 1)
            finally:
                os._exit(2)
        assert os.waitpid(child, 0)[1] == 0
        post(options(other.url), b"parent", {})
    assert [request.body for request in other.requests] == [b"parent", b"child", b"parent"]
    assert other.connections == 2
