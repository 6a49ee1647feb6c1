"""The forms of an asset's page by which people correct what machines found."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.request import QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from mam.catalog import corrections
from mam.catalog.choosing import frame_of
from mam.catalog.records import CorrectionKind
from mam.catalog.selectors import asset_get
from mam.errors import BadRequest
from mam.timing import FrameRange, parse_seconds

PARTS = ("shots", "speakers", "transcript", "sounds", "notes", "corrections")
"""What of an asset's page one may come back to."""
PRESSED = (CorrectionKind.CONFIRM_TAG, CorrectionKind.REFUSE_TAG)
"""Buttons that say all by themselves: their value is START:END:KIND:TAG."""


@require_POST
def correct(request: HttpRequest, asset_id: str) -> HttpResponse:
    """One of: `confirm_tag=START:END:KIND:TAG`, `refuse_tag=…`, `merge_shots=FRAME`, `undo=ID`; or
    `kind` with `start`, `end` and what that kind says (see the API); cuts and markers with `at`, a
    timecode. Back to the asset's page."""
    wanted, author = request.POST, corrections.author_of(request.user)
    if "undo" in wanted:
        corrections.correction_undo(_whole(wanted["undo"]), author=author)
    else:
        kind, range, said = _said(asset_id, wanted)
        corrections.correction_make(asset_id, kind=kind, range=range, author=author, said=said)
    part = wanted.get("part", "")
    at = f"#{part}" if part in PARTS else ""
    return redirect(reverse("asset", args=[asset_id]) + at)


def _said(asset_id: str, wanted: QueryDict) -> tuple[str, FrameRange | None, dict[str, Any]]:
    for kind in PRESSED:
        if kind in wanted:
            start, end, tag_kind, tag = (*wanted.get(kind, "").split(":", 3), "", "", "")[:4]
            place = FrameRange(_whole(start), _whole(end))
            return kind, place, {"tag": tag, "tag_kind": tag_kind}
    if CorrectionKind.MERGE_SHOTS in wanted:
        return CorrectionKind.MERGE_SHOTS, _one(_whole(wanted.get("merge_shots", ""))), {}
    wish = wanted.get("kind", "")
    if wish == CorrectionKind.RATE:
        return wish, None, {"stars": _whole(wanted.get("stars", ""))}
    if wish in (CorrectionKind.SPLIT_SHOT, CorrectionKind.MARK):
        place = _one(_frame(asset_id, wanted.get("at", "")))
        return wish, place, {"note": wanted.get("note", "")}
    if wish == CorrectionKind.MOVE_CUT:
        to = _frame(asset_id, wanted.get("at", ""))
        return wish, _one(_whole(wanted.get("start", ""))), {"to_frame": to}
    said = {name: wanted.get(name, "") for name in ("tag", "tag_kind", "text", "name")}
    place = FrameRange(_whole(wanted.get("start", "")), _whole(wanted.get("end", "")))
    return wish, place, said


def _frame(asset_id: str, text: str) -> int:
    """The frame at a source timecode, or at `@` and the player's seconds."""
    asset = asset_get(asset_id)
    if asset.facts is None:
        raise BadRequest(f"{asset.name} has not been looked at yet.")
    if text.startswith("@"):
        rate = asset.facts.rate
        # A browser's seconds fall short of a picture's first instant by a rounding.
        return rate.frame_at(parse_seconds(text[1:]) + Fraction(1, 100) / rate.value)
    return frame_of(asset, text)


def _one(frame: int) -> FrameRange:
    return FrameRange(frame, frame + 1)


def _whole(text: str) -> int:
    """Raises BadRequest for what is no whole number, or none that a frame could have."""
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        raise BadRequest(f"{text[:40]!r} is no whole number.")
    return int(text)
