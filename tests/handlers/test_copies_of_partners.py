"""An order that its partner sends again changed, in the partner's own document: the copy's time of change is the partner's, and in
whichever order the copies and a cancellation come, the same is in force."""

import json
import tempfile
from collections.abc import Callable
from datetime import datetime
from functools import cache
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from canonical.documents.base import Document
from canonical.documents.order_changes import OrderCancelled
from canonical.documents.orders import OrderPlaced
from mappings.translation import OWN_SPECS, Settings, Translations
from tests.handlers.pump import Pump
from tests.handlers.reading import document_of, empty_database, revisions_of, state_of

CHINA = "+08:00"
SAMPLES = Path(__file__).parents[1] / "samples"
SETTINGS = Settings(endpoint="test", currency="EUR", time_zone="Asia/Shanghai")
CONNECTORS = ("taobao", "jd", "pinduoduo", "cxml", "edifact", "x12")


@cache
def translations() -> Translations:
    return Translations.load(*(OWN_SPECS / name for name in CONNECTORS))


def order_in(connector: str, document: str, body: bytes) -> OrderPlaced:
    found = [one for part in translations().translate(connector, document, body, SETTINGS) for one in part.documents]
    return next(one for one in found if isinstance(one, OrderPlaced))


def of_shop(path: str, *place: str | int) -> Callable[[str, str], bytes]:
    """A shop's sample, with its time of change and its buyer's words replaced."""
    text = (SAMPLES / f"{path}.in.json").read_text()

    def copy(modified: str, street: str) -> bytes:
        tree = node = json.loads(text)
        for step in place:
            node = node[step]
        for holder, name, value in ((*TIME[path], modified), (*STREET[path], street)):
            inner: Any = node
            for step in holder:
                inner = inner[step]
            inner[name] = value
        return json.dumps(tree).encode()

    return copy


TIME = {
    "taobao/trade--discounts_shared": ((), "modified"),
    "jd/order--coupons_and_a_gift": ((), "modified"),
    "pinduoduo/order--discounts": ((), "updated_at"),
}
STREET = {
    "taobao/trade--discounts_shared": ((), "receiver_address"),
    "jd/order--coupons_and_a_gift": (("consigneeInfo",), "fullAddress"),
    "pinduoduo/order--discounts": ((), "receiver_address"),
}


def cxml(when: str, street: str) -> bytes:
    kind = "new" if when.startswith("2026-03-02T08") else "update"
    return f"""<cXML payloadID="{when}@b" timestamp="{when}"><Header>
        <From><Credential domain="NetworkId"><Identity>B</Identity></Credential></From>
        <To><Credential domain="NetworkId"><Identity>S</Identity></Credential></To></Header>
        <Request><OrderRequest><OrderRequestHeader orderID="C-1" orderDate="{when}" type="{kind}">
        <Total><Money currency="EUR">10.00</Money></Total>
        <ShipTo><Address addressID="H"><Name>H</Name><PostalAddress><Street>{street}</Street><City>B</City>
        <Country isoCountryCode="DE"/></PostalAddress></Address></ShipTo></OrderRequestHeader>
        <ItemOut quantity="1" lineNumber="1"><ItemID><SupplierPartID>A</SupplierPartID></ItemID><ItemDetail>
        <UnitPrice><Money currency="EUR">10.00</Money></UnitPrice><UnitOfMeasure>EA</UnitOfMeasure></ItemDetail></ItemOut>
        </OrderRequest></Request></cXML>""".encode()


def edifact(when: str, street: str) -> bytes:
    moment = datetime.fromisoformat(when)
    rows = [
        "UNH+1+ORDERS:D:96A:UN", f"BGM+220+PO-1+{9 if moment.hour == 8 else 5}", f"DTM+137:{moment:%Y%m%d%H%M}:203",
        "NAD+BY+B::91", f"NAD+DP+H::91++H+{street}+Berlin++10117+DE", "LIN+1++A:SA", "QTY+21:1:PCE", "UNS+S", "UNT+9+1",
    ]  # fmt: skip
    return "".join(f"{row}'" for row in ("UNB+UNOC:3+A:14+B:14+261120:0915+7", *rows, "UNZ+1+7")).encode()


