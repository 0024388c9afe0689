"""The relay: what is committed goes to the channels, in order, in batches; and what is due goes again."""

import contextlib
import logging
import threading
import time
from collections import deque
from collections.abc import Sequence
from typing import Any

from canonical.failures import Transient
from canonical.ids import new_id
from routing.channels import Channels, Publisher, partition_of
from routing.dispatching import Dispatch, queue_deliveries, queue_translations
from routing.pacing import gather, idle
from store import archive, leases, outbox, parking, retries, waiting
from store.database import Database, Transaction

log = logging.getLogger("orderlane.relay")

BATCH = 500
LEASE_SECONDS = 4
RESCAN_EVERY = 2.0
COMMITTED_WITHIN = 2.0
TICK_EVERY = 0.25


class Relay:
    """Publishes the outbox and, four times a second, sends again what is due. One relay works at a time; others stand by.

    dispatch: hands deliveries and large translations to whoever does them (a Celery task each).
    name: who holds the lease; one that is the same after a restart goes on at once.
    """

    def __init__(
        self,
        database: Database,
        channels: Channels,
        *,
        partitions: int,
        dispatch: Dispatch,
        wake: threading.Event | None = None,
        name: str | None = None,
    ) -> None:
        self._database = database
        self._channels = channels
        self._partitions = partitions
        self._dispatch = dispatch
        self._wake = wake or threading.Event()
        self._name = name or new_id()
        self._publisher: Publisher | None = None
        self._after = 0
        self._published: deque[tuple[float, int]] = deque()
        self._seen: set[int] = set()
        self._lease_until = 0.0
        self._next_rescan = 0.0
        self._next_tick = 0.0

    def run(self, stop: threading.Event) -> None:
        """Work until told to stop; a broker or database that is down is waited for."""
        pause, busy = 0.1, time.monotonic()
        while not stop.is_set():
            try:
                began = time.monotonic()
                published = self.step() if self._leads() else 0
                pause = 0.1
                if published:
                    gather(published, BATCH)
                    busy = time.monotonic()
                else:
                    self._wake.wait(idle(began - busy))
                    self._wake.clear()
            except Transient as error:
                log.warning("relay waits", extra={"error": str(error), "seconds": pause})
                self.close()
                stop.wait(pause)
                pause = min(pause * 2, 5.0)
        self.close()
        self._give_up_lease()

    def step(self) -> int:
        """Publish one batch and do what is due; how many messages there were to publish."""
        if time.monotonic() >= self._next_tick:
            self._next_tick = time.monotonic() + TICK_EVERY
            self.send_due()
            if self._publisher is not None:
                self._publisher.attend()
        return self._publish()

    def _publish(self) -> int:
        after = self._after
        if time.monotonic() >= self._next_rescan:  # also while there is much to do: some may commit very late
            self._next_rescan = time.monotonic() + RESCAN_EVERY
            after = 0
        with self._database.reading() as tx:
            batch = outbox.pending(tx, after, BATCH)
        if not batch:
            return 0
        confirmed = self._open_publisher().publish(batch)
        with self._database.statement() as tx:
            outbox.forget(tx, confirmed)
        if len(confirmed) < len(batch):
            self._after = 0
            self._mend(len(batch) - len(confirmed))
        else:
            self._skip([one.outbox_id for one in batch])
        return len(batch)

    def _skip(self, published: Sequence[int]) -> None:
        """Spare the scan over what was published, as far as no id is missing: ids commit out of order, and a message with a smaller
        id that appears only now must not be passed by a later one of its key. One that stays away belongs to nothing by then."""
        now = time.monotonic()
        self._published.append((now, published[-1]))
        self._seen.update(published)
        while self._published[0][0] <= now - COMMITTED_WITHIN:
            self._after = max(self._after, self._published.popleft()[1])
        while self._after + 1 in self._seen:
            self._after += 1
        self._seen = {one for one in self._seen if one > self._after}

    def _mend(self, missed: int) -> None:
        """Some of a batch was not taken: the queues are full, or gone (the broker lost its data). Make what is missing."""
        log.warning("not all taken", extra={"missed": missed})
        self._channels.declare()
        time.sleep(0.05)

    def send_due(self) -> None:
        """Send again what parked and failed messages are due for, and hand on due deliveries."""
        with self._database.reading() as tx:
            due = waiting.due(tx)
        if due.parked or due.retries:
            with self._database.transaction() as tx:
                self.send_again(tx, [*parking.due(tx, BATCH), *retries.due(tx, BATCH)])
        if due.deliveries:
            queue_deliveries(self._database, self._dispatch, limit=BATCH)
        if due.translations:
            queue_translations(self._database, self._dispatch, limit=10)

    def send_again(self, tx: Transaction, rows: Sequence[Any], *, redriven: int = 1) -> None:
        archive.send(
            tx,
            [(row.message_id, row.channel, partition_of(row.partition_key, self._partitions)) for row in rows],
            redriven=redriven,
        )

    def _leads(self) -> bool:
        if time.monotonic() < self._lease_until:
            return True
        with self._database.transaction() as tx:
            token = leases.hold(tx, "relay", self._name, seconds=LEASE_SECONDS)
        self._lease_until = time.monotonic() + LEASE_SECONDS / 3
        if token is None:
            self._lease_until = 0.0
            self.close()  # another works now: what is known here about the outbox grows old
            time.sleep(0.2)
        return token is not None

    def _give_up_lease(self) -> None:
        with contextlib.suppress(Transient), self._database.transaction() as tx:  # else it runs out by itself
            leases.let_go(tx, "relay", self._name)

    def _open_publisher(self) -> Publisher:
        if self._publisher is None:
            self._channels.declare()  # a broker that lost its data lost its queues too
            self._publisher = self._channels.publisher()
        return self._publisher

    def close(self) -> None:
        """Let go of the broker connection; the next step opens another."""
        self._after = 0
        self._published.clear()
        self._seen.clear()
        if self._publisher is not None:
            self._publisher.close()
            self._publisher = None
