"""The rig of relay, channels and toy handler (see tests/routing), and what the chaos tests need of their own."""

from tests.routing.conftest import channels, database, rig

__all__ = ["channels", "database", "rig"]
