"""Commands that ask the hub: orders, messages, dead letters, the ledger. All of them can print JSON."""

import getpass
from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated, Any, Literal

import typer
from rich.markup import escape

from operations import explain as explaining
from operations import find, messages, replaying, retranslating, timeline, verify
from operations.access import Operations
from operations.decisions import decisions
from operations.failing import NotFound
from operations.order_views import OrderLineView
from operations.timeline import Step
from operations.views import View
from orderlane.cli_decisions import print_decisions
from orderlane.cli_tables import out, show, table
from orderlane.environment import ready_hub
from store.queries import MessageFilter
from store.replaying import DeadFilter

ask = typer.Typer()
messages_app = typer.Typer(no_args_is_help=True, help="Look at messages, explain them, send them again.")
dead_app = typer.Typer(no_args_is_help=True, help="What gave up: look at it, try it again, drop it.")
ask.add_typer(messages_app, name="messages")
ask.add_typer(dead_app, name="dead")

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Limit = Annotated[int, typer.Option(help="How many at most.", min=1, max=200)]
Cursor = Annotated[str | None, typer.Option(help="Where an earlier list ended.")]
Reason = Annotated[str, typer.Option(help="Why; kept with the decision.")]
Actor = Annotated[str, typer.Option(help="Who decides; kept with the decision.", default_factory=getpass.getuser)]
Standing = Literal["handled", "on_its_way", "parked", "retrying", "dead", "discarded"]


def operations() -> Operations:
    return ready_hub(secrets=False).operations


def _print_json(view: View) -> None:
    print(view.model_dump_json(exclude_none=True))


@ask.command()
def order(
    order_no: Annotated[str, typer.Argument(help="The order's number, ours or the partner's.")],
    why: Annotated[bool, typer.Option("--why", help="Show every decision taken about it instead of its journey.")] = False,
    as_json: Json = False,
) -> None:
    """Show an order and its journey: every message about it, what each led to, what was sent to whom."""
    hub = operations()
    order_no = find.order_no_of(hub.database, order_no)
    if why:
        print_decisions(decisions(hub.database, order_no), as_json=as_json)
        return
    found = find.order(hub.database, order_no)
    if as_json:
        _print_json(found)
        return
    out.print(f"[bold]Order {escape(found.order_no)}[/]  {found.display} / {found.display_zh}   from {escape(found.origin)}")
    payable = f"{found.payable} {found.currency}" if found.payable is not None else "not priced yet"
    out.print(f"state {found.state}, goods {found.fulfilment}, billing {found.billing}, payment {found.payment}, {payable}\n")
    for one in found.waits_for:
        out.print(f"waits for {escape(one.role)}: {escape(one.code)}")
    _print_lines(found.lines)
    for name in found.known_as:
        out.print(f"{escape(name.endpoint)} calls {name.kind} {escape(name.our_id)} {escape(name.their_id)}")
    journey = table("when (UTC)", "message", "from", "what it says", "went to", whole=("when (UTC)", "message", "from"))
    for step in timeline.timeline(hub.database, order_no).steps:
        journey.add_row(*_journey_row(step))
    out.print(journey)


def _print_lines(lines: Sequence[OrderLineView]) -> None:
    """The lines in figures; a figure that is zero on every line is left out."""
    columns: dict[str, list[Decimal]] = {
        "ordered": [line.ordered for line in lines],
        "reserved": [line.reserved for line in lines],
        "back-ordered": [line.backordered for line in lines],
        "shipped": [line.shipped for line in lines],
        "delivered": [line.delivered for line in lines],
        "invoiced": [line.invoiced for line in lines],
        "cancelled": [line.cancelled for line in lines],
    }
    told = {name: figures for name, figures in columns.items() if any(figures)}
    rows = table("line", "item", *told, whole=("line", *told))
    for line, *figures in zip(lines, *told.values(), strict=True):
        rows.add_row(line.line_no, escape(line.item), *(f"{figure:f}" for figure in figures))
    out.print(rows)
    out.print()


def _journey_row(step: Step) -> tuple[str, ...]:
    message = step.message
    went = ", ".join(f"{c.channel} {'' if c.standing in ('handled', 'sent') else c.standing}".strip() for c in message.channels)
    when = message.recorded_at.strftime("%m-%d %H:%M:%S")
    return when, message.type, _source(message.source), escape(step.told), escape(went or "kept")


