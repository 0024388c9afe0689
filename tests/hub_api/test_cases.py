"""Cases that no later news explain are closed by people, with who and why."""

from typing import Any

import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from orderlane import cli_stock
from store import auditing
from store.database import Database
from tests.handlers.golden import dispatched, line, placed, stocked, tracked
from tests.handlers.test_cases_of_regions import SHANGHAI
from tests.handlers.test_stock_by_lot import lots, sent
from tests.hub_api.test_queries import LOCAL, WHO, app_of
from tests.operations.small_hub import SmallHub

CASE = "UNF/SO-1-S1/SO-1/1/L1//S_NOT_RELEASED"


@pytest.fixture
def hub(database: Database, time_stands_still: None) -> SmallHub:
    hub = SmallHub(database)
    for document in (lots({"L1:quarantine": 5, "L3": 5}), placed(lines=(line("1", "X", 3, "100.00"),)), sent("SO-1", 3, {"L1": 3})):
        hub.take(document)
    return hub


@pytest.fixture
def client(hub: SmallHub) -> TestClient:
    return TestClient(app_of(hub), **LOCAL)


def shown(client: TestClient, **wanted: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.get("/cases", params=wanted).json()["items"]
    return found


def test_unfit_goods_that_left_are_closed_with_who_and_why(hub: SmallHub, client: TestClient) -> None:
    assert [one["state"] for one in shown(client)] == ["open"]
    told = client.post(f"/cases/{CASE}/close", json=WHO)
    assert (told.status_code, told.json()["state"]) == (200, "closed")
    (case,) = shown(client, state="closed")
    document = case["document"]
    assert (document["seq"], document["closed_by"], document["closed_because"]) == (2, "li.wei", "mended")
    assert shown(client, state="open") == []
    with hub.database.reading() as tx:
        (entry,) = auditing.entries(tx, [told.json()["message_id"]])
    assert (entry.actor, entry.action, entry.reason) == ("li.wei", "close case", "mended")
    assert client.get(f"/messages/{told.json()['message_id']}").json()["type"] == "case.changed"


def test_a_closed_case_is_not_closed_again_nor_one_that_is_unknown(client: TestClient) -> None:
    client.post(f"/cases/{CASE}/close", json=WHO)
    assert client.post(f"/cases/{CASE}/close", json=WHO).status_code == 409
    assert client.post("/cases/UNF/none/close", json=WHO).status_code == 404
    assert client.post(f"/cases/{CASE}/close", json={"actor": "li.wei"}).status_code == 422


def test_a_case_that_later_news_explain_waits_for_them(hub: SmallHub, client: TestClient) -> None:
    elsewhere = tracked("S1", "delivered", 10, "SO-2").model_copy(update={"region": "440305"})
    for document in (stocked("SO-2"), placed("SO-2", ship_to=SHANGHAI), dispatched("S1", "SO-2"), elsewhere):
        hub.take(document)
    (case,) = [one["case_no"] for one in shown(client, state="open") if one["case_no"] != CASE]
    told = client.post(f"/cases/{case}/close", json=WHO)
    assert (told.status_code, "later news" in told.text) == (409, True)
    assert case in [one["case_no"] for one in shown(client, state="open")]


def test_the_command_line_lists_and_closes_cases(hub: SmallHub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli_stock, "operations", lambda: hub.operations)
    closed = CliRunner().invoke(cli_stock.stock_app, ["cases", "close", CASE, "--reason", "hospital told", "--actor", "ada"])
    assert (closed.exit_code, f"{CASE} is closed" in closed.stdout) == (0, True)
    listed = CliRunner().invoke(cli_stock.stock_app, ["cases", "--state", "closed", "--json"])
    assert '"closed_because":"hospital told"' in listed.stdout
    assert "ada" in CliRunner().invoke(cli_stock.stock_app, ["cases"]).stdout
