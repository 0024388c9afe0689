"""What every connector has to pass. A connector's test class inherits from the suites and says what its partner sends."""

import base64
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, ClassVar

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from canonical.documents.finance import PaymentAllocated
from canonical.envelope import first_message
from canonical.failures import Malformed, Misconfigured, OutcomeUnknown, Refused, Throttled, Transient, Unauthenticated
from canonical.ids import new_id
from canonical.values import Money
from connectors.base import Connector, Delivery, Endpoint, Identified, RawMessage, Sent
from connectors.http import MOST_ANSWER
from connectors.settings import options_of
from connectors.table import CONNECTORS
from tests.connectors import partner
from tests.connectors.deadlines import counted_from
from tests.connectors.partner import Behaviour, Partner

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)

MESSAGE = first_message(
    PaymentAllocated(
        payment_ref="P-1", invoice_no="I-1", order_no="O-1", amount=Money(amount=Decimal("10.00"), currency="EUR"),
        invoice_open=Decimal("0.00"),
    ),
    source="test", raw_id="raw-1", now=NOW,
)  # fmt: skip
"""The message behind each delivery; what is sent is the payload."""

GARBAGE = (
    b"", b" ", b"\x00", b"\xff\xfe{\x00}\x00", b"\xef\xbb\xbf{}", b"{", b"[]", b"null", b'"text"', b"1e400", b"NaN", b"-",
    b'{"type": NaN}', b'{"type": "a", "type": "b"}', b'{"type": {"type": []}}', b'{"type": "\\ud800", "id": "\\ud800"}',
    b'{"description": "\\u0000"}', b'{"description": 7}', b'{"type": ' + b"9" * 5000 + b"}", b"[" * 200_000,
    b'{"a":' * 200_000, b"\x80abc", b"<", b"<a/>", b"<!DOCTYPE a><a/>", b"<" + b"a" * 200_000, b" " * 200_000,
    b"<a>" * 5000, b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
    b'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.001.001.03"/>',
    b"ISB*00*", b"IS", b"ST*850*0001~", b"UNB+UNOC:3'", b"a,b\n1,2\n",
)  # fmt: skip


def whsec(letter: str) -> bytes:
    """A secret as Standard Webhooks has them."""
    return b"whsec_" + base64.b64encode(letter.encode() * 32)


