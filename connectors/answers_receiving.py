"""Shops whose own messages travel another way: who forwards them posts what their API answers to a URL with a secret."""

from dataclasses import dataclass

from canonical.failures import Malformed
from canonical.problems import Problem
from connectors.base import Endpoint, Identified, RawMessage
from connectors.peek import json_object, refuse_error
from connectors.settings import Settings, options_of
from connectors.url_token import check_token, with_token


@dataclass(frozen=True, slots=True)
class AnswersDoor:
    """answers: names of which an answer holds one at its top. told: those that a refusal names. error: where the platform tells
    that a call failed."""

    settings: type[Settings]
    document: str
    answers: tuple[str, ...]
    told: tuple[str, ...]
    error: str = "error_response"

    def authenticate(self, raw: RawMessage, endpoint: Endpoint) -> None:
        options_of(endpoint, self.settings)
        check_token(raw, endpoint)

    def identify(self, raw: RawMessage, _: Endpoint) -> Identified:
        tree = json_object(raw.body)
        refuse_error(tree, self.error)
        if not any(name in tree for name in self.answers):
            raise Malformed([Problem("E_DOCUMENT", "$", f"expected one of {', '.join(self.told)}")])
        return Identified(self.document)

    def sign(self, raw: RawMessage, endpoint: Endpoint) -> RawMessage:
        return with_token(raw, endpoint)
