"""What SF Express sends: route pushes to a URL with a token, answered in SF's words, and answers of the route query."""

from dataclasses import replace
from typing import Any

from canonical.failures import Malformed
from canonical.problems import Problem
from connectors.base import Accepted, Answer, Endpoint, Identified, RawMessage
from connectors.carriers.sf.settings import SfSettings
from connectors.forms import form_fields
from connectors.peek import is_xml, json_object, one_of, one_of_names
from connectors.peek_xml import local_name, xml_start
from connectors.settings import options_of
from connectors.url_token import check_token, with_token

DOCUMENTS = ("route_push", "route_query")
ROOTS = {"Request": "route_push", "Response": "route_query"}
NAMES = {
    "Body": "route_push", "WaybillRoute": "route_push", "apiResultData": "route_query", "apiResultCode": "route_query",
    "msgData": "route_query", "routeResps": "route_query",
}  # fmt: skip
FIELD = "content"
TAKEN = {
    "json": '{"return_code":"0000","return_msg":"成功"}',
    "xml": '<Response service="RoutePushService"><Head>OK</Head></Response>',
}
AGAIN = {
    "json": '{"return_code":"1000","return_msg":"系统异常"}',
    "xml": '<Response service="RoutePushService"><Head>ERR</Head><ERROR code="4001">系统异常</ERROR></Response>',
}
MEDIA_TYPES = {"json": "application/json", "xml": "text/xml"}


def authenticate(raw: RawMessage, endpoint: Endpoint) -> None:
    options_of(endpoint, SfSettings)
    check_token(raw, endpoint)


def identify(raw: RawMessage, endpoint: Endpoint) -> Identified:
    """A push (JSON, XML, or XML in the form field `content`) or the answer of a query. No delivery id: SF names none."""
    body = raw.body
    if not is_xml(body) and not body.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"{", b"[")):
        fields = form_fields(body)
        if FIELD not in fields:
            raise Malformed([Problem("E_FORM", FIELD, f"expected the field {FIELD} in the form")])
        body = fields[FIELD].encode("utf-8", "replace")
    if is_xml(body):
        return Identified(ROOTS[one_of(local_name(xml_start(body)), tuple(ROOTS), "/")])
    return Identified(one_of_names(json_object(body), NAMES))


def answer(accepted: Accepted, endpoint: Endpoint) -> Answer:
    """What is kept is taken, whatever became of it: SF would only send the same batch again."""
    return _answer(200, TAKEN, endpoint)


def turn_away(status: int, endpoint: Endpoint) -> Answer:
    return _answer(status, AGAIN, endpoint)


def sign(raw: RawMessage, endpoint: Endpoint) -> RawMessage:
    headers: dict[str, Any] = {"content-type": _media_type(raw.body), **raw.headers}
    return with_token(replace(raw, headers=headers), endpoint)


def _answer(status: int, bodies: dict[str, str], endpoint: Endpoint) -> Answer:
    push_format = options_of(endpoint, SfSettings).push_format
    return Answer(status, bodies[push_format].encode(), MEDIA_TYPES[push_format])


def _media_type(body: bytes) -> str:
    if is_xml(body):
        return "text/xml"
    return "application/json" if body.lstrip().startswith(b"{") else "application/x-www-form-urlencoded"
