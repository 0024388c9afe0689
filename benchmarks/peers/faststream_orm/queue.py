"""The queue between the FastStream peer's web process and its workers, and where messages go that failed too often."""

from faststream.rabbit import QueueType, RabbitQueue

QUEUE = "faststream_orders"
FAILED = RabbitQueue(f"{QUEUE}_failed", queue_type=QueueType.QUORUM, durable=True)
ORDERS = RabbitQueue(
    QUEUE,
    queue_type=QueueType.QUORUM,
    durable=True,
    arguments={"x-delivery-limit": 5, "x-dead-letter-exchange": "", "x-dead-letter-routing-key": FAILED.name},
)
