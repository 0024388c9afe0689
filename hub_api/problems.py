"""Errors of the API as RFC 9457 problem details: one shape, whatever went wrong and wherever it was noticed."""

import logging
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from canonical.failures import Failure, Transient
from canonical.problems import Problem, shown
from canonical.wrong_settings import worded
from handlers.refusing import NotAllowed
from operations.failing import BadCursor, NotFound, NotPossible

log = logging.getLogger("orderlane.api")

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER = {"Retry-After": "1"}
CODES = {
    HTTPStatus.NOT_FOUND: "E_NOT_FOUND",
    HTTPStatus.METHOD_NOT_ALLOWED: "E_METHOD",
    HTTPStatus.UNAUTHORIZED: "E_UNAUTHENTICATED",
    HTTPStatus.FORBIDDEN: "E_FORBIDDEN",
}
"""Codes of the refusals the web framework itself makes; any other is E_REQUEST."""
DETAILS = {
    "Not Found": "there is no such address; /docs lists all there are",
    "Method Not Allowed": "the address does not take this method; /docs says which it takes",
}
"""What is said in place of its own words."""


ANSWERS: dict[type[Failure], tuple[int, str]] = {
    NotFound: (HTTPStatus.NOT_FOUND, "E_NOT_FOUND"),
    BadCursor: (HTTPStatus.BAD_REQUEST, "E_CURSOR"),
    NotPossible: (HTTPStatus.CONFLICT, "E_STATE"),
}
"""What failures of operations mean here; their sentence becomes the detail."""


class Finding(BaseModel):
    """One thing that is wrong, told in the words of whoever sent it."""

    code: str = Field(description="Stable code of the kind of finding.", examples=["E_SUM_LINES"])
    path: str = Field(description="Where, in the sender's own document or request.", examples=["line_items[2].price"])
    expected: str = Field(description="What was expected there, in one sentence.")
    value: str | None = Field(default=None, description="What stood there, cut to 200 characters; absent where nothing stood.")


class ProblemDetails(BaseModel):
    """RFC 9457 problem details."""

    type: str = Field(description="`urn:orderlane:problem:` and the code.", examples=["urn:orderlane:problem:E_NOT_FOUND"])
    title: str = Field(description="The HTTP status in words.")
    status: int = Field(description="The HTTP status.")
    code: str = Field(description="Stable code of the error.", examples=["E_NOT_FOUND"])
    detail: str = Field(description="What happened, in one sentence.")
    problems: list[Finding] = Field(
        default_factory=list, description="Every finding, where there is more than one sentence to say."
    )


class ApiProblem(Exception):
    """Ends a request with problem details."""

    def __init__(
        self, status: int, code: str, detail: str, problems: Sequence[Problem] = (), *, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(f"{code}: {detail}")
        self.status = status
        self.code = code
        self.detail = detail
        self.problems = tuple(problems)
        self.headers = headers


def problem(
    status: int, code: str, detail: str, problems: Sequence[Problem] = (), *, headers: Mapping[str, str] | None = None
) -> Response:
    """The answer with problem details; `problems` keep their paths in the sender's document."""
    findings = [Finding(code=p.code, path=p.path, expected=p.message, value=p.value) for p in problems]
    details = ProblemDetails(
        type=f"urn:orderlane:problem:{code}",
        title=HTTPStatus(status).phrase,
        status=status,
        code=code,
        detail=detail,
        problems=findings,
    )
    body = details.model_dump_json(exclude_none=True)
    return Response(body, status, headers=dict(headers or {}), media_type=MEDIA_TYPE)


def described(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The `responses` of a route that may answer these statuses with problem details, for OpenAPI."""
    schema = {"$ref": "#/components/schemas/ProblemDetails"}
    return {status: {"description": HTTPStatus(status).phrase, "content": {MEDIA_TYPE: {"schema": schema}}} for status in statuses}


def install(app: FastAPI) -> None:
    """Make every error of the app a problem."""
    app.add_exception_handler(ApiProblem, _own)
    for kind in ANSWERS:
        app.add_exception_handler(kind, _told)
    app.add_exception_handler(NotAllowed, _not_allowed)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _refused)
    app.add_exception_handler(Transient, _unavailable)
    app.add_exception_handler(Exception, _failed)
    _document(app)


def _document(app: FastAPI) -> None:
    """Have the app's OpenAPI hold the schemas that `described` refers to."""
    undocumented = app.openapi

    def openapi() -> dict[str, Any]:
        document = undocumented()
        details = ProblemDetails.model_json_schema(ref_template="#/components/schemas/{model}")
        document.setdefault("components", {}).setdefault("schemas", {}).update(**details.pop("$defs"), ProblemDetails=details)
        return document

    app.openapi = openapi  # type: ignore[method-assign]


def _own(_: Request, error: Exception) -> Response:
    assert isinstance(error, ApiProblem)
    return problem(error.status, error.code, error.detail, error.problems, headers=error.headers)


def _told(_: Request, error: Exception) -> Response:
    status, code = next(answer for kind, answer in ANSWERS.items() if isinstance(error, kind))
    return problem(status, code, str(error))


def _not_allowed(_: Request, error: Exception) -> Response:
    assert isinstance(error, NotAllowed)
    return problem(HTTPStatus.CONFLICT, error.code, error.text)


def _invalid(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    problems = [Problem("E_PARAMETER", _path(e["loc"]), worded(e), shown(e.get("input"))) for e in error.errors()]
    return problem(HTTPStatus.UNPROCESSABLE_ENTITY, "E_PARAMETER", "The request does not have the form it needs.", problems)


def _path(location: Sequence[str | int]) -> str:
    """`query.limit`, `body.reason`, `body.ids[2]`."""
    text = ""
    for part in location:
        text += f"[{part}]" if isinstance(part, int) else f".{part}"
    return text.removeprefix(".")


def _refused(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    code = CODES.get(HTTPStatus(error.status_code), "E_REQUEST")
    detail = DETAILS.get(str(error.detail), str(error.detail))
    return problem(error.status_code, code, detail, headers=error.headers)


def _unavailable(_: Request, error: Exception) -> Response:
    log.warning("unavailable", extra={"error": str(error)})
    return problem(
        HTTPStatus.SERVICE_UNAVAILABLE, "E_UNAVAILABLE", "The hub cannot answer just now; try again.", headers=RETRY_AFTER
    )


def _failed(request: Request, error: Exception) -> Response:
    log.error("failed", exc_info=error, extra={"path": request.url.path})
    return problem(HTTPStatus.INTERNAL_SERVER_ERROR, "E_INTERNAL", "The hub failed to answer; the failure is in its log.")
