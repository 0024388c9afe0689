"""Alipay's asynchronous notifications."""

import base64
from dataclasses import replace
from typing import ClassVar
from urllib.parse import parse_qsl, urlencode

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key

from canonical.failures import Misconfigured
from connectors.base import Accepted, Identified, RawMessage
from mappings.translation import OWN_SPECS, Settings, Translations
from tests.connectors.keys import private_key, public_key
from tests.connectors.suite import ReceivingSuite

TRANSLATIONS = Translations.load(OWN_SPECS / "alipay")
PARAMS = {
    "app_id": "2016102100732915", "charset": "utf-8", "gmt_payment": "2026-03-02 17:30:06", "notify_id": "20260302002220",
    "notify_time": "2026-03-02 17:30:07", "notify_type": "trade_status_sync", "out_trade_no": "WEB-1001", "passback_params": "",
    "seller_id": "2088102180533564", "subject": "骨科植入物 8mm+12mm", "total_amount": "359.93", "trade_no": "20260302220014489",
    "trade_status": "TRADE_SUCCESS", "version": "1.0",
}  # fmt: skip


def form(charset: str = "utf-8", **changed: str) -> bytes:
    return urlencode({**PARAMS, "charset": charset, **changed}, encoding=charset).encode()


def pairs(body: bytes) -> list[tuple[str, str]]:
    return parse_qsl(body.decode("latin-1"), keep_blank_values=True, encoding="latin-1")


def documents(body: bytes) -> list[tuple[str, dict[str, object]]]:
    parts = list(TRANSLATIONS.translate("alipay", "trade_status_sync", body, Settings()))
    assert [problem for part in parts for problem in part.problems] == []
    return [(one.message_type, one.model_dump(mode="json")) for part in parts for one in part.documents]


class TestAlipay(ReceivingSuite):
    connector = "alipay"
    options: ClassVar = {"app_id": "2016102100732915", "seller_id": "2088102180533564"}
    secrets: ClassVar = (private_key("newest"), private_key("before"))
    other_secret = private_key("foreign")
    body = form()
    proof = ()
    identified = Identified("trade_status_sync", "20260302002220")

    def body_means_the_same(self, changed: bytes) -> bool:
        """A parameter without a value is not signed, and says nothing."""
        said, says = pairs(self.signed().body), pairs(changed)
        return [pair for pair in says if pair[1]] == [pair for pair in said if pair[1]]

    def changed(self, **fields: str) -> RawMessage:
        """The signed notification with other fields, not signed again."""
        signed = self.signed()
        return replace(signed, body=urlencode({**dict(pairs(signed.body)), **fields}, encoding="latin-1").encode())

    def resigned(self, **fields: str) -> RawMessage:
        assert self.row.sign is not None
        return self.row.sign(replace(self.signed(), body=form(**fields)), self.endpoint())

    def test_the_sign_is_over_sorted_filled_parameters_without_sign_and_sign_type(self) -> None:
        content = "&".join(f"{name}={value}" for name, value in sorted(PARAMS.items()) if value)
        key = load_pem_private_key(self.secrets[0], None)
        expected = base64.b64encode(key.sign(content.encode(), PKCS1v15(), SHA256())).decode()
        assert dict(pairs(self.signed().body))["sign"] == expected

    @pytest.mark.parametrize("as_secret", [Encoding.PEM, Encoding.DER])
    def test_the_public_key_is_enough_to_check_in_pem_or_as_the_console_shows_it(self, as_secret: Encoding) -> None:
        key = public_key(self.secrets[0], encoding=as_secret)
        secret = key if as_secret is Encoding.PEM else base64.b64encode(key)
        assert self.passes(self.signed(), secret)
        with pytest.raises(Misconfigured, match="private key"):
            self.signed(secret)

    def test_something_that_is_no_key_is_told_as_a_misconfiguration(self) -> None:
        with pytest.raises(Misconfigured, match="RSA"):
            self.passes(self.signed(), b"not a key")

    @pytest.mark.parametrize("fields", [{"app_id": "2016102100732916"}, {"seller_id": "2088102180533565"}])
    def test_a_notification_for_another_application_or_seller_is_refused(self, fields: dict[str, str]) -> None:
        assert not self.passes(self.resigned(**fields))

    @pytest.mark.parametrize(
        "fields", [{"sign_type": "RSA"}, {"sign_type": ""}, {"total_amount": "0.01"}, {"extra": "1"}, {"sign": ""}]
    )
    def test_a_changed_parameter_is_refused(self, fields: dict[str, str]) -> None:
        assert not self.passes(self.changed(**fields))

    def test_a_parameter_that_stands_twice_is_refused(self) -> None:
        signed = self.signed()
        assert not self.passes(replace(signed, body=signed.body + b"&trade_no=20260302220014489"))

    def test_text_in_gbk_is_authentic_and_read_right(self) -> None:
        raw = self.resigned(charset="gbk")
        assert self.passes(raw)
        assert [data["remittance_text"] for _, data in documents(raw.body)] == ["骨科植入物 8mm+12mm"]

    @pytest.mark.parametrize(
        ("status", "word"),
        [("accepted", b"success"), ("quarantined", b"success"), ("rejected", b"failure"), ("conflict", b"failure")],
    )
    def test_the_answer_is_the_word_that_alipay_waits_for(self, status: str, word: bytes) -> None:
        assert self.row.answer is not None and self.row.turn_away is not None
        answered = self.row.answer(Accepted("raw-1", status), self.endpoint())  # type: ignore[arg-type]
        assert (answered.status, answered.body, answered.media_type) == (200, word, "text/plain")
        assert self.row.turn_away(401, self.endpoint()).body == b"failure"


