"""Kuaidi100's pushes, its answers, and how it is answered."""

import hashlib
import json
from dataclasses import replace
from urllib.parse import parse_qsl, urlencode

import pytest

from canonical.failures import Malformed
from connectors.base import Accepted, Answer, Identified
from connectors.table import CONNECTORS
from tests.connectors.suite import ReceivingSuite, _flipped

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
