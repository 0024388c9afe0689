"""Kuaidi100's pushes, its answers, and how it is answered."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar
from urllib.parse import parse_qsl, urlencode

import pytest

from canonical.failures import Failure, Malformed, Misconfigured, Refused, Transient
from connectors.base import Accepted, Answer, Endpoint, Identified
from connectors.table import CONNECTORS
from tests.connectors import partner
from tests.connectors.suite import ReceivingSuite, SendingSuite, _flipped

PARAM = '{"status":"polling","lastResult":{"nu":"735587678765","com":"zhongtong","data":[{"context":"已揽收"}]}}'


class TestKuaidi100(ReceivingSuite):
    connector = "kuaidi100"
    body = PARAM.encode()
    proof = ()
    identified = Identified("push")

    def test_the_sign_is_md5_of_the_decoded_text_and_the_salt_in_capitals(self) -> None:
        fields = dict(parse_qsl(self.signed().body.decode()))
        expected = hashlib.md5(PARAM.encode() + self.secrets[0]).hexdigest().upper()
        assert fields == {"sign": expected, "param": PARAM}

    def test_every_changed_bit_of_the_body_is_refused(self) -> None:
        """A form has several spellings of one text (`%7B` and `%7b`); those, and only those, mean the same."""
        signed = self.signed()
        meant = parse_qsl(signed.body.decode())
        accepted = [
            changed
            for changed in (_flipped(signed.body, bit) for bit in range(8 * len(signed.body)))
            if self.passes(replace(signed, body=changed)) and parse_qsl(changed.decode()) != meant
        ]
        assert accepted == []

    def test_a_longer_or_shorter_body_is_refused(self) -> None:
        signed = self.signed()
        for body in (
            signed.body + b"0",
            signed.body[:-1],
            b"",
            signed.body + b"&param=7",
            signed.body + b"&other=7",
            PARAM.encode(),
        ):
            assert not self.passes(replace(signed, body=body)), body

    @pytest.mark.parametrize("sign", ["", "0" * 32, "missing"])
    def test_a_wrong_sign_is_refused(self, sign: str) -> None:
        form = {"param": PARAM} if sign == "missing" else {"sign": sign, "param": PARAM}
        assert not self.passes(replace(self.signed(), body=urlencode(form).encode()))

    def test_a_sign_that_others_computed_is_good(self) -> None:
        body = b"sign=202CB962AC59075B964B07152D234B70&param="
        assert hashlib.md5(b"123").hexdigest().upper() == "202CB962AC59075B964B07152D234B70"
        assert self.passes(replace(self.signed(), body=body), b"123")

    @pytest.mark.parametrize("body", [b'{"message":"ok","nu":"1","com":"jd","state":"0","data":[]}'])
    def test_an_answer_of_the_query_is_told(self, body: bytes) -> None:
        assert self.row.identify is not None
        assert self.row.identify(replace(self.signed(), body=body), self.endpoint()) == Identified("query")

    def test_a_refused_query_is_told_in_its_words(self) -> None:
        assert self.row.identify is not None
        body = json.dumps({"result": False, "returnCode": "500", "message": "查询无结果"}).encode()
        with pytest.raises(Malformed) as caught:
            self.row.identify(replace(self.signed(), body=body), self.endpoint())
        assert [(one.code, one.path, one.value) for one in caught.value.problems] == [("E_DOCUMENT", "message", "查询无结果")]

    @pytest.mark.parametrize("status", ["accepted", "untranslated", "quarantined", "rejected", "malformed", "conflict"])
    def test_what_is_kept_is_answered_as_taken(self, status: str) -> None:
        row = CONNECTORS["kuaidi100"]
        assert row.answer is not None and row.turn_away is not None
        taken = row.answer(Accepted("raw-1", status), self.endpoint())  # type: ignore[arg-type]
        assert taken == Answer(200, '{"result":true,"returnCode":"200","message":"成功"}'.encode())
        away = row.turn_away(503, self.endpoint())
        assert (away.status, json.loads(away.body)["result"]) == (503, False)


class TestKuaidi100Subscribing(SendingSuite):
    connector = "kuaidi100"
    sending_options: ClassVar[Mapping[str, Any]] = {
        "callback_url": "https://hub.example.com/in/kuaidi100", "companies": {"SF": "shunfeng"},
    }  # fmt: skip
    sending_secrets = (b"key", b"salt")
    document = "subscribe"
    payload = b'{"numbers":[{"number":"SF1","carrier":"SF"}]}'
    good_answer = staticmethod(partner.answer(200, b'{"result":true,"returnCode":"200","message":"ok"}'))
    needs_whole_answer = True

    def key_of(self, request: partner.Request) -> str:
        return request.headers["idempotency-key"]

    def test_a_number_is_subscribed_with_callback_and_salt(self) -> None:
        with partner.Partner(self.good_answer) as other:
            self.send(other.url)
        form = dict(parse_qsl(other.requests[0].body.decode()))
        assert form["schema"] == "json"
        assert json.loads(form["param"]) == {
            "company": "shunfeng", "number": "SF1", "key": "key",
            "parameters": {"callbackurl": "https://hub.example.com/in/kuaidi100", "salt": "salt", "resultv2": "4", "autoCom": "0"},
        }  # fmt: skip

    @pytest.mark.parametrize(("code", "kind"), [("600", Refused), ("503", Refused), ("500", Transient)])
    def test_what_its_codes_mean(self, code: str, kind: type[Failure]) -> None:
        failure, _ = self.outcome(partner.answer(200, b'{"result":false,"returnCode":"%s","message":"no"}' % code.encode()))
        assert (type(failure), str(failure)) == (kind, f"Kuaidi100: {code} no")

    def test_a_number_that_is_subscribed_already_is_as_good(self) -> None:
        with partner.Partner(partner.answer(200, b'{"result":false,"returnCode":"501","message":"again"}')) as other:
            assert self.send(other.url).status == "200"

    def test_it_takes_a_callback_and_two_secrets(self) -> None:
        endpoint = Endpoint("t", "p", "kuaidi100", (b"key",), options={"url": "https://poll.kuaidi100.com/poll"})
        assert CONNECTORS["kuaidi100"].send is not None
        with pytest.raises(Misconfigured, match="callback_url"):
            CONNECTORS["kuaidi100"].send(self.delivery(), endpoint)
