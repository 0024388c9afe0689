"""FedEx's pushes and answers."""

import base64
import hashlib
import hmac
from dataclasses import replace

import pytest

from canonical.failures import Malformed
from connectors.base import Identified
from tests.connectors.suite import ReceivingSuite


class TestFedEx(ReceivingSuite):
    connector = "fedex"
    body = b'{"output":{"completeTrackResults":[]}}'
    proof = ("fdx-signature",)
    identified = Identified("track")

    def test_the_signature_is_base64_of_the_hmac_over_the_payload(self) -> None:
        digest = hmac.new(self.secrets[0], self.body, hashlib.sha256).digest()
        assert self.signed().headers["fdx-signature"] == base64.b64encode(digest).decode()

    @pytest.mark.parametrize(
        "body",
        [
            b'<TrackReply xmlns="http://fedex.com/ws/track/v7"/>',
            b'\xef\xbb\xbf<?xml version="1.0"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body/></s:Envelope>',
        ],
    )
    def test_xml_is_the_reply_of_the_web_services(self, body: bytes) -> None:
        assert self.row.identify is not None
        assert self.row.identify(replace(self.signed(), body=body), self.endpoint()) == Identified("track_xml")

    def test_other_xml_is_told(self) -> None:
        assert self.row.identify is not None
        with pytest.raises(Malformed) as caught:
            self.row.identify(replace(self.signed(), body=b"<RateReply/>"), self.endpoint())
        assert [(one.code, one.value) for one in caught.value.problems] == [("E_DOCUMENT", "RateReply")]
