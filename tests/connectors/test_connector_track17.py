"""17TRACK's webhooks and answers."""

import hashlib
import json
from dataclasses import replace

import pytest

from canonical.failures import Malformed
from connectors.base import Identified
from tests.connectors.suite import ReceivingSuite


class TestTrack17(ReceivingSuite):
    connector = "track17"
    body = b'{"event":"TRACKING_UPDATED","data":{"number":"1"}}'
    proof = ("sign",)
    identified = Identified("tracking_updated")

    def test_the_hash_is_over_body_slash_and_key(self) -> None:
        expected = hashlib.sha256(self.body + b"/" + self.secrets[0]).hexdigest()
        assert self.signed().headers["sign"] == expected

    @pytest.mark.parametrize(
        ("body", "document"),
        [
            ({"event": "TRACKING_STOPPED", "data": {"number": "1"}}, "tracking_stopped"),
            ({"code": 0, "data": {"accepted": [{"number": "1", "track_info": {}}]}}, "gettrackinfo"),
            ({"code": 0, "data": {"accepted": [{"number": "1", "package_status": "Delivered"}]}}, "gettracklist"),
            ({"code": 0, "data": {"accepted": [{"number": "1", "origin": 2}], "rejected": []}}, "register"),
            ({"code": 0, "data": {"errors": [{"code": -18010002}]}}, "gettrackinfo"),
        ],
    )
    def test_each_document_is_told(self, body: object, document: str) -> None:
        assert self.row.identify is not None
        raw = replace(self.signed(), body=json.dumps(body).encode())
        assert self.row.identify(raw, self.endpoint()) == Identified(document)

    @pytest.mark.parametrize(("body", "path"), [({"event": "RETURNED"}, "event"), ({"event": 7}, "event"), ({"data": 1}, "$")])
    def test_another_event_is_told(self, body: object, path: str) -> None:
        assert self.row.identify is not None
        with pytest.raises(Malformed) as caught:
            self.row.identify(replace(self.signed(), body=json.dumps(body).encode()), self.endpoint())
        assert [(one.code, one.path) for one in caught.value.problems] == [("E_DOCUMENT", path)]
