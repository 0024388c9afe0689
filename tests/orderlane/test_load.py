"""`orderlane load`: files of every form, each record by itself, and the distributor that comes with the product."""

import json
from datetime import UTC, datetime
from pathlib import Path

import openpyxl
import pytest

from canonical.failures import Malformed
from canonical.values import Party
from handlers.catalogue import Catalogue
from handlers.master.handler import MasterHandler
from orderlane.defaults import DISTRIBUTOR
from orderlane.loading.records import FILE_NAMES, records_of
from orderlane.loading.tables import table_records
from store import archive
from store.database import Database, open_database
from tests.handlers.test_catalogue import NOW
from tests.orderlane.conftest import Orderlane


def handled(file: Path, now: datetime = NOW) -> tuple[Database, Catalogue]:
    """What the master handler makes of everything that is kept."""
    database = open_database(f"sqlite:///{file}")
    with database.transaction() as tx:
        rows = tx.rows(f"SELECT {archive.MESSAGE_FIELDS} FROM messages WHERE channels LIKE '%master%'")
        MasterHandler().handle([archive.message_of(row) for row in rows], tx, now)
    catalogue = Catalogue()
    with database.reading() as tx:
        catalogue.refresh(tx, now)
    return database, catalogue


def test_the_distributor_loads_twice_without_a_change(orderlane: Orderlane, tmp_path: Path) -> None:
    first, second = orderlane("load", "--demo"), orderlane("load", "--demo")
    assert (first.returncode, first.stderr) == (0, "")
    assert (first.stdout, second.stdout) == (second.stdout, first.stdout)
    assert first.stdout.splitlines() == [
        "10 authorisation.updated", "19 customer.master", "26 licence.updated", "4 price.list", "34 product.master",
        "1 recall.opened", "5 stock.level", "5 warehouse.master",
    ]  # fmt: skip
    database, catalogue = handled(tmp_path / "orderlane.db")
    stent, dealer = catalogue.product("STENT-DES-3018"), catalogue.customer("D-101")
    assert stent is not None
    assert dealer is not None
    assert {p.kind for p in (listed.policy for bunch in catalogue.offered(stent).to(None) for listed in bunch.policies)} == {
        "list",
        "vbp",
    }
    assert [len(catalogue.licences("D-101")), len(catalogue.authorisations("D-101"))] == [2, 2]
    with database.reading() as tx:
        assert tx.rows("SELECT count(*) AS n FROM messages")[0].n == 104
    database.close()


def test_a_table_loads_what_is_sound_and_tells_the_rest_by_row(orderlane: Orderlane, tmp_path: Path) -> None:
    (tmp_path / "products.csv").write_text(
        "sku,name,gtin,moq,units[0].uom,units[0].numerator,names.en,storage.cold_chain\n"
        "A,Stent,06901234567892,5,XBX,10,Stent,true\n"
        "B,Wire,123,,,,,\n"
        "C,Tube,,much,,,,\n"
    )
    ran = orderlane("load", tmp_path / "products.csv", "--as-of", "2026-01-01")
    assert (ran.returncode, ran.stdout) == (2, "1 product.master\n")
    assert [(told["code"], told["path"]) for told in map(json.loads, ran.stderr.splitlines())] == [
        ("E_GTIN_CHECK", "products.csv row 3: data.gtin"), ("E_SCHEMA", "products.csv row 4: data.moq"),
    ]  # fmt: skip
    database, catalogue = handled(tmp_path / "orderlane.db")
    found = catalogue.product("A")
    assert found is not None
    assert (found.moq, found.units[0].numerator, found.names, found.storage.cold_chain) == (5, 10, {"en": "Stent"}, True)
    assert found.as_of.isoformat() == "2026-01-01T00:00:00+00:00"
    database.close()


def test_another_content_for_the_same_instant_is_a_conflict(orderlane: Orderlane, tmp_path: Path) -> None:
    for name, told in (("one", (0, "1 product.master\n")), ("two", (2, "nothing was loaded\n"))):
        (tmp_path / "a.yaml").write_text(f"product.master:\n  - {{sku: A, name: {name}, as_of: '2026-01-01T00:00:00Z'}}\n")
        ran = orderlane("load", tmp_path / "a.yaml")
        assert (ran.returncode, ran.stdout) == told
    assert json.loads(ran.stderr)["code"] == "D_CONFLICT"


