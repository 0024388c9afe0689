"""The connection itself, byte by byte: requests in pieces, several at once, cut off, garbled; and senders who do not read."""

import contextlib
import json
import re
import socket
import threading
import time
from collections.abc import Iterator

import pytest

import hub_api.intake
from tests.hub_api.doors import MOST, Door, opened, order
from tests.support.waiting import PATIENCE, until

HEAD = re.compile(rb"HTTP/1\.1 (\d{3}) [A-Za-z -]+\r\n((?:[a-z-]+: [^\r\n]+\r\n)+)\r\n", re.IGNORECASE)


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory, secrets: None) -> Iterator[Door]:
    with opened(f"sqlite:///{tmp_path_factory.mktemp('connection')}/orderlane.db") as door:
        yield door


@pytest.fixture
def line(door: Door) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", door.port), timeout=PATIENCE) as line:
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        yield line


def request(door: Door, number: str, *more: str, chunks: int = 0, version: str = "1.1") -> bytes:
    """The bytes of a signed order to `shop-eu`. more: further headers, as they stand. chunks: the body in so many of them."""
    body, signed = door.signed("shop-eu", order(number))
    headers = [f"{name}: {value}" for name, value in signed.items()]
    if not chunks:
        return _head(f"POST /in/shop-eu HTTP/{version}", *headers, f"Content-Length: {len(body)}", *more) + body
    size = len(body) // chunks + 1
    parts = [body[at : at + size] for at in range(0, len(body), size)]
    chunked = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"
    return _head("POST /in/shop-eu HTTP/1.1", *headers, "Transfer-Encoding: chunked", *more) + chunked


def _head(first: str, *headers: str) -> bytes:
    return "\r\n".join([first, "Host: hub", *headers, "", ""]).encode()


class Answers:
    """The answers on a connection, one after the other."""

    def __init__(self, line: socket.socket) -> None:
        self._line = line
        self._read = b""

    def next(self, *, with_body: bool = True) -> tuple[int, dict[str, str], bytes]:
        """Status, headers and body of the next answer."""
        while (head := HEAD.match(self._read)) is None:
            self._more()
        headers = dict(line.split(": ", 1) for line in head[2].decode().lower().splitlines())
        end = head.end() + (int(headers["content-length"]) if with_body else 0)
        while len(self._read) < end:
            self._more()
        body, self._read = self._read[head.end() : end], self._read[end:]
        return int(head[1]), headers, body

    def accepted(self) -> str:
        """The raw id of an order that was taken for the first time."""
        status, _, body = self.next()
        told = json.loads(body)
        assert (status, told["status"], told["repeated"]) == (202, "accepted", False), told
        return str(told["raw_id"])

    def end(self) -> bytes:
        """What else comes until the hub hangs up."""
        with contextlib.suppress(ConnectionResetError):
            while chunk := self._line.recv(65536):
                self._read += chunk
        return self._read

    def _more(self) -> None:
        chunk = self._line.recv(65536)
        assert chunk, self._read
        self._read += chunk


def numbers_kept(door: Door) -> list[str]:
    return [json.loads(body)["name"].removeprefix("#") for _, body in door.kept("shop-eu")]


def test_requests_one_after_the_other_on_one_connection_are_answered_one_by_one(door: Door, line: socket.socket) -> None:
    answers = Answers(line)
    for number in ("KEEP-1", "KEEP-2", "KEEP-3"):
        line.sendall(request(door, number))
        answers.accepted()
    assert numbers_kept(door)[-3:] == ["KEEP-1", "KEEP-2", "KEEP-3"]


def test_pipelined_requests_are_answered_in_their_order_whoever_answers_them(door: Door, line: socket.socket) -> None:
    line.sendall(
        request(door, "PIPE-1")
        + _head("GET /healthz HTTP/1.1")
        + _head("GET /in/shop-eu HTTP/1.1")
        + request(door, "PIPE-2", chunks=3)
        + _head("POST /in/nobody HTTP/1.1", "Content-Length: 2")
        + b"{}"
        + request(door, "PIPE-3")
    )
    answers = Answers(line)
    first = answers.accepted()
    assert [answers.next()[0] for _ in range(2)] == [200, 405]
    second = answers.accepted()
    assert answers.next()[0] == 404
    third = answers.accepted()
    assert len({first, second, third}) == 3
    assert numbers_kept(door)[-3:] == ["PIPE-1", "PIPE-2", "PIPE-3"]


def test_a_thousand_pipelined_requests_are_all_answered(door: Door, line: socket.socket) -> None:
    asked = _head("GET /in/nobody HTTP/1.1") * 500 + (_head("POST /in/nobody HTTP/1.1", "Content-Length: 1") + b"x") * 500
    sending = threading.Thread(target=line.sendall, args=(asked,))
    sending.start()
    answers = Answers(line)
    assert {answers.next()[0] for _ in range(1000)} == {404}
    sending.join(timeout=PATIENCE)


@pytest.mark.parametrize("chunks", [0, 4])
def test_a_request_that_comes_byte_by_byte_is_taken(door: Door, line: socket.socket, chunks: int) -> None:
    whole = request(door, f"SLOW-{chunks}", chunks=chunks)
    head_end = whole.index(b"\r\n\r\n") + 4
    for at in range(head_end + 20):  # its line, its headers and where they end, and the beginning of the body
        line.sendall(whole[at : at + 1])
    line.sendall(whole[head_end + 20 :])
    Answers(line).accepted()


