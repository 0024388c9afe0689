"""Invoices and payments over the API and the command line: exact figures, decisions, refusals with their codes."""

import json
from typing import Any

import pytest
import typer
from fastapi import APIRouter, FastAPI
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from hub_api import decisions, money, problems
from hub_api.access import provide
from orderlane import cli_money, cli_numbers
from tests.handlers import golden
from tests.handlers.test_money_without_reference import from_account
from tests.operations.conftest import hub  # noqa: F401
from tests.operations.small_hub import SmallHub

WHO = {"actor": "li.wei", "reason": "said the bank"}


@pytest.fixture
def ready(hub: SmallHub) -> SmallHub:  # noqa: F811
    hub.take(golden.stocked(), golden.placed(), golden.dispatched("S1"), golden.dispatched("S2", day=22))
    hub.take(golden.paid("B-1", "1123.22"), from_account("bank/2", "300.00"))
    return hub


def asked_at_home(of: SmallHub, router: APIRouter) -> TestClient:
    """A client on the same machine, of a part of the API."""
    app = FastAPI()
    problems.install(app)
    app.include_router(router)
    provide(app, of.operations, token=None)
    return TestClient(app, base_url="http://localhost:8080", client=("127.0.0.1", 50000))


@pytest.fixture
def client(ready: SmallHub) -> TestClient:
    return asked_at_home(ready, money.router)


def test_lists_show_what_is_open_and_what_waits(client: TestClient) -> None:
    found = client.get("/invoices", params={"overdue_on": "2027-01-01"}).json()["items"]
    assert [(i["invoice_no"], i["gross"], i["open"], i["state"]) for i in found] == [("INV-SO-1-S2", "271.20", "271.20", "issued")]
    first = client.get("/payments", params={"limit": 1}).json()
    second = client.get("/payments", params={"limit": 1, "cursor": first["next"]}).json()
    assert [p["payment_ref"] for page in (first, second) for p in page["items"]] == ["bank/2", "B-1"]
    (waiting,) = client.get("/payments", params={"state": "suspense"}).json()["items"]
    assert (waiting["payment_ref"], waiting["reason"], waiting["left"]) == ("bank/2", "no_reference", "300.00")
    assert client.get("/payments", params={"cursor": "x"}).json()["code"] == "E_CURSOR"


def test_a_person_says_what_a_payment_is_for(client: TestClient) -> None:
    decided = client.post("/payments/bank/2/allocate", json={**WHO, "invoice_no": "INV-SO-1-S2", "amount": "271.20"})
    assert decided.json()["led_to"] == ["payment.allocated", "payment.deposited"]
    shown = client.get("/payments/bank/2").json()
    assert [(s["invoice_no"], s["amount"], s["how"]) for s in shown["settles"]] == [("INV-SO-1-S2", "271.20", "person")]
    assert client.post("/payments/bank/2/release", json={**WHO, "invoice_no": "INV-SO-1-S2"}).status_code == 200


@pytest.mark.parametrize(
    ("path", "body", "code"),
    [
        ("/payments/bank/2/allocate", {"invoice_no": "INV-SO-1-S2", "amount": "300.00"}, "F_MORE_THAN_OPEN"),
        ("/payments/bank/2/allocate", {"invoice_no": "INV-SO-1-S2", "amount": "300.01"}, "F_MORE_THAN_LEFT"),
        ("/payments/bank/2/allocate", {"invoice_no": "INV-SO-1-S2", "currency": "EUR"}, "F_CURRENCY"),
        ("/payments/nobody/allocate", {"invoice_no": "INV-SO-1-S2"}, "E_NOT_FOUND"),
        ("/payments/bank/2/allocate", {"invoice_no": "INV-SO-1-S2", "amount": 1.5}, "E_PARAMETER"),
        ("/invoices/INV-SO-1-S1/credit", {"amount": "994.01"}, "F_MORE_THAN_BILLED"),
        ("/invoices/INV-SO-1-S1/void", {}, "F_STATE"),
        ("/invoices/INV-SO-1-S2/approve", {}, "F_NOTHING"),
        ("/invoices/INV-SO-1-S2/burn", {}, "E_PARAMETER"),
    ],
)
def test_what_does_not_fit_is_refused(client: TestClient, path: str, body: dict[str, Any], code: str) -> None:
    assert client.post(path, json={**WHO, **body}).json()["code"] == code
    assert client.get("/payments/bank/2").json()["state"] == "suspense"


def test_a_write_off_is_asked_for_and_approved_by_another(client: TestClient) -> None:
    path = "/invoices/INV-SO-1-S2"
    assert client.post(f"{path}/write-off", json={**WHO, "amount": "1.20"}).status_code == 200
    assert client.post(f"{path}/approve", json=WHO).json()["code"] == "A_SELF_APPROVAL"
    assert client.post(f"{path}/approve", json={**WHO, "actor": "chen.jun"}).json()["led_to"] == ["invoice.written_off"]
    (shown,) = client.get("/invoices", params={"state": "issued"}).json()["items"]
    assert (shown["written_off"], shown["open"]) == ("1.20", "270.00")


def test_the_command_line_says_the_same(ready: SmallHub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli_money, "operations", lambda: ready.operations)

    def run(*words: str) -> str:
        result = CliRunner().invoke(cli_money.money_groups, words)
        assert result.exit_code == 0, result.output
        return result.output

    assert "no_reference" in run("payments", "list", "--state", "suspense")
    assert "271.20" in run("invoices", "list", "--state", "issued")
    why = ("--actor", "li.wei", "--reason", "said the bank")
    assert json.loads(run("payments", "allocate", "bank/2", "INV-SO-1-S2", "--amount", "100.00", *why))["seq"] == 1
    assert json.loads(run("payments", "show", "bank/2"))["left"] == "200.00"
    assert json.loads(run("invoices", "credit", "INV-SO-1-S2", "--line", "2:1", *why))["led_to"] == ["invoice.issued"]
    assert json.loads(run("invoices", "decide", "INV-SO-1-S2", "dispute", *why))["led_to"] == []


@pytest.fixture
def deciding(hub: SmallHub) -> TestClient:  # noqa: F811
    hub.take(golden.stocked(), golden.placed())
    return asked_at_home(hub, decisions.router)


def test_a_part_of_an_order_is_cancelled_by_exact_quantities(deciding: TestClient) -> None:
    told = WHO | {"verdict": "cancel", "role": "sales"}
    for qty in ("0", "-1", "0.0000001", "1e400", "NaN", "x", 5):
        answer = deciding.post("/orders/SO-1/decisions", json=told | {"lines": [{"line_no": "1", "qty": qty}]})
        assert (answer.status_code, answer.json()["problems"][0]["path"]) == (422, "body.lines[0].qty")
    answer = deciding.post("/orders/SO-1/decisions", json=told | {"lines": [{"line_no": "1", "qty": "4"}]})
    assert (answer.status_code, "order.reduced" in answer.json()["emitted"]) == (200, True)


@pytest.mark.parametrize("qty", ["0.0000001", "1e400", "NaN"])
def test_a_shelf_is_adjusted_by_what_can_be_kept(deciding: TestClient, qty: str) -> None:
    answer = deciding.post("/stock/X/adjustments", json=WHO | {"location": "WH-1", "qty": qty})
    assert (answer.status_code, answer.json()["problems"][0]["path"]) == (422, "body.qty")
    for read in (
        lambda: cli_numbers.number(qty, "a number"),
        lambda: cli_money._lines([f"1:{qty}"]),
        lambda: cli_money._lines(["1:0"]),
    ):
        with pytest.raises(typer.BadParameter):
            read()
