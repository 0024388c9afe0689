"""Help and what is mistyped are answered before the hub is loaded; a role's process loads no more than its role."""

import subprocess
import sys

import pytest

LOADED = "import sys; import orderlane.{}; print(*sys.modules)"
PARTS = {
    "alembic", "celery", "connectors.table", "fastapi", "handlers.order.handler", "mappings.translation", "pydantic",
    "routing.intake", "sqlalchemy", "zeep",
}  # fmt: skip


def loaded(module: str) -> set[str]:
    told = subprocess.run([sys.executable, "-c", LOADED.format(module)], capture_output=True, text=True, check=True)
    return PARTS & set(told.stdout.split())


def test_the_command_line_loads_nothing_of_the_hub_before_a_command_runs() -> None:
    assert loaded("cli") == set()


@pytest.mark.parametrize(
    ("module", "parts"),
    [
        ("roles", {"celery", "pydantic", "sqlalchemy"}),
        ("celery_roles", {"celery"}),
        ("translating", {"mappings.translation", "pydantic"}),
    ],
)
def test_what_a_process_does_not_do_it_does_not_load(module: str, parts: set[str]) -> None:
    assert loaded(module) == parts
