"""One rule, read and compiled."""

from dataclasses import dataclass, field

from routing.rules.engine import Program
from routing.rules.reading import Reading


@dataclass(slots=True)
class Rule:
    """A rule ready to decide. `types` are written out; `program` is None for a rule without condition.

    readings: what the condition mentions, by message type. always: what the condition is whatever the message, if so.
    unexplained: it sends nowhere and does not say why.
    broken: it has a condition, but not one that can be compiled.
    """

    name: str
    line: int
    types: tuple[str, ...]
    channels: tuple[str, ...]
    program: Program | None = None
    readings: dict[str, Reading] = field(default_factory=dict)
    stop: bool = False
    always: bool | None = None
    unexplained: bool = False
    broken: bool = False

    @property
    def unconditional(self) -> bool:
        """Whether it matches every message of its types."""
        return self.always is True or (self.program is None and not self.broken)
