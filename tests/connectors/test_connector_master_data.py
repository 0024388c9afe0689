"""Master data as the hub's own JSON: one record or many, and only from endpoints that may."""

from dataclasses import replace
from typing import ClassVar

import pytest

from canonical.failures import Malformed, Misconfigured
from connectors.base import Identified
from connectors.events.master_data.settings import MasterDataSettings
from connectors.settings import options_of
from mappings.translation import OWN_SPECS, Part, Settings, Translations
from tests.connectors.suite import ReceivingSuite, whsec

PRODUCT = b'{"type":"product.master","data":{"sku":"A","name":"A","as_of":"2026-01-01T00:00:00Z","moq":"5"}}'
TRANSLATIONS = Translations.load(OWN_SPECS / "master_data")


def parts(body: bytes, **options: object) -> list[Part]:
    return list(TRANSLATIONS.translate("master_data", "records", body, Settings(endpoint="master-data", options=options)))


def told(body: bytes, **options: object) -> list[tuple[str, str]]:
    return [(problem.code, problem.path) for part in parts(body, **options) for problem in part.problems]


class TestMasterData(ReceivingSuite):
    connector = "master_data"
    secrets = (whsec("n"), whsec("b"))
    other_secret = whsec("x")
    headers: ClassVar = {"webhook-id": "msg-1"}
    body = PRODUCT
    proof = ("webhook-id", "webhook-timestamp", "webhook-signature")
    identified = Identified("product.master", "msg-1")
    has_window = True

    def test_several_records_are_one_document(self) -> None:
        for body in (b"[" + PRODUCT + b"]", PRODUCT + b"\n" + PRODUCT):
            assert self.row.identify(replace(self.signed(), body=body), self.endpoint()).document == "records"

    @pytest.mark.parametrize("kind", [b"order.placed", b"payment.received", b"customer.master"])
    def test_a_type_that_the_endpoint_may_not_send_is_refused(self, kind: bytes) -> None:
        only = replace(self.endpoint(), options={"documents": ["product.master"]})
        with pytest.raises(Malformed) as caught:
            self.row.identify(replace(self.signed(), body=PRODUCT.replace(b"product.master", kind)), only)
        assert [(p.code, p.path, p.value) for p in caught.value.problems] == [("E_DOCUMENT", "type", kind.decode())]

    def test_an_option_names_kinds_that_there_are(self) -> None:
        with pytest.raises(Misconfigured, match="documents"):
            options_of(replace(self.endpoint(), options={"documents": ["order.placed"]}), MasterDataSettings)


@pytest.mark.parametrize(
    "body", [PRODUCT, b"[" + PRODUCT + b"]", PRODUCT + b"\n\n" + PRODUCT, b"\n [" + PRODUCT + b",\n" + PRODUCT + b"]"]
)
def test_records_come_alone_in_an_array_or_a_line_each(body: bytes) -> None:
    assert {document.subject() for part in parts(body) for document in part.documents} == {"A"}
    assert told(body) == []


def test_a_wrong_record_leaves_its_neighbours_alone() -> None:
    lines = [
        PRODUCT, b"{broken", PRODUCT.replace(b'"moq"', b'"mog"'), PRODUCT.replace(b'"5"', b'"x"'), b"7", b'{"data":{}}',
        b'{"type":"order.placed","data":{}}', PRODUCT.replace(b'"A"', b'"B"'),
        b'{"type":"product.master","at":"p.csv row 9","data":{"sku":"C","as_of":"2026-01-01T00:00:00Z"}}',
    ]  # fmt: skip
    body = b"\n".join(lines)
    assert [document.subject() for part in parts(body) for document in part.documents] == ["A", "B"]
    assert told(body) == [
        ("E_JSON", "line 2: $"), ("E_UNKNOWN_NAME", "line 3: data.mog"), ("E_SCHEMA", "line 4: data.moq"), ("E_JSON", "line 5"),
        ("E_REQUIRED", "line 6: type"), ("E_DOCUMENT", "line 7: type"), ("E_SCHEMA", "p.csv row 9: data.name"),
    ]  # fmt: skip


def test_a_record_of_a_kind_the_endpoint_may_not_send_is_refused_among_others() -> None:
    assert told(b"[" + PRODUCT + b"]", documents=["price.list"]) == [("E_DOCUMENT", "[0]: type")]


def test_a_body_that_is_no_json_is_malformed() -> None:
    with pytest.raises(Malformed):
        parts(b"sku,name\nA,A\n")
