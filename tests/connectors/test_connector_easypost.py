"""EasyPost's tracker events."""

import base64
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import pytest

from canonical.failures import Malformed, Misconfigured
from canonical.references import Reference
from connectors.base import Identified
from tests.connectors import partner
from tests.connectors.suite import ReceivingSuite, SendingSuite, _with

SAMPLES = Path(__file__).parents[1] / "samples" / "easypost"
VECTOR = json.loads((SAMPLES / "signature_vector.json").read_bytes())
VECTOR_BODY = (SAMPLES / "signature_vector.body.json").read_bytes()


class TestEasyPost(ReceivingSuite):
    connector = "easypost"
    body = b'{"description":"tracker.updated","id":"evt_1","object":"Event","result":{"weight":614.4}}'
    proof = ("x-hmac-signature",)
    identified = Identified("tracker.updated", None)

    def test_easyposts_own_example_is_authentic_to_the_last_bit(self) -> None:
        raw = replace(self.signed(), body=VECTOR_BODY, headers={VECTOR["header"].lower(): VECTOR["value"]})
        secret = VECTOR["secret"].encode()
        assert self.passes(raw, secret)
        assert not self.passes(replace(raw, body=VECTOR_BODY.replace(b"614.4", b"614.40")), secret)
        assert self.row.identify(raw, self.endpoint()) == Identified("tracker.updated")

    def test_a_secret_counts_in_its_decomposed_form(self) -> None:
        composed, decomposed = "s\u00e9cret".encode(), "se\u0301cret".encode()
        assert self.passes(self.signed(composed), decomposed)
        assert not self.passes(self.signed(composed), b"secret")

    def test_a_signature_without_its_prefix_is_refused(self) -> None:
        bare = self.signed().headers["x-hmac-signature"].partition("=")[2]
        assert not self.passes(_with(self.signed(), "x-hmac-signature", bare))

    @pytest.mark.parametrize("event", ["batch.created", "tracker.deleted", "TRACKER.UPDATED"])
    def test_another_event_is_told(self, event: str) -> None:
        raw = replace(self.signed(), body=json.dumps({"description": event}).encode())
        with pytest.raises(Malformed) as caught:
            self.row.identify(raw, self.endpoint())
        [problem] = caught.value.problems
        assert (problem.code, problem.path, problem.value) == ("E_DOCUMENT", "description", event)

    def test_a_secret_that_is_no_text_is_our_mistake(self) -> None:
        with pytest.raises(Misconfigured):
            self.row.authenticate(self.signed(), replace(self.endpoint(), secrets=(b"\xff\xfe",)))


class TestEasyPostRegistering(SendingSuite):
    connector = "easypost"
    sending_options: ClassVar[Mapping[str, Any]] = {"carriers": {"DHL": "DHLExpress"}}
    document = "create_tracker"
    payload = b'{"numbers":[{"tracking_code":"EZ1000000001","carrier":"DHL"}]}'
    good_answer = staticmethod(partner.answer(201, b'{"id":"trk_1","object":"Tracker","tracking_code":"EZ1000000001"}'))
    needs_whole_answer = True

    def key_of(self, request: partner.Request) -> str:
        return request.headers["idempotency-key"]

    def test_a_number_becomes_a_tracker_and_is_known_by_its_id(self) -> None:
        with partner.Partner(self.good_answer) as other:
            sent = self.send(other.url)
        [request] = other.requests
        assert request.headers["authorization"] == f"Basic {base64.b64encode(b'the newest secret:').decode()}"
        assert json.loads(request.body) == {"tracker": {"tracking_code": "EZ1000000001", "carrier": "DHLExpress"}}
        assert (sent.partner_id, sent.known_as) == ("trk_1", (Reference("tracking", "EZ1000000001", "trk_1"),))
