"""`orderlane translate` and `orderlane send`: files in a partner's format, without and with a hub."""

import json
from pathlib import Path

import pytest

from connectors.table import CONNECTORS
from demo.partners import TRAFFIC
from mappings.translation import OWN_SPECS, Translations
from tests.hub import documents
from tests.orderlane.conftest import Orderlane

SAMPLES = Path(__file__).resolve().parents[1] / "samples"


def lines(text: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in text.splitlines()]


def test_a_file_becomes_one_json_line_per_message(orderlane: Orderlane) -> None:
    ran = orderlane("translate", "shopify", TRAFFIC / "shop_order.json", "--document", "orders/create")
    (message,) = lines(ran.stdout)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert (message["type"], message["subject"]) == ("order.placed", "1001")
    assert message["data"]["totals"]["payable"] == "575.96"  # type: ignore[index]


def test_problems_are_json_lines_on_standard_error_and_the_good_orders_still_come_out(orderlane: Orderlane) -> None:
    ran = orderlane("translate", "x12", TRAFFIC / "dealer_orders.edi", "--endpoint", "dealer-acme")
    assert ran.returncode == 2
    assert [(message["type"], message["subject"]) for message in lines(ran.stdout)] == [
        ("order.placed", "PO-88231"),
        ("interchange.received", "000004711"),
    ]
    (problem,) = lines(ran.stderr)
    assert (problem["code"], problem["path"], problem["value"]) == ("E_UOM", "ST[2]/PO1[1]-03 (segment 6)", "ZZ")
    assert (problem["file"], problem["reference"]) == ("dealer_orders.edi", "ST[2]")
    assert str(problem["message"]).startswith("expected one of ")


def test_bytes_of_another_format_are_one_problem_and_exit_2(orderlane: Orderlane, tmp_path: Path) -> None:
    file = tmp_path / "order.edi"
    file.write_bytes(b"this is no interchange")
    ran = orderlane("translate", "x12", file)
    (problem,) = lines(ran.stderr)
    assert (ran.returncode, ran.stdout, problem["code"], problem["path"]) == (2, "", "E_X12_NO_ISA", "character 1")


def test_a_file_that_rightly_holds_nothing_tells_why(orderlane: Orderlane) -> None:
    ran = orderlane("translate", "shopify", SAMPLES / "shopify" / "order_transactions_create--authorization.in.json")
    (problem,) = lines(ran.stderr)
    assert (ran.returncode, ran.stdout, problem["code"], problem["path"]) == (2, "", "W_SKIPPED", "transactions[0]")
    assert problem["message"] == "no news about transactions[0].kind authorization"


@pytest.mark.parametrize(("terminal", "shown"), [("1", True), ("", False)])
def test_a_large_file_shows_a_line_of_progress_on_a_terminal(
    orderlane: Orderlane, tmp_path: Path, terminal: str, shown: bool
) -> None:
    file = tmp_path / "orders.edi"
    file.write_bytes((TRAFFIC / "dealer_orders.edi").read_bytes() + b"\n" * 1024 * 1024)
    ran = orderlane("translate", "x12", file, "--endpoint", "dealer-acme", FORCE_COLOR=terminal)
    assert ("orders.edi: reading" in ran.stderr, len(ran.stdout.splitlines())) == (shown, 2)


def test_explain_tells_which_source_path_filled_each_field(orderlane: Orderlane) -> None:
    ran = orderlane("translate", "shopify", TRAFFIC / "shop_order.json", "--document", "orders/create", "--explain")
    assert ran.returncode == 0
    filled = [line.split() for line in ran.stdout.splitlines()]
    assert ["order_no", "<-", "name", "=", "1001"] in filled
    assert ["lines[1].sku", "<-", "line_items[1].sku", "=", "INF-10"] in filled


def test_a_header_names_the_document_as_the_partner_would(orderlane: Orderlane, tmp_path: Path) -> None:
    file = tmp_path / "cancelled.json"
    file.write_bytes(documents.shop_cancellation(documents.shop_order("C-1", ("A", 1, "1.00"), total="1.00")))
    ran = orderlane("translate", "shopify", file, "--header", "X-Shopify-Topic: orders/cancelled")
    assert [message["type"] for message in lines(ran.stdout)] == ["order.cancelled"]
    assert (ran.returncode, ran.stderr) == (0, "")


