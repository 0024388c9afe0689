"""The kills: every role and both servers in turn with SIGKILL at random moments, and how soon each works again."""

import random
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from statistics import median
from typing import Any

import psycopg

from benchmarks.chaos.rig import Rig
from benchmarks.chaos.shop import Partners
from benchmarks.servers import Servers

RECOVERED_WITHIN_S = 180.0
LOOK_EVERY_S = 0.1
PAUSE_S = (0.2, 1.2)
MICROS = 1_000_000

HANDLERS = ("order", "stock", "invoice", "master")
SERVERS = ("broker", "postgresql")
LANES = (("api", "invoice", "beat"), ("order", "worker"), ("relay", "stock", "master"), SERVERS)
"""What is killed side by side, so that up to four are down at once; within a lane one waits for the other's recovery."""
TARGETS = ("api", "relay", *HANDLERS, "worker", "beat", *SERVERS)

HANDLED = "SELECT min(handled_at) FROM receipts WHERE receipt_id > %(after)s AND channel = %(role)s AND handled_at > %(killed)s"
PASSED_THROUGH = (
    "SELECT min(r.handled_at) FROM receipts r JOIN messages m ON m.message_id = r.message_id"
    " WHERE r.receipt_id > %(after)s AND m.recorded_at > %(killed)s"
)
POLLED = "SELECT max(asked_at) FROM poll_watermarks WHERE asked_at > %(killed)s"
ATTEMPTED = "SELECT min(began_at) FROM attempts WHERE began_at > %(killed)s"
PROOF = {
    **dict.fromkeys(HANDLERS, HANDLED), "worker": ATTEMPTED, "beat": POLLED, **dict.fromkeys(("relay", *SERVERS), PASSED_THROUGH),
}  # fmt: skip
"""What proves that a role works again after a kill: it handled something; it began a delivery; a poll was begun that it starts; a
message recorded after the kill was handled, which takes relay, broker and database."""


@dataclass(slots=True)
class Kills:
    """Seconds from each kill to the proof of work, by role; stuck: kills that were not followed by any proof in time.

    Only what was at work is killed, and only kills followed by a proof count, so that one kill stands for one recovery.
    """

    recovery_s: dict[str, list[float]] = field(default_factory=dict)
    stuck: dict[str, int] = field(default_factory=dict)

    @property
    def counts(self) -> dict[str, int]:
        return {role: len(times) for role, times in self.recovery_s.items()}

    def of(self, role: str) -> int:
        return len(self.recovery_s.get(role, ()))

    @property
    def summary(self) -> dict[str, dict[str, float]]:
        return {
            role: {"p50": round(median(times), 2), "max": round(max(times), 2)} for role, times in self.recovery_s.items() if times
        }


@dataclass(slots=True)
class Killer:
    rig: Rig
    servers: Servers
    partners: Partners
    randomness: random.Random
    kills: Kills = field(default_factory=Kills)
    stopping: threading.Event = field(default_factory=threading.Event)

    def rounds(self, number: int, targets: Sequence[str], say: Callable[[str], None], *, minutes: float) -> Kills:
        """Kill each target until it has come back `number` times: the lanes side by side, a lane's targets in random order.

        minutes: no further kill after so long, whoever is still to be killed.
        """
        until = time.monotonic() + minutes * 60
        lanes = [chosen for lane in LANES if (chosen := [role for role in lane if role in targets])]
        with ThreadPoolExecutor(len(lanes)) as threads:
            running = [threads.submit(self._lane, number, lane, say, until) for lane in lanes]
            try:
                for lane in running:
                    lane.result()
            finally:
                self.stopping.set()  # should one lane fail, or the whole be interrupted, the others end too
        return self.kills

    def _lane(self, number: int, roles: Sequence[str], say: Callable[[str], None], until: float) -> None:
        while left := [role for role in roles if self.kills.of(role) < number]:
            for role in self.randomness.sample(left, len(left)):
                if self.stopping.is_set() or time.monotonic() > until:
                    return
                time.sleep(self.randomness.uniform(*PAUSE_S))
                self.kill(role)
            done = ", ".join(f"{role} {self.kills.of(role)}" for role in roles)
            say(f"{done} of {number}, {len(self.partners.told.accepted)} webhooks accepted")

    def kill(self, role: str) -> None:
        """Kill a role or server that is at work, have it started again, and wait for the proof that it works."""
        times = self.kills.recovery_s.setdefault(role, [])
        if self._proven(role, self._last_receipt(), time.time()) is None:
            self.kills.stuck[role] = self.kills.stuck.get(role, 0) + 1
            return
        after = self._last_receipt()
        killed = self._strike(role)
        proven = self._proven(role, after, killed)
        if proven is None:
            self.kills.stuck[role] = self.kills.stuck.get(role, 0) + 1
        else:
            times.append(proven - killed)

    def _strike(self, role: str) -> float:
        if role not in SERVERS:
            return self.rig.supervisor.kill(role)
        server = self.servers.broker if role == "broker" else self.servers.database
        server.kill()
        killed = time.time()
        server.start()
        return killed

    def _proven(self, role: str, after: int, killed: float) -> float | None:
        deadline = time.monotonic() + RECOVERED_WITHIN_S
        while time.monotonic() < deadline and not self.stopping.is_set():
            proof = self.partners.accepted_since(killed) if role == "api" else self._proof(role, after, killed)
            if proof is not None:
                return proof
            time.sleep(LOOK_EVERY_S)
        return None

    def _proof(self, role: str, after: int, killed: float) -> float | None:
        micros = self._one(PROOF[role], {"after": after, "role": role, "killed": int(killed * MICROS)})
        return micros / MICROS if micros else None

    def _last_receipt(self) -> int:
        return self._one("SELECT max(receipt_id) FROM receipts", {}) or 0

    def _one(self, sql: str, parameters: dict[str, Any]) -> int | None:
        """A number from the hub's database; None where there is none, or no database to ask right now."""
        try:
            with psycopg.connect(self.rig.env["ORDERLANE_DATABASE_URL"], connect_timeout=3) as connection:
                row = connection.execute(sql, parameters).fetchone()
        except psycopg.OperationalError:
            return None
        return int(row[0]) if row and row[0] is not None else None
