"""EasyPost's tracker events."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from canonical.failures import Malformed, Misconfigured
from connectors.base import Identified
from tests.connectors.suite import ReceivingSuite, _with

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
