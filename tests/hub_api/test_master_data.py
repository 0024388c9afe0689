"""Master data as a client of the API sees them."""

from datetime import UTC, datetime
from typing import Any

import pytest
from fastapi.testclient import TestClient

from canonical.documents.customers import CustomerMaster
from canonical.documents.licences import AuthorisationUpdated, LicenceUpdated
from canonical.documents.master import Master
from canonical.documents.products import ProductMaster
from canonical.documents.recalls import RecallOpened
from canonical.envelope import first_message
from handlers.master.handler import MasterHandler
from store.database import Database
from tests.hub_api.test_queries import LOCAL, app_of
from tests.operations.small_hub import SmallHub

OLD, NEW = datetime(2020, 1, 1, tzinfo=UTC), datetime(2020, 2, 1, tzinfo=UTC)


def product(sku: str, as_of: datetime = OLD, **fields: Any) -> ProductMaster:
    return ProductMaster(sku=sku, name=sku, as_of=as_of, **fields)


def keep(database: Database, *documents: Master) -> None:
    with database.transaction() as tx:
        MasterHandler().handle([first_message(d, source="master-data", raw_id="raw", now=OLD) for d in documents], tx, OLD)


@pytest.fixture
def hub(database: Database, time_stands_still: None) -> SmallHub:
    return SmallHub(database)


@pytest.fixture
def client(hub: SmallHub) -> TestClient:
    return TestClient(app_of(hub), **LOCAL)


def test_a_list_pages_by_key_and_shows_what_is_in_force(hub: SmallHub, client: TestClient) -> None:
    keep(hub.database, *(product(f"P-{n}") for n in range(3)), product("P-1", NEW, mpn="newer"))
    keep(hub.database, product("P-1", datetime(2999, 1, 1, tzinfo=UTC), mpn="not yet"))
    first = client.get("/products", params={"limit": 2}).json()
    assert [(one["key"], one["document"].get("mpn")) for one in first["items"]] == [("P-0", None), ("P-1", "newer")]
    second = client.get("/products", params={"limit": 2, "cursor": first["next"]}).json()
    assert ([one["key"] for one in second["items"]], second["next"]) == (["P-2"], None)


def test_a_product_has_its_editions_and_recalls(hub: SmallHub, client: TestClient) -> None:
    recall = RecallOpened(recall_no="R-1", sku="P/1", reason="cracks", as_of=NEW)
    keep(hub.database, product("P/1"), product("P/1", NEW, mpn="M"), recall)
    told = client.get("/products/P/1").json()
    assert (told["document"]["mpn"], [one["as_of"] for one in told["editions"]]) == (
        "M", ["2020-02-01T00:00:00Z", "2020-01-01T00:00:00Z"],
    )  # fmt: skip
    assert [one["key"] for one in told["recalls"]] == ["R-1"]
    assert client.get("/recalls").json()["items"][0]["document"]["reason"] == "cracks"


def test_a_customer_has_its_licences_and_authorisations(hub: SmallHub, client: TestClient) -> None:
    keep(
        hub.database,
        CustomerMaster(customer_no="C-1", name="Clinic", as_of=OLD),
        *(LicenceUpdated(licence_no=f"L-{no}", customer_no=no, kind="other", as_of=OLD) for no in ("C-1", "C-2")),
        AuthorisationUpdated(authorisation_no="A-1", dealer="C-1", as_of=OLD),
    )
    told = client.get("/customers/C-1").json()
    assert [[one["key"] for one in told[kind]] for kind in ("licences", "authorisations")] == [["L-C-1"], ["A-1"]]
    assert [one["key"] for one in client.get("/customers").json()["items"]] == ["C-1"]


def test_what_a_dealer_may_buy_is_judged_as_an_order_would_be(hub: SmallHub, client: TestClient) -> None:
    keep(
        hub.database,
        product("GLOVES", product_line="consumables"),
        product("STENT", product_line="stents"),
        product("OLD", product_line="consumables", status="discontinued"),
        CustomerMaster(customer_no="D/1", name="Dealer", org_type="dealer_t1", region="310115", as_of=OLD),
        AuthorisationUpdated(authorisation_no="A-1", dealer="D/1", product_lines=("consumables",), regions=("31",), as_of=OLD),
    )
    told = client.get("/customers/D/1/saleable").json()
    assert [(one["sku"], one["saleable"]) for one in told["items"]] == [("GLOVES", True)]
    everything = client.get("/customers/D/1/saleable", params={"refused": True, "region": "44"}).json()["items"]
    assert {one["sku"]: [reason["code"] for reason in one["reasons"]] for one in everything} == {
        "GLOVES": ["C_AUTH_REGION", "C_DIVERSION"], "STENT": ["C_AUTH_REGION"],
        "OLD": ["C_INACTIVE", "C_AUTH_REGION", "C_DIVERSION"],
    }  # fmt: skip
    page = client.get("/customers/D/1/saleable", params={"refused": True, "limit": 2}).json()
    rest = client.get("/customers/D/1/saleable", params={"refused": True, "limit": 2, "cursor": page["next"]}).json()
    assert ([one["sku"] for one in page["items"] + rest["items"]], rest["next"]) == (["GLOVES", "OLD", "STENT"], None)


@pytest.mark.parametrize("path", ["/products/nowhere", "/customers/nobody/saleable", "/customers/nobody", "/price-lists/none"])
def test_what_is_not_there_is_a_problem_with_a_code(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.json()["code"]) == (404, "E_NOT_FOUND")


@pytest.mark.parametrize("path", ["/price-lists", "/warehouses"])
def test_empty_lists_are_empty(client: TestClient, path: str) -> None:
    assert client.get(path).json() == {"items": [], "next": None}
