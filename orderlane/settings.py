"""Settings: the one place that reads the environment (`ORDERLANE_...`)."""

from pathlib import Path
from typing import Annotated

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from connectors.callers import Network, networks

PREFIX = "ORDERLANE_"
EXPECTED = {
    "namespace": "small letters, digits, - and _ behind a first letter, such as orderlane",
    "partitions": "a whole number from 1 to 64, such as 8",
    "max_body_bytes": "a whole number of bytes from 1024 on, such as 10485760",
    "trusted_proxies": "addresses or networks with commas between, such as 10.0.0.0/8,192.0.2.7",
    "log_level": "DEBUG, INFO, WARNING, ERROR or CRITICAL",
}
"""What a variable takes, where not any text will do."""


class Settings(BaseSettings):
    """How this hub runs. With nothing set: one process, SQLite under `var/`, queues in memory."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="ignore")

    database_url: str = "sqlite:///var/orderlane.db"
    """`postgresql://user:password@host/name` or `sqlite:///path`."""
    broker_url: str | None = None
    """`amqp://user:password@host:port/vhost`; none: queues in memory, everything in one process."""
    config: Path = Path("config")
    """The folder with endpoints.yaml, rules.yaml and policies.yaml."""
    namespace: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]*$")] = "orderlane"
    """Prefix of exchanges and queues, so that several hubs can share a broker."""
    partitions: Annotated[int, Field(ge=1, le=64)] = 8
    """Queues per handler. Changing it needs empty queues."""
    api_token: SecretStr | None = None
    """Bearer token of the query API; none: only callers on this machine are answered."""
    max_body_bytes: Annotated[int, Field(ge=1024)] = 10 * 1024 * 1024
    """A larger request is refused with 413."""
    trusted_proxies: str | None = None
    """Networks of our own proxies, with commas between: only their word is taken for where a request came from."""
    host: str = "127.0.0.1"
    """The address the HTTP door listens on."""
    log_level: Annotated[str, Field(pattern=r"^(?i:debug|info|warning|error|critical)$")] = "INFO"
    """What the hub logs of its own: DEBUG, INFO, WARNING, ERROR or CRITICAL."""

    @field_validator("trusted_proxies")
    @classmethod
    def _are_networks(cls, text: str | None) -> str | None:
        networks(text.split(",") if text else ())
        return text

    @property
    def proxies(self) -> tuple[Network, ...]:
        """The trusted proxies as networks."""
        return networks(self.trusted_proxies.split(",") if self.trusted_proxies else ())

    @property
    def embedded(self) -> bool:
        return self.broker_url is None

    @property
    def sqlite_file(self) -> Path | None:
        """The file of the embedded database; None on PostgreSQL."""
        kind, _, name = self.database_url.partition(":///")
        return Path(name) if kind == "sqlite" else None
