"""Signing in, with a brake on guessing that holds across web processes and restarts."""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus
from typing import Any

from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from mam.web.models import FailedSignIn
from mam.web.problems import answer

WINDOW = timedelta(minutes=5)
FAILURES_A_NAME = 5
FAILURES_AN_ADDRESS = 30


def address_of(request: HttpRequest) -> str:
    """The peer's address. Forwarded headers are not trusted: anyone can write them."""
    return str(request.META.get("REMOTE_ADDR", ""))[:45]


def is_braked(name: str, address: str) -> bool:
    """Whether this name, or this address, has failed too often of late."""
    recent = FailedSignIn.objects.filter(at__gt=timezone.now() - WINDOW)
    by_name = recent.filter(name=_folded(name)).count() >= FAILURES_A_NAME
    return by_name or recent.filter(address=address).count() >= FAILURES_AN_ADDRESS


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
