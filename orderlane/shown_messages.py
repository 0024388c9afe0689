"""Messages, what gave up, and how a message came to be, printed."""

from rich.markup import escape

from operations.explain import Explanation
from operations.replaying import DeadEntry
from operations.views import MessageSummary, Page
from orderlane.shown_tables import bare_source, out, print_next, show, table


def print_messages(page: Page[MessageSummary]) -> None:
    """A line a message."""
    rows = table("message", "type", "subject", "from", "standing", whole=("message", "type"))
    for item in page.items:
        rows.add_row(item.message_id, item.type, escape(item.subject), bare_source(item.source), item.standing)
    show(rows, nothing="no such message")
    print_next(page.next)


def print_dead(page: Page[DeadEntry]) -> None:
    """A line a dead letter."""
    rows = table("id", "type", "subject", "attempts", "reason", whole=("id",))
    for item in page.items:
        rows.add_row(item.dead_id, item.type, escape(item.subject), str(item.attempts), escape(item.reason or ""))
    show(rows, nothing="nothing is dead")
    print_next(page.next)


def print_explanation(found: Explanation) -> None:
    """What a message was made of, field by field, and which rules sent it where."""
    message = found.message
    out.print(f"[bold]{message.type} {escape(message.subject)}[/] from {escape(message.source)}, {message.standing}")
    for cause in found.causes:
        out.print(f"  because of {cause.type} {escape(cause.subject)} from {escape(cause.source)} ({cause.message_id})")
    if found.translation is not None:
        raw = found.translation.raw
        out.print(
            f"\nmade of {raw.size} bytes at {escape(raw.endpoint)}, {raw.received_at:%Y-%m-%d %H:%M:%S} UTC, sha256 {raw.sha256}"
        )
        fields = table("field", "filled from", "value")
        for filled in found.translation.fields:
            fields.add_row(escape(filled.path), escape(filled.source), escape(filled.value))
        out.print(fields)
    rules = table("", "rule", "why", "channels")
    for rule in found.rules:
        rules.add_row("yes" if rule.matched else "no", f"{rule.rule}:{rule.line}", escape(rule.why), ", ".join(rule.channels))
    out.print("\nrules tried")
    out.print(rules)
