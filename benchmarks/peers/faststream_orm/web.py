"""The webhook's HTTP door: FastAPI checks the signature and the body, then publishes with FastStream and answers 202."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import FastAPI, Header, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from faststream.rabbit import RabbitBroker
from pydantic import ValidationError

from benchmarks.peers.documents import ShopifyOrder, place_order
from benchmarks.peers.faststream_orm.queue import FAILED, ORDERS
from benchmarks.peers.settings import settings
from benchmarks.peers.signature import is_genuine

broker = RabbitBroker(settings().broker_url)
publisher = broker.publisher(ORDERS, persist=True)


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    await broker.start()
    await broker.declare_queue(FAILED)
    await broker.declare_queue(ORDERS)
    yield
    await broker.stop()


app = FastAPI(lifespan=lifespan)


@app.post("/webhooks/orders", status_code=202)
async def orders_create(
    request: Request,
    x_shopify_hmac_sha256: Annotated[str, Header()],
    x_shopify_webhook_id: Annotated[str, Header()],
) -> dict[str, str]:
    """202 once the broker has confirmed the message."""
    body = await request.body()
    if not is_genuine(body, x_shopify_hmac_sha256, settings().secret):
        raise HTTPException(401, "signature does not match")
    try:
        order = ShopifyOrder.model_validate_json(body)
    except ValidationError as error:
        raise RequestValidationError(error.errors()) from error
    message = place_order(order, x_shopify_webhook_id)
    await publisher.publish(message)
    return {"order_no": message.order_no}
