"""The hub as the environment describes it, for every command."""

from pydantic import ValidationError

from canonical.failures import Misconfigured
from orderlane.hub import Hub
from orderlane.logs import set_up_logs
from orderlane.settings import Settings
from store.migrating import check_version


def hub_from_environment(*, secrets: bool = True) -> Hub:
    """The hub of the ORDERLANE_... variables and the configuration folder. Misconfigured with every wrong variable.

    secrets: False for commands that neither receive nor send.
    """
    try:
        settings = Settings()
    except ValidationError as error:
        wrong = "; ".join(f"ORDERLANE_{str(e['loc'][0]).upper()}: {e['msg']}" for e in error.errors())
        raise Misconfigured(wrong) from None
    set_up_logs(settings.log_level)
    return Hub(settings, secrets)


def ready_hub(*, secrets: bool = True) -> Hub:
    """The hub, its database at this version. Misconfigured where it has to be migrated first, Transient where it is down."""
    hub = hub_from_environment(secrets=secrets)
    check_version(hub.database)
    return hub
