"""How a mapping function says that a value does not fit."""

from typing import Any


class Unfit(Exception):
    """A value that cannot become what the mapping wants of it. The path is known to whoever reads the document.

    code: stable problem code. expected: a sentence beginning with "expected". value: what stood there.
    """

    def __init__(self, code: str, expected: str, value: Any = None) -> None:
        super().__init__(expected)
        self.code = code
        self.expected = expected
        self.value = value
