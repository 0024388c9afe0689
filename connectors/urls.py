"""URLs we send to, read strictly: what two readers could understand differently is refused (OWASP API7, F24)."""

import re
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

PORTS = {"http": 80, "https": 443}
HOST = re.compile(r"[A-Za-z0-9.-]{1,253}|[0-9A-Fa-f:.]{2,45}")
SERVICE_PORTS = frozenset({
    1433, 1521, 2049, 2181, 2375, 2376, 2379, 3306, 4369, 5432, 5671, 5672, 5900, 6000, 6379, 6443, 8500, 9042, 9092,
    9200, 9300, 10250, 11211, 15672, 25672, 27017,
})  # fmt: skip
"""Databases, brokers and the like: nothing that takes business documents listens there."""


@dataclass(frozen=True, slots=True)
class Url:
    """scheme: http or https. host: an ASCII name, or an address without brackets. target: path and query."""

    scheme: str
    host: str
    port: int
    target: str


def parsed(text: str) -> Url:
    """The parts of an absolute http or https URL; ValueError with what was expected. The URL itself is not repeated."""
    if not re.fullmatch(r"[\x21-\x7e]{1,2000}", text) or "\\" in text:
        raise ValueError("expected a URL in printable ASCII; an international host name in its xn-- form")
    parts, port = _split(text)
    if parts.scheme not in PORTS:
        raise ValueError("expected an http or https URL")
    if "@" in parts.netloc:
        raise ValueError("expected no user or password in the URL; credentials belong to the secrets")
    if "#" in text:
        raise ValueError("expected no fragment in the URL")
    if parts.hostname is None or not HOST.fullmatch(parts.hostname):
        raise ValueError("expected a host name or address in the URL")
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Url(parts.scheme, parts.hostname, _allowed(port, parts.scheme), target)


def _split(text: str) -> tuple[SplitResult, int | None]:
    try:
        parts = urlsplit(text)
        return parts, parts.port
    except ValueError:
        raise ValueError("expected a URL with a host and, where there is one, a port number") from None


def usable_host(text: str) -> str:
    """A host name or address; ValueError otherwise."""
    if not HOST.fullmatch(text):
        raise ValueError("expected a host name or address")
    return text


def usable_port(port: int, *, own: int) -> int:
    """A port that belongs to no other service than the one whose `own` it is; ValueError otherwise."""
    if port != own and (port < 1024 or port in SERVICE_PORTS):
        raise ValueError(f"expected port {own} or one above 1023 that belongs to no database or broker")
    return port


def _allowed(given: int | None, scheme: str) -> int:
    port = PORTS[scheme] if given is None else given
    if (port < 1024 and port not in PORTS.values()) or port in SERVICE_PORTS:
        raise ValueError("expected port 80, 443 or one above 1023 that belongs to no database or broker")
    return port
