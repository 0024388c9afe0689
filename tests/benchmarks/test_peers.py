"""The peers do the whole job: a peer that skipped part of it would flatter or wrong the comparison."""

import http.client
import time
from collections.abc import Iterator

import pytest

from benchmarks import orders, servers
from benchmarks.peers import system
from benchmarks.peers.system import PEERS, PeerSystem
from benchmarks.runs import Bench, WrongResult
from benchmarks.servers import Servers
from tests.support.waiting import PATIENCE

pytestmark = pytest.mark.services


@pytest.fixture(scope="module")
def running() -> Iterator[Servers]:
    with servers.running() as both:
        yield both


@pytest.fixture(scope="module", params=sorted(PEERS))
def peer(request: pytest.FixtureRequest, running: Servers) -> Iterator[PeerSystem]:
    with system.running(request.param, running) as started:
        yield started


def post(peer: PeerSystem, body: bytes, headers: dict[str, str]) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", peer.port, timeout=PATIENCE)
    connection.request("POST", peer.path, body, headers)
    status = connection.getresponse().status
    connection.close()
    return status


def send(peer: PeerSystem, number: int) -> int:
    body = orders.webhook(number)
    return post(peer, body, orders.headers(number, body, peer.secret))


def count(peer: PeerSystem, query: str) -> int:
    row = peer.database.execute(query).fetchone()
    assert row is not None
    return int(row[0])


def test_orders_are_stored_reserved_and_told_once_and_copies_and_forgeries_change_nothing(peer: PeerSystem) -> None:
    bench = Bench(peer, first=100_001)
    run = bench.run(60, 8)
    assert run.orders == 60
    assert run.accept_ms.p50 > 0
    bench.check()

    assert send(peer, 100_001) == 202  # a copy
    body = orders.webhook(100_500)
    assert post(peer, body, orders.headers(100_500, body, "another secret")) == 401
    unsound = body.replace(b'"total_price":"', b'"total_price":"1', 1)
    assert post(peer, unsound, orders.headers(100_500, unsound, peer.secret)) == 422
    bench.run(1, 1)  # comes after the copy in the queue
    bench.check()

    with pytest.raises(WrongResult, match="orders, lines, reservations"):
        bench.sent.append(999_999)  # never sent: the check would tell
        bench.check()


def test_stock_never_goes_below_zero(peer: PeerSystem) -> None:
    scarce, number = orders.lines_of(200_001)[0], 200_001
    before = count(peer, "SELECT count(*) FROM orders")
    peer.set_stock(scarce.sku, count(peer, f"SELECT reserved FROM stock WHERE sku = '{scarce.sku}'") + scarce.quantity - 1)
    assert send(peer, number) == 202
    time.sleep(1.0)
    assert count(peer, "SELECT count(*) FROM orders") == before
    assert count(peer, "SELECT count(*) FROM stock WHERE reserved > on_hand") == 0
    peer.set_stock(scarce.sku, system.ON_HAND)
