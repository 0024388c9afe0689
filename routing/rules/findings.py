"""What a check of the rules file found, and the help it gives to mend it."""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
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


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """` Did you mean `x`?` for the known word that looks most like this one; empty where none does."""
    close = get_close_matches(word, list(known), n=1)
    return f" Did you mean `{close[0]}`?" if close else ""
