"""One question to a dealer's own service and its answer as a plain structure: zeep writes, the schema tells what is a list."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import zeep
from lxml import etree
from zeep.wsse.username import UsernameToken

from canonical.failures import Malformed, Misconfigured, Refused, Transient
from connectors.base import Endpoint
from connectors.dealers.dealer_soap.own_wsdl import Operation, elements_of, operation_of
from connectors.dealers.dealer_soap.settings import DealerSoapPolling, OwnService
from connectors.http import Reply, ask, refuse_failure
from connectors.settings import poll_secret_of
from connectors.soap import SOAP, SOAP_12, content_of
from connectors.soap_multipart import envelope_in
from connectors.soap_service import AS_IT_CAME, SoapReply, failure_of_fault

INSTANCE = "{http://www.w3.org/2001/XMLSchema-instance}"


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer as it came, and what it says."""

    body: bytes
    tree: Mapping[str, Any]

    def at(self, path: str) -> list[Any]:
        """Everything at a path, through lists."""
        found: list[Any] = [self.tree]
        for name in path.split("."):
            inside = [one[name] for one in found if isinstance(one, dict) and name in one]
            found = [one for value in inside for one in (value if isinstance(value, list) else [value])]
        return found

    def text(self, path: str | None) -> str:
        """The one text at a path, empty where nothing stands there."""
        found = [one for one in self.at(path) if one not in (None, "")] if path else []
        if not found:
            return ""
        if len(found) > 1 or not isinstance(found[0], str):
            raise Refused(f"{path}: expected one text in the answer")
        return found[0]


class DealerService:
    """The operation of a dealer's service, at the address that the endpoint states."""

    def __init__(self, endpoint: Endpoint, settings: DealerSoapPolling, own: OwnService) -> None:
        self._settings = settings
        self._operation = operation_of(settings, own)
        self._own = own
        self._secret = b"" if own.auth == "none" else poll_secret_of(endpoint)
        client = zeep.Client(self._operation.client_of, wsse=self._token(endpoint), transport=self, settings=AS_IT_CAME)
        self._service = client.create_service(self._operation.binding, settings.url)

    def ask(self, arguments: Mapping[str, Any]) -> Answered:
        """Misconfigured where the operation takes other arguments, Refused for a fault or another answer, Transient for a fault of
        the service itself; failures of `connectors.http.ask` otherwise."""
        try:
            reply: SoapReply = self._service[self._own.operation](**arguments)
        except (zeep.exceptions.Error, TypeError, ValueError) as error:
            raise Misconfigured(f"arguments: expected those of {self._own.operation}: {str(error)[:300]}") from error
        return Answered(reply.content, plain(reply.content, self._operation))

    def post_xml(self, address: str, envelope: etree._Element, headers: Mapping[str, str]) -> SoapReply:
        """What zeep posts with."""
        proof = {"authorization": f"Basic {self._basic()}"} if self._own.auth == "basic" else {}
        body = etree.tostring(envelope, encoding="utf-8", xml_declaration=True)
        reply = ask(address, self._settings, {**headers, **proof}, body, _refuse_fault)
        return SoapReply(reply.status, {"Content-Type": "text/xml"}, envelope_within(reply))

    def _basic(self) -> str:
        return base64.b64encode(f"{self._settings.username}:".encode() + self._secret).decode()

    def _token(self, endpoint: Endpoint) -> UsernameToken | None:
        if self._own.auth not in ("token", "password"):
            return None
        try:
            return UsernameToken(self._settings.username, self._secret.decode(), use_digest=self._own.auth == "token")
        except UnicodeDecodeError:
            raise Misconfigured(f"endpoint {endpoint.name}: expected a password in UTF-8") from None


def envelope_within(reply: Reply) -> bytes:
    """The envelope of an answer, also of one in parts (MTOM, SOAP with attachments); the body as it is where they are not whole."""
    try:
        return envelope_in(reply.body, reply.headers.get("content-type", ""))
    except Malformed:
        return reply.body


def plain(body: bytes, operation: Operation) -> dict[str, Any]:
    """The element of the answer by local names: texts as they came, lists where the schema allows several. Refused for what is no
    answer of the operation."""
    content = content_of(body)
    if content is None:
        raise Refused("expected a SOAP envelope with one element in its body")
    expected = operation.answer.qname
    if not operation.is_rpc and content.tag != expected:
        raise Refused(f"expected {expected} in the answer, not {content.tag}")
    value = _value(content, operation.answer.type, operation)
    return value if isinstance(value, dict) else {"#text": value} if value else {}


def _value(node: etree._Element, kind: Any, operation: Operation) -> Any:
    """The text of an element; a dict where it has children or attributes."""
    kind = _stated_kind(node, kind, operation)
    known = {str(element.qname): element for element in elements_of(kind)}
    tree: dict[str, Any] = {
        f"@{etree.QName(name).localname}": text for name, text in node.attrib.items() if not str(name).startswith(INSTANCE)
    }
    for child in node:
        name, element = etree.QName(child).localname, known.get(child.tag)
        value = _value(child, getattr(element, "type", None), operation)
        if name in tree or (element is not None and element.accepts_multiple):
            earlier = tree.get(name, [])
            tree[name] = [*(earlier if isinstance(earlier, list) else [earlier]), value]
        else:
            tree[name] = value
    text = (node.text or "").strip()
    if not tree:
        return text or None
    return {**tree, "#text": text} if text else tree


def _stated_kind(node: etree._Element, kind: Any, operation: Operation) -> Any:
    """The type an element states of itself (xsi:type), where the schema has it."""
    stated = node.get(f"{INSTANCE}type")
    if stated is None:
        return kind
    prefix, _, name = stated.rpartition(":")
    try:
        return operation.client_of.types.get_type(etree.QName(node.nsmap.get(prefix or None), name))
    except (zeep.exceptions.Error, ValueError):
        return kind


def _refuse_fault(reply: Reply) -> None:
    """A fault comes with 500, in SOAP 1.2 also with 400; some services send it with 200."""
    content = content_of(envelope_within(reply))
    if content is not None and content.tag in (f"{{{SOAP}}}Fault", f"{{{SOAP_12}}}Fault"):
        code = content.findtext("faultcode") or content.findtext(f"{{{SOAP_12}}}Code/{{{SOAP_12}}}Value")
        told = content.findtext("faultstring") or content.findtext(f"{{{SOAP_12}}}Reason/{{{SOAP_12}}}Text")
        raise failure_of_fault(zeep.exceptions.Fault((told or "").strip(), (code or "").strip()))
    refuse_failure(reply)
    if content is None and reply.complete:
        raise Transient(f"HTTP {reply.status} with something else than a SOAP envelope with one element in its body")
