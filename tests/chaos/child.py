"""A process that works as the hub does until it reaches a named point, and dies there as by kill -9.

python -m tests.chaos.child POINT DATABASE_URL NAMESPACE [BROKER_URL]
"""

import os
import sys
from typing import Any

import routing.relay
from routing.consumer import ConsumerLoop
from routing.local import LocalChannels, LocalConsumer, LocalPublisher
from routing.rabbitmq import RabbitChannels, RabbitConsumer, RabbitPublisher
from routing.relay import Relay
from store.database import open_database
from tests.routing.conftest import Rig

DIED = 137
PUBLISHERS, CONSUMERS = (RabbitPublisher, LocalPublisher), (RabbitConsumer, LocalConsumer)
POINTS: dict[str, tuple[tuple[Any, ...], str, bool]] = {
    "kept, not published": (PUBLISHERS, "publish", False),
    "published, not marked": ((routing.relay.outbox,), "forget", False),
    "marked, not committed": ((routing.relay.outbox,), "forget", True),
    "marked": ((Relay,), "_publish", True),
    "received, not handled": ((ConsumerLoop,), "_commit", False),
    "handled, not committed": ((ConsumerLoop,), "_emit", True),
    "committed, not acknowledged": (CONSUMERS, "ack", False),
    "acknowledged": (CONSUMERS, "ack", True),
}
"""Where to die: before (False) or after (True) this function of one of these owners."""


def die_at(owner: Any, name: str, after: bool) -> None:
    original = getattr(owner, name)

    def dying(*arguments: Any, **named: Any) -> None:
        if after:
            original(*arguments, **named)
        os._exit(DIED)

    setattr(owner, name, dying)


def main(point: str, database_url: str, namespace: str, broker_url: str | None = None) -> None:
    owners, name, after = POINTS[point]
    for owner in owners:
        die_at(owner, name, after)
    if broker_url is None:
        Rig(open_database(database_url), LocalChannels(namespace=namespace, handlers=["toy"])).work()
    else:
        channels = RabbitChannels(broker_url, namespace=namespace, handlers=["toy"], partitions=2)
        Rig(open_database(database_url), channels).work()


if __name__ == "__main__":
    main(*sys.argv[1:])
