"""Orders of JD as its API answers them; JD's own messages travel over its client library."""

from connectors.answers_receiving import AnswersDoor
from connectors.ecommerce.jd.settings import JdSettings

DOCUMENTS = ("order",)
ANSWERS = tuple(
    f"jingdong_pop_order_{name}_{answer}" for name in ("get", "search", "enGet", "enSearch") for answer in ("responce", "response")
)
"""JD writes "responce"."""
DOOR = AnswersDoor(JdSettings, "order", ANSWERS, ANSWERS[::2])
