"""What the orders of Taobao, JD, Pinduoduo and Youzan become, beyond the golden samples."""

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from canonical.documents.registry import DOCUMENTS
from canonical.envelope import first_message
from connectors.table import CONNECTORS
from mappings.translation import OWN_SPECS, Settings, Translations
from tests.connectors.suite import NOW

SAMPLES = Path(__file__).parents[1] / "samples"
TRANSLATIONS = Translations.load(*(OWN_SPECS / name for name in ("taobao", "jd", "pinduoduo", "youzan")))
SHIPMENT = {
    "shipment_no": "S-1", "warehouse": "W", "carrier": "SF", "tracking_nos": ["SF1001"], "dispatched_at": NOW,
    "lines": [
        {"order_no": "TB-111", "line_no": "1111", "item": "A-1", "qty": "1"},
        {"order_no": "WEB-9", "line_no": "1", "item": "A-1", "qty": "1"},
        {"order_no": "TB-112", "line_no": "1121", "item": "A-1", "qty": "1"},
    ],
}  # fmt: skip


def sample(name: str) -> Any:
    return json.loads((SAMPLES / f"{name}.in.json").read_text())


def told(connector: str, document: str, tree: Any, **settings: str) -> tuple[list[tuple[str, Any]], list[tuple[str, str]]]:
    """The messages, and the problems with their places."""
    parts = list(TRANSLATIONS.translate(connector, document, json.dumps(tree).encode(), Settings(**settings)))
    documents = [(one.message_type, one.model_dump(mode="json")) for part in parts for one in part.documents]
    return documents, [(one.code, one.path) for part in parts for one in part.problems]


def test_a_trade_with_wrong_sums_leaves_its_neighbours_alone() -> None:
    tree = sample("taobao/trade--list")
    tree["trades_sold_increment_get_response"]["trades"]["trade"][3]["payment"] = "31.00"
    documents, problems = told("taobao", "trade", tree)
    assert [data["order_no"] for kind, data in documents if kind == "order.placed"] == ["222", "333"]
    assert problems == [("E_SUM_LINES", "trades_sold_increment_get_response.trades.trade[3].payment")]


def test_a_single_line_that_is_no_list_is_a_list_of_one() -> None:
    tree = sample("taobao/trade--list")["trades_sold_increment_get_response"]["trades"]["trade"][3]
    tree["orders"]["order"] = tree["orders"]["order"][0]
    documents, problems = told("taobao", "trade", {"trade_fullinfo_get_response": {"trade": tree}})
    assert (problems, [len(data["lines"]) for kind, data in documents if kind == "order.placed"]) == ([], [1])


@pytest.mark.parametrize("number", [2589430161500000108, "2589430161500000108"])
def test_a_trade_number_is_text_whether_it_came_as_a_number_or_not(number: int | str) -> None:
    tree = sample("taobao/trade--discounts_shared")
    tree["trade_fullinfo_get_response"]["trade"]["tid"] = number
    documents, _ = told("taobao", "trade", tree, order_prefix="TB-")
    assert [(data["order_no"], data.get("source_order_id")) for _, data in documents] == [
        ("TB-2589430161500000108", "2589430161500000108"), ("TB-2589430161500000108", None),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("connector", "name", "path", "unpaid"),
    [
        ("taobao", "trade--discounts_shared", "trade_fullinfo_get_response.trade", {"status": "WAIT_BUYER_PAY", "pay_time": None}),
        ("jd", "order--coupons_and_a_gift", "jingdong_pop_order_get_responce.orderDetailInfo.orderInfo",
         {"orderState": "NOT_PAY", "paymentConfirmTime": "0001-01-01 00:00:00"}),
        ("youzan", "trade--closed_after_refunds", "data.full_order_info.order_info", {"status": "WAIT_BUYER_PAY", "pay_time": ""}),
    ],
)  # fmt: skip
def test_an_order_nobody_paid_yet_is_kept_and_says_nothing(connector: str, name: str, path: str, unpaid: dict[str, Any]) -> None:
    tree = sample(f"{connector}/{name}")
    place = tree
    for step in path.split("."):
        place = place[step]
    place.update(unpaid)
    if connector == "youzan":
        tree["data"]["refund_order"] = []
    assert told(connector, name.split("--", maxsplit=1)[0], tree) == ([], [])


def test_an_order_of_jd_with_json_in_its_texts_is_cancelled_by_what_stands_in_them() -> None:
    tree = sample("jd/order--coupons_and_a_gift")
    order = tree["jingdong_pop_order_get_responce"]["orderDetailInfo"]["orderInfo"]
    order["orderExt"] = '{"isCancel":1}'
    assert [kind for kind, _ in told("jd", "order", tree)[0]] == ["order.placed", "order.cancelled", "payment.received"]
    order["orderExt"] = '{"isCancel":'
    assert told("jd", "order", tree)[1] == [("E_JSON", "jingdong_pop_order_get_responce.orderDetailInfo.orderInfo")]


def test_youzans_lists_and_messages_hold_the_same_trade_as_its_answer() -> None:
    answer = sample("youzan/trade--closed_after_refunds")
    single = told("youzan", "trade", answer)
    assert [kind for kind, _ in single[0]] == ["order.placed", "payment.received", "payment.refunded", "payment.refunded"]
    assert told("youzan", "trade", answer["data"]) == single
    two = {"data": {"full_order_info_list": [answer["data"], answer["data"]], "total_results": 2}}
    assert told("youzan", "trade", two) == (single[0] * 2, [])


def test_youzans_word_for_nothing_is_nothing() -> None:
    tree = deepcopy(sample("youzan/trade--closed_after_refunds"))
    line = tree["data"]["full_order_info"]["orders"][0]
    line["outer_sku_id"] = line["outer_item_id"] = "null"
    documents, problems = told("youzan", "trade", tree)
    assert (problems, documents[0][1]["lines"][0]["sku"], documents[0][1]["lines"][0]["buyer_item_id"]) == ([], None, "457846930")


@pytest.mark.parametrize("connector", ["taobao", "jd", "pinduoduo", "youzan"])
def test_a_shipment_is_confirmed_for_this_channels_orders_alone(connector: str) -> None:
    message = first_message(
        DOCUMENTS["shipment.dispatched"].model_validate_json(json.dumps({**SHIPMENT, "dispatched_at": NOW.isoformat()})),
        source="warehouse", raw_id="raw-1", now=NOW,
    )  # fmt: skip
    [document] = CONNECTORS[connector].documents_out
    written = json.loads(TRANSLATIONS.write(connector, document, message, Settings(order_prefix="TB-")))
    assert written == {
        "shipment_no": "S-1", "carrier": "SF", "tracking_no": "SF1001",
        "lines": [{"order": "111", "line": "1111"}, {"order": "112", "line": "1121"}],
    }  # fmt: skip


def test_a_time_before_all_times_is_told_where_it_stands() -> None:
    tree = sample("taobao/trade--discounts_shared")
    tree["trade_fullinfo_get_response"]["trade"]["created"] = "0001-01-01 00:00:00"
    documents, problems = told("taobao", "trade", tree)
    assert (documents, problems) == ([], [("E_DATE", "trade_fullinfo_get_response.trade.created")])
