"""The hub's own JSON, signed or with an API key."""

from dataclasses import replace
from typing import ClassVar

import pytest
from standardwebhooks.webhooks import Webhook

from canonical.failures import Malformed, Misconfigured
from connectors.base import Identified
from connectors.standard_webhooks import signed_headers
from tests.connectors.suite import NOW, ReceivingSuite, _with, whsec

BODY = b'{"type":"stock.level","data":{"location":"WH1","sku":"KNEE-7","on_hand":12}}'
SIGNATURE = "webhook-signature"


class TestCanonicalSigned(ReceivingSuite):
    connector = "canonical"
    secrets = (whsec("n"), whsec("b"))
    other_secret = whsec("x")
    headers: ClassVar = {"webhook-id": "msg_2024-07"}
    body = BODY
    proof = ("webhook-id", "webhook-timestamp", SIGNATURE)
    identified = Identified("stock.level", "msg_2024-07")
    has_window = True

    def test_the_standards_own_library_makes_the_same_signature(self) -> None:
        expected = Webhook(whsec("n").decode()).sign("msg_2024-07", NOW, BODY.decode())
        assert self.signed().headers[SIGNATURE] == expected

    def test_one_good_signature_among_others_is_enough(self) -> None:
        good = self.signed().headers[SIGNATURE]
        assert self.passes(_with(self.signed(), SIGNATURE, f"v1a,AAAA v1,AAAA {good} v2,AAAA"))

    @pytest.mark.parametrize("version", ["v1a", "v2", "V1", "", "v1,v1"])
    def test_a_good_signature_under_another_version_is_refused(self, version: str) -> None:
        good = self.signed().headers[SIGNATURE]
        assert not self.passes(_with(self.signed(), SIGNATURE, good.replace("v1,", f"{version},", 1)))

    def test_an_id_cannot_borrow_from_the_time(self) -> None:
        signed = self.signed()
        stretched = {"webhook-id": f"msg_2024-07.{signed.headers['webhook-timestamp']}"}
        assert not self.passes(replace(signed, headers={**signed.headers, **stretched}))

    @pytest.mark.parametrize("webhook_id", ["msg.1", "m\u00e9", "m 1", "x" * 256])
    def test_an_id_the_standard_does_not_allow_is_refused_however_well_it_is_signed(self, webhook_id: str) -> None:
        headers = signed_headers(webhook_id, BODY, self.secrets, NOW)
        assert not self.passes(replace(self.signed(), headers=headers))

    def test_a_type_that_stands_twice_is_none(self) -> None:
        raw = replace(self.signed(), body=b'{"type":"stock.level","type":"order.placed","data":{}}')
        with pytest.raises(Malformed) as caught:
            self.row.identify(raw, self.endpoint())
        assert [(p.code, p.path) for p in caught.value.problems] == [("E_JSON_DUPLICATE_KEY", "$")]

    @pytest.mark.parametrize("secret", [b"plain", b"whsec_", b"whsec_%%%", b"whsec_c2hvcnQ=", whsec("n")[6:]])
    def test_a_secret_of_another_form_is_our_mistake(self, secret: bytes) -> None:
        with pytest.raises(Misconfigured, match="whsec_"):
            self.row.authenticate(self.signed(), replace(self.endpoint(), secrets=(secret,)))

    @pytest.mark.parametrize("document", ["invoice.issued", "stock", "../stock.level", "Stock.Level"])
    def test_a_type_partners_do_not_send_is_told(self, document: str) -> None:
        raw = replace(self.signed(), body=BODY.replace(b"stock.level", document.encode()))
        with pytest.raises(Malformed) as caught:
            self.row.identify(raw, self.endpoint())
        assert [(p.code, p.path, p.value) for p in caught.value.problems] == [("E_DOCUMENT", "type", document)]


class TestCanonicalWithKey(ReceivingSuite):
    connector = "canonical"
    options: ClassVar = {"auth": "bearer"}
    body = BODY
    proof = ("authorization",)
    identified = Identified("stock.level", None)
    body_is_signed = False

    def means_the_same(self, header: str, changed: str) -> bool:
        return changed.lower().startswith("bearer ") and changed[7:] == self.signed().headers[header][7:]

    def test_a_signature_does_not_pass_for_a_key(self) -> None:
        signed = TestCanonicalSigned().signed()
        assert not self.passes(replace(signed, headers={**signed.headers}))

    def test_an_id_the_partner_gives_tells_repeats(self) -> None:
        raw = _with(self.signed(), "webhook-id", "wh-17")
        assert self.row.identify(raw, self.endpoint()) == Identified("stock.level", "wh-17")
