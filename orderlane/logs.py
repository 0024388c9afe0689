"""Logs: one line per event, key=value, ids and counts only; never a payload, never a secret."""

import logging
import sys

OWN = frozenset(logging.LogRecord("", 0, "", 0, "", (), None).__dict__) | {"message", "asctime", "taskName"}


class EventFormatter(logging.Formatter):
    """`2026-11-23T10:00:00Z INFO relay published messages=200`; what an event carries follows as key=value."""

    def format(self, record: logging.LogRecord) -> str:
        when = self.formatTime(record, "%Y-%m-%dT%H:%M:%S")
        extras = " ".join(f"{k}={_plain(v)}" for k, v in record.__dict__.items() if k not in OWN and not k.startswith("_"))
        line = f"{when} {record.levelname} {record.name.removeprefix('orderlane.')} {record.getMessage()} {extras}".rstrip()
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line


def _plain(value: object) -> str:
    text = str(value).replace("\n", " ").replace("\r", " ")
    return f'"{text}"' if " " in text else text


def set_up_logs(level: str) -> None:
    """Log to standard error; libraries from WARNING on."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(EventFormatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("orderlane").setLevel(level.upper())
    for told_by_us in ("pika", "paramiko"):
        logging.getLogger(told_by_us).setLevel(logging.CRITICAL)
