"""What carriers really push, taken through translation and handlers: nothing that comes after a delivery undoes it."""

import json

import pytest

from canonical.documents.base import Document
from mappings.translation import OWN_SPECS, Settings, Translations
from tests.handlers.golden import dispatched, placed, stocked
from tests.handlers.pump import Pump
from tests.handlers.reading import state_of

TRANSLATIONS = Translations.load(OWN_SPECS / "sf")
NUMBER = "SO-1-T-S1"


def pushed(*events: tuple[str, str]) -> list[Document]:
    """The documents of an SF push about the parcel: (operation code, local time)."""
    rows = [
        {"mailno": NUMBER, "opCode": code, "acceptTime": f"2026-11-24 {time}", "remark": code, "id": f"{code}{time}"}
        for code, time in events
    ]
    body = json.dumps({"Body": {"WaybillRoute": rows}}).encode()
    return [one for part in TRANSLATIONS.translate("sf", "route_push", body, Settings()) for one in part.documents]


@pytest.mark.parametrize("later", ["8000", "31", "30", "44", "7777"])
def test_news_after_a_delivery_never_undoes_it(pump: Pump, later: str) -> None:
    pump.take_each(stocked(), placed(), dispatched("S1"), dispatched("S2", day=22))
    pump.take_each(*pushed(("50", "08:00:00"), ("44", "09:00:00"), ("80", "10:00:00")))
    delivered = state_of(pump.database, "SO-1")
    pump.take_each(*pushed(("80", "10:00:00"), (later, "10:00:30"), (later, "23:00:00")))
    assert state_of(pump.database, "SO-1") == delivered
    assert pump.conflicts == []


def test_the_order_of_arrival_does_not_matter(pump: Pump) -> None:
    pump.take_each(stocked(), placed(), dispatched("S1"), dispatched("S2", day=22))
    pump.take_each(*pushed(("8000", "10:00:30"), ("31", "23:00:00")), *pushed(("80", "10:00:00")), *pushed(("50", "08:00:00")))
    assert state_of(pump.database, "SO-1").fulfilment == "part_delivered"
