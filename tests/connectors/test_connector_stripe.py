"""Stripe's events."""

import hashlib
import hmac
from dataclasses import replace

import pytest

from canonical.failures import Malformed
from connectors.base import Identified
from tests.connectors.suite import NOW, ReceivingSuite, _with

HEADER = "stripe-signature"


class TestStripe(ReceivingSuite):
    connector = "stripe"
    secrets = (b"whsec_newest", b"whsec_before")
    body = b'{\n  "id": "evt_1Pg", "object": "event", "type": "payment_intent.succeeded", "data": {"object": {"amount": 40300}}\n}'
    proof = (HEADER,)
    identified = Identified("payment_intent.succeeded", "evt_1Pg")
    has_window = True

    def test_the_signature_is_the_hex_hmac_over_time_and_body(self) -> None:
        signed = f"{int(NOW.timestamp())}.".encode() + self.body
        expected = hmac.new(b"whsec_newest", signed, hashlib.sha256).hexdigest()
        assert self.signed().headers[HEADER] == f"t={int(NOW.timestamp())},v1={expected}"

    def test_during_a_rotation_one_of_several_signatures_is_enough(self) -> None:
        old, new = (self.signed(secret).headers[HEADER] for secret in (b"whsec_gone", b"whsec_newest"))
        both = f"{old},{new.partition(',')[2]},v0=6ffbb59b2300aae63f272406069a9788598b792a944a07aba816edb039989a39"
        assert self.passes(_with(self.signed(), HEADER, both))

    def test_a_signature_of_the_test_scheme_is_not_enough(self) -> None:
        value = self.signed().headers[HEADER]
        assert not self.passes(_with(self.signed(), HEADER, value.replace("v1=", "v0=")))

    @pytest.mark.parametrize("where", ["before", "after"])
    def test_two_times_are_refused(self, where: str) -> None:
        value = self.signed().headers[HEADER]
        other = f"t={int(NOW.timestamp()) - 1}"
        assert not self.passes(_with(self.signed(), HEADER, f"{other},{value}" if where == "before" else f"{value},{other}"))

    @pytest.mark.parametrize("time", ["", "-1", "+1772443800", "1772443800.0", "\u0661772443800", "9" * 5000, "0x69"])
    def test_a_time_that_is_not_whole_seconds_is_refused(self, time: str) -> None:
        signature = self.signed().headers[HEADER].partition(",")[2]
        assert not self.passes(_with(self.signed(), HEADER, f"t={time},{signature}"))

    @pytest.mark.parametrize(
        ("body", "code", "path"),
        [
            (b'{"id": "evt_1"}', "E_REQUIRED", "type"),
            (b'{"id": "evt_1", "type": "customer.updated"}', "E_DOCUMENT", "type"),
            (b'{"type": "payment_intent.succeeded"}', "E_REQUIRED", "id"),
            (b'{"id": "", "type": "payment_intent.succeeded"}', "E_REQUIRED", "id"),
            (b'{"id": "\\u0000", "type": "payment_intent.succeeded"}', "E_DELIVERY_ID", "id"),
            (b'{"id": "evt_1", "type": "payment_intent.succeeded"} x', "E_JSON", "$"),
        ],
    )
    def test_an_event_that_cannot_be_told_is_malformed_where_it_is_wrong(self, body: bytes, code: str, path: str) -> None:
        with pytest.raises(Malformed) as caught:
            self.row.identify(replace(self.signed(), body=body), self.endpoint())
        assert [(problem.code, problem.path) for problem in caught.value.problems] == [(code, path)]
