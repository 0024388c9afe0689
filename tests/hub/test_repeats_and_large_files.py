"""What partners send twice, otherwise, or by the hundred."""

import json
from typing import Any

import pytest

from tests.hub import documents
from tests.hub.running import World
from tests.hub.test_order_to_cash import stock_of

LARGE = 256 * 1024


def test_the_same_webhook_again_gets_the_first_answer_and_has_no_second_effect(world: World, number: int) -> None:
    order, item = f"S{number}", f"OXI-{number}"
    stock_of(world, item, 10)
    body = documents.shop_order(order, (item, 2, "10.00"), total="20.00")
    first = world.take("shop-eu", body, x_shopify_webhook_id=f"hook-{number}")
    again = [world.take("shop-eu", body, x_shopify_webhook_id=f"hook-{number}") for _ in range(3)]
    assert (first["status"], first["repeated"], len(first["message_ids"])) == ("accepted", False, 1)
    assert again == [{**first, "repeated": True}] * 3
    world.asked_to_ship(f"{order}-S1")
    assert world.available(item) == "8"
    assert len(world.messages(subject=order, type="order.placed")) == 1


def test_the_same_order_under_another_webhook_id_is_known_as_the_first_message(world: World, number: int) -> None:
    order, item = f"S{number}", f"OXI-{number}"
    stock_of(world, item, 10)
    body = documents.shop_order(order, (item, 2, "10.00"), total="20.00")
    first = world.take("shop-eu", body, x_shopify_webhook_id=f"hook-{number}a")
    other = world.take("shop-eu", body, x_shopify_webhook_id=f"hook-{number}b")
    assert other["raw_id"] != first["raw_id"]
    assert other["message_ids"] == first["message_ids"]
    world.asked_to_ship(f"{order}-S1")
    assert world.available(item) == "8"
    assert len(world.messages(subject=order, type="order.placed")) == 1


def test_another_body_under_a_known_webhook_id_is_refused_with_409_and_set_aside(world: World, number: int) -> None:
    order, item = f"S{number}", f"OXI-{number}"
    stock_of(world, item, 10)
    world.take("shop-eu", documents.shop_order(order, (item, 2, "10.00"), total="20.00"), x_shopify_webhook_id=f"hook-{number}")
    changed = documents.shop_order(order, (item, 9, "10.00"), total="90.00")
    refused = [world.send("shop-eu", changed, x_shopify_webhook_id=f"hook-{number}") for _ in range(2)]
    assert [answer.status_code for answer in refused] == [409, 409]
    problem = refused[0].json()
    assert (problem["code"], problem["problems"][0]["value"]) == ("D_CONFLICT", f"hook-{number}")
    raw_id = refused[0].headers["orderlane-raw-id"]
    assert refused[1].headers["orderlane-raw-id"] == raw_id
    kept = world.found(f"/raw/{raw_id}")
    assert (kept["status"], kept["message_ids"], kept["size"]) == ("conflict", [], len(changed))
    assert world.http.get(f"/raw/{raw_id}/body").content == changed
    world.asked_to_ship(f"{order}-S1")
    assert world.available(item) == "8"


def test_the_same_order_number_with_another_content_is_refused_and_the_first_one_stands(world: World, number: int) -> None:
    order, item = f"S{number}", f"OXI-{number}"
    stock_of(world, item, 10)
    world.take("shop-eu", documents.shop_order(order, (item, 2, "10.00"), total="20.00"))
    told = world.take("shop-eu", documents.shop_order(order, (item, 3, "10.00"), total="30.00"))
    assert (told["status"], told["message_ids"]) == ("quarantined", [])
    assert [problem["code"] for problem in told["problems"]] == ["D_CONFLICT"]
    assert [line["qty"] for line in world.asked_to_ship(f"{order}-S1")["lines"]] == ["2"]
    assert world.available(item) == "8"


@pytest.mark.slow
def test_a_large_interchange_is_kept_at_once_and_translated_by_a_worker(world: World, number: int) -> None:
    count, item = 1200, f"BULK-{number}"
    stock_of(world, item, 100_000)
    orders = [documents.dealer_order(f"PO-{number}-{n}", (item, 1 + n % 3, "2.00")) for n in range(count)]
    orders[350] = documents.dealer_order(f"PO-{number}-350", (item, 1, "2.00"), unit="ZZ")
    body = documents.interchange(number, *orders)
    assert len(body) > LARGE
    told = world.take("dealer-acme", body)
    assert (told["status"], told["message_ids"]) == ("untranslated", [])

    def translated() -> dict[str, Any] | None:
        head = world.found(f"/raw/{told['raw_id']}")
        assert head is not None
        return head if head["status"] != "untranslated" else None

    head = world.until(translated, "a worker translates it")
    assert (head["status"], len(head["message_ids"])) == ("accepted", count)  # all but one, and the verdict
    assert [(p["code"], p["value"]) for p in head["problems"]] == [("E_UOM", "ZZ")]
    wanted = sum(1 + n % 3 for n in range(count) if n != 350)
    world.until(lambda: world.available(item) == str(100_000 - wanted), "every good order has its stock")
    assert world.found(f"/orders/PO-{number}-350") is None
    again = world.take("dealer-acme", body)
    assert (again["status"], again["repeated"], len(again["message_ids"])) == ("accepted", True, count)


@pytest.mark.slow
def test_the_ledger_of_messages_is_exact_after_all_this(world: World) -> None:
    """Whatever tests came before on this hub: everything accepted has one end."""

    def settled() -> dict[str, Any] | None:
        figures: dict[str, Any] = json.loads(world.command("verify", "--json"))
        return figures if figures["on_their_way"] + figures["deliveries"].get("on_its_way", 0) == 0 else None

    figures = world.until(settled, "everything has arrived")
    assert figures["differences"] == []
    assert {name: figures[name] for name in ("lost", "doubled", "dead", "retrying", "parked", "discarded")} == {
        "lost": 0, "doubled": 0, "dead": 0, "retrying": 0, "parked": 0, "discarded": 0,
    }  # fmt: skip
