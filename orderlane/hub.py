"""The composition root: settings become a hub. The only place that picks concrete classes.

Parts are loaded and made when first asked for: each role's process, and each command, holds what it works with.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import mappings
from canonical.failures import Misconfigured, Transient
from orderlane.defaults import TASK_QUEUE
from orderlane.handlers import HANDLERS
from orderlane.secrets import Secrets

if TYPE_CHECKING:
    from connectors.base import Connector, Endpoint
    from handlers.order.policies.settings import Policies
    from mappings.translation import Settings as MappingSettings
    from mappings.translation import Translations
    from operations.access import Operations
    from orderlane.settings import Settings
    from routing.channels import Channels
    from routing.delivery import Deliverer
    from routing.intake import Intake
    from routing.polling import Poller
    from routing.routes import Router
    from routing.rules.decide import Rules
    from store.database import Database

OWN_SECRETS = Path("var/secrets")
SPECS = Path(mappings.__path__[0]) / "specs"
MAPPING_OPTIONS = ("time_zone", "currency", "order_prefix")


@dataclass
class Hub:
    """One configured hub. Parts are made when first asked for; nothing is connected before."""

    settings: Settings
    with_secrets: bool = True

    @cached_property
    def database(self) -> Database:
        from store.database import open_database

        if self.settings.sqlite_file is not None:
            _make_writable(self.settings.sqlite_file)
        return open_database(self.settings.database_url, pool_size=8)

    @property
    def connectors(self) -> Mapping[str, Connector]:
        from connectors.table import CONNECTORS

        return CONNECTORS

    @cached_property
    def endpoints(self) -> dict[str, Endpoint]:
        from orderlane.endpoints import load_endpoints

        path = self.config / "endpoints.yaml"
        return load_endpoints(path, self.connectors, self.secrets if self.with_secrets else None)

    @property
    def config(self) -> Path:
        """The folder with the configuration. Misconfigured where it is not there."""
        if not self.settings.config.is_dir():
            raise Misconfigured(
                f"ORDERLANE_CONFIG: there is no folder {self.settings.config}; start where it is, or set the variable"
            )
        return self.settings.config

    @property
    def secrets(self) -> Secrets:
        """Embedded, a secret that nobody set is made up once and kept; with a broker it has to be set."""
        return Secrets(OWN_SECRETS if self.settings.embedded else None)

    @property
    def spec_folders(self) -> list[Path]:
        """Where mappings are: the product's own, and `mappings/` of the configuration."""
        own = self.settings.config / "mappings"
        return [SPECS, *([own] if own.is_dir() else [])]

    @cached_property
    def translations(self) -> Translations:
        from mappings.translation import Translations

        return Translations.load(*self.spec_folders)

    @cached_property
    def rules(self) -> Rules:
        from routing.rules.decide import Rules

        return Rules.load(self.config / "rules.yaml", channels={*HANDLERS, *self.endpoints})

    @cached_property
    def policies(self) -> Policies:
        from orderlane.policies import for_trying_out, load_policies

        written = load_policies(self.config / "policies.yaml")
        return for_trying_out(written) if self.settings.embedded else written

    @cached_property
    def router(self) -> Router:
        from routing.routes import Router

        return Router(self.rules, handlers=tuple(HANDLERS), partitions=self.settings.partitions)

    @cached_property
    def mapping_settings(self) -> dict[str, MappingSettings]:
        return {name: mapping_settings(endpoint) for name, endpoint in self.endpoints.items()}

    @cached_property
    def intake(self) -> Intake:
        from routing.intake import Intake

        return Intake(
            self.database, self.connectors, self.endpoints, self.translations, self.router, settings=self.mapping_settings
        )

    @cached_property
    def channels(self) -> Channels:
        handlers = tuple(HANDLERS)
        if self.settings.broker_url is None:
            from routing.local import LocalChannels

            return LocalChannels(namespace=self.settings.namespace, handlers=handlers)
        from routing.rabbitmq import RabbitChannels

        return RabbitChannels(
            self.settings.broker_url,
            namespace=self.settings.namespace,
            handlers=handlers,
            partitions=self.settings.partitions,
        )

    @cached_property
    def deliverer(self) -> Deliverer:
        from routing.delivery import Deliverer

        return Deliverer(self.database, self.connectors, self.endpoints, self.translations, self.mapping_settings)

    @cached_property
    def poller(self) -> Poller:
        from connectors.sources import SOURCES
        from routing.polling import Poller

        return Poller(self.intake, SOURCES)

    @cached_property
    def operations(self) -> Operations:
        from handlers.order.handler import OrderHandler
        from operations.access import Operations
        from operations.desk import OrderDesk
        from operations.saleable import Shelf

        partitions = [0] if self.settings.embedded else range(self.settings.partitions)
        queues = [(name, p) for name in HANDLERS for p in partitions]
        tasks = None if self.settings.embedded else TASK_QUEUE
        desk = OrderDesk(OrderHandler(self.policies))
        return Operations(self.intake, self.rules, self.channels, queues, Shelf(self.policies), desk, tasks)

    def migrate(self) -> str:
        """Bring the database to this version's tables; the version's name."""
        from orderlane.starting import let_in
        from store.migrating import migrate

        with let_in(self.database):
            return migrate(self.database)

    def described(self) -> str:
        """Database and transport in a few words, without credentials."""
        transport = "queues in memory" if self.settings.embedded else "RabbitMQ"
        return f"{'SQLite' if self.database.dialect == 'sqlite' else 'PostgreSQL'}, {transport}"

    def needs_broker(self) -> None:
        """Misconfigured where a role of its own process would have queues in memory only, and where the broker keeps us out. One
        that is down is waited for."""
        if self.settings.broker_url is None:
            raise Misconfigured("ORDERLANE_BROKER_URL is not set: a role in its own process needs RabbitMQ (or use `orderlane up`)")
        with suppress(Transient):
            self.channels.reach()


def _make_writable(file: Path) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Misconfigured(f"ORDERLANE_DATABASE_URL: the folder {file.parent} cannot be made: {error.strerror}") from error
    try:
        file.open("ab").close()
    except OSError as error:
        raise Misconfigured(f"ORDERLANE_DATABASE_URL: the file {file} cannot be written: {error.strerror}") from error


def mapping_settings(endpoint: Endpoint) -> MappingSettings:
    """What a mapping may ask of an endpoint: zone, currency and number prefix by name, everything else under `options`."""
    from mappings.translation import Settings

    known = {name: endpoint.options[name] for name in MAPPING_OPTIONS if name in endpoint.options}
    return Settings(endpoint=endpoint.name, partner=endpoint.partner, options=endpoint.options, **known)
