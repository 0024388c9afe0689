"""Who may ask: the bearer of the operator token, or, where none is configured, a program on this machine."""

import hmac
import ipaddress
from typing import Annotated

from fastapi import Depends, FastAPI, Request

from hub_api.problems import ApiProblem
from operations.access import Operations

FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip")
LOCAL_NAMES = frozenset({"localhost", "127.0.0.1", "[::1]"})


def provide(app: FastAPI, operations: Operations, *, token: str | None) -> None:
    """Give the app what its routers ask for. token: of operators; None or empty: only callers on this machine are answered."""
    app.state.operations = operations
    app.state.operator_token = token or None


def operations_of(request: Request) -> Operations:
    """The hub behind this app."""
    hub = request.app.state.operations
    assert isinstance(hub, Operations)
    return hub


Hub = Annotated[Operations, Depends(operations_of)]


def require_operator(request: Request) -> None:
    """401 without the configured token; without a configured token 403 for everybody but callers on this machine.

    A request that came through a proxy, or that names this machine by a foreign host name (a browser led astray), is not local.
    """
    token: str | None = request.app.state.operator_token
    if token is None:
        if not _is_local(request):
            raise ApiProblem(403, "E_FORBIDDEN", "No operator token is configured, so only callers on this machine are answered.")
        return
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    if not hmac.compare_digest(given.strip().encode(), token.encode()) or scheme.lower() != "bearer":
        challenge = {"WWW-Authenticate": 'Bearer realm="orderlane"'}
        raise ApiProblem(401, "E_UNAUTHENTICATED", "Expected the operator token as a bearer token.", headers=challenge)


def _is_local(request: Request) -> bool:
    if request.client is None or any(name in request.headers for name in FORWARDED):
        return False
    try:
        from_here = ipaddress.ip_address(request.client.host).is_loopback
    except ValueError:
        return False
    host = request.headers.get("host", "")
    name = host if host.endswith("]") else host.rpartition(":")[0] or host
    return from_here and name.lower() in LOCAL_NAMES


def require_plain_text(request: Request) -> None:
    """422 for a NUL in the path or the query: no name has one, and databases refuse it."""
    for name, value in (*request.path_params.items(), *request.query_params.multi_items()):
        if "\0" in str(value):
            raise ApiProblem(422, "E_PARAMETER", f"Expected text without NUL in {name.replace(chr(0), '')}.")
