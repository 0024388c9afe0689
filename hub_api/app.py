"""The HTTP application: all but the intake door, as documented API."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute
from fastapi_offline import FastAPIOffline
from starlette.responses import RedirectResponse

from hub_api.intake import IntakeDoor
from hub_api.problems import install

WHAT = """Integration hub for medical-device orders. Partners send their documents to `POST /in/{endpoint}`, each signed as its
platform signs; `config/endpoints.yaml` says which endpoints there are. What became of a document, an order, an item or a payment is
told here, and here people decide."""


def create_app(door: IntakeDoor, routers: Sequence[APIRouter]) -> FastAPI:
    """The documented API; the door opens and closes with it."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        door.open()
        yield
        await door.close()

    # its pages need nothing from elsewhere: many a hub has no way to the internet
    api = FastAPIOffline(title="Orderlane", description=WHAT, lifespan=lifespan, redoc_url=None)
    install(api)
    api.add_api_route("/", lambda: RedirectResponse("docs"), include_in_schema=False)
    for router in routers:
        for route in router.routes:
            if isinstance(route, APIRoute):
                route.summary = route.description  # the pages would show the name of a function
        api.include_router(router)
    return api
