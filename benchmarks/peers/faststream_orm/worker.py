"""The FastStream application: a subscriber on a quorum queue, its work done with an async SQLAlchemy session.

Run with `faststream run benchmarks.peers.faststream_orm.worker:app --workers 2`.
"""

import logging

from faststream import AckPolicy, FastStream
from faststream.rabbit import Channel, RabbitBroker
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

from benchmarks.peers.documents import PlaceOrder
from benchmarks.peers.faststream_orm.queue import ORDERS
from benchmarks.peers.model import Stock, order_of, stock_reserved
from benchmarks.peers.settings import settings

POOL = 5  # orders in work at once, a connection each; 20 were slower, waiting for each other's stock rows

broker = RabbitBroker(
    settings().broker_url,
    default_channel=Channel(prefetch_count=POOL),
    log_level=logging.DEBUG,  # the two lines per message are for debugging
)
app = FastStream(broker)

engine = create_async_engine(settings().sqlalchemy_url("asyncpg"), pool_size=POOL)
sessions = async_sessionmaker(engine, expire_on_commit=False)


@broker.subscriber(ORDERS, ack_policy=AckPolicy.NACK_ON_ERROR)
async def on_place_order(message: PlaceOrder) -> None:
    """Store the order and reserve its stock, once."""
    try:
        async with sessions.begin() as session:
            await reserve(session, message)
    except IntegrityError as error:
        if not is_duplicate(error):
            raise


async def reserve(session: AsyncSession, message: PlaceOrder) -> None:
    """Order, lines, reservations, stock and outbox row in the session's transaction."""
    session.add(order_of(message))
    await session.flush()  # a duplicate ends here, before any stock row is locked
    skus = sorted(line.sku for line in message.lines)
    locked = select(Stock).where(Stock.sku.in_(skus)).order_by(Stock.sku).with_for_update(key_share=True)
    stock = {row.sku: row for row in await session.scalars(locked)}
    for line in message.lines:
        stock[line.sku].reserve(line.quantity)
    session.add(stock_reserved(message))


def is_duplicate(error: IntegrityError) -> bool:
    return getattr(error.orig, "sqlstate", None) == "23505"
