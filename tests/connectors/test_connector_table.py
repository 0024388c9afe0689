"""Table files from and to dealers."""

from typing import Any

import pytest

from canonical.failures import Misconfigured
from connectors.base import Endpoint, Identified
from connectors.settings import options_of
from connectors.table import CONNECTORS
from tests.connectors import partner
from tests.connectors.suite import ReceivingSuite, SendingSuite

ORDER = b"Order No,Item No,Qty\n1,A,2\n"


class TestTableReceiving(ReceivingSuite):
    connector = "table"
    body = ORDER
    proof = ("authorization",)
    identified = Identified("order", None)
    body_is_signed = False

    def means_the_same(self, header: str, changed: str) -> bool:
        return changed.lower().startswith("bearer ") and changed[7:] == self.signed().headers[header][7:]

    def test_what_the_endpoint_states_is_what_a_file_is(self) -> None:
        endpoint = Endpoint("test", "partner", "table", self.secrets, options={"table": {"document": "stock"}})
        assert self.row.identify(self.signed(), endpoint) == Identified("stock", None)

    @pytest.mark.parametrize(
        ("start", "media_type"),
        [(b"PK\x03\x04", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
         (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/vnd.ms-excel"), (b"a;b", "text/csv")],
    )  # fmt: skip
    def test_a_file_goes_under_its_own_media_type(self, start: bytes, media_type: str) -> None:
        assert type(self)._sent(start) == media_type

    @classmethod
    def _sent(cls, body: bytes) -> str:
        suite = cls()
        suite.body = body  # type: ignore[misc]
        return suite.signed().headers["content-type"]


class TestTableSending(SendingSuite):
    connector = "table"
    document = "order_response"
    payload = b"\xef\xbb\xbfOrder No\r\n1\r\n"

    def key_of(self, request: partner.Request) -> str:
        return request.headers["idempotency-key"]

    def test_the_file_is_posted_under_a_name_of_its_own(self) -> None:
        with partner.Partner(self.good_answer) as dealer:
            self.send(dealer.url, table={"format": "csv"})
        [request] = dealer.requests
        assert request.body == self.payload
        assert request.headers["content-type"] == "text/csv"
        assert request.headers["content-disposition"] == 'attachment; filename="order_response-delivery-1.csv"'
        assert request.headers["authorization"] == "Bearer the newest secret"


@pytest.mark.parametrize(
    "stated",
    [{"encoding": "utf-99"}, {"delimiter": '"'}, {"delimiter": ";;"}, {"decimal": "'"}, {"date_format": "soon"}, {"header_row": 0},
     {"columns": {"Order No": "a"}}, {"columns": {"sku": []}}, {"document": "invoice"}, {"colums": {}}],
)  # fmt: skip
def test_what_no_table_can_be_is_refused_before_one_comes(stated: dict[str, Any]) -> None:
    with pytest.raises(Misconfigured, match="table"):
        options_of(Endpoint("dealer", "acme", "table", options={"table": stated}), CONNECTORS["table"].settings)
