"""What every test can ask for; see tests/support/services.py for servers and databases."""

pytest_plugins = ["tests.support.services"]