@pytest.mark.parametrize(("arguments", "said"), [
    ([], "nothing to load"), (["--demo", "--kind", "order.placed"], "--kind: expected one of product.master"),
    (["--demo", "--endpoint", "warehouse-main"], "expected an endpoint 'warehouse-main' of the connector master_data"),
])  # fmt: skip
def test_what_cannot_be_loaded_is_said_in_one_line(orderlane: Orderlane, arguments: list[str], said: str) -> None:
    ran = orderlane("load", *arguments)
    assert (ran.returncode, said in ran.stderr) == (2, True)


def test_yaml_keeps_codes_as_they_are_written(tmp_path: Path) -> None:
    file = tmp_path / "x.yaml"
    file.write_text("- type: product.master\n  data: {sku: 007, name: 1e3, mpn: '', moq: 2.50, gtin: ~, ids: {x: 'null'}}\n")
    (record,) = records_of(file, NOW)
    assert (record.kind, record.at) == ("product.master", "x.yaml line 1")
    assert record.data == {
        "as_of": NOW.isoformat(), "sku": "007", "name": "1e3", "mpn": "", "moq": "2.50", "gtin": None, "ids": {"x": "null"},
    }  # fmt: skip


@pytest.mark.parametrize(("name", "text", "problem"), [
    ("x.yaml", "a: [", ("E_YAML", "line 1")), ("x.yaml", "product.master: 7", ("E_YAML", "line 1")),
    ("x.yaml", "words", ("E_YAML", "line 1")), ("x.yaml", "product.master: &a\n - *a", ("E_YAML", "line 2")),
    ("x.yaml", "[" * 5000, ("E_YAML", "line 1")),
    ("x.json", "[1]", ("E_JSON", "[0]")), ("x.jsonl", '{"type":"a"}\n{b', ("E_JSON", "line 2: $")),
    ("x.csv", "sku,name\nA,A\n", ("E_TABLE_KIND", "row 1")), ("x.csv", "", ("E_TABLE_EMPTY", "row 1")),
    ("products.csv", "sku,units,units[0].uom\nA,b,c\n", ("E_TABLE_HEADER", "units[0].uom")),
])  # fmt: skip
def test_a_file_that_cannot_be_read_is_told_with_the_place(tmp_path: Path, name: str, text: str, problem: tuple[str, str]) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(Malformed) as caught:
        list(records_of(tmp_path / name, NOW))
    assert [(p.code, p.path) for p in caught.value.problems] == [problem]


def test_rows_of_one_price_list_make_one_record() -> None:
    table = (
        b"list_id,version,currency,valid_from,policy_id,kind,sku,tier,min_qty,price,pct_off,policy.stackable,floor\n"
        b"CN,1,CNY,2026-01-01,L-A,list,A,,1,100.00,,,86.00\n"
        b"CN,1,CNY,2026-01-01,L-A,list,A,,50,90.00,,,\n"
        b"CN,1,CNY,2026-01-01,P-5,promo,A,1,,,5,true,\n"
        b"EU,1,EUR,2026-01-01,L-B,list,B,,1,9,,,\n"
    )
    head = {"version": "1", "valid_from": "2026-01-01"}
    assert [(data, at) for _, data, at in table_records(table, "price.list")] == [
        (
            {
                "list_id": "CN", "currency": "CNY", **head, "floors": [{"sku": "A", "price": "86.00"}],
                "policies": [
                    {
                        "policy_id": "L-A", "kind": "list", "selector": {"sku": "A"},
                        "breaks": [{"min_qty": "1", "price": "100.00"}, {"min_qty": "50", "price": "90.00"}],
                    },
                    {
                        "policy_id": "P-5", "kind": "promo", "selector": {"sku": "A", "tier": "1"}, "breaks": [{"pct_off": "5"}],
                        "stackable": "true",
                    },
                ],
            },
            "row 2",
        ),
        (
            {
                "list_id": "EU", "currency": "EUR", **head,
                "policies": [
                    {"policy_id": "L-B", "kind": "list", "selector": {"sku": "B"}, "breaks": [{"min_qty": "1", "price": "9"}]},
                ],
            },
            "row 5",
        ),
    ]  # fmt: skip


