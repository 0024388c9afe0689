"""What an endpoint of this connector may say in its options and under `poll`."""

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from connectors.base import Endpoint
from connectors.settings import Asking, Sending, UsableUrl, polling_of
from connectors.soap_receiving import SoapSettings, Username

PLACES = ("$watermark", "$until", "$page", "$cursor")
"""What a text among the arguments may stand for."""


def places_in(arguments: Any) -> Iterator[str]:
    """Every text of the arguments that stands for something else."""
    if isinstance(arguments, dict | list):
        for one in arguments.values() if isinstance(arguments, dict) else arguments:
            yield from places_in(one)
    elif isinstance(arguments, str) and arguments.startswith("$"):
        yield arguments


def _known_places(arguments: dict[str, Any]) -> dict[str, Any]:
    if unknown := sorted(set(places_in(arguments)) - set(PLACES)):
        raise ValueError(f"expected one of {', '.join(PLACES)}, not {', '.join(unknown)}")
    return arguments


Path = Annotated[str, Field(pattern=r"^[^.\s]+(\.[^.\s]+)*$", max_length=500)]


class DealerSoapSettings(SoapSettings):
    """url: the dealer's service, where it is told the status of its orders."""


class DealerSoapSendingSettings(DealerSoapSettings, Sending):
    """The same for an endpoint that is being sent to."""

    url: UsableUrl


class OwnService(BaseModel):
    """A service of the dealer's own. wsdl: its URL, or a file relative to where the hub runs. service, port: the first of SOAP
    where nothing is said. arguments: of the operation, where texts of PLACES are filled in. document: what the mapping calls the
    answer. Paths begin inside the element of the answer. orders: a page without any is not kept. watermark: where the answer
    tells how far it goes; without, stretches of time are asked for. more: whether another page follows. cursor: which one.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    wsdl: Annotated[str, Field(min_length=1, max_length=2000)]
    service: str | None = None
    port: str | None = None
    operation: Annotated[str, Field(min_length=1)]
    auth: Literal["token", "password", "basic", "none"] = "token"
    arguments: Annotated[dict[str, Any], AfterValidator(_known_places)] = Field(default_factory=dict)
    document: Annotated[str, Field(pattern=r"^[A-Za-z][\w./-]{0,99}$")]
    orders: Path
    watermark: Path | None = None
    more: Path | None = None
    cursor: Path | None = None
    first_page: int = 1
    window_seconds: Annotated[int, Field(ge=1)] | None = None
    overlap_seconds: Annotated[int, Field(ge=0, le=7 * 86400)] = 120


class DealerSoapPolling(Asking):
    """url: the dealer's service. username: for its token, with the secret under `poll`. start: orders before are not asked for.
    service: where the dealer has another WSDL than the hub's."""

    url: UsableUrl
    username: Username | None = None
    start: AwareDatetime | None = None
    service: OwnService | None = None

    @model_validator(mode="after")
    def _username_where_it_is_needed(self) -> "DealerSoapPolling":
        if self.username is None and (self.service is None or self.service.auth != "none"):
            raise ValueError("expected a username, or auth: none of a service")
        return self

    def documents(self) -> dict[str, str]:
        return {"service.document": self.service.document} if self.service is not None else {}


def own_service_of(endpoint: Endpoint) -> DealerSoapPolling | None:
    """How a service of the dealer's own is asked; None where there is none."""
    if endpoint.polling is None or endpoint.polling.source is not None or "service" not in endpoint.polling.options:
        return None
    return polling_of(endpoint, DealerSoapPolling)
