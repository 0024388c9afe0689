"""The consumer loop: take a micro-batch, handle it in one transaction, acknowledge it at once.

Effects, receipts, emitted messages and parking commit together; the acknowledgement comes after. A batch that fails is
halved until the message that fails alone is found and set aside; later messages of its key line up behind it.
"""

import contextlib
import logging
import threading
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby

from msgspec import Struct
from msgspec.structs import replace

from canonical.envelope import Message
from canonical.failures import Conflict, Transient
from canonical.handling import Outcome
from routing.channels import Channels, Consumer, Received, partition_of
from routing.pacing import rest
from routing.routes import Router
from store import archive, parking, receipts, retries
from store.database import Database, Transaction
from store.retries import Standing

log = logging.getLogger("orderlane.consumer")

Handle = Callable[[Sequence[Message], Transaction, datetime], Outcome]

BATCH = 250
MOST_ATTEMPTS = 5
MOST_CRASHES = 2
FEW = 8
LARGE = 64 * 1024
"""Bytes: larger messages are not read together."""
CRASH_PAUSE = 300.0
RETRY_PAUSES = (1.0, 5.0, 30.0, 120.0)
ALARM_AFTER = 15 * 60 * 1_000_000


class InHand(Struct, frozen=True):
    """A message that was received, as the archive has it."""

    message: Message
    redriven: bool
    suspect: bool


@dataclass(frozen=True, slots=True)
class _Sorted:
    """A batch split by what its keys wait for: may be handled now; must line up; stands in line and came before its turn."""

    ready: list[InHand]
    followers: list[InHand]
    early: list[InHand]


