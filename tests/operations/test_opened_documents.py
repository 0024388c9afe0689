"""A sealed notification on its whole way in: archived as it came, opened for translation, explained by its places."""

from dataclasses import replace

from connectors.base import Endpoint, RawMessage
from connectors.table import CONNECTORS
from mappings.translation import Settings
from operations import messages
from operations.explain import explain
from routing.intake import Intake
from tests.connectors.keys import private_key
from tests.connectors.suite import NOW
from tests.connectors.test_connector_wechatpay import API_KEY, PAYMENT, notification
from tests.operations.small_hub import TRANSLATIONS, SmallHub

PAY = Endpoint("pay", "tenpay", "wechatpay", (private_key("newest"), API_KEY), on_invalid="quarantine")


def taking_payments(hub: SmallHub, endpoint: Endpoint = PAY, *, large: int = 10_000) -> Intake:
    settings = {"pay": Settings(endpoint="pay", partner="tenpay")}
    intake = Intake(hub.database, CONNECTORS, {"pay": endpoint}, TRANSLATIONS, hub.router, large=large, settings=settings)
    hub.operations = replace(hub.operations, intake=intake)
    return intake


def signed(body: bytes) -> RawMessage:
    sign = CONNECTORS["wechatpay"].sign
    assert sign is not None
    return sign(RawMessage("pay", {}, body, NOW), PAY)


def test_what_came_is_archived_and_what_it_holds_is_translated_and_explained(hub: SmallHub) -> None:
    body = notification("TRANSACTION.SUCCESS", PAYMENT)
    accepted = taking_payments(hub).accept(signed(body))
    assert (accepted.status, len(accepted.message_ids)) == ("accepted", 1)
    assert messages.raw(hub.database, accepted.raw_id) == body
    explanation = explain(hub.operations, accepted.message_ids[0])
    assert explanation.translation is not None and explanation.translation.failure is None
    fields = {field.path: (field.source, field.value) for field in explanation.translation.fields}
    assert fields["payment_ref"] == ("resource.transaction_id", "4200000001")
    assert fields["amount.amount"] == ("resource.amount.total, resource.amount.currency", "359.93")


def test_a_large_one_is_opened_by_the_worker_that_translates_it(hub: SmallHub) -> None:
    intake = taking_payments(hub, large=10)
    accepted = intake.accept(signed(notification("TRANSACTION.SUCCESS", PAYMENT)))
    assert (accepted.status, accepted.message_ids) == ("untranslated", [])
    translated = intake.translate_kept(accepted.raw_id)
    assert translated is not None
    assert (translated.status, len(translated.message_ids)) == ("accepted", 1)


def test_one_that_no_key_opens_waits_for_a_person_and_is_whole_when_the_key_is_there(hub: SmallHub) -> None:
    without_key = taking_payments(hub, replace(PAY, secrets=PAY.secrets[:1]))
    accepted = without_key.accept(signed(notification("TRANSACTION.SUCCESS", PAYMENT)))
    assert (accepted.status, [problem.code for problem in accepted.problems]) == ("quarantined", ["E_SEALED"])
    translated = taking_payments(hub).translate_kept(accepted.raw_id)
    assert translated is not None
    assert (translated.status, len(translated.message_ids)) == ("accepted", 1)
