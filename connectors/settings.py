"""What an endpoint's options may hold, and how they are read."""

from collections.abc import Mapping
from typing import Annotated, Any, Protocol, TypeVar
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from canonical.failures import Misconfigured
from canonical.wrong_settings import wrong_settings
from connectors.base import Endpoint
from connectors.urls import parsed


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError("expected a time zone such as Europe/Berlin") from error
    return name


def _usable_url(text: str) -> str:
    parsed(text)
    return text


class Settings(BaseModel):
    """Options every endpoint may have: what translation needs to know about the partner. Unknown ones are refused.

    time_zone: for instants that name none. currency: for documents that name none. order_prefix: put before the
    partner's order numbers, where two partners count alike.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    time_zone: Annotated[str, AfterValidator(_known_zone)] | None = None
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] | None = None
    order_prefix: Annotated[str, Field(max_length=40)] = ""


class Dialling(Protocol):
    """What every exchange wants to know of an endpoint's settings."""

    @property
    def allow_private(self) -> bool: ...

    @property
    def deadline_seconds(self) -> float: ...


UsableUrl = Annotated[str, AfterValidator(_usable_url)]


class MaybeSending(Settings):
    """Options of an endpoint that may be sent to.

    allow_private: the partner is inside our own network; otherwise only public addresses are dialled.
    deadline_seconds: for the whole exchange, from looking up the name to the last byte of the answer.
    """

    url: UsableUrl | None = None
    allow_private: bool = False
    deadline_seconds: Annotated[float, Field(gt=0, le=15)] = 15.0


class Sending(MaybeSending):
    """Options of an endpoint that is sent to."""

    url: UsableUrl


class PollSettings(BaseModel):
    """What the key `poll` may hold beside `every`, `from` and `secrets`. Unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    def documents(self) -> dict[str, str]:
        """Documents that are named here and need a mapping of the installation's own, by the key that names them."""
        return {}


class Asking(PollSettings):
    """What `poll` of an endpoint that is asked over HTTP may hold.

    allow_private: as for sending. deadline_seconds: for one question and its answer. most_bytes: of one answer.
    """

    allow_private: bool = False
    deadline_seconds: Annotated[float, Field(gt=0, le=120)] = 60.0
    most_bytes: Annotated[int, Field(ge=1)] = 16 * 1024 * 1024


Kind = TypeVar("Kind", bound=BaseModel)


def options_of(endpoint: Endpoint, kind: type[Kind]) -> Kind:
    """The endpoint's options as `kind` describes them; Misconfigured with everything that is wrong, no value shown."""
    known: Kind | None = endpoint.read.get(kind)
    if known is None:
        known = endpoint.read[kind] = _valid(endpoint, "options", kind, endpoint.options)
    return known


def polling_of(endpoint: Endpoint, kind: type[Kind]) -> Kind:
    """What the endpoint's key `poll` says, as `kind` describes it; Misconfigured with everything that is wrong."""
    return _valid(endpoint, "poll", kind, endpoint.polling.options if endpoint.polling else {})


def _valid(endpoint: Endpoint, key: str, kind: type[Kind], given: Mapping[str, Any]) -> Kind:
    try:
        return kind.model_validate(given)
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(place) or key}: {message}" for place, message in wrong_settings(error, kind))
        raise Misconfigured(f"endpoint {endpoint.name}: {wrong}") from None


def poll_secret_of(endpoint: Endpoint) -> bytes:
    """The newest secret for asking; Misconfigured where there is none or an empty one."""
    secrets = endpoint.polling.secrets if endpoint.polling else ()
    if not secrets or not secrets[0]:
        raise Misconfigured(f"endpoint {endpoint.name}: expected a secret under `poll: secrets`")
    return secrets[0]


def secrets_of(endpoint: Endpoint) -> tuple[bytes, ...]:
    """The active secrets; Misconfigured where there is none or an empty one, which anybody could sign with."""
    if not endpoint.secrets or not all(endpoint.secrets):
        raise Misconfigured(f"endpoint {endpoint.name}: expected at least one secret and no empty one")
    return endpoint.secrets
