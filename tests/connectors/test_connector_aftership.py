"""AfterShip's webhooks and answers."""

import json
from dataclasses import replace

import pytest

from canonical.failures import Malformed
from connectors.base import Identified
from tests.connectors.suite import ReceivingSuite


class TestAfterShip(ReceivingSuite):
    connector = "aftership"
    body = b'{"event":"tracking_update","event_id":"94dadd60-ed26-46d0-aa52-3ced925a50ff","msg":{}}'
    proof = ("aftership-hmac-sha256",)
    identified = Identified("tracking_update", "94dadd60-ed26-46d0-aa52-3ced925a50ff")

    def found(self, body: object) -> Identified:
        assert self.row.identify is not None
        return self.row.identify(replace(self.signed(), body=json.dumps(body).encode()), self.endpoint())

    @pytest.mark.parametrize(
        ("data", "document"), [({"tracking": {}}, "tracking"), ({"trackings": []}, "trackings"), ({"id": "1"}, "tracking")]
    )
    def test_answers_of_the_api_are_told(self, data: object, document: str) -> None:
        assert self.found({"meta": {"code": 200}, "data": data}) == Identified(document)

    def test_an_event_without_an_id_is_told_by_its_body(self) -> None:
        assert self.found({"event": "edd_revise"}) == Identified("edd_revise", None)

    @pytest.mark.parametrize(
        ("body", "problem"),
        [
            ({"meta": {"code": 401, "message": "Invalid API Key."}}, ("E_DOCUMENT", "meta.message", "Invalid API Key.")),
            ({"meta": None}, ("E_DOCUMENT", "meta.message", None)),
            ({"event": "return_update"}, ("E_DOCUMENT", "event", "return_update")),
        ],
    )
    def test_an_error_or_another_event_is_told(self, body: object, problem: tuple[str, str, str | None]) -> None:
        with pytest.raises(Malformed) as caught:
            self.found(body)
        assert [(one.code, one.path, one.value) for one in caught.value.problems] == [problem]
