"""What Kuaidi100 sends: pushes as a form, signed with a salt and answered in Kuaidi100's words, and answers of its query."""

import hashlib
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from canonical.failures import Malformed
from canonical.problems import Problem
from connectors.base import Accepted, Answer, Endpoint, Identified, RawMessage
from connectors.carriers.kuaidi100.settings import Kuaidi100Settings
from connectors.forms import form_fields
from connectors.peek import json_object, shown
from connectors.settings import options_of, secrets_of
from connectors.signatures import check_signature, refusal

DOCUMENTS = ("push", "query")
TAKEN = '{"result":true,"returnCode":"200","message":"成功"}'
AGAIN = '{"result":false,"returnCode":"500","message":"失败"}'


def authenticate(raw: RawMessage, endpoint: Endpoint) -> None:
    options_of(endpoint, Kuaidi100Settings)
    keys = secrets_of(endpoint)
    try:
        fields = form_fields(raw.body)
    except Malformed:
        raise refusal() from None
    if not fields.get("sign") or set(fields) != {"sign", "param"}:
        raise refusal()
    check_signature([fields["sign"]], lambda salt: signature(fields["param"], salt), keys)


def identify(raw: RawMessage, endpoint: Endpoint) -> Identified:
    """A push, in its form or as its `param` alone, or the answer of a query. No delivery id: each push has the whole history."""
    tree = json_object(_document(raw.body))
    if tree.get("result") is False and "nu" not in tree:
        raise Malformed([Problem("E_DOCUMENT", "message", "expected news, not a refusal", shown(tree.get("message")))])
    return Identified("query" if "lastResult" not in tree and "nu" in tree else "push")


def answer(accepted: Accepted, endpoint: Endpoint) -> Answer:
    """What is kept is taken, whatever became of it: Kuaidi100 would only send the same again."""
    return Answer(200, TAKEN.encode())


def turn_away(status: int, endpoint: Endpoint) -> Answer:
    return Answer(status, AGAIN.encode())


def sign(raw: RawMessage, endpoint: Endpoint) -> RawMessage:
    """The push as Kuaidi100 posts it; the body may be its `param` alone, or a form, which is signed anew."""
    param = _document(raw.body).decode("utf-8", "replace")
    body = urlencode({"sign": signature(param, secrets_of(endpoint)[0]), "param": param}).encode()
    return replace(raw, body=body, headers={"content-type": "application/x-www-form-urlencoded", **raw.headers})


def _document(body: bytes) -> bytes:
    if body.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"{", b"[")):
        return body
    param: Any = form_fields(body).get("param")
    if not param:
        raise Malformed([Problem("E_FORM", "param", "expected the field param in the form")])
    return str(param).encode("utf-8", "replace")


def signature(param: str, salt: bytes) -> str:
    """MD5 of the decoded text and the salt, in capitals (Kuaidi100, push interface: sign); of a query, of the text, the key and the
    customer code."""
    return hashlib.md5(param.encode("utf-8", "replace") + salt, usedforsecurity=False).hexdigest().upper()