class ConsumerLoop:
    """Runs one handler on its channel."""

    def __init__(
        self,
        channel: str,
        handle: Handle,
        *,
        database: Database,
        channels: Channels,
        router: Router,
        partitions: Sequence[int],
        wake: threading.Event | None = None,
    ) -> None:
        self._channel = channel
        self._handle = handle
        self._database = database
        self._channels = channels
        self._router = router
        self._partitions = partitions
        self._wake = wake
        self._trying: set[str] = set()

    def run(self, stop: threading.Event) -> None:
        """Work until told to stop; the batch in hand is finished first. A broker or database that is down is waited for."""
        pause = 0.1
        while not stop.is_set():
            consumer: Consumer | None = None
            try:
                self._warm_up()
                consumer = self._channels.consumer(self._channel, self._partitions)
                pause = 0.1
                while not stop.is_set():
                    batch = consumer.receive(BATCH, 0.2)
                    if batch:
                        began = time.monotonic()
                        self._finish(batch, consumer, stop)
                        rest(began, len(batch))
            except Transient as error:
                log.warning("consumer waits", extra={"channel": self._channel, "error": str(error), "seconds": pause})
                stop.wait(pause)
                pause = min(pause * 2, 5.0)
            finally:
                if consumer is not None:
                    _close(consumer)

    def _warm_up(self) -> None:
        """Hand the handler a batch of nothing: what it keeps in memory is read before the first message waits for it."""
        with self._database.reading() as tx:
            self._handle((), tx, datetime.now(UTC))

    def _finish(self, batch: list[Received], consumer: Consumer, stop: threading.Event) -> None:
        pause = 0.1
        while True:
            try:
                self.settle(batch)
                break
            except Transient as error:
                log.warning("batch waits", extra={"channel": self._channel, "error": str(error), "seconds": pause})
                if stop.is_set():
                    raise
                consumer.pause(pause)
                pause = min(pause * 2, 5.0)
        consumer.ack(batch[-1])
        if self._wake is not None:
            self._wake.set()

    def settle(self, batch: Sequence[Received]) -> None:
        """Bring every message of a batch to an end state or a waiting place, in order. Transient when the database is down."""
        known = self._known(batch, most=LARGE)
        for together, some in groupby(batch, key=lambda received: received.message_id in known):
            if together:
                self._settle_known(list(some), known)
            else:  # large ones, one at a time in memory
                for received in some:
                    self._settle_known([received], self._known([received]))

    def _known(self, batch: Sequence[Received], most: int = archive.ANY_SIZE) -> dict[str, Message]:
        with self._database.reading() as tx:
            return archive.messages(tx, [r.message_id for r in batch], most=most)

    def _settle_known(self, batch: Sequence[Received], known: Mapping[str, Message]) -> None:
        """A broker may remember more than a database that was restored: what the archive does not know is passed over."""
        if unknown := [r.message_id for r in batch if r.message_id not in known]:
            log.warning("not in the archive", extra={"channel": self._channel, "message_ids": unknown})
        in_hand = [InHand(known[r.message_id], r.redriven, r.suspect) for r in batch if r.message_id in known]
        for suspect, some in groupby(in_hand, key=lambda received: received.suspect):
            if suspect:
                self._settle_suspects(list(some))
            else:
                self._settle_calm(list(some))

    def _settle_calm(self, batch: Sequence[InHand]) -> None:
        error = self._tried(batch)
        if error is None:
            return
        if len(batch) == 1:
            self._set_aside(batch[0].message, error)
            return
        middle = len(batch) // 2
        self._settle_calm(batch[:middle])
        self._settle_calm(batch[middle:])

    def _tried(self, batch: Sequence[InHand]) -> Exception | None:
        """Commit a batch; what went wrong with it, unless only time is needed."""
        if not batch:
            return None
        try:
            self._commit_new(batch)
        except Transient:
            raise
        except Exception as error:
            return error
        return None

    def _settle_suspects(self, suspects: Sequence[InHand]) -> None:
        """A consumer died while it may have had these: write that down before trying them, so that what kills us is found.
        Many are tried together once; few, and those that have been written down before, one by one."""
        with self._database.reading() as tx:
            handled = receipts.known(tx, self._channel, [r.message.message_id for r in suspects])
            standing = retries.standing(tx, self._channel, _pairs(suspects))
        ended = handled | {r.message.message_id for r in suspects if r.message.message_id in standing.dead and not r.redriven}
        waiting = {message_id for line in standing.lines.values() for message_id in line} - self._trying
        still_open = [r for r in suspects if r.message.message_id not in ended]
        for written_down, some in groupby(still_open, key=lambda received: received.message.message_id in waiting):
            run = list(some)
            if len(run) > FEW and not written_down:
                self._try_together(run)
            else:
                for received in run:
                    self._try_alone(received)

    def _try_together(self, suspects: Sequence[InHand]) -> None:
        with self._database.transaction() as tx:
            retries.suspect(tx, self._channel, _pairs(suspects), wait=CRASH_PAUSE)
        self._try(suspects)

    def _try_alone(self, suspect: InHand) -> None:
        if suspect.message.message_id in self._trying or self._may_try(suspect.message):
            self._try([suspect])

    def _try(self, suspects: Sequence[InHand]) -> None:
        trying = {r.message.message_id for r in suspects}
        self._trying |= trying  # should the database go away meanwhile, that is no death of the handler
        self._settle_calm([replace(r, redriven=True, suspect=False) for r in suspects])
        self._trying -= trying

    def _may_try(self, message: Message) -> bool:
        """Count one more try of a suspect; False where it has had its tries and is buried."""
        with self._database.transaction() as tx:
            crashes = retries.attempts_of(tx, self._channel, message.message_id)
            if crashes >= MOST_CRASHES:
                retries.bury(tx, self._channel, message.message_id, attempts=crashes, reason="the handler died each time")
                log.error("buried", extra={"message_id": message.message_id, "channel": self._channel, "attempts": crashes})
                return False
            retries.count_attempt(
                tx, self._channel, message.message_id, message.partition_key, error=retries.SUSPECTED, wait=CRASH_PAUSE
            )
        return True

    def _commit_new(self, batch: Sequence[InHand]) -> None:
        """Mostly no message has been handled before and what comes of it is nowhere yet; only where that is not so, look for it."""
        try:
            self._commit(batch, all_new=True)
        except Conflict:
            self._commit(batch, all_new=False)

    def _commit(self, batch: Sequence[InHand], *, all_new: bool) -> None:
        with self._database.transaction(all_new=all_new) as tx:
            once = list(_once(batch))
            claim = receipts.claim(tx, self._channel, [r.message.message_id for r in once])
            standing = retries.standing(tx, self._channel, _pairs(once)) if claim.lined else Standing({}, frozenset())
            split = _sorted(once, standing)
            messages = [r.message for r in split.ready if r.message.message_id in claim.new]
            now = datetime.now(UTC)
            outcome = self._handle(messages, tx, now) if messages else Outcome()
            waiting = {p.message.message_id for p in outcome.parked}
            receipts.give_back(tx, self._channel, sorted(claim.new - {m.message_id for m in messages} | waiting))
            self._leave_waiting(tx, outcome, split, waiting)
            if claim.parked or waiting:  # what another consumer parks at this moment looks again by itself
                self._release(tx, outcome)
            self._emit(tx, outcome, now)

    def _leave_waiting(self, tx: Transaction, outcome: Outcome, split: _Sorted, waiting: Collection[str]) -> None:
        redriven = [r.message.message_id for r in split.ready if r.redriven]
        retries.done(tx, self._channel, redriven)
        retries.settle(tx, self._channel, [i for i in redriven if i not in waiting])
        parking.park(tx, self._channel, [(p.message.message_id, p.waits_for) for p in outcome.parked], alarm_after=ALARM_AFTER)
        retries.wait(tx, self._channel, [r.message.message_id for r in split.early])
        retries.line_up(tx, self._channel, _pairs(split.followers))

    def _release(self, tx: Transaction, outcome: Outcome) -> None:
        freed = parking.released(tx, sorted(outcome.arrived))
        items = [(row.message_id, row.channel, partition_of(row.partition_key, self._router.partitions)) for row in freed]
        archive.send(tx, items, redriven=1)

    def _emit(self, tx: Transaction, outcome: Outcome, now: datetime) -> None:
        source = f"orderlane/{self._channel}"
        archive.record_messages(tx, self._router.routed(outcome.messages(source=source, now=now)))

    def _set_aside(self, message: Message, error: Exception) -> None:
        reason = f"{type(error).__name__}: {error}"[:500]
        with self._database.transaction() as tx:
            if message.message_id in retries.standing(tx, self._channel, [(message.message_id, message.partition_key)]).dead:
                return  # another copy of it was the last that was tried
            attempts = retries.attempts_of(tx, self._channel, message.message_id)
            if attempts + 1 >= MOST_ATTEMPTS:
                retries.bury(tx, self._channel, message.message_id, attempts=attempts + 1, reason=reason)
            else:
                wait = RETRY_PAUSES[min(attempts, len(RETRY_PAUSES) - 1)]
                retries.count_attempt(tx, self._channel, message.message_id, message.partition_key, error=reason, wait=wait)
        log.exception(
            "set aside",
            exc_info=error,
            extra={"message_id": message.message_id, "channel": self._channel, "attempts": attempts + 1},
        )


