"""The connector table itself."""

from pathlib import Path

import pytest

from connectors.base import Endpoint
from connectors.settings import options_of
from connectors.table import CONNECTORS

ROOM = Path(__file__).parents[2] / "connectors"


def test_the_table_names_each_folder_and_nothing_else() -> None:
    families = ("dealers", "ecommerce", "carriers", "finance", "events")
    folders = {path.parent.relative_to(ROOM).as_posix() for family in families for path in (ROOM / family).glob("*/settings.py")}
    assert {f"{row.family}/{row.name}" for row in CONNECTORS.values()} == folders
    assert [row.name for row in CONNECTORS.values()] == list(CONNECTORS)


@pytest.mark.parametrize("name", CONNECTORS)
def test_a_connector_that_receives_can_prove_tell_and_sign(name: str) -> None:
    row = CONNECTORS[name]
    assert bool(row.documents_in) == bool(row.authenticate) == bool(row.identify) == bool(row.sign)
    assert bool(row.documents_out) == bool(row.send)
    assert row.documents_in or row.documents_out


@pytest.mark.parametrize("name", CONNECTORS)
def test_a_connector_has_a_page_that_tells_how_to_configure_and_test_it(name: str) -> None:
    page = (ROOM / CONNECTORS[name].family / name / "README.md").read_text()
    for heading in ("## Configure", "## Test", "## Oddities"):
        assert heading in page
    for document in (*CONNECTORS[name].documents_in, *CONNECTORS[name].documents_out):
        assert document in page or name == "webhook"


@pytest.mark.parametrize(
    "option", [{"time_zone": "Europe/Berln"}, {"time_zone": "../UTC"}, {"currency": "Euro"}, {"order_prefix": "x" * 41}]
)
@pytest.mark.parametrize("name", CONNECTORS)
def test_options_all_endpoints_have_are_checked_and_the_value_is_not_shown(name: str, option: dict[str, str]) -> None:
    with pytest.raises(Exception, match=next(iter(option))) as caught:
        options_of(Endpoint("test", "partner", name, options=option), CONNECTORS[name].settings)
    assert next(iter(option.values())) not in str(caught.value)
