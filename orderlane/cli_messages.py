"""Commands about messages and about what gave up: look at it, explain it, send it again, drop it."""

from typing import Annotated, Literal

import typer

from orderlane.cli_options import Actor, Cursor, Json, Limit, Reason
from orderlane.environment import operations
from orderlane.shown_tables import print_json

message_groups = typer.Typer()
messages_app = typer.Typer(no_args_is_help=True, help="Look at messages, explain them, send them again.")
dead_app = typer.Typer(no_args_is_help=True, help="What gave up: look at it, try it again, drop it.")
message_groups.add_typer(messages_app, name="messages")
message_groups.add_typer(dead_app, name="dead")

Standing = Literal["handled", "on_its_way", "parked", "retrying", "dead", "discarded"]
MessageId = Annotated[str, typer.Argument(help="The message's id.")]
DeadId = Annotated[str, typer.Argument(help="The id that `dead list` shows.")]


@messages_app.command("list")
def list_messages(
    message_type: Annotated[str | None, typer.Option("--type", help="Message type, as in order.placed.")] = None,
    source: Annotated[str | None, typer.Option(help="Endpoint or handler it came from.")] = None,
    subject: Annotated[str | None, typer.Option(help="Business key.")] = None,
    channel: Annotated[str | None, typer.Option(help="Handler or endpoint it goes to.")] = None,
    standing: Annotated[Standing | None, typer.Option(help="How it stands with a channel; for handled: with all of them.")] = None,
    their_id: Annotated[str | None, typer.Option(help="What a partner calls the order or shipment they are about.")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
    as_json: Json = False,
) -> None:
    """List messages, newest first."""
    from operations import messages
    from orderlane.shown_messages import print_messages
    from store.queries import MessageFilter

    wanted = MessageFilter(type=message_type, source=source, subject=subject, channel=channel, standing=standing, their_id=their_id)
    page = messages.messages(operations().database, wanted, cursor=cursor, limit=limit)
    (print_json if as_json else print_messages)(page)


@messages_app.command("show")
def show_message(message_id: MessageId) -> None:
    """Show a message with everything known about it, as JSON."""
    from operations import messages

    print_json(messages.message(operations().database, message_id), indent=2)


@messages_app.command("explain")
def explain_message(message_id: MessageId, as_json: Json = False) -> None:
    """Explain a message: which bytes it was made of, what filled each field, which rules were tried and why they matched."""
    from operations import explain
    from orderlane.shown_messages import print_explanation

    found = explain.explain(operations(), message_id)
    (print_json if as_json else print_explanation)(found)


@messages_app.command("replay")
def replay_message(
    message_id: Annotated[str, typer.Argument(help="A message, or a raw message to be translated again.")],
    reason: Reason,
    actor: Actor,
    resend: Annotated[bool, typer.Option("--resend", help="Also send to endpoints that have it already.")] = False,
) -> None:
    """Send a message again to whatever has not dealt with it; translate a raw message again."""
    from operations import replaying, retranslating
    from operations.failing import NotFound

    hub = operations()
    try:
        print_json(replaying.replay(hub, message_id, actor=actor, reason=reason, resend=resend))
    except NotFound:
        print_json(retranslating.retranslate(hub, message_id, actor=actor, reason=reason))


@dead_app.command("list")
def list_dead(
    channel: Annotated[str | None, typer.Option(help="Handler or endpoint.")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
    as_json: Json = False,
) -> None:
    """List what gave up, newest first."""
    from operations import replaying
    from orderlane.shown_messages import print_dead
    from store.replaying import DeadFilter

    page = replaying.dead(operations().database, DeadFilter(channel=channel), cursor=cursor, limit=limit)
    (print_json if as_json else print_dead)(page)


@dead_app.command("show")
def show_dead(dead_id: DeadId) -> None:
    """Show what gave up, as JSON."""
    from operations import replaying

    print_json(replaying.show(operations().database, dead_id), indent=2)


@dead_app.command("retry")
def retry_dead(dead_id: DeadId, reason: Reason, actor: Actor) -> None:
    """Try it again from the start."""
    from operations import replaying

    print_json(replaying.retry(operations(), dead_id, actor=actor, reason=reason))


@dead_app.command("discard")
def discard_dead(dead_id: DeadId, reason: Reason, actor: Actor) -> None:
    """Drop it for good; it stays in the archive."""
    from operations import replaying

    print_json(replaying.discard(operations(), dead_id, actor=actor, reason=reason))