class ReceivingSuite:
    """connector: its row. body, headers: what the partner sends, without its proof. proof: the headers `sign` adds that a
    change in any bit must make worthless; `?name` is a parameter of the URL. identified: what is read from it.
    """

    connector: ClassVar[str]
    options: ClassVar[Mapping[str, Any]] = {}
    secrets: ClassVar[tuple[bytes, bytes]] = (b"the newest secret", b"the secret before it")
    other_secret: ClassVar[bytes] = b"a secret of somebody else"
    headers: ClassVar[Mapping[str, str]] = {}
    body: ClassVar[bytes]
    proof: ClassVar[tuple[str, ...]]
    identified: ClassVar[Identified]
    body_is_signed: ClassVar[bool] = True
    has_window: ClassVar[bool] = False

    @property
    def row(self) -> Connector:
        return CONNECTORS[self.connector]

    def endpoint(self, *secrets: bytes) -> Endpoint:
        return Endpoint("test", "partner", self.connector, secrets or self.secrets, options=self.options)

    def signed(self, *secrets: bytes) -> RawMessage:
        raw = RawMessage("test", dict(self.headers), self.body, NOW)
        assert self.row.sign is not None
        return self.row.sign(raw, self.endpoint(*secrets))

    def passes(self, raw: RawMessage, *secrets: bytes) -> bool:
        """Whether it is taken for authentic. A refusal says the same whatever is wrong."""
        assert self.row.authenticate is not None
        try:
            self.row.authenticate(raw, self.endpoint(*secrets))
        except Unauthenticated as refusal:
            assert str(refusal) == "not authentic"
            return False
        return True

    def means_the_same(self, header: str, changed: str) -> bool:
        """Whether a change leaves the header's meaning as it is, by its standard."""
        return False

    def body_means_the_same(self, changed: bytes) -> bool:
        """Whether a changed body says what it said before, where the proof is about what is said and not about the bytes."""
        return False

    def test_what_the_partner_signs_is_authentic(self) -> None:
        assert self.passes(self.signed())

    def test_the_document_and_the_delivery_are_told(self) -> None:
        assert self.row.identify is not None
        assert self.row.identify(self.signed(), self.endpoint()) == self.identified
        assert self.identified.document in self.row.documents_in

    def test_the_same_file_signed_again_is_the_same_delivery(self) -> None:
        later = RawMessage("test", dict(self.headers), self.body, NOW + timedelta(hours=1))
        assert self.row.sign is not None and self.row.identify is not None
        assert self.row.identify(self.row.sign(later, self.endpoint()), self.endpoint()) == self.identified

    def test_every_changed_bit_of_the_body_is_refused(self) -> None:
        signed = self.signed()
        if not self.body_is_signed:
            assert self.passes(replace(signed, body=b"another body")), "the proof says nothing about the body"
            return
        changed = [_flipped(signed.body, bit) for bit in range(8 * len(signed.body))]
        accepted = [body for body in changed if self.passes(replace(signed, body=body)) and not self.body_means_the_same(body)]
        assert accepted == []

    def test_a_longer_or_shorter_body_is_refused(self) -> None:
        if self.body_is_signed:
            signed = self.signed()
            longer = signed.body + b"\n"
            assert not self.passes(replace(signed, body=longer)) or self.body_means_the_same(longer)
            assert not self.passes(replace(signed, body=signed.body[:-1]))
            assert not self.passes(replace(signed, body=b""))

    def test_every_changed_bit_of_the_proof_is_refused(self) -> None:
        signed = self.signed()
        accepted = []
        for header in self.proof:
            value = _proof(signed, header).encode("latin-1")
            for bit in range(8 * len(value)):
                changed = _flipped(value, bit).decode("latin-1")
                if self.passes(_with(signed, header, changed)) and not self.means_the_same(header, changed):
                    accepted.append((header, changed))
        assert accepted == []

    @pytest.mark.parametrize("change", ["missing", "empty", "blank", "twice", "cut", "garbled", "not ascii", "long"])
    def test_a_proof_that_is_not_as_it_should_be_is_refused(self, change: str) -> None:
        signed = self.signed()
        for header in self.proof:
            value = _proof(signed, header)
            changed = {
                "empty": "", "blank": "   ", "twice": f"{value}, {value}", "cut": value[:-1], "garbled": ",=,.;:",
                "not ascii": value + "\u00e9", "long": value + "0" * 10_000,
            }.get(change)  # fmt: skip
            assert not self.passes(_with(signed, header, changed)), header

    def test_the_secret_before_the_newest_is_good_until_it_is_taken_away(self) -> None:
        newest, before = self.secrets
        made_with_old = self.signed(before)
        assert self.passes(made_with_old, newest, before)
        assert not self.passes(made_with_old, newest)

    def test_a_foreign_secret_is_refused(self) -> None:
        assert not self.passes(self.signed(self.other_secret))

    @pytest.mark.parametrize("secrets", [(), (b"",)])
    def test_an_endpoint_without_a_secret_lets_nobody_in(self, secrets: tuple[bytes, ...]) -> None:
        assert self.row.authenticate is not None
        with pytest.raises(Misconfigured):
            self.row.authenticate(self.signed(), replace(self.endpoint(), secrets=secrets))

    def test_an_unknown_option_is_refused_by_name(self) -> None:
        endpoint = replace(self.endpoint(), options={**self.options, "shop_domian": "x"})
        with pytest.raises(Misconfigured, match="shop_domian"):
            options_of(endpoint, self.row.settings)
        assert self.row.authenticate is not None
        with pytest.raises(Misconfigured, match="shop_domian"):
            self.row.authenticate(self.signed(), endpoint)

    @pytest.mark.parametrize("seconds", [-299, 0, 299])
    def test_a_proof_of_the_last_five_minutes_is_good(self, seconds: int) -> None:
        assert self.passes(replace(self.signed(), received_at=NOW + timedelta(seconds=seconds)))

    @pytest.mark.parametrize("seconds", [-86400, -301, 301, 86400])
    def test_an_old_proof_is_refused_where_the_scheme_has_a_time(self, seconds: int) -> None:
        assert self.passes(replace(self.signed(), received_at=NOW + timedelta(seconds=seconds))) is not self.has_window

    def test_garbage_is_malformed_or_some_document_and_never_an_error(self) -> None:
        for body in GARBAGE:
            self.identify_hostile(body)

    def test_any_bytes_are_malformed_or_some_document(self) -> None:
        @given(st.binary(max_size=300), st.text(max_size=40))
        def identified(body: bytes, text: str) -> None:
            self.identify_hostile(body)
            self.identify_hostile(body, text)

        identified()

    def identify_hostile(self, body: bytes, header: str | None = None) -> None:
        headers = self.signed().headers if header is None else dict.fromkeys(self.signed().headers, header)
        assert self.row.identify is not None
        try:
            identified = self.row.identify(RawMessage("test", headers, body, NOW), self.endpoint())
        except Malformed as malformed:
            assert malformed.problems
            for problem in malformed.problems:
                assert problem.code.startswith("E_") and problem.message.startswith("expected")
                assert b"\x00" not in orjson.dumps(problem.as_json()), "it can be kept and shown"
        else:
            assert identified.document in self.row.documents_in


