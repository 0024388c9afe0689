"""The HTTP application: the intake door as a plain route, everything else as documented API."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from fastapi import APIRouter, FastAPI
from starlette.routing import Route

from hub_api.intake import IntakeDoor
from hub_api.problems import install


def create_app(door: IntakeDoor, routers: Sequence[APIRouter]) -> FastAPI:
    """The application around one intake door. The door opens and closes with it."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        door.open()
        yield
        door.close()

    app = FastAPI(title="Orderlane", description="Integration hub for medical-device orders", lifespan=lifespan)
    install(app)
    for router in routers:
        app.include_router(router)
    app.router.routes.insert(0, Route("/in/{endpoint}", door.receive, methods=["POST"]))
    return app
