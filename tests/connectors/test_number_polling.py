"""Carriers asked about the numbers of shipments that are still on their way."""

import base64
import hashlib
import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, quote_plus

import pytest

from canonical.failures import Refused
from connectors.base import Endpoint, Polled, Polling
from connectors.carriers.sf.poll import digest
from connectors.table import CONNECTORS
from mappings.translation import OWN_SPECS, Settings, Translations
from routing.intake import Intake
from routing.polling import Poller
from routing.routes import Router
from store import shipments
from store.database import Database
from tests.connectors.shop_service import Answer, Asked, ShopService
from tests.routing.conftest import ToToy

TOKEN = {"access_token": "t-1", "expires_in": "3600"}
NOW = datetime(2026, 11, 25, tzinfo=UTC)


def polling(service: ShopService, **more: Any) -> Polling:
    return Polling(60.0, secrets=(b"key",), options={"url": service.url, "allow_private": True, **more})


def asked_by(connector: str, numbers: list[str], answer: Any, **more: Any) -> tuple[ShopService, list[Polled]]:
    """A carrier that was asked about the numbers, and what came of it."""

    def answered(asked: Asked) -> Answer:
        return (200, TOKEN) if "oauth" in asked.path else (answer if isinstance(answer, tuple) else (200, answer))

    track = CONNECTORS[connector].track
    assert track is not None
    with ShopService(answered) as service:
        endpoint = Endpoint("parcels", connector, connector, polling=polling(service, **more))
        return service, list(track(endpoint, numbers))


def documents(connector: str, pages: list[Polled]) -> list[str]:
    identify = CONNECTORS[connector].identify
    assert identify is not None
    return [identify(raw, Endpoint("parcels", connector, connector)).document for page in pages for raw in page.raws]


def test_dhl_is_asked_number_by_number_with_its_key() -> None:
    service, pages = asked_by("dhl", ["1", "2"], {"shipments": [{"id": "1"}]})
    assert [(a.path, a.query, a.headers["dhl-api-key"]) for a in service.asked] == [
        ("/track/shipments", {"trackingNumber": "1"}, "key"), ("/track/shipments", {"trackingNumber": "2"}, "key"),
    ]  # fmt: skip
    assert [page.watermark for page in pages] == ["1", "2"]
    assert documents("dhl", pages) == ["unified", "unified"]


def test_easypost_is_asked_for_the_trackers_of_a_number() -> None:
    service, pages = asked_by("easypost", ["EZ1"], {"trackers": [], "has_more": False})
    (asked,) = service.asked
    assert (asked.path, asked.query) == ("/v2/trackers", {"tracking_code": "EZ1"})
    assert asked.headers["authorization"] == f"Basic {base64.b64encode(b'key:').decode()}"
    assert documents("easypost", pages) == ["trackers"]


def test_17track_is_asked_forty_numbers_at_a_time() -> None:
    numbers = [f"{n:03}" for n in range(50)]
    service, pages = asked_by("track17", numbers, {"code": 0, "data": {"accepted": [], "rejected": []}})
    assert [[one["number"] for one in a.json] for a in service.asked] == [numbers[:40], numbers[40:]]
    assert {(a.path, a.headers["17token"]) for a in service.asked} == {("/gettrackinfo", "key")}
    assert [page.watermark for page in pages] == ["039", "049"]


def test_fedex_is_asked_thirty_numbers_at_a_time_with_one_token() -> None:
    numbers = [f"{n:03}" for n in range(31)]
    service, pages = asked_by("fedex", numbers, {"output": {"completeTrackResults": []}}, client_id="app")
    token, first, second = service.asked
    assert (token.path, token.body) == ("/oauth/token", b"grant_type=client_credentials&client_id=app&client_secret=key")
    assert (first.path, first.headers["authorization"]) == ("/track/v1/trackingnumbers", "Bearer t-1")
    assert [len(a.json["trackingInfo"]) for a in (first, second)] == [30, 1]
    assert first.json["includeDetailedScans"] is True
    assert first.json["trackingInfo"][0] == {"trackingNumberInfo": {"trackingNumber": "000"}}
    assert documents("fedex", pages) == ["track", "track"]


def test_ups_is_asked_number_by_number_and_one_it_does_not_know_stops_nothing() -> None:
    def answer(asked: Asked) -> Answer:
        if "oauth" in asked.path:
            assert asked.headers["authorization"] == f"Basic {base64.b64encode(b'app:key').decode()}"
            return 200, TOKEN
        return (404, {"response": {}}) if asked.path.endswith("1Z%201") else (200, {"trackResponse": {"shipment": []}})

    track = CONNECTORS["ups"].track
    assert track is not None
    with ShopService(answer) as service:
        endpoint = Endpoint("parcels", "ups", "ups", polling=polling(service, client_id="app"))
        pages = list(track(endpoint, ["1Z 1", "1Z2"]))
    assert [a.path for a in service.asked[1:]] == ["/api/track/v1/details/1Z%201", "/api/track/v1/details/1Z2"]
    assert [(len(page.raws), page.watermark) for page in pages] == [(0, "1Z 1"), (1, "1Z2")]
    assert documents("ups", pages) == ["track"]


