"""Signing in, with a brake on guessing that holds across web processes and restarts."""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import LoginView, redirect_to_login
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme

from mam.web.models import FailedSignIn
from mam.web.problems import answer

WINDOW = timedelta(minutes=5)
FAILURES_A_NAME_AND_ADDRESS = 5
# From anywhere: wide enough that nobody is kept out by a stranger's few guesses at his name.
FAILURES_A_NAME = 50
FAILURES_AN_ADDRESS = 50
# All who come through a proxy on this machine have its address: it is not one guesser's.
SHARED_ADDRESSES = {"127.0.0.1", "::1", ""}


def address_of(request: HttpRequest) -> str:
    """The peer's address. Forwarded headers are not trusted: anyone can write them."""
    return str(request.META.get("REMOTE_ADDR", ""))[:45]


def is_braked(name: str, address: str) -> bool:
    """Whether this name here, or either name or address alone, has failed too often of late."""
    recent = FailedSignIn.objects.filter(at__gt=timezone.now() - WINDOW)
    by_name = recent.filter(name=_folded(name))
    if by_name.filter(address=address).count() >= FAILURES_A_NAME_AND_ADDRESS:
        return True
    if by_name.count() >= FAILURES_A_NAME:
        return True
    if address in SHARED_ADDRESSES:
        return False
    return recent.filter(address=address).count() >= FAILURES_AN_ADDRESS


def failure_record(name: str, address: str) -> None:
    FailedSignIn.objects.create(name=_folded(name), address=address)
    FailedSignIn.objects.filter(at__lt=timezone.now() - 12 * WINDOW).delete()


def failures_forget(name: str, address: str) -> None:
    """After a right password."""
    FailedSignIn.objects.filter(Q(name=_folded(name)), Q(address=address)).delete()


def _folded(name: str) -> str:
    return name.strip().casefold().replace("\0", "")[:150]


class SignIn(LoginView):
    """The only page that needs no user."""

    template_name = "web/sign_in.html"
    redirect_authenticated_user = True

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if is_braked(request.POST.get("username", ""), address_of(request)):
            response = answer(
                request,
                HTTPStatus.TOO_MANY_REQUESTS,
                "Too many wrong passwords: wait five minutes and try again.",
            )
            response["Retry-After"] = str(int(WINDOW.total_seconds()))
            return response
        return super().post(request, *args, **kwargs)

    def form_invalid(self, form: AuthenticationForm) -> HttpResponse:
        failure_record(self.request.POST.get("username", ""), address_of(self.request))
        return super().form_invalid(form)

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        failures_forget(form.cleaned_data["username"], address_of(self.request))
        return super().form_valid(form)


class UserRequired(LoginRequiredMiddleware):
    """Every page needs a user. A fragment asked for by htmx sends the whole page to sign in."""

    def process_view(
        self, request: HttpRequest, view_func: Any, view_args: Any, view_kwargs: Any
    ) -> HttpResponseBase | None:
        response = super().process_view(request, view_func, view_args, view_kwargs)
        if response is not None and request.method not in ("GET", "HEAD"):
            # What was sent is lost, and its address shows nothing: back to where it came from.
            sent_from = urlsplit(request.headers.get("Referer", ""))
            ours = sent_from.netloc == request.get_host()
            page = urlunsplit(("", "", sent_from.path, sent_from.query, "")) if ours else "/"
            response = redirect_to_login(page)
        if response is None or not request.headers.get("HX-Request"):
            return response
        shown = request.headers.get("HX-Current-URL", "")
        here = url_has_allowed_host_and_scheme(shown, {request.get_host()})
        parts = urlsplit(shown if here else "/")
        to = redirect_to_login(urlunsplit(("", "", parts.path or "/", parts.query, "")))
        return HttpResponse(headers={"HX-Redirect": to["Location"]})