def test_rows_of_one_location_make_one_count() -> None:
    rows = [f"W,2026-01-01T00:00:00Z,snapshot,r,A,L{n},{n + 4}" for n in (1, 2)]
    table = "\n".join(["location,as_of,mode,reference,item,lot,on_hand", *rows]).encode()
    ((_, data, _),) = table_records(table, "stock.level")
    assert data["items"] == [{"item": "A", "lot": "L1", "on_hand": "5"}, {"item": "A", "lot": "L2", "on_hand": "6"}]


def test_lists_in_a_cell_and_excel_sheets_are_read(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in (("customer_no", "name", "aliases", "credit.limit", "external_ids[1].id"), ("C-1", "Clinic", "a; b", 1500.5, "x")):
        book.active.append(row)
    book.save(tmp_path / "customers.xlsx")
    (record,) = records_of(tmp_path / "customers.xlsx", NOW)
    assert json.loads(record.line())["data"] == {
        "as_of": NOW.isoformat(), "customer_no": "C-1", "name": "Clinic", "aliases": ["a", "b"], "credit": {"limit": "1500.5"},
        "external_ids": [{}, {"id": "x"}],
    }  # fmt: skip
    assert record.at == "customers.xlsx Sheet!2:2"


def test_the_distributor_has_a_file_for_each_kind() -> None:
    assert sorted(file.stem for file in DISTRIBUTOR.glob("*.yaml")) == sorted(FILE_NAMES)


@pytest.mark.slow
def test_customers_are_linked_merged_and_approved_each_time_by_a_new_edition(orderlane: Orderlane, tmp_path: Path) -> None:
    (tmp_path / "c.yaml").write_text(
        "customer.master:\n"
        "  - {customer_no: C-1, name: One, uscc: 91350100M000100Y43, as_of: '2026-01-01T00:00:00Z'}\n"
        "  - {customer_no: C-2, name: Two, status: pending, credit: {limit: 10.50, currency: CNY}, as_of: '2026-01-01T00:00:00Z'}\n"
        "  - {customer_no: C-3, name: Three, uscc: 91110108551385082Q, as_of: '2026-01-01T00:00:00Z'}\n"
    )
    orderlane("load", tmp_path / "c.yaml")

    def done(*arguments: str) -> tuple[int, str]:
        handled(tmp_path / "orderlane.db", datetime.now(UTC))[0].close()
        ran = orderlane("customers", *arguments)
        return ran.returncode, ran.stdout + ran.stderr

    assert [line.split() for line in done("list", "--status", "pending")[1].splitlines()[1:]] == [["C-2", "Two", "pending"]]
    assert done("link", "C-2", "--source", "dealer-acme", "--id", "77")[0] == 0
    assert done("approve", "C-2") == (0, "C-2: status active\n")
    assert done("merge", "C-2", "--into", "C-1") == (0, "C-2: merged_into C-1\n")
    listed = [line.split() for line in done("list")[1].splitlines()[1:]]
    assert [line[0] for line in listed] == ["C-1", "C-2", "C-3"]
    assert listed[1][-3:] == ["merged", "into", "C-1"]
    assert done("list", "--status", "blocked") == (0, "no such customer\n")
    assert (
        done("merge", "C-3", "--into", "C-1")[1]
        == "orderlane: C-3 and C-1 have different social credit codes: they are two companies\n"
    )
    database, catalogue = handled(tmp_path / "orderlane.db", datetime.now(UTC))
    party = Party(party_id="77")
    assert [found.customer_no for found in [catalogue.find_customers(party, "dealer-acme").customer] if found] == ["C-1"]
    database.close()
    assert done("merge", "C-2")[0] == 0
    database, catalogue = handled(tmp_path / "orderlane.db", datetime.now(UTC))
    again = catalogue.find_customers(party, "dealer-acme").customer
    assert again is not None
    assert again.credit is not None
    assert (again.customer_no, again.status, str(again.credit.limit)) == ("C-2", "active", "10.50")
    database.close()
