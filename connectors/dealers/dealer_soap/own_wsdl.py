"""A dealer's own WSDL, read by zeep from a file or through the hub's guarded HTTP client."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import zeep
from lxml import etree
from zeep.wsdl import Document
from zeep.wsdl.bindings.soap import SoapBinding

from canonical.failures import Misconfigured
from connectors.dealers.dealer_soap.settings import DealerSoapPolling, OwnService
from connectors.http import ask
from connectors.settings import Asking
from connectors.soap_service import WITH_IMPORTS
from connectors.urls import parsed

BROKEN = (zeep.exceptions.Error, etree.LxmlError, LookupError, ValueError, TypeError, AttributeError, RuntimeError)
"""What zeep raises for a WSDL that is none."""


@dataclass(frozen=True, slots=True)
class Loader:
    """What zeep reads a WSDL and the schemas it imports with: from the same host, or files of the same folder."""

    wsdl: str
    asking: Asking

    def load(self, location: str) -> bytes:
        if not _is_url(self.wsdl):
            return self._file(Path(location))
        if not _is_url(location) or _host(location) != _host(self.wsdl):
            raise Misconfigured(f"{self.wsdl} refers to {location}; expected everything on one host")
        return ask(location, self.asking, {}).body

    def _file(self, file: Path) -> bytes:
        if not file.resolve().is_relative_to(Path(self.wsdl).resolve().parent):
            raise Misconfigured(f"{self.wsdl} refers to {file}; expected everything in one folder")
        try:
            return file.read_bytes()
        except OSError as error:
            raise Misconfigured(f"{file}: {error.strerror}") from None


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation of a binding. answer: the element of its answer, as the schema describes it."""

    client_of: Document
    binding: str
    is_soap_12: bool
    name: str
    is_rpc: bool
    answer: Any


def operation_of(settings: DealerSoapPolling, own: OwnService) -> Operation:
    """The operation that is asked; Misconfigured with what there is instead, also where a path leads nowhere."""
    asking = Asking(
        allow_private=settings.allow_private, deadline_seconds=settings.deadline_seconds, most_bytes=settings.most_bytes
    )
    document = _document(own.wsdl, asking)
    binding = _binding(document, own)
    try:
        operation = binding.get(own.operation)
    except ValueError:
        raise Misconfigured(f"operation: expected one of {', '.join(sorted(binding.all()))}, not {own.operation}") from None
    answer = getattr(operation.output, "body", None)
    if answer is None:
        raise Misconfigured(f"operation: expected one with an answer, {own.operation} has none")
    for path in (own.orders, own.watermark, own.more, own.cursor):
        _check_path(path or "", answer.type)
    is_soap_12 = "soap12" in binding.nsmap.get("soap", "")
    return Operation(document, str(binding.name), is_soap_12, own.operation, operation.style == "rpc", answer)


@lru_cache(maxsize=64)
def _document(wsdl: str, asking: Asking) -> Document:
    """Read once per process."""
    try:
        return Document(wsdl, Loader(wsdl, asking), settings=WITH_IMPORTS)  # type: ignore[arg-type]
    except BROKEN as error:
        raise Misconfigured(f"{wsdl}: expected a WSDL: {type(error).__name__} {str(error)[:200]}".rstrip()) from error


def _binding(document: Document, own: OwnService) -> Any:
    """That of the port that is named, or of the first one of SOAP."""
    ports = {(service.name, port.name): port.binding for service in document.services.values() for port in service.ports.values()}
    for (service, port), binding in ports.items():
        if own.service in (None, service) and own.port in (None, port) and isinstance(binding, SoapBinding):
            return binding
    there_are = ", ".join(f"{service} {port}" for service, port in ports) or "none"
    raise Misconfigured(f"service, port: expected a SOAP port of the WSDL; there are {there_are}")


def elements_of(kind: Any) -> Iterator[Any]:
    """The elements a type may hold, wildcards included."""
    return (element for _, element in getattr(kind, "elements", ()))


def _check_path(path: str, kind: Any) -> None:
    """A path that leads nowhere would bring nothing, for ever."""
    for name in path.split(".") if path else ():
        elements = list(elements_of(kind))
        if any(element.qname is None for element in elements) or name.startswith(("@", "#")):
            return
        known = {etree.QName(element.qname).localname: element.type for element in elements}
        if name not in known:
            raise Misconfigured(f"{path}: expected one of {', '.join(known) or 'nothing further'}, not {name}")
        kind = known[name]


def _is_url(location: str) -> bool:
    return location.startswith(("http://", "https://"))


def _host(location: str) -> tuple[str, str, int]:
    url = parsed(location)
    return url.scheme, url.host, url.port
