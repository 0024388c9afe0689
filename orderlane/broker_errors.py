"""What kombu raises of a broker."""

from amqp.exceptions import AMQPError
from kombu.exceptions import OperationalError

BROKER_ERRORS = (OperationalError, AMQPError, OSError)
"""A login that is refused, say, is none of kombu's own errors."""
