"""What a check of the rules file found, and the help it gives to mend it."""

from dataclasses import dataclass
from typing import Literal

Level = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to mend in a configuration file. `line` counts from 1; `code` is stable (docs/rules.md lists them)."""

    file: str
    line: int
    code: str
    message: str
    level: Level = "error"

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.level} {self.code}: {self.message}"
