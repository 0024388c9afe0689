"""The query API as a client sees it: answers, problems, pages and who may ask."""

from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from hub_api import decisions, health, master_data, problems, queries
from hub_api.access import provide
from operations.messages import raw
from store import signs
from store.database import Database, open_database
from tests.handlers import golden
from tests.operations.small_hub import SmallHub, shopify_order

LOCAL = {"base_url": "http://localhost:8080", "client": ("127.0.0.1", 50000)}
WHO = {"actor": "li.wei", "reason": "mended"}


def app_of(hub: SmallHub, token: str | None = None) -> FastAPI:
    app = FastAPI()
    problems.install(app)
    for router in (queries.router, queries.open_router, master_data.router, decisions.router, health.router):
        app.include_router(router)
    provide(app, hub.operations, token=token)
    return app


@pytest.fixture
def hub(database: Database, time_stands_still: None) -> SmallHub:
    return SmallHub(database)


@pytest.fixture
def client(hub: SmallHub) -> TestClient:
    return TestClient(app_of(hub), **LOCAL)


def refused(response: Any, status: int, code: str) -> dict[str, Any]:
    """The problem details of a refusal."""
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    details: dict[str, Any] = response.json()
    assert (details["status"], details["code"], details["type"]) == (status, code, f"urn:orderlane:problem:{code}")
    return details


def test_an_order_is_answered_with_exact_numbers_as_text(hub: SmallHub, client: TestClient) -> None:
    hub.take(golden.stocked(), golden.placed(), golden.dispatched("S1"))
    order = client.get("/orders/SO-1").json()
    assert (order["payable"], order["display_zh"], order["placed_at"]) == ("1394.42", "部分发货", "2026-11-20T08:00:00Z")
    assert [(line["line_no"], line["shipped"], line["open"]) for line in order["lines"]] == [("1", "10", "0"), ("2", "1", "2")]
    assert client.get("/invoices/INV-SO-1-S1").json()["gross"] == "1123.22"
    assert client.get("/shipments/SO-1-S1").json()["lines"] == {"SO-1": {"1": "10", "2": "1"}}
    assert client.get("/stock/SO-1-NEEDLE").json()["places"][0]["available"] == "90"
    assert client.get("/orders/SO-1/timeline").json()["steps"][0]["message"]["type"] == "order.placed"


def test_a_message_leads_down_to_the_bytes(hub: SmallHub, client: TestClient) -> None:
    accepted = hub.shop(shopify_order())
    (message_id,) = accepted.message_ids
    view = client.get(f"/messages/{message_id}").json()
    assert (view["standing"], view["raw"]["raw_id"]) == ("on_its_way", accepted.raw_id)
    fields = client.get(f"/messages/{message_id}/explain").json()["translation"]["fields"]
    assert {"path": "order_no", "source": "name", "value": "1001"} in fields
    for path in (f"/messages/{message_id}/raw", f"/raw/{accepted.raw_id}/body"):
        response = client.get(path)
        assert response.content == raw(hub.database, accepted.raw_id)
        assert response.headers["content-type"] == "application/octet-stream"
        assert response.headers["content-disposition"].startswith("attachment")
        assert response.headers["x-content-type-options"] == "nosniff"


def test_what_a_handler_made_has_no_bytes(hub: SmallHub, client: TestClient) -> None:
    hub.take(golden.placed())
    (confirmed,) = client.get("/messages", params={"type": "order.confirmed"}).json()["items"]
    refused(client.get(f"/messages/{confirmed['message_id']}/raw"), 404, "E_NOT_FOUND")


@pytest.mark.parametrize(
    "path",
    [
        "/messages/x", "/messages/x/explain", "/messages/x/raw", "/orders/x", "/orders/x/timeline", "/stock/x", "/invoices/x",
        "/shipments/x", "/dead/x", "/raw/x", "/raw/x/body", "/schemas/x", "/orders/a/b", "/nowhere",
    ],
)  # fmt: skip
def test_what_is_not_there_is_a_problem_with_a_code(client: TestClient, path: str) -> None:
    refused(client.get(path), 404, "E_NOT_FOUND")


def test_an_order_number_with_a_slash_is_found(hub: SmallHub, client: TestClient) -> None:
    hub.take(golden.placed("PO/2026/7"))
    assert client.get("/orders/PO/2026/7").json()["order_no"] == "PO/2026/7"
    assert client.get("/orders/PO%2F2026%2F7/timeline").json()["order_no"] == "PO/2026/7"


