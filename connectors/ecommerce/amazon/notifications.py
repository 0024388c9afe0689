"""Amazon's notifications, in whatever they travel: alone, in an event of EventBridge, in messages of SQS as its API or a Lambda
trigger gives them, each perhaps wrapped by SNS once more.

developer-docs.amazon.com/sp-api/docs/notifications-api-v1-use-case-guide; docs.aws.amazon.com, SQS ReceiveMessage
"""

from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from canonical.failures import Malformed
from canonical.problems import Problem, shown

ORDER_CHANGE = "ORDER_CHANGE"
MESSAGES = ("Messages", "Records")
BODIES = ("Body", "body", "Message", "detail")
"""Where in an envelope the next one or the notification stands, as JSON in a text or as it is."""
DEEPEST = 4


def notifications_in(tree: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Every notification in an envelope; none where it holds none. Malformed where a text that should hold one is no JSON."""
    return list(_found(tree, "", 0))


def _found(tree: Any, path: str, depth: int) -> Iterator[dict[str, Any]]:
    if not isinstance(tree, dict) or depth > DEEPEST:
        return
    if "NotificationType" in tree:
        yield tree
        return
    for name in MESSAGES:
        for number, message in enumerate(tree[name] if isinstance(tree.get(name), list) else ()):
            yield from _found(message, f"{path}{name}[{number}].", depth + 1)
    for name in BODIES:
        if name in tree:
            yield from _found(_parsed(tree[name], f"{path}{name}"), f"{path}{name}.", depth + 1)


def _parsed(value: Any, path: str) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return orjson.loads(value)
    except ValueError:
        raise Malformed([Problem("E_JSON", path, "expected JSON in this text", shown(value))]) from None
