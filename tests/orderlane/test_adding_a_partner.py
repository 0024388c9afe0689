"""docs/adding-a-partner.md, done as it says: what it shows is what happens."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from connectors.base import RawMessage
from demo.partners import ROOT, SECRETS
from orderlane.hub import Hub
from orderlane.settings import Settings
from tests.orderlane.conftest import Orderlane

PAGE = (ROOT / "docs" / "adding-a-partner.md").read_text()
SECRET = {"DEALER_SOUTH_TOKEN": "a token nobody guesses"}


def blocks(kind: str) -> list[str]:
    return re.findall(rf"^```{kind}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The spreadsheet of the page."""
    south = tmp_path / "south.csv"
    south.write_text(*blocks("csv"))
    return south


@pytest.fixture
def added(config: Path) -> Path:
    """The configuration with what the page says to write into it."""
    for name, block in zip(("endpoints.yaml", "rules.yaml"), blocks("yaml"), strict=True):
        with (config / name).open("a") as end:
            end.write(f"\n{block}")
    return config


def test_the_file_alone_is_refused_as_the_page_shows(orderlane: Orderlane, file: Path) -> None:
    ran = orderlane("translate", "table", file)
    problem = json.loads(ran.stderr)
    assert (ran.returncode, problem["code"], problem["path"]) == (2, "E_TABLE_KIND", "row 1")


def test_with_the_endpoint_the_file_is_an_order_and_every_field_tells_its_cell(
    orderlane: Orderlane, added: Path, file: Path
) -> None:
    ran = orderlane("translate", "table", file, "--endpoint", "dealer-south", **SECRET)
    order = json.loads(ran.stdout)["data"]
    assert (ran.returncode, order["order_no"], order["totals"]["payable"]) == (0, "4711", "423.00")
    assert [(line["sku"], line["qty"]["value"]) for line in order["lines"]] == [("OXI-200", "2"), ("GLV-NIT-M", "10")]
    explained = orderlane("translate", "table", file, "--endpoint", "dealer-south", "--explain", **SECRET).stdout
    assert re.search(r"lines\[1\]\.sku +<- +row 3, column 3 += +GLV-NIT-M", explained)


def test_the_configuration_is_all_well_and_the_hub_takes_the_file(
    orderlane: Orderlane, added: Path, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran = orderlane("check", **SECRET)
    assert (ran.returncode, ran.stderr) == (0, "")
    for name, value in {**SECRETS, **SECRET}.items():
        monkeypatch.setenv(name, value)
    hub = Hub(Settings(database_url=f"sqlite:///{tmp_path}/hub.db", config=added))
    hub.migrate()
    endpoint = hub.intake.endpoints["dealer-south"]
    sign = hub.intake.connectors["table"].sign
    assert sign is not None
    accepted = hub.intake.accept(sign(RawMessage("dealer-south", {}, file.read_bytes(), datetime.now(UTC)), endpoint))
    assert (accepted.status, len(accepted.message_ids)) == ("accepted", 1)
    hub.database.close()
