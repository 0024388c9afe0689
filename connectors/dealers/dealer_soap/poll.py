"""Fetches orders from a dealer's SOAP service with zeep: by the shipped WSDL, or by the dealer's own."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from canonical.failures import Misconfigured, OutcomeUnknown, Refused, Transient
from connectors.base import Endpoint, Polled, RawMessage
from connectors.dealers.dealer_soap.settings import DealerSoapPolling
from connectors.dealers.dealer_soap.wsdl import DEALER
from connectors.http import Reply, ask
from connectors.settings import poll_secret_of, polling_of

if TYPE_CHECKING:
    from connectors.soap_service import SoapService

MOST_PAGES = 10_000


def poll(endpoint: Endpoint, watermark: str | None) -> Iterator[Polled]:
    """Every page of orders since the watermark, an instant in ISO form: the `Until` of the page before. A page with a `Cursor` has
    another behind it. Refused for pages without end; failures of `connectors.http.ask` otherwise."""
    settings = polling_of(endpoint, DealerSoapPolling)
    if settings.service is not None:
        from connectors.dealers.dealer_soap.own_polling import poll_own

        yield from poll_own(endpoint, settings, settings.service, watermark)
        return

    from connectors.soap_service import SoapService

    def asked(body: bytes, headers: Mapping[str, str]) -> Reply:
        return ask(settings.url, settings, headers, body)

    service = SoapService(DEALER, settings.url, asked, username=settings.username or "", password=_password(endpoint))
    since = datetime.fromisoformat(watermark) if watermark else settings.start
    cursor: str | None = None
    for _ in range(MOST_PAGES):
        page = _page(service, since, cursor)
        raws = [RawMessage(endpoint.name, {}, service.answered, datetime.now(UTC))] if page.Order else []
        cursor = page.Cursor
        yield Polled(raws, None if cursor else _instant(page.Until).isoformat())
        if not cursor:
            return
    raise Refused(f"expected an end after {MOST_PAGES} pages")


def _page(service: "SoapService", since: datetime | None, cursor: str | None) -> Any:
    arguments = {name: value for name, value in (("Since", since), ("Cursor", cursor)) if value is not None}
    try:
        return service.call("GetOrders", arguments)
    except OutcomeUnknown as error:
        raise Transient(str(error)) from error


def _instant(until: datetime) -> datetime:
    """An instant without a zone would move with the place where it is read."""
    if until.tzinfo is None:
        raise Refused("expected Until with an offset from UTC")
    return until.astimezone(UTC)


def _password(endpoint: Endpoint) -> str:
    try:
        return poll_secret_of(endpoint).decode()
    except UnicodeDecodeError:
        raise Misconfigured(f"endpoint {endpoint.name}: expected a password in UTF-8") from None