def x12(when: str, street: str) -> bytes:
    moment = datetime.fromisoformat(when)
    control = f"{moment:%H%M}"
    rows = [
        "ST*850*0001", f"BEG*{'00' if moment.hour == 8 else '05'}*SA*PO-1**20260302", "CUR*BY*EUR", "N1*BY*B*92*B", "N1*ST*H*92*H",
        f"N3*{street}", "N4*Berlin**10117*DE", "PO1*1*1*EA*10.00**VN*A", "CTT*1", "SE*10*0001",
    ]  # fmt: skip
    isa = f"ISA*00*          *00*          *ZZ*B              *ZZ*HUB            *{moment:%y%m%d*%H%M}*U*00401*{control:0>9}*0*P*>"
    gs = f"GS*PO*B*HUB*{moment:%Y%m%d*%H%M}*{control}*X*004010"
    return "".join(f"{row}~" for row in (isa, gs, *rows, f"GE*1*{control}", f"IEA*1*{control:0>9}")).encode()


JD = "jingdong_pop_order_get_responce"
SENDERS = {
    "taobao": ("trade", of_shop("taobao/trade--discounts_shared", "trade_fullinfo_get_response", "trade"), "{} {}"),
    "jd": ("order", of_shop("jd/order--coupons_and_a_gift", JD, "orderDetailInfo", "orderInfo"), "{} {}"),
    "pinduoduo": ("order", of_shop("pinduoduo/order--discounts", "order_list_get_response", "order_list", 0), "{} {}"),
    "cxml": ("OrderRequest", cxml, "{}T{}+08:00"),
    "edifact": ("ORDERS", edifact, "{}T{}"),
    "x12": ("850", x12, "{}T{}"),
}


def copies(connector: str) -> tuple[OrderPlaced, OrderPlaced]:
    """The order of eight o'clock, and as it was changed at half past ten."""
    document, write, form = SENDERS[connector]
    first, second = (
        order_in(connector, document, write(form.format("2026-03-02", clock), street))
        for clock, street in (("08:00:00", "First St"), ("10:30:00", "Second St"))
    )
    return first, second


@pytest.mark.parametrize("connector", SENDERS)
def test_a_copy_that_is_sent_again_changed_tells_when_it_was_changed(connector: str) -> None:
    first, second = copies(connector)
    assert second.changed_at == datetime.fromisoformat(f"2026-03-02T10:30:00{CHINA}")
    assert (second.order_no, second.revision > first.revision) == (first.order_no, True)
    assert second.ship_to.address != first.ship_to.address


@pytest.mark.parametrize("connector", SENDERS)
@pytest.mark.parametrize("hour", [9, 11])
def test_copies_and_a_cancellation_end_the_same_in_any_order(connector: str, hour: int) -> None:
    """A copy that was made before the cancellation counts, one that was made after it does not."""
    first, second = copies(connector)
    at = datetime.fromisoformat(f"2026-03-02T{hour:02}:00:00{CHINA}")
    cancel = OrderCancelled(order_no=first.order_no, reason_code="all", requested_by="buyer", cancelled_at=at)
    ends = {ending(arrival, first.order_no) for arrival in permutations((first, second, cancel))}
    assert [end[:2] for end in ends] == [("cancelled", (second if hour == 11 else first).ship_to.address)]


def ending(arrival: tuple[Document, ...], order_no: str) -> tuple[Any, ...]:
    """The state, where the goods go, and what was refused of each copy."""
    with tempfile.TemporaryDirectory() as folder:
        database = empty_database(folder)
        pump = Pump(database)
        pump.take_each(*arrival)
        assert pump.conflicts == []
        told = [one.get("told") for one in revisions_of(database, order_no)]
        state, address = state_of(database, order_no).state, document_of(database, order_no).ship_to.address
        database.close()
        return state, address, json.dumps(told)