def test_a_paid_trade_is_a_payment_in_china_time() -> None:
    [(kind, data)] = documents(form())
    assert kind == "payment.received"
    assert (data["payment_ref"], data["value_date"], data["received_at"]) == (
        "20260302220014489",
        "2026-03-02",
        "2026-03-02T09:30:06Z",
    )
    assert (data["amount"], data["refs"]) == ({"amount": "359.93", "currency": "CNY"}, ["WEB-1001"])


def test_a_finished_trade_states_the_same_payment_again() -> None:
    paid = next(TRANSLATIONS.translate("alipay", "trade_status_sync", form(), Settings())).documents[0]
    finished_form = form(trade_status="TRADE_FINISHED", notify_id="2", notify_time="2026-06-02 17:30:07")
    finished = next(TRANSLATIONS.translate("alipay", "trade_status_sync", finished_form, Settings())).documents[0]
    assert (finished.identity(), finished.fact()) == (paid.identity(), paid.fact())


@pytest.mark.parametrize("status", ["TRADE_SUCCESS", "TRADE_CLOSED"])
def test_a_refund_in_part_or_whole_is_the_refund_and_no_payment(status: str) -> None:
    refund = form(trade_status=status, refund_fee="5.00", gmt_refund="2026-03-03 09:00:00.123", out_biz_no="RF0001")
    [(kind, data)] = documents(refund)
    assert kind == "payment.refunded"
    assert (data["refund_ref"], data["original_ref"]) == ("20260302220014489/RF0001", "20260302220014489")
    assert (data["amount"], data["cumulative"]) == ({"amount": "5.00", "currency": "CNY"}, True)
    assert data["returned_at"] == "2026-03-03T01:00:00.123000Z"


@pytest.mark.parametrize("status", ["WAIT_BUYER_PAY", "TRADE_CLOSED"])
def test_a_trade_that_waits_or_closes_unpaid_is_no_money(status: str) -> None:
    assert documents(form(trade_status=status)) == []
    [part] = TRANSLATIONS.translate("alipay", "trade_status_sync", form(trade_status=status), Settings())
    assert part.skipped == f"no news about trade_status {status}"


@pytest.mark.parametrize(
    ("body", "code", "path"),
    [
        (b"charset=utf-16&notify_type=trade_status_sync", "E_FORM_CHARSET", "charset"),
        (b"charset=utf-8&subject=%FF", "E_FORM_CHARSET", "subject"),
        (b"a=1&a=2", "E_FORM", "$"),
        (b"no form", "E_FORM", "$"),
    ],
)
def test_a_form_that_cannot_be_read_is_told(body: bytes, code: str, path: str) -> None:
    with pytest.raises(Exception) as caught:
        list(TRANSLATIONS.translate("alipay", "trade_status_sync", body, Settings()))
    assert [(one.code, one.path) for one in caught.value.problems] == [(code, path)]


def test_an_amount_that_is_missing_is_told() -> None:
    [part] = TRANSLATIONS.translate("alipay", "trade_status_sync", form(total_amount=""), Settings())
    assert [(one.code, one.path) for one in part.problems] == [("E_SCHEMA", "total_amount")]
