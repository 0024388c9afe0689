"""From a message to where it goes: rules name channels, channels are handlers (partitioned) or endpoints."""

from collections.abc import Collection, Sequence
from typing import Protocol

from canonical.envelope import Message
from routing.channels import partition_of
from store.archive import Routed

Ways = tuple[tuple[tuple[str, int], ...], tuple[str, ...]]


class NamesChannels(Protocol):
    def channels_of(self, messages: Sequence[Message]) -> list[tuple[str, ...]]:
        """The channels of each message, in the order of the messages."""


class Router:
    """Rules applied: which handler partitions and endpoints a message goes to."""

    def __init__(self, rules: NamesChannels, *, handlers: Collection[str], partitions: int) -> None:
        self._rules = rules
        self.handlers = frozenset(handlers)
        self.partitions = partitions
        self._known: dict[tuple[tuple[str, ...], int], Ways] = {}

    def routed(self, messages: Sequence[Message]) -> list[Routed]:
        """The messages with their ways, in order."""
        chosen = self._rules.channels_of(messages)
        return [
            Routed(message, *self._ways(channels, partition_of(message.partition_key, self.partitions)))
            for message, channels in zip(messages, chosen, strict=True)
        ]

    def _ways(self, channels: tuple[str, ...], partition: int) -> Ways:
        """The channels of handlers with the partition, and the endpoints; rules bring forth few different ones."""
        known = self._known.get((channels, partition))
        if known is None:
            handlers = tuple((channel, partition) for channel in channels if channel in self.handlers)
            known = handlers, tuple(channel for channel in channels if channel not in self.handlers)
            self._known[channels, partition] = known
        return known
