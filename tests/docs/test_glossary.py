"""docs/glossary.md explains every word that the hub uses for how things stand."""

import re
from pathlib import Path
from typing import get_args, get_type_hints

from connectors.base import Accepted
from operations.standing import ORDER

GLOSSARY = (Path(__file__).resolve().parents[2] / "docs" / "glossary.md").read_text()
WORDS = re.findall(r"^\| ([A-Z][a-z -]*?)(?: \(.*\))? \| \S", GLOSSARY, re.MULTILINE)


def _missing(statuses: tuple[str, ...]) -> list[str]:
    return [status for status in statuses if status.replace("_", " ").capitalize() not in WORDS]


def test_every_word_for_how_a_message_stands_is_explained() -> None:
    assert _missing(ORDER) == []


def test_every_word_for_what_became_of_a_raw_message_is_explained() -> None:
    statuses = get_args(get_type_hints(Accepted)["status"])
    assert "quarantined" in statuses
    assert _missing(statuses) == []


def test_no_word_is_explained_twice() -> None:
    assert sorted(WORDS) == sorted(set(WORDS))
    assert len(WORDS) > 50
