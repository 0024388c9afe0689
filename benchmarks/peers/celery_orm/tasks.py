"""The Celery application: one task per order, its work done with a SQLAlchemy session.

Run with `celery -A benchmarks.peers.celery_orm.tasks worker --pool prefork --concurrency 2`.
"""

from typing import Any

from celery import Celery
from celery.signals import worker_process_init
from sqlalchemy import create_engine, select
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session, sessionmaker

from benchmarks.peers.documents import PlaceOrder
from benchmarks.peers.model import Stock, order_of, stock_reserved
from benchmarks.peers.settings import settings

QUEUE = "celery_orders"

app = Celery("orders", broker=settings().broker_url)
app.conf.update(
    task_default_queue=QUEUE,
    task_ignore_result=True,
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    worker_prefetch_multiplier=64,  # the optimizing guide's advice for many short tasks
    broker_transport_options={"confirm_publish": True},
    broker_connection_retry_on_startup=True,
    broker_pool_limit=20,
)

engine = create_engine(settings().sqlalchemy_url("psycopg"), pool_size=2)
sessions = sessionmaker(engine)


@worker_process_init.connect  # type: ignore[untyped-decorator]  # celery has no types
def forget_inherited_connections(**_: Any) -> None:
    engine.dispose(close=False)


@app.task(pydantic=True, name="place_order", autoretry_for=(OperationalError,), retry_backoff=True, max_retries=5)  # type: ignore[untyped-decorator]
def place_order(message: PlaceOrder) -> None:
    """Store the order and reserve its stock, once."""
    try:
        with sessions.begin() as session:
            reserve(session, message)
    except IntegrityError as error:
        if not is_duplicate(error):
            raise


def reserve(session: Session, message: PlaceOrder) -> None:
    """Order, lines, reservations, stock and outbox row in the session's transaction."""
    session.add(order_of(message))
    session.flush()  # a duplicate ends here, before any stock row is locked
    skus = sorted(line.sku for line in message.lines)
    locked = select(Stock).where(Stock.sku.in_(skus)).order_by(Stock.sku).with_for_update(key_share=True)
    stock = {row.sku: row for row in session.scalars(locked)}
    for line in message.lines:
        stock[line.sku].reserve(line.quantity)
    session.add(stock_reserved(message))


def is_duplicate(error: IntegrityError) -> bool:
    return getattr(error.orig, "sqlstate", None) == "23505"
