"""Errors as people and programs read them: RFC 9457 problem JSON below /api/, a page elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.core.exceptions import DisallowedHost, PermissionDenied, RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from rest_framework.exceptions import APIException, ValidationError
from rest_framework.views import exception_handler

from mam.errors import (
    BadMedia,
    BadRequest,
    Conflict,
    Forbidden,
    MamError,
    NoSpace,
    NotFound,
    RefusedPath,
    TransientError,
    WeightsMissing,
)

PROBLEM_JSON = "application/problem+json"

# The first class that fits gives the status: the narrow ones stand before their parents.
STATUSES: tuple[tuple[type[MamError], HTTPStatus], ...] = (
    (NotFound, HTTPStatus.NOT_FOUND),
    (Conflict, HTTPStatus.CONFLICT),
    (Forbidden, HTTPStatus.FORBIDDEN),
    (BadRequest, HTTPStatus.BAD_REQUEST),
    (RefusedPath, HTTPStatus.FORBIDDEN),
    (BadMedia, HTTPStatus.UNPROCESSABLE_ENTITY),
    (NoSpace, HTTPStatus.INSUFFICIENT_STORAGE),
    (WeightsMissing, HTTPStatus.SERVICE_UNAVAILABLE),
    (TransientError, HTTPStatus.SERVICE_UNAVAILABLE),
    (MamError, HTTPStatus.UNPROCESSABLE_ENTITY),
)


def status_of(error: MamError) -> HTTPStatus:
    return next(status for kind, status in STATUSES if isinstance(error, kind))


def problem(status: int, detail: str, **members: Any) -> dict[str, Any]:
    """The members of a problem; `type` is left out, which RFC 9457 reads as about:blank."""
    return {
        "title": HTTPStatus(status).phrase,
        "status": int(status),
        "detail": detail,
        **members,
    }


def handle_api_error(error: Exception, context: dict[str, Any]) -> HttpResponse | None:
    """DRF's EXCEPTION_HANDLER: every error of the API as a problem; None lets a bug be a 500.

    JSON whatever was negotiated: an error of the schema's address is no schema.
    """
    if isinstance(error, MamError):
        return _as_json(status_of(error), str(error))
    if isinstance(error, RequestDataTooBig):
        return _as_json(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "The request is too large.")
    response = exception_handler(error, context)
    if response is None:
        return None
    if isinstance(error, ValidationError):
        detail, members = "Some fields cannot be taken.", {"errors": response.data}
    elif isinstance(error, APIException):
        detail, members = str(error.detail), {}
    else:
        detail, members = str(error) or HTTPStatus(response.status_code).phrase, {}
    answer = _as_json(response.status_code, detail, **members)
    for key in ("WWW-Authenticate", "Retry-After"):
        if key in response:
            answer[key] = response[key]
    return answer


def _as_json(status: int, detail: str, **members: Any) -> HttpResponse:
    return JsonResponse(
        problem(status, detail, **members), status=int(status), content_type=PROBLEM_JSON
    )


def answer(request: HttpRequest, status: int, detail: str) -> HttpResponse:
    """An error outside DRF: a problem below /api/, the error page (or its fragment) elsewhere."""
    if request.path.startswith("/api/"):
        return _as_json(status, detail)
    template = "web/_error.html" if request.headers.get("HX-Request") else "web/error.html"
    values = {
        "status": status,
        "title": HTTPStatus(status).phrase,
        "detail": detail,
        "back": _came_from(request),
    }
    return render(request, template, values, status=status)


def _came_from(request: HttpRequest) -> str:
    """The page of ours that led here, so that an error is no dead end; "" where there is none."""
    referer = request.headers.get("Referer", "")
    try:
        ours = url_has_allowed_host_and_scheme(referer, request.get_host(), request.is_secure())
        here = request.build_absolute_uri()
    except DisallowedHost:  # which may be the error itself
        return ""
    return referer if ours and referer.startswith("http") and referer != here else ""


class ProblemMiddleware:
    """Turns a MamError raised by a page into its answer, and gives a wrong method words."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code == HTTPStatus.METHOD_NOT_ALLOWED and not response.content:
            said = answer(request, HTTPStatus.METHOD_NOT_ALLOWED, "This address shows no page.")
            said["Allow"] = response["Allow"]
            return said
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if isinstance(error, MamError):
            return answer(request, status_of(error), str(error))
        return None


def page_not_found(request: HttpRequest, exception: Http404) -> HttpResponse:
    """handler404."""
    return answer(request, HTTPStatus.NOT_FOUND, "There is nothing at this address.")


def permission_denied(request: HttpRequest, exception: PermissionDenied) -> HttpResponse:
    """handler403."""
    return answer(request, HTTPStatus.FORBIDDEN, "You may not do this.")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """CSRF_FAILURE_VIEW: a page that was open for too long, or a form of another site."""
    return answer(
        request,
        HTTPStatus.FORBIDDEN,
        "The form was not sent from a page of yours that is still good: load the page again, "
        "with cookies allowed, and try once more.",
    )


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """handler400."""
    return answer(request, HTTPStatus.BAD_REQUEST, "The request cannot be read.")


def server_error(request: HttpRequest) -> HttpResponse:
    """handler500. What failed may be the database, which the page needs too."""
    status = HTTPStatus.INTERNAL_SERVER_ERROR
    detail = "Something went wrong here; the server's log says what."
    try:
        return answer(request, status, detail)
    except Exception:
        return HttpResponse(detail, status=status, content_type="text/plain; charset=utf-8")