def test_several_files_are_translated_in_turn_and_each_problem_names_its_file(orderlane: Orderlane, tmp_path: Path) -> None:
    files = []
    for n in range(3):
        file = tmp_path / f"order-{n}.edi"
        order = documents.dealer_order(f"PO-{n}", ("A", 1, "1"), unit="ZZ" if n == 1 else "EA")
        file.write_bytes(documents.interchange(n + 1, order))
        files.append(file)
    ran = orderlane("translate", "x12", *files, "--endpoint", "dealer-acme")
    assert ran.returncode == 2
    assert [m["subject"] for m in lines(ran.stdout) if m["type"] == "order.placed"] == ["PO-0", "PO-2"]
    assert [problem["file"] for problem in lines(ran.stderr)] == ["order-1.edi"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("shopfy", TRAFFIC / "shop_order.json"), "Did you mean `shopify`?"),
        (("webhook", TRAFFIC / "shop_order.json"), "no connector 'webhook' that receives documents"),
        (
            ("shopify", TRAFFIC / "shop_order.json", "--document", "orders/deleted"),
            "no document 'orders/deleted' that shopify sends. Did you mean `orders/",
        ),
        (("shopify", TRAFFIC / "shop_order.json", "--header", "no colon"), "--header: expected 'Name: value'"),
        (
            ("shopify", TRAFFIC / "shop_order.json", "--endpoint", "shop-uk"),
            "no endpoint 'shop-uk' that is of connector shopify. Did you mean `shop-eu`? There are shop-eu.",
        ),
    ],
)
def test_what_cannot_be_meant_is_one_clear_line_and_exit_2(orderlane: Orderlane, arguments: tuple[str, ...], said: str) -> None:
    ran = orderlane("translate", *arguments)
    assert (ran.returncode, ran.stdout, len(ran.stderr.splitlines())) == (2, "", 1)
    assert said in ran.stderr


def test_every_sample_gives_documents_or_problems(orderlane: Orderlane) -> None:
    """One run per connector over all its samples; the fixture refuses any traceback."""
    folders = {"shopify": "*.in.json", "easypost": "*.in.json", "stripe": "*.in.json", "x12": "*.edi", "camt": "*.xml"}
    for connector, pattern in folders.items():
        files = sorted((SAMPLES / connector).glob(pattern))
        assert files
        ran = orderlane("translate", connector, *files)
        assert ran.returncode in {0, 2}
        told = {problem["file"] for problem in lines(ran.stderr)}
        assert lines(ran.stdout)
        assert all(problem["code"] for problem in lines(ran.stderr))
        assert told <= {file.name for file in files}


def test_the_product_brings_a_mapping_for_every_document_of_every_connector() -> None:
    mapped = Translations.load(OWN_SPECS).documents.keys()
    named = {(name, document, "in") for name, connector in CONNECTORS.items() for document in connector.documents_in}
    named |= {(name, document, "out") for name, connector in CONNECTORS.items() for document in connector.documents_out}
    assert named - mapped == set()


def test_sending_to_a_hub_that_is_not_there_is_one_line_and_exit_1(orderlane: Orderlane) -> None:
    ran = orderlane("send", "shop-eu", TRAFFIC / "shop_order.json", "--url", "http://127.0.0.1:1")
    assert (ran.returncode, ran.stdout, len(ran.stderr.splitlines())) == (1, "", 1)
    assert ran.stderr.startswith("orderlane: not available: http://127.0.0.1:1: ")


def test_sending_through_an_endpoint_that_does_not_receive_is_one_line_and_exit_2(orderlane: Orderlane) -> None:
    ran = orderlane("send", "warehouse-main-out", TRAFFIC / "shop_order.json")
    assert (ran.returncode, len(ran.stderr.splitlines())) == (2, 1)
    assert "no endpoint 'warehouse-main-out' that receives documents. Did you mean `warehouse-main`?\n" in ran.stderr
