"""The webhook's HTTP door: FastAPI checks the signature and the body, then queues a Celery task and answers 202."""

from typing import Annotated

from fastapi import FastAPI, Header, HTTPException, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError

from benchmarks.peers.celery_orm.tasks import place_order as place_order_task
from benchmarks.peers.documents import ShopifyOrder, place_order
from benchmarks.peers.settings import settings
from benchmarks.peers.signature import is_genuine

app = FastAPI()


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
    await run_in_threadpool(place_order_task.delay, message.model_dump(mode="json"))
    return {"order_no": message.order_no}
