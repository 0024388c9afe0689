"""What operations work on: the parts of one hub, handed in by the composition root."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from canonical.envelope import Message
from connectors.base import Endpoint
from operations.desk import OrderDesk
from operations.saleable import Shelf
from routing.channels import Channels
from routing.intake import Intake
from routing.rules.explain import RuleTried
from store.database import Database


class ExplainsRules(Protocol):
    def explain(self, message: Message) -> list[RuleTried]:
        """Every rule of the message's type in its order: whether it matched and why."""


@dataclass(frozen=True, slots=True)
class Operations:
    """The parts of a hub. queues: every (handler, partition) whose depth can be asked for, one per real queue. task_queue: that of
    Celery, where it is on the broker. shelf: what customers may buy. order_desk: where people decide about orders."""

    intake: Intake
    rules: ExplainsRules
    channels: Channels
    queues: Sequence[tuple[str, int]] = ()
    shelf: Shelf = field(default_factory=Shelf)
    order_desk: OrderDesk = field(default_factory=OrderDesk)
    task_queue: str | None = None

    @property
    def database(self) -> Database:
        return self.intake.database

    @property
    def handlers(self) -> tuple[str, ...]:
        return tuple(sorted(self.intake.router.handlers))

    @property
    def partitions(self) -> int:
        return self.intake.router.partitions

    @property
    def endpoints(self) -> Mapping[str, Endpoint]:
        return self.intake.endpoints
