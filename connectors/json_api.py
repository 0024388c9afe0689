"""A partner's JSON API: requests below the endpoint's URL, answers parsed exactly, failures as `connectors/http.py` says."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlencode

import orjson

from canonical.failures import OutcomeUnknown, Refused, Transient
from connectors.http import MOST_ANSWER, Reply, refuse_failure, request
from connectors.settings import Dialling

Query = Sequence[tuple[str, str]]


class JsonApi:
    """The API below `base`. headers: sent with every request (who we are). answered: the last answer as it came."""

    def __init__(self, base: str, options: Dialling, headers: Mapping[str, str]) -> None:
        self.base = base.rstrip("/")
        self.options = options
        self.headers = headers
        self.answered = b""

    def get(self, path: str, query: Query = ()) -> Any:
        """What stands there. Refused with 404 for nothing; Transient without a whole answer, for nothing was changed."""
        try:
            return self._read("GET", self.asked("GET", path, query=query))
        except OutcomeUnknown as error:
            raise Transient(str(error)) from error

    def asked(
        self, method: str, path: str, document: Any = None, query: Query = (), headers: Mapping[str, str] | None = None
    ) -> Reply:
        """The answer to one request; a Failure where it is not 2xx."""
        url = self.base + path + (f"?{urlencode(query, quote_via=quote)}" if query else "")
        body = b"" if document is None else orjson.dumps(document)
        kind = {} if document is None else {"content-type": "application/json"}
        sent = {"accept": "application/json", **kind, **self.headers, **(headers or {})}
        reply = request(method, url, body, sent, self.options)
        self.answered = reply.body[:MOST_ANSWER]
        refuse_failure(reply)
        return reply

    def change(self, method: str, path: str, document: Any, headers: Mapping[str, str] | None = None) -> Any:
        """Change something; what the API answered, None for an empty answer. OutcomeUnknown for one that cannot be read."""
        reply = self.asked(method, path, document, headers=headers)
        return None if reply.complete and not reply.body.strip() else self._read(method, reply)

    def _read(self, method: str, reply: Reply) -> Any:
        try:
            if not reply.complete:
                raise ValueError("it was cut off")
            return orjson.loads(reply.body)
        except ValueError as error:
            raise OutcomeUnknown(f"the answer to {method} {self.base} cannot be read: {error}") from None


def segment(text: str) -> str:
    """A text as one segment of a path."""
    return quote(text, safe="")


def dug(tree: Any, *names: str | int) -> Any:
    """What stands below the names; None where a step cannot be taken."""
    for name in names:
        if isinstance(tree, dict):
            tree = tree.get(name)
        elif isinstance(tree, list) and isinstance(name, int) and -len(tree) <= name < len(tree):
            tree = tree[name]
        else:
            return None
    return tree


def rows(tree: Any, *names: str | int) -> list[dict[str, Any]]:
    """The objects of the list below the names; none where there is no list."""
    found = dug(tree, *names)
    return [row for row in found if isinstance(row, dict)] if isinstance(found, list) else []


def one_of_ours(found: Sequence[dict[str, Any]], what: str) -> dict[str, Any]:
    """The only row found; Refused where there is none or more than one."""
    if len(found) != 1:
        raise Refused(f"{what}: expected one at the partner, found {len(found)}")
    return found[0]
