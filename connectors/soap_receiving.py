"""What the hub offers over SOAP 1.1: who calls proves itself by a WS-Security token or by basic credentials, the content has to be
what the published WSDL says."""

from dataclasses import dataclass, replace
from typing import Annotated, Any, Literal

from lxml import etree
from pydantic import Field

from canonical.failures import Malformed, Misconfigured
from canonical.problems import Problem
from connectors.base import Accepted, Answer, Endpoint, Identified, RawMessage
from connectors.peek import shown
from connectors.peek_xml import xml_root
from connectors.settings import MaybeSending, UsableUrl, options_of, secrets_of
from connectors.signatures import refusal
from connectors.soap import SOAP, Wsdl, body_content
from connectors.soap_answers import MEDIA_TYPE, told, turned_away
from connectors.soap_multipart import envelope_of
from connectors.soap_tokens import SECURITY, add_token, check_token, nonce_of
from connectors.transport_auth import TransportAuth, authorization, check_authorization

MOST_PROBLEMS = 20
ENCODING_STYLE = f"{{{SOAP}}}encodingStyle"
SOAP_ENCODING = "http://schemas.xmlsoap.org/soap/encoding"
Username = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^:]+$")]


class SoapSettings(MaybeSending):
    """auth: `token` (WS-Security UsernameToken with digest) or `basic`; the secret is the password. public_url: the endpoint's
    address as the WSDL tells it. url: the partner's service, where the hub calls it."""

    auth: Literal["token", "basic"] = "token"
    username: Username
    public_url: UsableUrl | None = None


@dataclass(frozen=True)
class SoapDoor:
    """A service of the hub. documents: the elements of `namespace` that are taken, each a document of that name. placeholder: the
    address in the shipped WSDL, in whose stead each endpoint tells its own."""

    wsdl: Wsdl
    namespace: str
    documents: tuple[str, ...]
    placeholder: bytes
    settings: type[SoapSettings] = SoapSettings

    def authenticate(self, raw: RawMessage, endpoint: Endpoint) -> None:
        options = options_of(endpoint, self.settings)
        secrets = secrets_of(endpoint)
        if options.auth == "basic":
            check_authorization(raw, endpoint, TransportAuth(auth="basic", username=options.username))
            return
        try:
            envelope = xml_root(envelope_of(raw))
        except Malformed:
            raise refusal() from None
        check_token(envelope, options.username, secrets, raw.received_at)

    def once(self, raw: RawMessage, endpoint: Endpoint) -> str | None:
        """The nonce, for the digest says nothing about the body: who has seen a token could send another one with it."""
        return nonce_of(xml_root(envelope_of(raw))) if options_of(endpoint, self.settings).auth == "token" else None

    def kept(self, raw: RawMessage, _: Endpoint) -> RawMessage:
        """The envelope without its token, which is news in every attempt: what is sent again is the same delivery then. Attachments
        stand in it."""
        try:
            envelope = xml_root(envelope_of(raw))
        except Malformed:
            return raw
        for security in list(envelope.iter(SECURITY)):
            parent = security.getparent()
            if parent is not None:
                parent.remove(security)
        return replace(raw, body=etree.tostring(envelope, method="c14n"))

    def identify(self, raw: RawMessage, _: Endpoint) -> Identified:
        """The operation, after its content was compared with the schema of the WSDL; Malformed with every difference."""
        envelope = envelope_of(raw)
        _refuse_encoding(xml_root(envelope))
        content = body_content(envelope)
        if content is None:
            raise Malformed([Problem("E_SOAP_ENVELOPE", "/", "expected a SOAP 1.1 envelope with one element in its body")])
        name = etree.QName(content)
        if name.namespace != self.namespace or name.localname not in self.documents:
            expected = f"expected one of {', '.join(self.documents)} of {self.namespace}"
            raise Malformed([Problem("E_DOCUMENT", "/Envelope/Body", expected, shown(content.tag))])
        if not self.wsdl.schema.validate(content):
            errors: Any = self.wsdl.schema.error_log
            raise Malformed([self._difference(error) for error in list(errors)[:MOST_PROBLEMS]])
        return Identified(name.localname)

    def _difference(self, error: etree._LogEntry) -> Problem:
        message = error.message.replace(f"{{{self.namespace}}}", "")
        return Problem("E_SOAP_SCHEMA", f"line {error.line}", f"expected what the WSDL says: {shown(message)}")

    def sign(self, raw: RawMessage, endpoint: Endpoint) -> RawMessage:
        options = options_of(endpoint, self.settings)
        headers = {"content-type": MEDIA_TYPE, **raw.headers}
        if options.auth == "basic":
            proof = authorization(endpoint, TransportAuth(auth="basic", username=options.username))
            return replace(raw, headers={**headers, "authorization": proof})
        envelope = xml_root(raw.body)
        add_token(envelope, options.username, secrets_of(endpoint)[0], raw.received_at, raw.body)
        return replace(raw, headers=headers, body=etree.tostring(envelope, encoding="utf-8", xml_declaration=True))

    def answer(self, accepted: Accepted, _: Endpoint) -> Answer:
        return told(accepted, self.namespace)

    def turn_away(self, status: int, _: Endpoint) -> Answer:
        return turned_away(status)

    def describe(self, endpoint: Endpoint) -> Answer:
        """The WSDL, with the endpoint's own address where it is stated."""
        public_url = options_of(endpoint, self.settings).public_url
        if public_url is not None and not public_url.isascii():
            raise Misconfigured(f"endpoint {endpoint.name}: expected a public_url of ASCII characters")
        content = self.wsdl.path.read_bytes()
        address = etree.tostring(_text(public_url))[3:-4] if public_url else self.placeholder
        return Answer(200, content.replace(self.placeholder, address), MEDIA_TYPE)


def _refuse_encoding(envelope: etree._Element) -> None:
    """SOAP encoding (5 of SOAP 1.1: typed values, references) says the same otherwise; the WSDL is document/literal."""
    for element in envelope.iter(etree.Element):
        style = element.get(ENCODING_STYLE)
        if style is not None and style.startswith(SOAP_ENCODING):
            expected = "expected document/literal content as the WSDL says, not SOAP encoding (RPC/encoded)"
            raise Malformed([Problem("E_SOAP_ENCODING", f"line {element.sourceline}", expected, shown(style))])


def _text(text: str) -> etree._Element:
    element = etree.Element("a")
    element.text = text
    return element