def test_a_slow_body_is_408_once_and_what_still_comes_of_it_is_not_a_request(
    door: Door, line: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, answers = request(door, "LATE-1"), Answers(line)
    with monkeypatch.context() as impatient:
        impatient.setattr(hub_api.intake, "READ_WITHIN", 0.1)
        line.sendall(whole[:-10])
        status, _, body = answers.next()
    assert (status, json.loads(body)["code"]) == (408, "E_SLOW")
    line.sendall(whole[-10:] + request(door, "LATE-2"))
    answers.accepted()
    assert "LATE-1" not in numbers_kept(door)


def test_a_sender_who_asks_first_is_told_to_go_on(door: Door, line: socket.socket) -> None:
    whole = request(door, "ASK-1", "Expect: 100-continue")
    end = whole.index(b"\r\n\r\n") + 4
    line.sendall(whole[:end])
    assert line.recv(4096) == b"HTTP/1.1 100 Continue\r\n\r\n"
    line.sendall(whole[end:])
    Answers(line).accepted()


def test_a_sender_who_asks_for_more_than_is_taken_is_not_told_to_go_on(line: socket.socket) -> None:
    line.sendall(_head("POST /in/shop-eu HTTP/1.1", f"Content-Length: {MOST + 1}", "Expect: 100-continue"))
    status, _, body = Answers(line).next()
    assert (status, json.loads(body)["code"]) == (413, "E_TOO_LARGE")


def test_after_a_body_that_is_too_large_the_connection_goes_on(door: Door, line: socket.socket) -> None:
    line.sendall(_head("POST /in/shop-eu HTTP/1.1", f"Content-Length: {MOST + 1}"))
    answers = Answers(line)
    assert answers.next()[0] == 413
    line.sendall(b"x" * (MOST + 1) + request(door, "AFTER-1"))
    answers.accepted()


@pytest.mark.parametrize("behind", ["", "pipelined"])
def test_whoever_hangs_up_in_the_middle_leaves_nothing_behind(door: Door, behind: str) -> None:
    before = numbers_kept(door)
    whole = request(door, f"GONE-{behind}")
    with socket.create_connection(("127.0.0.1", door.port), timeout=PATIENCE) as line:
        line.sendall((_head("GET /in/nobody HTTP/1.1") if behind else b"") + whole[: len(whole) // 2])
        time.sleep(0.05)
    door.send("shop-eu", order(f"STILL-{behind}"))
    assert numbers_kept(door) == [*before, f"STILL-{behind}"]


def test_what_came_in_full_is_kept_though_nobody_waits_for_the_answer(door: Door) -> None:
    with socket.create_connection(("127.0.0.1", door.port), timeout=PATIENCE) as line:
        line.sendall(request(door, "DEAF-1"))
    until(lambda: "DEAF-1" in numbers_kept(door), "it is kept")


@pytest.mark.parametrize(
    "garbled",
    [
        b"NONSENSE\r\n\r\n",
        b"POST /in/shop-eu HTTP/9.9\r\n\r\n",
        b"POST /in/shop-eu HTTP/1.1\r\nContent-Length: many\r\n\r\n",
        b"POST /in/shop-eu HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef",
        b"POST /in/shop-eu HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nnot a size\r\n",
    ],
)
def test_what_is_not_http_is_400_and_the_end_of_the_connection(line: socket.socket, garbled: bytes) -> None:
    line.sendall(garbled)
    assert Answers(line).end().startswith(b"HTTP/1.1 400 ")


def test_a_connection_ends_when_its_sender_says_so_or_speaks_http_1_0(door: Door) -> None:
    for asked in (request(door, "CLOSE-1", "Connection: close"), request(door, "CLOSE-2", version="1.0")):
        with socket.create_connection(("127.0.0.1", door.port), timeout=PATIENCE) as line:
            line.sendall(asked)
            answers = Answers(line)
            status, headers, _ = answers.next()
            assert (status, headers["connection"]) == (202, "close")
            assert answers.end() == b""


def test_head_is_answered_like_get_without_a_body(line: socket.socket) -> None:
    answers = Answers(line)
    line.sendall(_head("GET /in/shop-eu HTTP/1.1"))
    status, told, body = answers.next()
    line.sendall(_head("HEAD /in/shop-eu HTTP/1.1"))
    assert answers.next(with_body=False)[:2] == (status, told)
    line.sendall(_head("HEAD /in/shop-eu HTTP/1.1"))
    assert answers.next(with_body=False)[0] == status
    assert (status, told["allow"], len(body)) == (405, "post", int(told["content-length"]))


def test_a_path_may_be_written_with_percent_signs_and_as_a_whole_address(door: Door, line: socket.socket) -> None:
    answers = Answers(line)
    for number, target in (("PATH-1", b"/in/shop%2Deu"), ("PATH-2", b"http://hub/in/shop-eu?x=1")):
        line.sendall(request(door, number).replace(b"/in/shop-eu", target, 1))
        answers.accepted()


def test_who_does_not_read_the_answers_is_not_read_from_and_gets_them_all_later(door: Door) -> None:
    asked = _head("GET /in/ledger-main HTTP/1.1", "X-Long: " + "x" * 8_000)
    with socket.socket() as line:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        line.connect(("127.0.0.1", door.port))
        sent = 0
        line.settimeout(0.5)
        with contextlib.suppress(TimeoutError):  # nothing is taken any more
            while sent < 20_000_000:
                sent += line.send(asked[sent % len(asked) :] + asked * 5)
        assert sent < 20_000_000, "the hub took whatever came"
        line.settimeout(PATIENCE)
        answers = Answers(line)
        first = answers.next()
        assert (first[0], len(first[2]) > 1000) == (200, True)
        assert all(answers.next() == first for _ in range(sent // len(asked) - 1))