def _source(source: str) -> str:
    """An endpoint's name, or the bare name of a handler."""
    return escape(source.removeprefix("orderlane/"))


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
    wanted = MessageFilter(type=message_type, source=source, subject=subject, channel=channel, standing=standing, their_id=their_id)
    page = messages.messages(operations().database, wanted, cursor=cursor, limit=limit)
    if as_json:
        _print_json(page)
        return
    rows = table("message", "type", "subject", "from", "standing", whole=("message", "type"))
    for item in page.items:
        rows.add_row(item.message_id, item.type, escape(item.subject), _source(item.source), item.standing)
    show(rows, nothing="no such message")
    _print_next(page.next)


def _print_next(cursor: str | None) -> None:
    if cursor:
        out.print(f"more: --cursor {cursor}")


MessageId = Annotated[str, typer.Argument(help="The message's id.")]


@messages_app.command("show")
def show_message(message_id: MessageId) -> None:
    """Show a message with everything known about it, as JSON."""
    print(messages.message(operations().database, message_id).model_dump_json(indent=2, exclude_none=True))


@messages_app.command("explain")
def explain_message(message_id: MessageId, as_json: Json = False) -> None:
    """Explain a message: which bytes it was made of, what filled each field, which rules were tried and why they matched."""
    found = explaining.explain(operations(), message_id)
    if as_json:
        _print_json(found)
    else:
        _print_explanation(found)


def _print_explanation(found: explaining.Explanation) -> None:
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


@messages_app.command("replay")
def replay_message(
    message_id: Annotated[str, typer.Argument(help="A message, or a raw message to be translated again.")],
    reason: Reason,
    actor: Actor,
    resend: Annotated[bool, typer.Option("--resend", help="Also send to endpoints that have it already.")] = False,
) -> None:
    """Send a message again to whatever has not dealt with it; translate a raw message again."""
    hub = operations()
    try:
        _print_json(replaying.replay(hub, message_id, actor=actor, reason=reason, resend=resend))
    except NotFound:
        _print_json(retranslating.retranslate(hub, message_id, actor=actor, reason=reason))


@dead_app.command("list")
def list_dead(
    channel: Annotated[str | None, typer.Option(help="Handler or endpoint.")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
    as_json: Json = False,
) -> None:
    """List what gave up, newest first."""
    page = replaying.dead(operations().database, DeadFilter(channel=channel), cursor=cursor, limit=limit)
    if as_json:
        _print_json(page)
        return
    rows = table("id", "type", "subject", "attempts", "reason", whole=("id",))
    for item in page.items:
        rows.add_row(item.dead_id, item.type, escape(item.subject), str(item.attempts), escape(item.reason or ""))
    show(rows, nothing="nothing is dead")
    _print_next(page.next)


DeadId = Annotated[str, typer.Argument(help="The id that `dead list` shows.")]


@dead_app.command("show")
def show_dead(dead_id: DeadId) -> None:
    """Show what gave up, as JSON."""
    print(replaying.show(operations().database, dead_id).model_dump_json(indent=2, exclude_none=True))


@dead_app.command("retry")
def retry_dead(dead_id: DeadId, reason: Reason, actor: Actor) -> None:
    """Try it again from the start."""
    _print_json(replaying.retry(operations(), dead_id, actor=actor, reason=reason))


@dead_app.command("discard")
def discard_dead(dead_id: DeadId, reason: Reason, actor: Actor) -> None:
    """Drop it for good; it stays in the archive."""
    _print_json(replaying.discard(operations(), dead_id, actor=actor, reason=reason))


@ask.command("verify")
def verify_ledger(
    settled: Annotated[bool, typer.Option("--settled", help="Give young messages no grace: nothing is on its way.")] = False,
    as_json: Json = False,
) -> None:
    """Check the ledger: everything accepted has one end, stock and invoices add up. Exit 1 on any difference."""
    result = verify.verify_hub(operations(), grace=0.0 if settled else verify.GRACE)
    if as_json:
        _print_json(result)
    else:
        _print_verification(result)
    if not result.exact:
        raise typer.Exit(1)


def _print_verification(result: verify.Verification) -> None:
    counts = table("figure", "count")
    figures: dict[str, Any] = result.model_dump(exclude={"differences", "seconds", "raws", "deliveries"})
    for name, count in figures.items():
        counts.add_row(name.replace("_", " "), str(count))
    for kind, statuses in (("raw messages", result.raws), ("deliveries", result.deliveries)):
        for status, count in statuses.items():
            counts.add_row(f"{kind}, {status.replace('_', ' ')}", str(count))
    out.print(counts)
    for difference in result.differences:
        out.print(f"[bold]{escape(difference.what)}[/]: {difference.count}, for example {escape(str(difference.example))}")
    out.print("the ledger is exact" if result.exact else "the ledger is NOT exact")
