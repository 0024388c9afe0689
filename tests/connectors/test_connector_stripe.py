"""Stripe's events."""

import hashlib
import hmac
import json
from dataclasses import replace
from typing import Any

import pytest

from canonical.failures import Malformed
from connectors.base import Identified
from mappings.translation import OWN_SPECS, Part, Settings, Translations
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


TRANSLATIONS = Translations.load(OWN_SPECS / "stripe")
REFUND = {
    "id": "re_1", "object": "refund", "amount": 500, "charge": "ch_1", "created": 1772443800, "currency": "usd",
    "payment_intent": "pi_1", "reason": "duplicate", "status": "succeeded", "metadata": {}, "balance_transaction": "txn_1",
}  # fmt: skip


def told(event: str, thing: dict[str, Any]) -> Part:
    body = {"id": f"evt_{event}", "type": event, "created": 1772443900, "data": {"object": thing}}
    (part,) = TRANSLATIONS.translate("stripe", event, json.dumps(body).encode(), Settings())
    return part


@pytest.mark.parametrize(
    ("event", "thing", "because"),
    [
        ("payment_intent.payment_failed", {"object": "payment_intent", "last_payment_error": {}}, "no money moved"),
        ("payment_intent.canceled", {"object": "payment_intent"}, "no money moved"),
        ("checkout.session.completed", {"object": "checkout.session", "payment_intent": "pi_1"}, "payment_intent.succeeded tells"),
        ("invoice.paid", {"object": "invoice", "paid_out_of_band": False}, "payment_intent.succeeded tells"),
        ("invoice.paid", {"object": "invoice", "paid_out_of_band": True}, "paid outside Stripe"),
        ("invoice.payment_failed", {"object": "invoice"}, "no money moved"),
        ("charge.succeeded", {"object": "charge", "payment_intent": "pi_1", "paid": True}, "payment_intent.succeeded tells"),
        ("charge.succeeded", {"object": "charge", "paid": True, "captured": False}, "the amount is only reserved"),
        ("charge.failed", {"object": "charge", "paid": False}, "no money moved"),
        ("charge.refunded", {"object": "charge"}, "refund.created and refund.updated tell"),
        ("refund.created", REFUND | {"status": "pending"}, "the refund is on its way"),
        ("refund.updated", REFUND | {"status": "canceled"}, "the refund was called off"),
        ("charge.dispute.created", {"object": "dispute"}, "no money moved"),
    ],
)
def test_an_event_without_money_of_its_own_is_skipped_with_its_reason(event: str, thing: dict[str, Any], because: str) -> None:
    part = told(event, thing)
    assert (part.documents, part.problems) == ((), ())
    assert part.skipped.startswith(because)


def test_every_event_about_one_refund_states_the_same_fact() -> None:
    charge = {"id": "ch_1", "object": "charge", "refunds": {"data": [REFUND, REFUND | {"id": "re_2", "status": "failed"}]}}
    events = ("refund.created", "refund.updated", "charge.refund.updated")
    parts = [*(told(event, REFUND) for event in events), told("charge.refunded", charge)]
    assert {document.body() for part in parts for document in part.documents} == {parts[0].documents[0].body()}
    assert [len(part.documents) for part in parts] == [1, 1, 1, 1]


def test_a_refund_that_failed_is_a_problem() -> None:
    part = told("refund.failed", REFUND | {"status": "failed", "failure_reason": "lost_or_stolen_card"})
    assert [(one.code, one.path, one.value) for one in part.problems] == [
        ("E_DOCUMENT", "data.object.failure_reason", "lost_or_stolen_card")
    ]
