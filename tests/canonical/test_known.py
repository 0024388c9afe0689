"""What is remembered of values that come again and again."""

import pytest

from canonical.known import once, remembered


def test_each_value_is_asked_about_once_until_there_are_too_many() -> None:
    asked: list[int] = []

    def double(value: int) -> int:
        asked.append(value)
        return 2 * value

    known = remembered(double, most=2)
    assert [known(value) for value in (1, 2, 1, 2)] == [2, 4, 2, 4]
    assert asked == [1, 2]
    assert [known(value) for value in (3, 1)] == [6, 2]
    assert asked == [1, 2, 3, 1]


def test_what_cannot_be_answered_is_an_error_each_time() -> None:
    known = remembered(int)
    for _ in range(2):
        with pytest.raises(ValueError, match="no number"):
            known("no number")


class Asked:
    times = 0

    @once
    def answer(self) -> int:
        """How often it was worked out."""
        self.times += 1
        return self.times


def test_what_is_worked_out_once_of_an_object_is_an_attribute_from_then_on() -> None:
    one, other = Asked(), Asked()
    assert (one.answer, one.answer, other.answer, one.times) == (1, 1, 1, 1)
    del one.answer
    assert one.answer == 2
