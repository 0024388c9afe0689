"""The kinds of failure, one tree. Whoever decides about a retry looks at the kind, never at a driver's exception.

Failure
├── Transient            try again later
│   └── Throttled        try again after `after` seconds
├── Refused              the other side said no; trying again changes nothing
├── Malformed            a document cannot be understood; carries its problems
├── Conflict             the same identity came with another content
├── Unauthenticated      the sender could not prove who it is
├── Misconfigured        our own settings are wrong
└── OutcomeUnknown       sent, no answer: look before sending again
"""

from collections.abc import Sequence

from canonical.problems import Problem


class Failure(Exception):
    """Root of all failures that the hub expects."""


class Transient(Failure):
    """Try again later."""


class Throttled(Transient):
    """The other side asked for a pause of `after` seconds."""

    def __init__(self, message: str, after: float) -> None:
        super().__init__(message)
        self.after = after


class Refused(Failure):
    """The other side said no; the same request will be refused again."""


class Malformed(Failure):
    """A document that cannot be understood or breaks the schema."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("; ".join(f"{p.code} at {p.path}: {p.message}" for p in problems))
        self.problems = tuple(problems)


class Conflict(Failure):
    """The same identity came before with another content."""


class Unauthenticated(Failure):
    """The sender could not prove who it is. Never says why to the sender."""


class Misconfigured(Failure):
    """Our own configuration is wrong; a person has to mend it."""


class OutcomeUnknown(Failure):
    """A request was sent and no answer came: it may or may not have had its effect."""