def _pairs(batch: Iterable[InHand]) -> list[tuple[str, str]]:
    """Message id and key of each."""
    return [(received.message.message_id, received.message.partition_key) for received in batch]


def _once(batch: Sequence[InHand]) -> Iterable[InHand]:
    """Each message once, redriven where any of its copies is: a relay that died sends again what it had sent, and both copies
    may be in one batch."""
    once: dict[str, InHand] = {}
    for received in batch:
        if once.setdefault(received.message.message_id, received) is not received and received.redriven:
            once[received.message.message_id] = received
    return once.values()


def _sorted(batch: Iterable[InHand], standing: Standing) -> _Sorted:
    """Who may go now. In a key that has a line, only its head may, and whoever stands behind heads that go too.
    A stray copy of what was given up goes nowhere."""
    split = _Sorted([], [], [])
    for received in batch:
        message_id = received.message.message_id
        line = standing.lines.get(received.message.partition_key)
        if message_id in standing.dead and not received.redriven:
            continue
        if not line:
            split.ready.append(received)
        elif line[0] == message_id:
            split.ready.append(received)
            line.pop(0)
        elif message_id not in line:
            split.followers.append(received)
            line.append(message_id)
        else:
            split.early.append(received)
    return split


def _close(consumer: Consumer) -> None:
    with contextlib.suppress(Transient):  # the broker may be gone already
        consumer.close()