def test_lists_page_by_cursor(hub: SmallHub, client: TestClient) -> None:
    hub.take(*(golden.placed(f"SO-{n}") for n in range(5)))
    seen, params = [], {"limit": 2}
    while True:
        page = client.get("/orders", params=params).json()
        seen += [order["order_no"] for order in page["items"]]
        if page["next"] is None:
            break
        params["cursor"] = page["next"]
    assert seen == ["SO-4", "SO-3", "SO-2", "SO-1", "SO-0"]


@pytest.mark.parametrize("path", ["/messages", "/orders", "/dead", "/raw"])
@pytest.mark.parametrize("cursor", ["x", "WyJ4Il0", "WzFd", "é"])
def test_a_cursor_nobody_gave_out_is_refused(client: TestClient, path: str, cursor: str) -> None:
    refused(client.get(path, params={"cursor": cursor}), 400, "E_CURSOR")


@pytest.mark.parametrize(
    ("path", "params", "where", "expected"),
    [
        ("/messages", {"limit": "201"}, "query.limit", "at most 200"),
        ("/messages", {"limit": "0"}, "query.limit", "at least 1"),
        ("/orders", {"limit": "many"}, "query.limit", "a whole number"),
        ("/messages", {"status": "fine"}, "query.status", "'"),
        ("/orders", {"since": "2026-11-20T08:00:00"}, "query.since", "a time with its offset, such as 2026-11-20T08:00:00+01:00"),
        ("/dead", {"status": "undead"}, "query.status", "'"),
    ],
)
def test_a_bad_parameter_is_named(client: TestClient, path: str, params: dict[str, str], where: str, expected: str) -> None:
    (finding,) = refused(client.get(path, params=params), 422, "E_PARAMETER")["problems"]
    assert finding["path"] == where
    assert finding["expected"].startswith(f"expected {expected}")
    assert finding["value"] == next(iter(params.values()))


@pytest.mark.parametrize(
    "path", ["/orders/%00", "/orders?text=%00", "/messages/a%00b", "/stock/%00", "/dead?channel=%00", "/raw?status=%00"]
)
def test_a_nul_is_refused_before_the_database_sees_it(client: TestClient, path: str) -> None:
    refused(client.get(path), 422, "E_PARAMETER")


def test_filters_reach_the_lists(hub: SmallHub, client: TestClient) -> None:
    hub.take(golden.stocked(), golden.placed(), golden.placed("SO-2"), golden.cancelled("SO-2"))

    def count(path: str, **params: str) -> int:
        return len(client.get(path, params=params).json()["items"])

    assert count("/messages", type="order.placed") == 2
    assert count("/messages", subject="SO-1", channel="order", status="handled") == 2
    assert count("/orders", state="cancelled") == 1
    assert count("/orders", since="2026-11-20T08:00:00Z", until="2026-11-20T08:00:01+00:00") == 2
    assert count("/orders", text="so-2-GLOVES") == 1


def test_a_dead_entry_is_decided_about_with_name_and_reason(hub: SmallHub, client: TestClient) -> None:
    hub.refusing.add("warehouse-main-out")
    hub.take(golden.stocked(), golden.placed())
    (entry,) = client.get("/dead").json()["items"]
    path = f"/dead/{entry['dead_id']}"
    (finding,) = refused(client.post(f"{path}/retry", json={"actor": "li.wei"}), 422, "E_PARAMETER")["problems"]
    assert finding["path"] == "body.reason"
    refused(client.post(f"{path}/retry", json={**WHO, "force": True}), 422, "E_PARAMETER")
    refused(client.post(f"{path}/retry", json={"actor": "a\0b", "reason": "x"}), 422, "E_PARAMETER")
    assert client.get(path).json()["decisions"] == []
    assert client.post(f"{path}/retry", json=WHO).json() == {"moved": [entry["dead_id"]]}
    hub.run()
    assert client.post(f"{path}/discard", json=WHO).json() == {"moved": [entry["dead_id"]]}
    details = refused(client.post(f"{path}/discard", json=WHO), 409, "E_STATE")
    assert details["detail"].endswith("is discarded: only what is dead can be discarded")
    assert [(d["actor"], d["action"]) for d in client.get(path).json()["decisions"]] == [("li.wei", "retry"), ("li.wei", "discard")]


