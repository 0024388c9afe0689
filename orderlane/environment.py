"""The hub as the environment describes it, for every command. What it is made of is loaded when a command asks for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from operations.access import Operations
    from orderlane.hub import Hub
    from orderlane.settings import Settings


def settings_from_environment() -> Settings:
    """The ORDERLANE_... variables. Misconfigured with every wrong one."""
    from pydantic import ValidationError

    from canonical.failures import Misconfigured
    from orderlane.logs import set_up_logs
    from orderlane.settings import Settings

    try:
        settings = Settings()
    except ValidationError as error:
        wrong = "; ".join(f"ORDERLANE_{str(e['loc'][0]).upper()}: {e['msg']}" for e in error.errors())
        raise Misconfigured(wrong) from None
    set_up_logs(settings.log_level)
    return settings


def hub_from_environment(*, secrets: bool = True) -> Hub:
    """The hub of the ORDERLANE_... variables and the configuration folder. Misconfigured with every wrong variable.

    secrets: False for commands that neither receive nor send.
    """
    from orderlane.hub import Hub

    return Hub(settings_from_environment(), secrets)


def ready_hub(*, secrets: bool = True) -> Hub:
    """The hub, its database at this version. Misconfigured where it has to be migrated first, Transient where it is down."""
    from store.migrating import check_version

    hub = hub_from_environment(secrets=secrets)
    check_version(hub.database)
    return hub


def operations() -> Operations:
    """What people ask of the ready hub."""
    return ready_hub(secrets=False).operations
