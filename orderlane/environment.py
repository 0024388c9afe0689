"""The hub as the environment describes it, for every command. What it is made of is loaded when a command asks for it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from operations.access import Operations
    from orderlane.hub import Hub
    from orderlane.settings import Settings


def settings_from_environment() -> Settings:
    """The ORDERLANE_... variables. Misconfigured with every wrong or mistyped one."""
    from canonical.failures import Misconfigured
    from orderlane.logs import set_up_logs
    from orderlane.settings import Settings

    wrong = [*_mistyped(), *_wrong()]
    if wrong:
        raise Misconfigured("; ".join(wrong))
    settings = Settings()
    set_up_logs(settings.log_level)
    return settings


def _wrong() -> Iterator[str]:
    """What is wrong with the value of each variable."""
    from pydantic import ValidationError

    from orderlane.settings import EXPECTED, PREFIX, Settings

    try:
        Settings()
    except ValidationError as error:
        for one in error.errors():
            name = str(one["loc"][0])
            yield f"{PREFIX}{name.upper()}: expected {EXPECTED[name]}; found {one['input']!r}"


def _mistyped() -> Iterator[str]:
    """Variables that nothing reads and that look like one of ours; others may be secrets of endpoints."""
    from canonical.nearest import did_you_mean
    from orderlane.settings import PREFIX, Settings

    known = [f"{PREFIX}{name.upper()}" for name in Settings.model_fields]
    for name in os.environ:
        if name.upper().startswith(PREFIX) and name.upper() not in known and (meant := did_you_mean(name, known, alike=0.9)):
            yield f"{name}: there is no such variable.{meant}"


def hub_from_environment(*, secrets: bool = True) -> Hub:
    """The hub of the ORDERLANE_... variables and the configuration folder. Misconfigured with every wrong variable.

    secrets: False for commands that neither receive nor send.
    """
    from orderlane.hub import Hub

    return Hub(settings_from_environment(), secrets)


def ready_hub(*, secrets: bool = True) -> Hub:
    """The hub, its database at this version. Misconfigured where it has to be migrated first or keeps us out, Transient where it
    is down."""
    from orderlane.starting import let_in
    from store.migrating import check_version

    hub = hub_from_environment(secrets=secrets)
    with let_in(hub.database):
        check_version(hub.database)
    return hub


def operations() -> Operations:
    """What people ask of the ready hub."""
    return ready_hub(secrets=False).operations
