"""Events to a partner's webhook."""

import base64
from datetime import UTC, datetime, tzinfo

import pytest

from canonical.failures import Misconfigured, Refused, Transient
from connectors.base import Delivery, Endpoint, RawMessage
from connectors.standard_webhooks import check_signed
from connectors.table import CONNECTORS
from demo.receiver import Receiver
from tests.connectors import partner
from tests.connectors.suite import MESSAGE, SendingSuite, whsec

EVENT = '{"type":"order.confirmed","data":{"order_no":"WEB-9999","note":"zwölf"}}'.encode()


class Clock:
    """Stands in for datetime: it is always the same second."""

    def __init__(self, seconds: int) -> None:
        self.seconds = seconds

    def now(self, zone: tzinfo) -> datetime:
        return datetime.fromtimestamp(self.seconds, zone)


class TestWebhook(SendingSuite):
    connector = "webhook"
    sending_secrets = (whsec("n"), whsec("b"))
    document = "event"
    payload = EVENT

    def key_of(self, request: partner.Request) -> str:
        return request.headers["webhook-id"]

    @pytest.mark.parametrize("secret", ["n", "b"])
    def test_during_a_rotation_the_partner_may_check_with_either_secret(self, secret: str) -> None:
        with Receiver(whsec(secret).decode()) as receiver:
            sent = self.send(receiver.url)
        assert (sent.status, sent.answer) == ("200", b'{"received": "delivery-1", "repeated": false}')
        assert [(r.webhook_id, r.body) for r in receiver.received.values()] == [("delivery-1", EVENT)]

    def test_a_partner_with_another_secret_refuses(self) -> None:
        with Receiver(whsec("x").decode()) as receiver, pytest.raises(Refused, match="HTTP 401"):
            self.send(receiver.url)
        assert (receiver.received, receiver.refused) == ({}, 1)

    def test_a_repeat_after_trouble_is_one_event_for_the_partner(self) -> None:
        with Receiver(whsec("n").decode(), fail_first=1) as receiver:
            with pytest.raises(Transient, match="HTTP 503"):
                self.send(receiver.url)
            self.send(receiver.url, attempt=2)
            self.send(receiver.url, attempt=3)
        assert [(r.webhook_id, r.times) for r in receiver.received.values()] == [("delivery-1", 2)]

    def test_each_attempt_is_signed_at_its_own_time(self, monkeypatch: pytest.MonkeyPatch) -> None:
        with partner.Partner(self.good_answer) as other:
            for now in (1_000_000, 1_000_777):
                monkeypatch.setattr("connectors.webhook_sending.datetime", Clock(now))
                self.send(other.url)
        assert [request.headers["webhook-timestamp"] for request in other.requests] == ["1000000", "1000777"]
        for request, now in zip(other.requests, (1_000_000, 1_000_777), strict=True):
            raw = RawMessage("x", request.headers, request.body, datetime.fromtimestamp(now, UTC))
            assert check_signed(raw, (whsec("n"),)) == "delivery-1"

    def test_a_secret_of_another_form_sends_nothing(self) -> None:
        options = {"url": "https://partner.example.com/hook"}
        endpoint = Endpoint("out", "partner", "webhook", (base64.b64encode(b"x" * 32),), options=options)
        with pytest.raises(Misconfigured, match="whsec_"):
            CONNECTORS["webhook"].send(Delivery("d", MESSAGE, "event", EVENT), endpoint)
