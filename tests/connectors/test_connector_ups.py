"""UPS's pushes and answers."""

from dataclasses import replace

import pytest

from canonical.failures import Malformed
from connectors.base import Identified
from tests.connectors.suite import ReceivingSuite


class TestUps(ReceivingSuite):
    connector = "ups"
    body = b'{"trackingNumber":"1Z204W4R0308071865","activityStatus":{"type":"I"}}'
    proof = ("credential",)
    identified = Identified("track_alert")
    body_is_signed = False

    @pytest.mark.parametrize("body", [b'{"trackResponse":{"shipment":[]}}', b'{"response":{"errors":[{"code":"TV1002"}]}}'])
    def test_answers_of_the_tracking_api_are_told(self, body: bytes) -> None:
        assert self.row.identify is not None
        assert self.row.identify(replace(self.signed(), body=body), self.endpoint()) == Identified("track")

    def test_another_object_is_told(self) -> None:
        assert self.row.identify is not None
        with pytest.raises(Malformed) as caught:
            self.row.identify(replace(self.signed(), body=b'{"RateResponse":{}}'), self.endpoint())
        assert [(one.code, one.path) for one in caught.value.problems] == [("E_DOCUMENT", "$")]
