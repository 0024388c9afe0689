"""Health for machines and people: `/healthz`, `/readyz`, `/health`, `/metrics`."""

from typing import Literal

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel

from hub_api.access import Hub, require_operator
from hub_api.problems import ApiProblem, described
from operations.health import Health, Ready
from operations.health import health as look
from operations.health import ready as is_ready
from operations.metrics import MEDIA_TYPE, exposition

router = APIRouter(tags=["health"])


class Alive(BaseModel):
    status: Literal["ok"] = "ok"


@router.get("/healthz")
async def healthz() -> Alive:
    """The process is alive."""
    return Alive()


@router.get("/readyz", response_model_exclude_none=True, responses=described(503))
def readyz(hub: Hub) -> Ready:
    """Messages can be taken in: the database answers. A broker or a schedule that stands still does not stop intake."""
    found = is_ready(hub.database)
    if found is None:
        raise ApiProblem(503, "E_NOT_READY", "The database does not answer.", headers={"Retry-After": "1"})
    return found


@router.get("/health", dependencies=[Depends(require_operator)], responses=described(401, 403))
def health(hub: Hub) -> Health:
    """Every check with its figure, and what waits in each queue."""
    return look(hub)


@router.get(
    "/metrics",
    dependencies=[Depends(require_operator)],
    responses=described(401, 403) | {200: {"content": {"text/plain": {}}, "description": "Prometheus text format."}},
    response_class=Response,
)
def metrics(hub: Hub) -> Response:
    """The figures of `/health` in the Prometheus text format."""
    return Response(exposition(look(hub)), headers={"Content-Type": MEDIA_TYPE})