def test_sf_is_asked_ten_numbers_at_a_time_signed_with_the_checkword() -> None:
    numbers = [f"SF{n:03}" for n in range(11)]
    inner = json.dumps({"success": True, "errorCode": "S0000", "msgData": {"routeResps": [{"mailNo": "SF000", "routes": []}]}})
    good = {"apiResultCode": "A1000", "apiErrorMsg": "", "apiResultData": inner}
    service, pages = asked_by("sf", numbers, good, partner_id="P*1", check_phone="0042")
    told = [dict(parse_qsl(asked.body.decode())) for asked in service.asked]
    assert [json.loads(one["msgData"])["trackingNumber"] for one in told] == [numbers[:10], numbers[10:]]
    assert json.loads(told[0]["msgData"])["checkPhoneNo"] == "0042"
    assert {(one["serviceCode"], one["partnerID"]) for one in told} == {("EXP_RECE_SEARCH_ROUTES", "P*1")}
    signed = quote_plus(told[0]["msgData"] + told[0]["timestamp"] + "key")
    assert told[0]["msgDigest"] == base64.b64encode(hashlib.md5(signed.encode()).digest()).decode()
    assert documents("sf", pages) == ["route_query", "route_query"]


def test_a_digest_of_sf_is_encoded_as_java_does() -> None:
    expected = base64.b64encode(hashlib.md5(b"a*+b%7E%E5%8D%8E1%2F").digest()).decode()
    assert digest("a* b~华", "1", b"/") == expected


def test_what_sf_refuses_with_a_status_of_200_ends_the_poll() -> None:
    with pytest.raises(Refused, match="SF: A1006 数字签名无效"):
        asked_by("sf", ["SF1"], {"apiResultCode": "A1006", "apiErrorMsg": "数字签名无效"}, partner_id="P")


def test_kuaidi100_is_asked_number_by_number_and_one_it_knows_nothing_about_stops_nothing() -> None:
    def answer(asked: Asked) -> Answer:
        param = dict(parse_qsl(asked.body.decode()))["param"]
        if json.loads(param)["num"] == "1":
            return 200, {"result": False, "returnCode": "500", "message": "查询无结果，请隔段时间再查"}
        return 200, {"message": "ok", "nu": "2", "com": "shunfeng", "state": "0", "data": []}

    track = CONNECTORS["kuaidi100"].track
    assert track is not None
    with ShopService(answer) as service:
        options = {"customer": "C-1", "company": "shunfeng", "phone": "1234"}
        pages = list(track(Endpoint("parcels", "kuaidi100", "kuaidi100", polling=polling(service, **options)), ["1", "2"]))
    fields = dict(parse_qsl(service.asked[0].body.decode()))
    assert fields["sign"] == hashlib.md5((fields["param"] + "keyC-1").encode()).hexdigest().upper()
    assert json.loads(fields["param"])["com"] == "shunfeng"
    assert [(len(page.raws), page.watermark) for page in pages] == [(0, "1"), (1, "2")]
    assert documents("kuaidi100", pages) == ["query"]


def test_a_wrong_signature_at_kuaidi100_ends_the_poll() -> None:
    refusal = {"result": False, "returnCode": "503", "message": "验证签名失败"}
    with pytest.raises(Refused, match="Kuaidi100: 503"):
        asked_by("kuaidi100", ["1"], refusal, customer="C", company="shunfeng")


def test_another_no_ends_the_poll() -> None:
    with pytest.raises(Refused, match="HTTP 403"):
        asked_by("dhl", ["1", "2"], (403, {}))


def keep(database: Database, number: str, carrier: str, state: str) -> None:
    row = {"shipment_no": f"S-{number}", "order_nos": [], "carrier": carrier, "state": state, "dispatched_at": 0, "facts": {}}
    with database.transaction() as tx:
        shipments.insert(tx, [row], [(number, f"S-{number}")])


def test_only_numbers_still_on_their_way_are_asked_about_and_the_next_poll_goes_on_behind_them(database: Database) -> None:
    for number, carrier, state in (
        ("1", "DHL", "in_transit"), ("2", "DHL", "delivered"), ("3", "UPS", "in_transit"), ("4", "DHL", "dispatched"),
        ("5", "DHL", "exception"), ("6", "DHL", "lost"),
    ):  # fmt: skip
        keep(database, number, carrier, state)
    with ShopService(lambda asked: (404, {})) as service:
        endpoint = Endpoint("parcels", "dhl", "dhl", polling=polling(service, carriers=["DHL"], most=2))
        intake = Intake(
            database, CONNECTORS, {"parcels": endpoint}, Translations.load(OWN_SPECS / "dhl"),
            Router(ToToy(), handlers=["toy"], partitions=1), settings={"parcels": Settings()},
        )  # fmt: skip
        poller = Poller(intake, {})
        turns = []
        for _ in range(3):
            before = len(service.asked)
            poller.poll("parcels")
            turns.append([asked.query["trackingNumber"] for asked in service.asked[before:]])
    assert turns == [["1", "4"], ["5"], ["1", "4"]]


def test_what_a_carrier_says_is_archived_like_a_push(database: Database) -> None:
    keep(database, "1", "DHL", "in_transit")
    event = {"timestamp": "2026-11-25T10:00:00+01:00", "statusCode": "transit", "status": "In transit"}
    answer = {"shipments": [{"id": "1", "service": "parcel-de", "status": event, "events": [event]}]}
    with ShopService(lambda asked: (200, answer)) as service:
        endpoint = Endpoint("parcels", "dhl", "dhl", polling=polling(service))
        intake = Intake(
            database, CONNECTORS, {"parcels": endpoint}, Translations.load(OWN_SPECS / "dhl"),
            Router(ToToy(), handlers=["toy"], partitions=1), settings={"parcels": Settings()},
        )  # fmt: skip
        first, again = Poller(intake, {}).poll("parcels"), Poller(intake, {}).poll("parcels")
    assert (first.new, first.messages, again.new, again.repeated) == (1, 1, 0, 1)
    with database.reading() as tx:
        (message,) = tx.rows("SELECT type, subject, body FROM messages")
    assert (message.type, message.subject, json.loads(message.body)["event_code"]) == ("shipment.tracking", "1", "in_transit")
