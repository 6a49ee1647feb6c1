"""The forms of an asset's page by which people correct what machines found."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.http.request import QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from mam.catalog import corrections
from mam.catalog.records import CorrectionKind
from mam.errors import BadRequest
from mam.timing import FrameRange

PRESSED = (CorrectionKind.CONFIRM_TAG, CorrectionKind.REFUSE_TAG)
"""Buttons that say all by themselves: their value is START:END:KIND:TAG."""


@require_POST
def correct(request: HttpRequest, asset_id: str) -> HttpResponse:
    """One of: `confirm_tag=START:END:KIND:TAG`, `refuse_tag=…`, `undo=ID`; or `kind` with `start`,
    `end` and what that kind says (see the API). Back to the asset's page."""
    wanted, author = request.POST, corrections.author_of(request.user)
    if "undo" in wanted:
        corrections.correction_undo(_whole(wanted["undo"]), author=author)
    else:
        kind, range, said = _said(wanted)
        corrections.correction_make(asset_id, kind=kind, range=range, author=author, said=said)
    part = wanted.get("part", "")
    at = f"#{part}" if part in ("shots", "transcript", "sounds", "corrections") else ""
    return redirect(reverse("asset", args=[asset_id]) + at)


def _said(wanted: QueryDict) -> tuple[str, FrameRange, dict[str, str]]:
    for kind in PRESSED:
        if kind in wanted:
            start, end, tag_kind, tag = (*wanted.get(kind, "").split(":", 3), "", "", "")[:4]
            place = FrameRange(_whole(start), _whole(end))
            return kind, place, {"tag": tag, "tag_kind": tag_kind}
    said = {name: wanted.get(name, "") for name in ("tag", "tag_kind", "text")}
    return (
        wanted.get("kind", ""),
        FrameRange(_whole(wanted.get("start", "")), _whole(wanted.get("end", ""))),
        said,
    )


def _whole(text: str) -> int:
    """Raises BadRequest for what is no whole number, or none that a frame could have."""
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        raise BadRequest(f"{text[:40]!r} is no whole number.")
    return int(text)
