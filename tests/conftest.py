"""What every test can ask for; see tests/support/services.py for servers and databases, examples.py for how much is tried."""

pytest_plugins = ["tests.support.services", "tests.support.examples"]
