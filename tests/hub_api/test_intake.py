"""The intake door as partners meet it: what is taken, what is refused and in which words, and what is kept of it."""

import contextlib
import http.client
import json
import socket
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from psycopg import sql

import hub_api.intake
from demo.partners import PLAIN
from tests.hub import documents
from tests.hub_api.doors import MOST, Door, opened, order
from tests.support.services import new_database
from tests.support.waiting import PATIENCE, until
from tools.services import pair


@pytest.fixture(scope="module", params=["embedded", "services"])
def mode(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(scope="module")
def database_url(mode: str, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[str]:
    if mode == "embedded":
        yield f"sqlite:///{tmp_path_factory.mktemp('intake')}/orderlane.db"
        return
    with new_database(request.getfixturevalue("services")[pair.DATABASE_URL]) as url:
        yield url


@pytest.fixture(scope="module")
def door(database_url: str, secrets: None) -> Iterator[Door]:
    with opened(database_url) as door:
        yield door


def refused(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """The problem details of a refusal."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    details: dict[str, Any] = answer.json()
    assert (details["status"], details["code"], details["type"]) == (status, code, f"urn:orderlane:problem:{code}")
    return details


# --- who is it --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("endpoint", ["shop-eu", "dealer-acme", "warehouse-main", "parcels", "stripe-eu", "bank", "master-data"])
def test_without_proof_the_answer_is_401_for_every_platform_says_nothing_of_why_and_nothing_is_kept(
    door: Door, endpoint: str
) -> None:
    before = door.kept(endpoint)
    body, signed = door.signed(endpoint, b"{}", x_shopify_topic="orders/create")
    proof = {"x-shopify-hmac-sha256", "authorization", "webhook-signature", "x-hmac-signature", "stripe-signature"} & signed.keys()
    (name,) = proof
    missing = {key: value for key, value in signed.items() if key != name}
    answers = [
        door.post(endpoint, body, missing),
        door.post(endpoint, body, missing | {name: "forged"}),
        door.post(endpoint, body, missing | {name: ""}),
        door.post(endpoint, body, [*signed.items(), (name, signed[name])]),
    ]
    for answer in answers:
        refused(answer, 401, "E_UNAUTHENTICATED")
    assert len({answer.content for answer in answers}) == 1, "every refusal reads the same"
    assert door.kept(endpoint) == before


def test_a_signature_is_for_these_bytes_only(door: Door) -> None:
    body, signed = door.signed("shop-eu", order("SIG-1"))
    before = door.kept("shop-eu")
    for changed in (body + b" ", body.replace(b"SIG-1", b"SIG-2"), json.dumps(json.loads(body), indent=1).encode(), b""):
        refused(door.post("shop-eu", changed, signed), 401, "E_UNAUTHENTICATED")
    assert door.kept("shop-eu") == before


@pytest.mark.parametrize("endpoint", ["nobody", "shop-eu-events", "shop-eu/more", ""])
def test_an_endpoint_that_does_not_exist_or_only_sends_is_404(door: Door, endpoint: str) -> None:
    answer = door.post(endpoint, b"{}", {})
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


def test_secrets_in_headers_are_not_kept(door: Door) -> None:
    door.send("dealer-acme", b"no X12")
    with door.hub.database.reading() as tx:
        rows = tx.rows("SELECT headers FROM raw_messages WHERE endpoint = 'dealer-acme'")
    assert all("demo-dealer-token" not in row.headers for row in rows)
    assert any('"authorization"' in row.headers for row in rows)


# --- how much and how fast --------------------------------------------------------------------------------------------


def test_a_body_of_the_limit_is_taken_and_one_byte_more_is_413_before_it_is_read(door: Door) -> None:
    filled = order("FULL-1", note="")
    filled = filled.replace(b'"note": ""', b'"note": "' + b"x" * (MOST - len(filled)) + b'"')
    assert len(filled) == MOST
    assert door.send("shop-eu", filled).json()["status"] == "untranslated"
    before = door.kept("shop-eu")
    details = refused(door.send("shop-eu", filled + b" "), 413, "E_TOO_LARGE")
    assert details["detail"] == f"expected at most {MOST} bytes"
    assert door.kept("shop-eu") == before


def test_a_chunked_body_is_cut_off_at_the_limit(door: Door) -> None:
    def endless() -> Iterator[bytes]:
        for _ in range(MOST // 50_000 + 2):
            yield b"x" * 50_000

    before = door.kept("shop-eu")
    answer = httpx.post(f"http://127.0.0.1:{door.port}/in/shop-eu", content=endless(), timeout=PATIENCE)
    refused(answer, 413, "E_TOO_LARGE")
    assert door.kept("shop-eu") == before


def test_a_body_that_does_not_come_in_time_is_408(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_api.intake, "READ_WITHIN", 0.2)
    with socket.create_connection(("127.0.0.1", door.port), timeout=PATIENCE) as slow:
        slow.sendall(b"POST /in/shop-eu HTTP/1.1\r\nhost: hub\r\ncontent-length: 100\r\n\r\nhalf")
        answer = http.client.HTTPResponse(slow, method="POST")
        answer.begin()
        assert (answer.status, json.load(answer)["code"]) == (408, "E_SLOW")


# --- not of its format ------------------------------------------------------------------------------------------------

NOT_JSON = {
    "a comma too many": (b'{"type": "stock.level",}', "E_JSON"),
    "a name twice": (b'{"type": "stock.level", "type": "stock.level"}', "E_JSON_DUPLICATE_KEY"),
    "a name twice far inside": (
        b'{"type": "stock.level", "data": {"items": [{"item": "A", "item": "B"}]}}',
        "E_JSON_DUPLICATE_KEY",
    ),
    "not a number": (b'{"type": "stock.level", "data": NaN}', "E_JSON_NUMBER"),
    "infinity": (b'{"type": "stock.level", "data": -Infinity}', "E_JSON_NUMBER"),
    "a number of a thousand digits": (b'{"type": "stock.level", "data": 1' + b"0" * 1000 + b"}", "E_JSON_NUMBER"),
    "too deep": (b'{"type": "stock.level", "data": ' + b"[" * 64 + b"]" * 64 + b"}", "E_JSON_DEPTH"),
    "much too deep": (b'{"type": "stock.level", "data": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "E_JSON_DEPTH"),
    "not UTF-8": (b'{"type": "\xff"}', "E_JSON_ENCODING"),
    "something behind": (b'{"type": "stock.level"} {}', "E_JSON"),
    "half a pair": (b'{"type": "stock.level", "data": "\\ud800"}', "E_JSON_TEXT"),
    "a NUL": (b'{"type": "stock.level", "data": "\\u0000"}', "E_JSON_TEXT"),
    "a list": (b"[]", "E_JSON"),
    "nothing": (b"", "E_JSON"),
}


@pytest.mark.parametrize("what", NOT_JSON)
def test_what_is_not_strict_json_is_400_with_its_place_and_the_bytes_are_kept(door: Door, what: str) -> None:
    body, code = NOT_JSON[what]
    details = refused(door.send("warehouse-main", body, webhook_id=f"bad-{list(NOT_JSON).index(what)}"), 400, "E_MALFORMED")
    assert [(problem["code"], problem["expected"] != "") for problem in details["problems"]] == [(code, True)]
    assert details["problems"][0]["path"].startswith(("$", "data"))
    assert door.kept("warehouse-main")[-1] == ("malformed", body)


def test_a_quarantining_endpoint_keeps_what_is_not_json_and_answers_202(door: Door) -> None:
    body = b'{"name": "#1", "name": "#2"}'
    told = door.send("shop-eu", body).json()
    assert (told["status"], told["message_ids"]) == ("quarantined", [])
    assert [problem["code"] for problem in told["problems"]] == ["E_JSON_DUPLICATE_KEY"]
    assert door.kept("shop-eu")[-1] == ("quarantined", body)


def test_what_is_not_x12_is_400_with_its_position(door: Door) -> None:
    details = refused(door.send("dealer-acme", b"UNA:+.? 'UNB+UNOC"), 400, "E_MALFORMED")
    assert [(p["code"], p["path"], p["value"]) for p in details["problems"]] == [
        ("E_X12_NO_ISA", "character 1", "UNA:+.? 'UNB+UNOC")
    ]
    assert door.kept("dealer-acme")[-1] == ("malformed", b"UNA:+.? 'UNB+UNOC")


def test_an_interchange_cut_in_the_middle_is_refused_whole(door: Door) -> None:
    whole = documents.interchange(
        4711, documents.dealer_order("CUT-1", ("A", 1, "1")), documents.dealer_order("CUT-2", ("A", 1, "1"))
    )
    for end in (60, len(whole) // 2, len(whole) - 5):
        control = f"{4000 + end:09d}".encode()
        answer = door.send("dealer-acme", whole.replace(b"000004711", control)[:end])
        assert answer.status_code in {400, 422}, answer.text
        assert answer.json()["problems"]
    assert_unknown(door, "CUT-1", "CUT-2")


def assert_unknown(door: Door, *numbers: str) -> None:
    with door.hub.database.reading() as tx:
        rows = tx.rows("SELECT subject FROM messages WHERE type = 'order.placed'")
    assert {row.subject for row in rows}.isdisjoint(numbers)


WRONG_TOTALS = {
    "SE counts other segments": (b"SE*11*0001~", b"SE*10*0001~"),
    "SE names another set": (b"SE*11*0001~", b"SE*11*0002~"),
    "GE counts other sets": (b"GE*1*", b"GE*2*"),
    "IEA names another interchange": (b"IEA*1*00000080", b"IEA*1*00000090"),
    "CTT counts other lines": (b"CTT*1~", b"CTT*2~"),
    "AMT sums otherwise": (b"AMT*TT*2~", b"AMT*TT*3~"),
}


@pytest.mark.parametrize("what", WRONG_TOTALS)
def test_wrong_control_totals_are_refused_and_no_order_is_made_of_them(door: Door, what: str) -> None:
    right, wrong = WRONG_TOTALS[what]
    place = list(WRONG_TOTALS).index(what)
    number = f"TOTALS-{place}"
    body = documents.interchange(800 + place, documents.dealer_order(number, ("A", 2, "1")))
    assert right in body, body
    answer = door.send("dealer-acme", body.replace(right, wrong))
    assert answer.status_code in {400, 422}, answer.text
    problems = answer.json()["problems"]
    assert problems
    assert all(problem["code"].startswith("E_") and problem["path"] for problem in problems)
    assert_unknown(door, number)


def test_a_doctype_is_refused_whatever_it_says(door: Door) -> None:
    body = documents.bank_credit("DTD-1", "1.00", "INV-1").replace(
        b"<Document", b'<!DOCTYPE Document [<!ENTITY x SYSTEM "file:///etc/passwd">]><Document', 1
    )
    details = refused(door.send("bank", body), 400, "E_MALFORMED")
    assert [problem["code"] for problem in details["problems"]] == ["E_XML_DOCTYPE"]
    assert "root:" not in json.dumps(details)
    assert door.kept("bank")[-1] == ("malformed", body)


# --- of its format, but breaking the schema or a rule -----------------------------------------------------------------


def test_a_rejecting_endpoint_tells_every_problem_at_once_with_its_place_and_what_was_expected(door: Door) -> None:
    lines = ("A", 2, "1"), ("B", 1, "2")
    body = documents.interchange(77, documents.dealer_order("REJ-1", *lines, unit="ZZ", currency="XXY"))
    details = refused(door.send("dealer-acme", body), 422, "E_REJECTED")
    found = {(problem["code"], problem["path"], problem["value"]) for problem in details["problems"]}
    assert {
        ("E_UOM", "ST[1]/PO1[1]-03 (segment 8)", "ZZ"),
        ("E_UOM", "ST[1]/PO1[2]-03 (segment 9)", "ZZ"),
    } <= found
    assert any(code == "E_CURRENCY" and value == "XXY" for code, _, value in found), found
    assert all(problem["expected"] for problem in details["problems"])
    assert door.kept("dealer-acme")[-1] == ("rejected", body)
    assert_unknown(door, "REJ-1")


def test_a_quarantining_endpoint_answers_202_with_the_same_problems_and_a_person_looks_at_it(door: Door) -> None:
    body = order("QUA-1", total_price="21.00", currency="euro")
    told = door.send("shop-eu", body).json()
    assert (told["status"], told["message_ids"], told["repeated"]) == ("quarantined", [], False)
    problems = {(problem["code"], problem["path"]) for problem in told["problems"]}
    assert ("E_CURRENCY", "currency") in problems, problems
    assert door.kept("shop-eu")[-1] == ("quarantined", body)
    assert_unknown(door, "QUA-1")


def test_sums_that_do_not_add_up_are_told(door: Door) -> None:
    told = door.send("shop-eu", order("SUM-1", total_price="21.00")).json()
    assert told["status"] == "quarantined"
    assert [(problem["code"], problem["path"]) for problem in told["problems"]] == [("E_TAX_TOTAL", "total_price")]


def test_an_instant_without_an_offset_is_refused_where_nobody_said_which_zone(door: Door) -> None:
    told = door.send("shop-eu", order("NAIVE-1", created_at="2026-11-20T09:14:07", processed_at="2026-11-20T09:14:06")).json()
    assert told["status"] == "quarantined"
    assert {problem["code"] for problem in told["problems"]} == {"E_TIME_NAIVE"}


def test_an_unknown_topic_is_kept_and_told(door: Door) -> None:
    told = door.send("shop-eu", order("TOPIC-1"), x_shopify_topic="orders/deleted").json()
    assert told["status"] == "quarantined"
    assert [(problem["path"], problem["value"]) for problem in told["problems"]] == [("X-Shopify-Topic", "orders/deleted")]


# --- nothing to keep it in --------------------------------------------------------------------------------------------


@contextlib.contextmanager
def out_of_reach(database_url: str) -> Iterator[None]:
    """PostgreSQL lets nobody in and has thrown out who was there; SQLite's tables cannot be written."""
    if database_url.startswith("sqlite"):
        file = database_url.removeprefix("sqlite:///")
        with contextlib.closing(sqlite3.connect(file, isolation_level=None)) as other:
            other.execute("ALTER TABLE raw_messages RENAME TO raw_messages_away")
            yield
            other.execute("ALTER TABLE raw_messages_away RENAME TO raw_messages")
        return
    server, _, name = database_url.rpartition("/")
    database = sql.Identifier(name)
    with psycopg.connect(f"{server}/template1", autocommit=True) as admin:
        admin.execute(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS false").format(database))
        admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
        yield
        admin.execute(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS true").format(database))


def test_with_the_database_down_the_answer_is_503_at_once_and_the_same_request_is_taken_later(
    door: Door, database_url: str
) -> None:
    body, signed = door.signed("shop-eu", order("DOWN-1"))
    with out_of_reach(database_url):
        for _ in range(3):
            answer = door.post("shop-eu", body, signed)
            refused(answer, 503, "E_UNAVAILABLE")
            assert answer.headers["retry-after"] == "1"
    again = door.post("shop-eu", body, signed)
    assert (again.status_code, again.json()["status"], again.json()["repeated"]) == (202, "accepted", False)
    assert [kept for kept in door.kept("shop-eu") if kept[1] == body] == [("accepted", body)]


def test_a_locked_database_is_503_after_a_while_and_nothing_is_answered_with_2xx(
    tmp_path: Path, secrets: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(f"sqlite:///{tmp_path}/locked.db") as door, contextlib.closing(sqlite3.connect(tmp_path / "locked.db")) as other:
        other.execute("BEGIN IMMEDIATE")
        monkeypatch.setattr(hub_api.intake, "COMMIT_WITHIN", 0.3)
        refused(door.send("shop-eu", order("LOCKED-1")), 503, "E_UNAVAILABLE")
        other.rollback()
        monkeypatch.setattr(hub_api.intake, "COMMIT_WITHIN", PATIENCE)
        assert door.send("shop-eu", order("LOCKED-1")).status_code == 202
        assert len(door.kept("shop-eu")) == 1


def test_while_postgresql_takes_its_time_the_door_goes_on_answering_and_then_keeps_what_came(
    services: dict[str, str], secrets: None
) -> None:
    with (
        new_database(services[pair.DATABASE_URL]) as url,
        opened(url) as door,
        ThreadPoolExecutor() as senders,
        psycopg.connect(url) as other,
    ):
        other.execute("LOCK TABLE raw_messages IN ACCESS EXCLUSIVE MODE")
        sent = [senders.submit(door.send, "shop-eu", order(f"SLOW-{number}")) for number in range(3)]
        until(lambda: waiting_for_a_lock(other), "a statement waits")
        for _ in range(20):
            assert httpx.get(f"http://127.0.0.1:{door.port}/healthz", timeout=PATIENCE, verify=PLAIN).status_code == 200
        assert not any(request.done() for request in sent)
        other.rollback()
        assert [request.result(PATIENCE).status_code for request in sent] == [202, 202, 202]


def waiting_for_a_lock(connection: psycopg.Connection[Any]) -> bool:
    return connection.execute("SELECT 1 FROM pg_locks WHERE NOT granted").fetchone() is not None


def test_requests_that_come_at_once_are_each_answered_for_themselves(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_api.intake, "AT_ONCE", 2)
    callers: dict[str, http.client.HTTPConnection] = {}
    for number in range(30):
        body, headers = door.signed("shop-eu", order(f"AT-ONCE-{number}"))
        caller = callers[f"AT-ONCE-{number}"] = http.client.HTTPConnection("127.0.0.1", door.port, timeout=PATIENCE)
        caller.request("POST", "/in/shop-eu", body if number % 5 else body + b" ", headers)
    answers = {name: caller.getresponse() for name, caller in callers.items()}
    statuses = {name: answer.status for name, answer in answers.items()}
    assert statuses == {f"AT-ONCE-{number}": 202 if number % 5 else 401 for number in range(30)}
    raw_ids = {json.loads(answer.read())["raw_id"] for answer in answers.values() if answer.status == 202}
    assert len(raw_ids) == 24


# --- master data ------------------------------------------------------------------------------------------------------


def test_sound_records_are_kept_beside_wrong_ones_and_only_master_data_may_send_them(door: Door) -> None:
    good = {"type": "product.master", "data": {"sku": "MD-1", "name": "Stent", "as_of": "2026-01-01T00:00:00Z"}}
    bad = {"type": "customer.master", "data": {"customer_no": "C", "name": "C", "uscc": "1", "as_of": "2026-01-01T00:00:00Z"}}
    answer = door.send("master-data", json.dumps([good, bad]).encode())
    told = answer.json()
    assert (answer.status_code, len(told["message_ids"])) == (202, 1)
    assert [(one["code"], one["path"]) for one in told["problems"]] == [("E_USCC", "[1]: data.uscc")]
    details = refused(door.send("master-data", json.dumps([bad]).encode()), 422, "E_REJECTED")
    assert [one["code"] for one in details["problems"]] == ["E_USCC"]
    details = refused(door.send("warehouse-main", json.dumps(good).encode()), 400, "E_MALFORMED")
    assert [(one["code"], one["path"]) for one in details["problems"]] == [("E_DOCUMENT", "type")]


def test_who_opens_the_address_in_a_browser_is_led_to_the_description(door: Door) -> None:
    answer = httpx.get(f"http://127.0.0.1:{door.port}/", timeout=PATIENCE, verify=PLAIN)
    assert (answer.status_code, answer.headers["location"]) == (307, "docs")