class SendingSuite:
    """document, payload: what is sent. good_answer: how the partner takes it. key_of: where our delivery id stands in a request."""

    connector: ClassVar[str]
    sending_options: ClassVar[Mapping[str, Any]] = {}
    sending_secrets: ClassVar[tuple[bytes, ...]] = (b"the newest secret",)
    document: ClassVar[str]
    payload: ClassVar[bytes]
    good_answer: ClassVar[Behaviour] = staticmethod(partner.answer(200, b'{"taken": true}'))
    needs_whole_answer: ClassVar[bool] = False

    def key_of(self, request: partner.Request) -> str:
        raise AssertionError("a sending suite says how a request names its delivery")

    def send(self, url: str, *, delivery_id: str = "delivery-1", attempt: int = 1, **options: Any) -> Sent:
        row = CONNECTORS[self.connector]
        given = {"url": url, "allow_private": True, "deadline_seconds": 15.0, **self.sending_options, **options}
        endpoint = Endpoint("test-out", "partner", self.connector, self.sending_secrets, options=given)
        assert row.send is not None
        return row.send(self.delivery(delivery_id, attempt), endpoint)

    def delivery(self, delivery_id: str = "delivery-1", attempt: int = 1, *, unknown_before: bool = False) -> Delivery:
        return Delivery(delivery_id, MESSAGE, self.document, self.payload, attempt, unknown_before)

    def outcome(self, behave: Behaviour, **options: Any) -> tuple[Exception, Partner]:
        """The failure of one attempt against a partner that behaves like that."""
        with Partner(behave) as other, pytest.raises(Exception) as caught:
            self.send(other.url, **options)
        return caught.value, other

    def test_a_partner_that_takes_it_is_asked_once(self) -> None:
        with Partner(self.good_answer) as other:
            sent = self.send(other.url)
        assert len(other.requests) == 1
        assert sent.answer != b""

    def test_each_attempt_carries_the_same_key_of_ours(self) -> None:
        delivery_id = new_id()
        with Partner(self.good_answer) as other:
            self.send(other.url, delivery_id=delivery_id)
            self.send(other.url, delivery_id=delivery_id, attempt=2)
        assert [self.key_of(request) for request in other.requests] == [delivery_id, delivery_id]

    def test_a_connection_is_used_again(self) -> None:
        with Partner(self.good_answer) as other:
            for _ in range(3):
                self.send(other.url)
        assert (len(other.requests), other.connections) == (3, 1)

    @pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 409, 410, 413, 422, 451])
    def test_a_no_is_final(self, status: int) -> None:
        failure, other = self.outcome(partner.answer(status, b"we do not know you"))
        assert type(failure) is Refused
        assert str(failure) == f"HTTP {status} we do not know you"
        assert len(other.requests) == 1

    @pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504, 507])
    def test_a_partner_in_trouble_is_tried_again_later(self, status: int) -> None:
        failure, other = self.outcome(partner.answer(status, b""))
        assert type(failure) is Transient
        assert len(other.requests) == 1

    @pytest.mark.parametrize("status", [429, 503])
    def test_a_pause_the_partner_asks_for_in_seconds_is_kept(self, status: int) -> None:
        failure, _ = self.outcome(partner.answer(status, retry_after="120"))
        assert isinstance(failure, Throttled)
        assert failure.after == 120.0

    def test_a_pause_until_a_date_is_kept(self) -> None:
        date = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=1)
        began = datetime.now(UTC)
        failure, _ = self.outcome(partner.answer(503, retry_after=date.strftime("%a, %d %b %Y %H:%M:%S GMT")))
        ended = datetime.now(UTC)
        assert isinstance(failure, Throttled)
        assert (date - ended).total_seconds() <= failure.after <= (date - began).total_seconds()

    @pytest.mark.parametrize(
        ("asked", "kept"),
        [("999999999", 86400.0), ("Wed, 21 Oct 2015 07:28:00 GMT", 0.0), ("Fri, 31 Dec 9999 23:59:59 GMT", 86400.0)],
    )
    def test_a_pause_is_between_nothing_and_a_day(self, asked: str, kept: float) -> None:
        failure, _ = self.outcome(partner.answer(429, retry_after=asked))
        assert isinstance(failure, Throttled)
        assert failure.after == kept

    @pytest.mark.parametrize("asked", ["soon", "-5", "1.5", "\u0665", "1e9", "Wed, 99 Oct 2015"])
    def test_a_pause_that_cannot_be_read_is_none(self, asked: str) -> None:
        failure, _ = self.outcome(partner.answer(503, retry_after=asked.encode().decode("latin-1")))
        assert type(failure) is Transient

    @pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
    def test_a_redirect_is_a_no_and_not_followed(self, status: int) -> None:
        with Partner(self.good_answer) as elsewhere:
            failure, _ = self.outcome(partner.answer(status, location=elsewhere.url))
        assert type(failure) is Refused
        assert elsewhere.connections == 0

    @pytest.mark.parametrize("behave", [partner.reset, partner.close, partner.speak_garbage])
    def test_no_answer_leaves_a_question(self, behave: Behaviour) -> None:
        failure, other = self.outcome(behave)
        assert type(failure) is OutcomeUnknown
        assert len(other.requests) == 1

    @pytest.mark.parametrize("behave", [partner.hang, partner.drip_headers])
    def test_a_partner_that_does_not_come_to_an_end_is_left_at_the_deadline(self, behave: Behaviour) -> None:
        with Partner(behave) as other, counted_from(other.under_way.is_set), pytest.raises(OutcomeUnknown):
            self.send(other.url, deadline_seconds=0.05)
        assert (len(other.requests), other.outlasted) == (1, False)

    @pytest.mark.parametrize("behave", [partner.drip_body, partner.pour])
    def test_an_answer_without_end_is_cut(self, behave: Behaviour) -> None:
        with Partner(behave) as other, counted_from(other.under_way.is_set):
            try:
                sent = self.send(other.url, deadline_seconds=0.05)
            except OutcomeUnknown:
                assert self.needs_whole_answer
            else:
                assert not self.needs_whole_answer
                assert (sent.status, 1 <= len(sent.answer) <= MOST_ANSWER) == ("200", True)
        assert not other.outlasted

    def test_nobody_listening_is_tried_again(self) -> None:
        with partner.nobody() as url, pytest.raises(Transient, match="refused"):
            self.send(url)

    def test_a_private_address_is_dialled_only_where_the_endpoint_allows_it(self) -> None:
        with Partner(self.good_answer) as other, pytest.raises(Misconfigured, match=r"leads to 127\.0\.0\.1"):
            self.send(other.url, allow_private=False)
        assert other.connections == 0

    @pytest.mark.parametrize("wrong", [{"url": "ftp://example.com/"}, {"retries": 3}, {"deadline_seconds": 16}, {"url": None}])
    def test_a_wrong_option_is_told_before_anything_is_sent(self, wrong: dict[str, Any]) -> None:
        with Partner(self.good_answer) as other, pytest.raises(Misconfigured, match=next(iter(wrong))):
            self.send(**{"url": other.url, **wrong})
        assert other.connections == 0


def _flipped(content: bytes, bit: int) -> bytes:
    changed = bytearray(content)
    changed[bit // 8] ^= 1 << (bit % 8)
    return bytes(changed)


def _proof(raw: RawMessage, name: str) -> str:
    return raw.query[name[1:]] if name.startswith("?") else raw.headers[name]


def _with(raw: RawMessage, name: str, value: str | None) -> RawMessage:
    """The raw message with another header or parameter of the URL; without it for None."""
    if name.startswith("?"):
        return replace(raw, query=_changed(raw.query, name[1:], value))
    return replace(raw, headers=_changed(raw.headers, name, value))


def _changed(given: Mapping[str, str], name: str, value: str | None) -> dict[str, str]:
    rest = {key: old for key, old in given.items() if key != name}
    return rest if value is None else {**rest, name: value}
