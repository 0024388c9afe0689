"""The composition root: settings become a hub. The only place that picks concrete classes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import mappings
from canonical.failures import Misconfigured
from connectors.base import Connector, Endpoint
from connectors.sources import SOURCES
from connectors.table import CONNECTORS
from handlers.invoice.handler import InvoiceHandler
from handlers.master.handler import MasterHandler
from handlers.order.handler import OrderHandler
from handlers.order.policies.settings import Policies
from handlers.stock.handler import StockHandler
from mappings.translation import Settings as MappingSettings
from mappings.translation import Translations
from operations.access import Operations
from operations.desk import OrderDesk
from operations.saleable import Shelf
from orderlane.endpoints import load_endpoints
from orderlane.policies import for_trying_out, load_policies
from orderlane.secrets import Secrets
from orderlane.settings import Settings
from routing.channels import Channels
from routing.consumer import Handle
from routing.delivery import Deliverer
from routing.intake import Intake
from routing.local import LocalChannels
from routing.polling import Poller
from routing.rabbitmq import RabbitChannels
from routing.routes import Router
from routing.rules.decide import Rules
from store.database import Database, open_database
from store.migrating import migrate

HANDLERS: dict[str, Callable[[Policies], Handle]] = {
    "order": lambda policies: OrderHandler(policies).handle,
    "stock": lambda policies: StockHandler().handle,
    "invoice": lambda policies: InvoiceHandler(policies.payments.tolerance).handle,
    "master": lambda policies: MasterHandler().handle,
}
"""Makes a handler: each loop has its own, for a handler remembers master data."""
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
        if self.settings.sqlite_file is not None:
            _make_folder(self.settings.sqlite_file.parent)
        return open_database(self.settings.database_url, pool_size=8)

    @property
    def connectors(self) -> Mapping[str, Connector]:
        return CONNECTORS

    @cached_property
    def endpoints(self) -> dict[str, Endpoint]:
        path = self.settings.config / "endpoints.yaml"
        return load_endpoints(path, CONNECTORS, self.secrets if self.with_secrets else None)

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
        return Translations.load(*self.spec_folders)

    @cached_property
    def rules(self) -> Rules:
        return Rules.load(self.settings.config / "rules.yaml", channels={*HANDLERS, *self.endpoints})

    @cached_property
    def policies(self) -> Policies:
        written = load_policies(self.settings.config / "policies.yaml")
        return for_trying_out(written) if self.settings.embedded else written

    @cached_property
    def router(self) -> Router:
        return Router(self.rules, handlers=tuple(HANDLERS), partitions=self.settings.partitions)

    @cached_property
    def mapping_settings(self) -> dict[str, MappingSettings]:
        return {name: mapping_settings(endpoint) for name, endpoint in self.endpoints.items()}

    @cached_property
    def intake(self) -> Intake:
        return Intake(self.database, CONNECTORS, self.endpoints, self.translations, self.router, settings=self.mapping_settings)

    @cached_property
    def channels(self) -> Channels:
        handlers = tuple(HANDLERS)
        if self.settings.broker_url is None:
            return LocalChannels(namespace=self.settings.namespace, handlers=handlers)
        return RabbitChannels(
            self.settings.broker_url,
            namespace=self.settings.namespace,
            handlers=handlers,
            partitions=self.settings.partitions,
        )

    @cached_property
    def deliverer(self) -> Deliverer:
        return Deliverer(self.database, CONNECTORS, self.endpoints, self.translations, self.mapping_settings)

    @cached_property
    def poller(self) -> Poller:
        return Poller(self.intake, SOURCES)

    @cached_property
    def operations(self) -> Operations:
        partitions = [0] if self.settings.embedded else range(self.settings.partitions)
        queues = [(name, p) for name in HANDLERS for p in partitions]
        desk = OrderDesk(OrderHandler(self.policies))
        return Operations(self.intake, self.rules, self.channels, queues, Shelf(self.policies), desk)

    def migrate(self) -> str:
        """Bring the database to this version's tables; the version's name."""
        return migrate(self.database)

    def described(self) -> str:
        """Database and transport in a few words, without credentials."""
        transport = "queues in memory" if self.settings.embedded else "RabbitMQ"
        return f"{'SQLite' if self.database.dialect == 'sqlite' else 'PostgreSQL'}, {transport}"

    def needs_broker(self) -> None:
        """Misconfigured where a role of its own process would have queues in memory only."""
        if self.settings.broker_url is None:
            raise Misconfigured("ORDERLANE_BROKER_URL is not set: a role in its own process needs RabbitMQ (or use `orderlane up`)")


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Misconfigured(f"ORDERLANE_DATABASE_URL: the folder {folder} cannot be made: {error.strerror}") from error


def mapping_settings(endpoint: Endpoint) -> MappingSettings:
    """What a mapping may ask of an endpoint: zone, currency and number prefix by name, everything else under `options`."""
    known = {name: endpoint.options[name] for name in MAPPING_OPTIONS if name in endpoint.options}
    return MappingSettings(endpoint=endpoint.name, partner=endpoint.partner, options=endpoint.options, **known)
