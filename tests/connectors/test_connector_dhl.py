"""DHL's pushes and answers."""

from dataclasses import replace

import pytest

from canonical.failures import Malformed
from connectors.base import Identified
from tests.connectors.suite import ReceivingSuite


class TestDhl(ReceivingSuite):
    connector = "dhl"
    body = b'{"shipments":[{"id":"00340434292135100056"}]}'
    proof = ("?token",)
    identified = Identified("unified")
    body_is_signed = False

    @pytest.mark.parametrize(
        ("body", "document"),
        [
            (b'{"shipments":[{"shipmentTrackingNumber":"1"}]}', "mydhl"),
            (b'{"shipments":[]}', "unified"),
            (b'{"title":"No result found","status":404}', "unified"),
            (b'<req:TrackingResponse xmlns:req="http://www.dhl.com"/>', "express_xml"),
            (b'<req:ShipmentTrackingErrorResponse xmlns:req="http://www.dhl.com"/>', "express_xml"),
        ],
    )
    def test_each_of_its_services_is_told(self, body: bytes, document: str) -> None:
        assert self.row.identify is not None
        assert self.row.identify(replace(self.signed(), body=body), self.endpoint()) == Identified(document)

    def test_other_xml_is_told(self) -> None:
        assert self.row.identify is not None
        with pytest.raises(Malformed) as caught:
            self.row.identify(replace(self.signed(), body=b"<ShipmentResponse/>"), self.endpoint())
        assert [(one.code, one.value) for one in caught.value.problems] == [("E_DOCUMENT", "ShipmentResponse")]
