"""Notifications of WeChat Pay, both versions."""

import base64
import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from canonical.failures import Malformed, Misconfigured, Unauthenticated
from connectors.base import Accepted, Endpoint, Identified, RawMessage
from connectors.table import CONNECTORS
from mappings.translation import OWN_SPECS, Settings, Translations
from tests.connectors.keys import private_key, public_key
from tests.connectors.suite import ReceivingSuite, _with

SAMPLES = Path(__file__).parents[1] / "samples" / "wechatpay"
TRANSLATIONS = Translations.load(OWN_SPECS / "wechatpay")
API_KEY = b"0123456789abcdef0123456789ABCDEF"
PAYMENT = {
    "transaction_id": "4200000001", "out_trade_no": "WEB-1001", "trade_state": "SUCCESS", "mchid": "1230000109", "appid": "wx1",
    "trade_type": "NATIVE", "bank_type": "CMC", "success_time": "2026-03-02T17:29:56+08:00", "payer": {"openid": "o-1"},
    "amount": {"total": 35993, "payer_total": 35893, "currency": "CNY", "payer_currency": "CNY"}, "attach": "植入物",
}  # fmt: skip
REFUND = {
    "mchid": "1230000109", "transaction_id": "4200000001", "out_trade_no": "WEB-1001", "refund_id": "5030000001",
    "out_refund_no": "RF-1", "refund_status": "SUCCESS", "success_time": "2026-03-03T00:30:00+08:00",
    "user_received_account": "招商银行信用卡0403",
    "amount": {"total": 35993, "refund": 500, "payer_total": 35893, "payer_refund": 500},
}  # fmt: skip


def notification(event: str, resource: dict[str, Any], key: bytes = API_KEY) -> bytes:
    sealed = AESGCM(key).encrypt(b"fdasflkja484", json.dumps(resource, ensure_ascii=False).encode(), b"transaction")
    return json.dumps({
        "id": "EV-2018022511223320873", "create_time": "2026-03-02T17:30:00+08:00", "resource_type": "encrypt-resource",
        "event_type": event, "summary": "paid", "resource": {
            "original_type": "transaction", "algorithm": "AEAD_AES_256_GCM", "ciphertext": base64.b64encode(sealed).decode(),
            "associated_data": "transaction", "nonce": "fdasflkja484",
        },
    }).encode()  # fmt: skip


def opened(body: bytes, *secrets: bytes) -> bytes:
    row = CONNECTORS["wechatpay"]
    assert row.opened is not None
    return row.opened(body, Endpoint("pay", "tenpay", "wechatpay", secrets))


def documents(document: str, plain: bytes) -> list[tuple[str, dict[str, Any]]]:
    parts = list(TRANSLATIONS.translate("wechatpay", document, plain, Settings()))
    assert [problem for part in parts for problem in part.problems] == []
    return [(one.message_type, one.model_dump(mode="json")) for part in parts for one in part.documents]


class TestVersion3(ReceivingSuite):
    connector = "wechatpay"
    secrets: ClassVar = (private_key("newest"), private_key("before"))
    other_secret = private_key("foreign")
    body = notification("TRANSACTION.SUCCESS", PAYMENT)
    proof = ("wechatpay-signature", "wechatpay-timestamp", "wechatpay-nonce")
    identified = Identified("TRANSACTION.SUCCESS", "EV-2018022511223320873")
    has_window = True

    def test_the_official_example_is_authentic_with_the_certificate_its_serial_names(self) -> None:
        given = json.loads((SAMPLES / "signature_vector.headers.json").read_text())
        headers = {name.lower(): value for name, value in given.items()}
        at = datetime.fromtimestamp(1624523846, UTC)
        raw = RawMessage("test", headers, (SAMPLES / "signature_vector.body.json").read_bytes(), at)
        certificate = (SAMPLES / "platform_cert.pem").read_bytes()
        assert self.passes(raw, certificate, b"testMchAPIv3Key0")
        assert not self.passes(_with(raw, "wechatpay-serial", "D7CE59D1F522D702"), certificate)
        assert not self.passes(replace(raw, body=raw.body + b"\n"), certificate)

    def test_the_official_example_opens_and_is_about_something_else(self) -> None:
        body = (SAMPLES / "signature_vector.body.json").read_bytes()
        with pytest.raises(Malformed) as caught:
            opened(body, b"testMchAPIv3Key0")
        [problem] = caught.value.problems
        assert (problem.code, problem.path, problem.value) == ("E_DOCUMENT", "event_type", "PAYSCORE.USER_OPEN_SERVICE")

    def test_a_public_key_is_named_by_its_configured_id(self) -> None:
        key = public_key(self.secrets[0])
        signed = self.signed()
        assert self.passes(signed, key)
        endpoint = replace(self.endpoint(key), options={"public_key_id": "PUB_KEY_ID_0"})
        assert self.row.authenticate is not None
        self.row.authenticate(signed, endpoint)
        with pytest.raises(Exception, match="not authentic"):
            self.row.authenticate(signed, replace(endpoint, options={"public_key_id": "PUB_KEY_ID_1"}))

    def test_the_api_key_alone_proves_nothing(self) -> None:
        with pytest.raises(Misconfigured, match="public key or certificate"):
            self.passes(self.signed(), API_KEY)

    @pytest.mark.parametrize(
        ("status", "answered"), [("accepted", (200, "SUCCESS")), ("rejected", (422, "FAIL")), ("conflict", (409, "FAIL"))]
    )
    def test_the_answer_is_json_with_a_code(self, status: str, answered: tuple[int, str]) -> None:
        assert self.row.answer is not None
        answer = self.row.answer(Accepted("raw-1", status), self.endpoint())  # type: ignore[arg-type]
        assert (answer.status, json.loads(answer.body)["code"]) == answered


