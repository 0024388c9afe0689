"""From a message to where it goes: rules name channels, channels are handlers (partitioned) or endpoints."""

from collections.abc import Collection, Sequence
from typing import Protocol

from canonical.envelope import Message
from routing.channels import partition_of
from store.archive import Routed


class NamesChannels(Protocol):
    def channels_of(self, messages: Sequence[Message]) -> list[tuple[str, ...]]:
        """The channels of each message, in the order of the messages."""


class Router:
    """Rules applied: which handler partitions and endpoints a message goes to."""

    def __init__(self, rules: NamesChannels, *, handlers: Collection[str], partitions: int) -> None:
        self._rules = rules
        self.handlers = frozenset(handlers)
        self.partitions = partitions

    def routed(self, messages: Sequence[Message]) -> list[Routed]:
        """The messages with their ways, in order."""
        chosen = self._rules.channels_of(messages)
        return [self._routed(message, channels) for message, channels in zip(messages, chosen, strict=True)]

    def _routed(self, message: Message, channels: tuple[str, ...]) -> Routed:
        partition = partition_of(message.partition_key, self.partitions)
        return Routed(
            message,
            tuple((c, partition) for c in channels if c in self.handlers),
            tuple(c for c in channels if c not in self.handlers),
        )