def test_a_selection_of_dead_entries_is_retried(hub: SmallHub, client: TestClient) -> None:
    hub.refusing.add("warehouse-main-out")
    hub.take(golden.stocked(), golden.placed(), golden.stocked("SO-2"), golden.placed("SO-2"))
    assert client.post("/dead/retry", json={**WHO, "channel": "nobody"}).json() == {"moved": []}
    assert len(client.post("/dead/retry", json={**WHO, "error": "SAYS NO", "most": 1}).json()["moved"]) == 1
    hub.refusing.clear()
    hub.run()
    assert len(client.get("/dead").json()["items"]) == 1
    refused(client.post("/dead/retry", json={**WHO, "most": 501}), 422, "E_PARAMETER")


def test_messages_and_raw_messages_are_replayed(hub: SmallHub, client: TestClient) -> None:
    hub.unreadable = True
    raw_id = hub.shop(shopify_order()).raw_id
    refused(client.post(f"/raw/{raw_id}/replay", json=WHO), 409, "E_STATE")
    hub.unreadable = False
    done = client.post(f"/raw/{raw_id}/replay", json=WHO).json()
    assert (done["before"], done["raw"]["status"]) == ("quarantined", "accepted")
    hub.run()
    (message_id,) = done["raw"]["message_ids"]
    assert client.post(f"/messages/{message_id}/replay", json=WHO).json() == {"moved": []}
    refused(client.post("/messages/x/replay", json=WHO), 404, "E_NOT_FOUND")


def test_schemas_are_open_to_everybody(hub: SmallHub) -> None:
    stranger = TestClient(app_of(hub), client=("203.0.113.7", 50000))
    heads = stranger.get("/schemas").json()["items"]
    placed = next(head for head in heads if head["type"] == "order.placed")
    assert placed == {"type": "order.placed", "version": "1", "title": placed["title"], "href": "/schemas/order.placed"}
    assert stranger.get(placed["href"]).json()["$id"] == "urn:orderlane:schema:order.placed:1"


@pytest.mark.parametrize(
    ("client_host", "headers", "answered"),
    [
        ("127.0.0.1", {}, True),
        ("::1", {"host": "[::1]:8080"}, True),
        ("127.0.0.1", {"host": "LOCALHOST"}, True),
        ("203.0.113.7", {}, False),
        ("testclient", {}, False),
        ("127.0.0.1", {"x-forwarded-for": "203.0.113.7"}, False),
        ("127.0.0.1", {"forwarded": "for=203.0.113.7"}, False),
        ("127.0.0.1", {"host": "evil.example"}, False),
        ("203.0.113.7", {"x-forwarded-for": "127.0.0.1"}, False),
    ],
)
def test_without_a_token_only_this_machine_is_answered(
    hub: SmallHub, client_host: str, headers: dict[str, str], answered: bool
) -> None:
    caller = TestClient(app_of(hub), base_url="http://localhost:8080", client=(client_host, 50000))
    response = caller.get("/orders", headers=headers)
    if answered:
        assert response.status_code == 200
    else:
        refused(response, 403, "E_FORBIDDEN")


@pytest.mark.parametrize(
    "given", [None, "Bearer", "Bearer wrong", "Bearer s3cret-and-more", "Basic s3cret", "s3cret", "Bearer s\u00e9"]
)
def test_with_a_token_even_this_machine_needs_it(hub: SmallHub, given: str | None) -> None:
    client = TestClient(app_of(hub, token="s3cret"), **LOCAL)
    headers = {"authorization": given.encode("latin-1")} if given else {}
    response = client.get("/orders", headers=headers)
    refused(response, 401, "E_UNAUTHENTICATED")
    assert response.headers["www-authenticate"] == 'Bearer realm="orderlane"'
    stranger = TestClient(app_of(hub, token="s3cret"), client=("203.0.113.7", 1))
    assert stranger.get("/orders", headers={"authorization": "Bearer s3cret"}).status_code == 200


def test_no_route_but_schemas_and_liveness_answers_a_stranger(hub: SmallHub) -> None:
    app = app_of(hub, token="s3cret")
    stranger = TestClient(app, client=("203.0.113.7", 1))
    answered = []
    for path, methods in app.openapi()["paths"].items():
        for method in methods:
            response = stranger.request(method, path.replace("{", "").replace("}", ""), json=WHO)
            if response.status_code != 401:
                answered.append(path)
    assert sorted(answered) == ["/healthz", "/readyz", "/schemas", "/schemas/{type}"]


def test_an_address_that_is_not_there_says_where_the_others_are(client: TestClient) -> None:
    assert refused(client.get("/order"), 404, "E_NOT_FOUND")["detail"] == "there is no such address; /docs lists all there are"
    told = refused(client.put("/orders"), 405, "E_METHOD")["detail"]
    assert told == "the address does not take this method; /docs says which it takes"


