"""Delivery: one message to one endpoint. The attempt is written before the call, its outcome after; retries live here alone."""

import logging
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from msgspec.structs import replace

from canonical.failures import Failure, Malformed, Misconfigured, OutcomeUnknown, Refused, Throttled, Transient
from connectors.base import Connector, Delivery, Endpoint, Sent
from mappings.translation import Settings, Translations
from routing.dispatching import CIRCUIT_OPENS_AT
from store import deliveries, references
from store.database import Database
from store.deliveries import OpenDelivery

log = logging.getLogger("orderlane.delivery")

MOST_ATTEMPTS = 14
FIRST_PAUSE = 5.0
LONGEST_PAUSE = 6 * 3600.0
CIRCUIT_LONGEST = 300.0


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an outcome means: how it is called, what the delivery becomes, when it is tried again, whether the endpoint ails."""

    outcome: str
    status: str
    wait: float = 0.0
    ails: bool = False


@dataclass(frozen=True, slots=True)
class Deliverer:
    database: Database
    connectors: Mapping[str, Connector]
    endpoints: Mapping[str, Endpoint]
    translations: Translations
    settings: Mapping[str, Settings]

    def deliver(self, delivery_id: str) -> None:
        """Attempt one delivery and write down how it went. Nothing when it is settled already. Transient: database down."""
        with self.database.transaction() as tx:
            opened = deliveries.begin_attempt(tx, delivery_id)
        if opened is None:
            return
        sent = Sent("")
        try:
            sent = self._send(opened)
            verdict, detail = Verdict("sent", "sent"), sent.status
        except Failure as failure:
            verdict, detail = verdict_on(failure, opened.attempt), str(failure)
        self._write_down(opened, verdict, detail, sent)

    def _send(self, opened: OpenDelivery) -> Sent:
        endpoint = self.endpoints.get(opened.endpoint)
        connector = self.connectors.get(endpoint.connector) if endpoint else None
        if endpoint is None or connector is None or connector.send is None:
            raise Misconfigured(f"endpoint {opened.endpoint} sends nothing")
        document = self.translations.outgoing(connector.name, opened.message.type)
        if document is None:
            raise Misconfigured(f"no mapping of {opened.message.type} for connector {connector.name}")
        settings = replace(self.settings[endpoint.name], xref=self._names_at(endpoint))
        payload = self.translations.write(connector.name, document, opened.message, settings)
        return connector.send(
            Delivery(opened.delivery_id, opened.message, document, payload, opened.attempt, opened.unknown_before), endpoint
        )

    def _names_at(self, endpoint: Endpoint) -> Callable[[str, str], str | None]:
        """What an endpoint's partner calls a thing; by its own word, else by that of the partner's other endpoints."""
        names = [endpoint.name, *(e.name for e in self.endpoints.values() if e.partner == endpoint.partner and e is not endpoint)]

        def xref(kind: str, our_id: str) -> str | None:
            with self.database.reading() as tx:
                return references.their_id(tx, kind, our_id, names)

        return xref

    def _write_down(self, opened: OpenDelivery, verdict: Verdict, detail: str, sent: Sent) -> None:
        with self.database.transaction() as tx:
            deliveries.end_attempt(
                tx,
                opened,
                outcome=verdict.outcome,
                detail=detail[:1000],
                status=verdict.status,
                wait=verdict.wait,
                answer=sent.answer,
                partner_id=sent.partner_id,
                known_as=sent.known_as,
            )
            if verdict.ails:
                deliveries.count_failure(tx, opened.endpoint, opens_at=CIRCUIT_OPENS_AT, longest=CIRCUIT_LONGEST)
            else:
                deliveries.close_circuit(tx, opened.endpoint)
        told = {
            "delivery_id": opened.delivery_id,
            "endpoint": opened.endpoint,
            "attempt": opened.attempt,
            "outcome": verdict.outcome,
        }
        log.log(logging.INFO if verdict.status == "sent" else logging.WARNING, "attempted", extra=told)


def verdict_on(failure: Failure, attempt: int) -> Verdict:
    """What a failure means for the delivery; after the last attempt everything is final."""
    match failure:
        case Refused() | Malformed():
            return Verdict("refused", "dead")
        case Misconfigured():
            return Verdict("misconfigured", "dead")
        case _ if attempt >= MOST_ATTEMPTS:
            return Verdict("exhausted", "dead", ails=True)
        case OutcomeUnknown():
            return Verdict("unknown", "pending", pause_after(attempt), ails=True)
        case Throttled():
            return Verdict("throttled", "pending", max(failure.after, 1.0))
        case Transient():
            return Verdict("transient", "pending", pause_after(attempt), ails=True)
        case _:
            return Verdict("failed", "dead")


def pause_after(attempt: int) -> float:
    """Seconds before the next attempt: exponential with full jitter, at least a tenth of the step."""
    step = min(FIRST_PAUSE * 2.0 ** (attempt - 1), LONGEST_PAUSE)
    return step * random.uniform(0.1, 1.0)
