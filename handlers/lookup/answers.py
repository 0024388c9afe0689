"""Answers that are remembered while they are few."""

from typing import Any, TypeVar

A = TypeVar("A")


def keep_few(known: dict[Any, Any], question: object, answer: A, most: int) -> A:
    """Remember an answer; all are forgotten when there are too many."""
    if len(known) >= most:
        known.clear()
    known[question] = answer
    return answer