def test_health_and_metrics_are_told(hub: SmallHub, client: TestClient) -> None:
    hub.keep(golden.placed())
    assert client.get("/healthz").json() == {"status": "ok"}
    assert client.get("/readyz").json() == {"status": "ok"}
    with hub.database.transaction() as tx:
        signs.leave(tx, signs.SCHEDULE)
    assert 0 <= client.get("/readyz").json()["scheduled_seconds_ago"] < 60
    assert client.get("/health").json()["figures"]["outbox"] == 1
    metrics = client.get("/metrics")
    assert metrics.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert "orderlane_outbox_messages 1\n" in metrics.text


def test_without_a_database_the_hub_is_alive_and_not_ready(hub: SmallHub) -> None:
    broken = SmallHub.__new__(SmallHub)
    gone = open_database("postgresql://nobody@127.0.0.1:1/none")
    intake = type(hub.intake)(gone, {}, {}, hub.intake.translations, hub.router)
    broken.operations = type(hub.operations)(intake, hub.operations.rules, hub.channels)
    client = TestClient(app_of(broken), **LOCAL)
    assert client.get("/healthz").status_code == 200
    refused(client.get("/readyz"), 503, "E_NOT_READY")
    response = client.get("/orders/SO-1")
    refused(response, 503, "E_UNAVAILABLE")
    assert response.headers["retry-after"] == "1"
    assert client.get("/health").json()["ready"] is False


def test_every_answer_is_described_and_errors_are_problems(hub: SmallHub) -> None:
    described = app_of(hub).openapi()
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            assert operation["description"], f"{method} {path}"
            assert operation["tags"], f"{method} {path}"
            for status, answer in operation["responses"].items():
                if status.startswith(("4", "5")):
                    assert list(answer["content"]) == ["application/problem+json"], f"{method} {path} {status}"
    assert {"ProblemDetails", "Finding"} <= described["components"]["schemas"].keys()


def test_an_order_is_decided_about_and_what_is_not_allowed_is_told_with_its_code(hub: SmallHub, client: TestClient) -> None:
    hub.take(golden.placed())
    who = {"actor": "li.wei", "role": "sales_assistant", "reason": "buyer called"}
    details = refused(client.post("/orders/SO-1/decisions", json={**who, "verdict": "approve"}), 409, "O_NO_APPROVAL")
    assert details["detail"] == "nobody is asked to approve it; it is confirmed"
    held = client.post("/orders/SO-1/decisions", json={**who, "verdict": "hold"}).json()
    assert (held["state"], held["holds"]) == ("on_hold", ["H_MANUAL"])
    assert client.get("/orders/SO-1").json()["holds"] == ["H_MANUAL"]
    (_, run) = client.get("/orders/SO-1/decisions").json()["runs"]
    assert (run["step"], run["decisions"][0]["inputs"]["actor"]) == ("hold", "li.wei")
    refused(client.post("/orders/SO-9/decisions", json={**who, "verdict": "hold"}), 404, "E_NOT_FOUND")
    refused(client.post("/orders/SO-1/decisions", json={**who, "verdict": "eat"}), 422, "E_PARAMETER")


def test_stock_is_adjusted_and_shown_and_a_senseless_adjustment_refused(client: TestClient, hub: SmallHub) -> None:
    path = "/stock/SCALPEL/adjustments"
    assert client.post(path, json={**WHO, "location": "WH-1", "qty": "0"}).status_code == 409
    told = client.post(path, json={**WHO, "location": "WH-1", "qty": "12", "lot": "L1", "expiry": "2031-01-31"})
    assert (told.status_code, told.json()["item"]) == (202, "SCALPEL")
    hub.run()
    client.post(path, json={**WHO, "location": "WH-1", "qty": "5", "lot": "L1", "becomes": "quarantine"})
    hub.run()
    shown = client.get("/stock/SCALPEL", params={"at": "2030-12-01", "min_days": 30}).json()
    lots = {(lot["status"], lot["on_hand"]) for lot in shown["places"][0]["lots"]}
    assert (shown["promise"]["available"], lots) == ("7", {("released", "7"), ("quarantine", "5")})
    assert client.get("/stock/SCALPEL", params={"at": "2031-01-31"}).json()["promise"]["available"] == "0"
    assert client.get("/recalls/R-1").status_code == 404
    assert client.get("/cases").json()["items"] == []