class TestVersion2(ReceivingSuite):
    connector = "wechatpay"
    options: ClassVar = {"api": "v2", "mchid": "10000100"}
    body = (
        "<xml><appid><![CDATA[wx2421b1c4370ec43b]]></appid><attach>植入物 &amp; mehr</attach><bank_type>CFT</bank_type>"
        "<fee_type>CNY</fee_type><mch_id>10000100</mch_id><nonce_str>5d2b6c2a8db53831</nonce_str><openid>o-1</openid>"
        "<out_trade_no>1409811653</out_trade_no><result_code>SUCCESS</result_code><return_code>SUCCESS</return_code>"
        "<time_end>20140903131540</time_end><total_fee>101</total_fee><trade_type>JSAPI</trade_type>"
        "<transaction_id>1004400740201409030005092168</transaction_id></xml>"
    ).encode()
    proof = ()
    identified = Identified("v2.pay")

    def body_means_the_same(self, changed: bytes) -> bool:
        return changed.strip() == self.signed().body

    def test_the_sign_is_the_upper_case_md5_of_the_sorted_fields_with_the_key(self) -> None:
        content = (
            "appid=wx2421b1c4370ec43b&attach=植入物 & mehr&bank_type=CFT&fee_type=CNY&mch_id=10000100"
            "&nonce_str=5d2b6c2a8db53831&openid=o-1&out_trade_no=1409811653&result_code=SUCCESS&return_code=SUCCESS"
            "&time_end=20140903131540&total_fee=101&trade_type=JSAPI&transaction_id=1004400740201409030005092168"
            "&key=the newest secret"
        )
        assert f"<sign>{hashlib.md5(content.encode()).hexdigest().upper()}</sign>".encode() in self.signed().body

    def test_hmac_is_taken_where_the_notification_says_so(self) -> None:
        body = self.body.replace(b"</xml>", b"<sign_type>HMAC-SHA256</sign_type></xml>")
        assert self.row.sign is not None
        signed = self.row.sign(replace(self.signed(), body=body), self.endpoint())
        assert self.passes(signed)
        assert not self.passes(replace(signed, body=signed.body.replace(b"HMAC-SHA256", b"MD5")))

    def test_another_merchant_is_refused(self) -> None:
        assert self.row.sign is not None
        raw = replace(self.signed(), body=self.body.replace(b"10000100<", b"10000101<"))
        assert not self.passes(self.row.sign(raw, self.endpoint()))

    def test_a_document_type_is_refused(self) -> None:
        assert not self.passes(replace(self.signed(), body=b"<!DOCTYPE xml>" + self.signed().body))

    def test_the_answer_is_xml(self) -> None:
        assert self.row.answer is not None
        answer = self.row.answer(Accepted("raw-1", "accepted"), self.endpoint())
        assert b"<return_code><![CDATA[SUCCESS]]></return_code>" in answer.body

    def test_it_becomes_a_payment(self) -> None:
        [(kind, data)] = documents("v2.pay", self.signed().body)
        assert (kind, data["payment_ref"], data["amount"]) == (
            "payment.received", "1004400740201409030005092168", {"amount": "1.01", "currency": "CNY"},
        )  # fmt: skip
        assert (data["received_at"], data["value_date"], data["refs"]) == ("2014-09-03T05:15:40Z", "2014-09-03", ["1409811653"])


def test_a_sealed_payment_opens_with_either_key_during_a_rotation() -> None:
    plain = opened(notification("TRANSACTION.SUCCESS", PAYMENT), private_key("newest"), b"f" * 32, API_KEY)
    [(kind, data)] = documents("TRANSACTION.SUCCESS", plain)
    assert (kind, data["amount"]) == ("payment.received", {"amount": "359.93", "currency": "CNY"})
    assert (data["received_at"], data["value_date"]) == ("2026-03-02T09:29:56Z", "2026-03-02")
    assert (data["payer"]["account"], data["refs"], data["extensions"]["amount.payer_total"]) == ("o-1", ["WEB-1001"], 35893)


def test_a_refund_is_dated_by_china_and_counted_in_its_own_amount() -> None:
    [(kind, data)] = documents("REFUND.SUCCESS", opened(notification("REFUND.SUCCESS", REFUND), API_KEY))
    assert kind == "payment.refunded"
    assert (data["refund_ref"], data["original_ref"], data["value_date"]) == ("5030000001", "4200000001", "2026-03-03")
    assert data["amount"] == {"amount": "5.00", "currency": "CNY"}


