"""The figures of health in the Prometheus text format 0.0.4."""

from collections.abc import Iterator, Mapping

from operations.health import Health

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"

GAUGES: tuple[tuple[str, str, str], ...] = (
    ("outbox", "orderlane_outbox_messages", "Messages committed and not yet handed to the channels."),
    ("outbox_age", "orderlane_outbox_age_seconds", "How long the oldest of them has waited."),
    ("parked", "orderlane_parked_messages", "Messages that wait for another message."),
    ("parked_past_alarm", "orderlane_parked_past_alarm_messages", "Parked messages past their alarm."),
    ("retrying", "orderlane_retrying_messages", "Messages a handler failed on, and what stands behind them."),
    ("dead_letters", "orderlane_dead_letters", "Messages a handler gave up on, undecided."),
    ("open_deliveries", "orderlane_open_deliveries", "Deliveries not yet taken by the partner."),
    ("overdue_delivery_age", "orderlane_overdue_delivery_age_seconds", "How long the most overdue delivery has been due."),
    ("dead_deliveries", "orderlane_dead_deliveries", "Deliveries that gave up, undecided."),
    ("quarantined", "orderlane_quarantined_raw_messages", "Raw messages that wait for a person."),
    ("schedule_age", "orderlane_schedule_age_seconds", "How long ago beat last had scheduled work done."),
    ("relay_lease_left", "orderlane_relay_lease_seconds", "Seconds the relay's lease still runs; negative when it has run out."),
)
"""(figure, metric, help)."""


def exposition(health: Health) -> str:
    """Every figure that is known as a gauge, and each check as 1 (ok), 0.5 (warning) or 0 (failing)."""
    worth = {"ok": 1, "warning": 0.5, "failing": 0}
    lines = [*_gauge("orderlane_ready", "Whether messages can be taken in.", {"": int(health.ready)})]
    checks = {_labels(check=check.name): worth[check.status] for check in health.checks}
    lines += _gauge("orderlane_check", "Each check: 1 ok, 0.5 warning, 0 failing.", checks)
    for figure, metric, text in GAUGES:
        value = health.figures.get(figure)
        if isinstance(value, int | float):
            lines += _gauge(metric, text, {"": value})
    depths = {
        _labels(handler=name.rpartition(".")[0], partition=name.rpartition(".")[2]): depth
        for name, depth in health.queues.items()
        if depth is not None and "." in name
    }
    lines += _gauge("orderlane_queue_packets", "Packets of messages ready per queue.", depths)
    consumers = {_labels(queue=name): count for name, count in health.consumers.items()}
    lines += _gauge("orderlane_queue_consumers", "Who takes from each queue.", consumers)
    return "\n".join(lines) + "\n"


def _gauge(metric: str, text: str, values: Mapping[str, float]) -> Iterator[str]:
    if values:
        yield f"# HELP {metric} {text}"
        yield f"# TYPE {metric} gauge"
        yield from (f"{metric}{labels} {value:g}" if isinstance(value, float) else f"{metric}{labels} {value}"
                    for labels, value in values.items())  # fmt: skip


def _labels(**labels: str) -> str:
    """Label values are our own names: letters, digits, dots and dashes, nothing to escape."""
    return "{" + ",".join(f'{name}="{value}"' for name, value in labels.items()) + "}"
