"""The buttons that change the queue: on the jobs page and on the page of an asset."""

from __future__ import annotations

import os

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from mam.errors import BadRequest
from mam.pipeline import controls, services
from mam.pipeline.controls import Scope
from mam.pipeline.preferring import MOST_LEVEL
from mam.printing import counted


@require_POST
def queue_pause(request: HttpRequest) -> HttpResponse:
    """`queue`: none means all of them."""
    made = controls.pause(request.POST.get("queue", ""), by=_who(request))
    messages.success(request, f"{made.queue or 'The pipeline'} is paused.")
    return redirect("jobs")


@require_POST
def queue_resume(request: HttpRequest) -> HttpResponse:
    gone = controls.resume(request.POST.get("queue", ""))
    names = ", ".join(name or "the pipeline" for name in gone)
    messages.success(request, f"Resumed: {names}." if gone else "Nothing was paused.")
    return redirect("jobs")


@require_POST
def folder_change(request: HttpRequest) -> HttpResponse:
    """Put the files of a folder first, or index them again."""
    scope = Scope(folder=os.fsencode(_text(request, "folder")))
    action = request.POST.get("action", "")
    if action == "reindex":
        made = controls.reindex(scope)
        messages.success(request, f"Indexed again: {counted(made.assets, 'file')}.")
    elif action in ("first", "last"):
        count = controls.prioritise(scope, int(action == "first"), by=_who(request))
        said = "First" if action == "first" else "With the others"
        messages.success(request, f"{said}: {counted(count, 'file')}.")
    else:
        raise BadRequest("Say what to do with the folder: first, last or reindex.")
    return redirect("jobs")


@require_POST
def step_skip(request: HttpRequest, asset_id: str) -> HttpResponse:
    step = _text(request, "step")
    controls.skip(asset_id, step, by=_who(request))
    messages.success(request, f"{step} is skipped.")
    return redirect("asset", asset_id)


@require_POST
def step_retry(request: HttpRequest, asset_id: str) -> HttpResponse:
    steps = services.retry(asset_id, _text(request, "step"))
    messages.success(request, f"Tried again: {', '.join(steps)}.")
    return redirect("asset", asset_id)


@require_POST
def asset_reindex(request: HttpRequest, asset_id: str) -> HttpResponse:
    """`step`: that one alone, and what is computed from it; none means every step."""
    step = _text(request, "step")
    controls.reindex(Scope(asset_id=asset_id), [step] if step else [])
    messages.success(request, f"{step or 'Everything'} is looked for again.")
    return redirect("asset", asset_id)


@require_POST
def asset_priority(request: HttpRequest, asset_id: str) -> HttpResponse:
    """`level`: 1-9, or 0 for no priority."""
    level = _text(request, "level")
    if not (level.isascii() and level.isdecimal() and len(level) == 1):
        raise BadRequest(f"A priority is a whole number from 0 to {MOST_LEVEL}.")
    controls.prioritise(Scope(asset_id=asset_id), int(level), by=_who(request))
    messages.success(request, "It goes first." if level != "0" else "It goes with the others.")
    return redirect("asset", asset_id)


def _who(request: HttpRequest) -> str:
    return str(request.user.get_username())


def _text(request: HttpRequest, name: str) -> str:
    """A field of the form; what no file system and no database takes is not in it."""
    return request.POST.get(name, "").replace("\0", "")