@pytest.mark.parametrize("event", ["REFUND.ABNORMAL", "REFUND.CLOSED"])
def test_a_refund_that_failed_is_no_money(event: str) -> None:
    failed = {**REFUND, "refund_status": event.removeprefix("REFUND.")}
    assert documents(event, opened(notification(event, failed), API_KEY)) == []


def test_an_answer_of_the_api_needs_no_opening() -> None:
    body = json.dumps(PAYMENT).encode()
    assert opened(body) == body
    assert [kind for kind, _ in documents("transaction", body)] == ["payment.received"]


@pytest.mark.parametrize(
    ("body", "path"),
    [
        (notification("TRANSACTION.SUCCESS", PAYMENT, b"x" * 32), "resource.ciphertext"),
        (notification("TRANSACTION.SUCCESS", PAYMENT).replace(b"fdasflkja484", b"fdasflkja485"), "resource.ciphertext"),
        (notification("TRANSACTION.SUCCESS", PAYMENT).replace(b"AEAD_AES_256_GCM", b"AEAD_SM4_GCM"), "resource.algorithm"),
    ],
)
def test_what_cannot_be_opened_is_told(body: bytes, path: str) -> None:
    with pytest.raises(Malformed) as caught:
        opened(body, API_KEY)
    assert [(one.code, one.path) for one in caught.value.problems] == [("E_SEALED", path)]


V2_REFUND = (
    b"<xml><return_code>SUCCESS</return_code><appid>wx1</appid><mch_id>10000100</mch_id><nonce_str>n</nonce_str>"
    b"<out_refund_no>R-1</out_refund_no><out_trade_no>WEB-1</out_trade_no><refund_account>REFUND_SOURCE_RECHARGE_FUNDS"
    b"</refund_account><refund_fee>1250</refund_fee><refund_id>50000408942018111907145868882</refund_id><refund_recv_accout>"
    b"\xe6\x94\xaf\xe4\xbb\x98\xe7\x94\xa8\xe6\x88\xb7\xe9\x9b\xb6\xe9\x92\xb1</refund_recv_accout><refund_status>SUCCESS</refund_status>"
    b"<settlement_refund_fee>1250</settlement_refund_fee><success_time>2018-11-19 16:24:13</success_time>"
    b"<total_fee>3000</total_fee><transaction_id>4200000215201811190261405420</transaction_id></xml>"
)


def v2(*keys: bytes) -> Endpoint:
    return Endpoint("wechat", "tenpay", "wechatpay", keys or (b"k" * 32,), options={"api": "v2"})


def sealed_refund(plain: bytes = V2_REFUND) -> RawMessage:
    sign = CONNECTORS["wechatpay"].sign
    assert sign is not None
    return sign(RawMessage("wechat", {}, plain, datetime.now(UTC)), v2())


def test_a_refund_of_v2_is_authentic_where_a_key_opens_it() -> None:
    row, raw = CONNECTORS["wechatpay"], sealed_refund()
    assert row.authenticate is not None and row.identify is not None and row.opened is not None
    assert b"refund_id" not in raw.body and b"<req_info>" in raw.body
    row.authenticate(raw, v2(b"new" * 11, b"k" * 32))
    assert row.identify(raw, v2()) == Identified("v2.refund")
    [(kind, data)] = documents("v2.refund", row.opened(raw.body, v2()))
    assert (kind, data["refund_ref"], data["original_ref"]) == (
        "payment.refunded", "50000408942018111907145868882", "4200000215201811190261405420",
    )  # fmt: skip
    assert (data["amount"], data["returned_at"], data["value_date"]) == (
        {"amount": "12.50", "currency": "CNY"}, "2018-11-19T08:24:13Z", "2018-11-19",
    )  # fmt: skip
    assert (data["refs"], data["payer"]["account"], data["references"]["mchid"]) == (["WEB-1"], "支付用户零钱", "10000100")


def test_a_refund_of_v2_that_failed_is_no_money() -> None:
    opened_ = CONNECTORS["wechatpay"].opened
    assert opened_ is not None
    body = sealed_refund(V2_REFUND.replace(b"<refund_status>SUCCESS", b"<refund_status>REFUNDCLOSE")).body
    assert documents("v2.refund", opened_(body, v2())) == []


def test_a_changed_refund_of_v2_or_one_of_another_key_is_refused() -> None:
    authenticate, raw = CONNECTORS["wechatpay"].authenticate, sealed_refund()
    assert authenticate is not None
    start, end = raw.body.index(b"<req_info>") + 10, raw.body.index(b"</req_info>")
    changed = [raw.body[:at] + bytes([raw.body[at] ^ 1]) + raw.body[at + 1 :] for at in range(start, end - 2)]
    for body in (*changed, raw.body.replace(raw.body[start:end], b""), raw.body[: start + 24] + raw.body[end:]):
        with pytest.raises(Unauthenticated):
            authenticate(replace(raw, body=body), v2())
    with pytest.raises(Unauthenticated):
        authenticate(raw, v2(b"x" * 32))
