"""The pages of timelines: clips in order, arranged by hand, ready to leave."""

from __future__ import annotations

from fractions import Fraction
from pathlib import PurePath

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.http.request import QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_POST, require_safe

from editing import selectors, services
from editing.pictures import picture, picture_place
from editing.presenting import speed_in_words
from editing.records import Assembled, ChosenRange, ClipRecord, TimelineHead
from mam.catalog.choosing import ranges_chosen
from mam.catalog.presenting import play_range, rate_in_words
from mam.catalog.records import AssetRecord
from mam.catalog.selectors import assets_get
from mam.errors import BadRequest
from mam.timing import FrameRate, Timecode, clock, parse_seconds

CLIPS_A_PAGE = 100
TIMELINES_A_PAGE = 50
PICTURE_KEPT = 24 * 3600  # seconds: a frame of an asset is what it is


@require_safe
def timelines(request: HttpRequest) -> HttpResponse:
    page = Paginator(selectors.timelines_rows(), TIMELINES_A_PAGE).get_page(request.GET.get("page"))
    values = {
        "section": "timelines",
        "page": page,
        "timelines": selectors.timeline_heads(page),
    }
    return render(request, "editing/timelines.html", values)


@require_safe
def timeline(request: HttpRequest, timeline_id: str) -> HttpResponse:
    """Its clips in pages, with what goes over and is marked among them; `?at=` a record timecode
    leads to the page of what is seen there."""
    head = selectors.timeline_head(timeline_id)
    if at := request.GET.get("at", "").strip():
        tc = Timecode.parse(at, head.rate, drop=head.drop_frame)
        place = selectors.clip_place(head.id, tc.frames - head.start)
        return _to_page(head.id, place // CLIPS_A_PAGE + 1, place + 1)
    page = Paginator(range(head.clip_count), CLIPS_A_PAGE).get_page(request.GET.get("page"))
    first = max(page.start_index() - 1, 0)
    part = selectors.timeline_part(head.id, first, CLIPS_A_PAGE)
    assets = assets_get({clip.asset_id for clip in part.clips if clip.asset_id})
    values = {
        "section": "timelines",
        "timeline": head,
        "page": page,
        "clips": [
            _shown(head, row, clip, assets.get(clip.asset_id))
            for row, clip in enumerate(part.clips, first + 1)
        ],
        "end_tc": str(head.timecode(head.duration)),
        "length": clock(head.rate.seconds(head.duration)),
        "rate": rate_in_words(head.rate),
        "transitions": [(str(head.timecode(item.range.start)), item) for item in part.transitions],
        "markers": [(str(head.timecode(item.range.start)), item) for item in part.markers],
    }
    return render(request, "editing/timeline.html", values)


@require_safe
def clip_picture(request: HttpRequest, asset_id: str, frame: int) -> HttpResponseBase:
    """A frame as a small picture, kept by the browser; where there is no proxy to read it from, the
    nearest picture that there is."""
    if (place := picture_place(asset_id, frame)) is None:
        return redirect("keyframe", asset_id, frame)
    proxy, rate = place
    etag = f'"{PurePath(proxy).stem}-{frame}"'
    answer = get_conditional_response(request, etag=etag)
    if answer is None:
        if (jpeg := picture(proxy, frame, rate)) is None:
            return redirect("keyframe", asset_id, frame)
        answer = HttpResponse(jpeg, content_type="image/jpeg")
    answer["ETag"] = etag
    answer["Cache-Control"] = f"private, max-age={PICTURE_KEPT}"
    return answer


@require_POST
def timeline_create(request: HttpRequest) -> HttpResponse:
    """A cut of ticked ranges (`range=ASSET:START:END`, repeated), of words, or of a collection."""
    wanted = request.POST
    wishes = services.Wishes(
        name=wanted.get("name", ""),
        rate=FrameRate.parse(wanted["rate"]) if wanted.get("rate") else None,
        start_tc=wanted.get("start_tc") or services.START_TC,
        owner_id=request.user.pk,
    )
    if wanted.getlist("range") or not (wanted.get("words") or wanted.get("collection")):
        made = services.timeline_from_hits(wishes, _ranges(wanted))
    else:
        made = services.timeline_assemble(
            wishes,
            words=wanted.get("words", ""),
            collection=wanted.get("collection", ""),
            length=_seconds(wanted.get("length", "")),
        )
    return _made(request, made)


@require_POST
def timeline_append(request: HttpRequest) -> HttpResponse:
    """Lay ticked ranges after the last clip of `timeline`."""
    if not request.POST.get("timeline"):
        raise BadRequest("Choose the timeline to append to.")
    return _made(request, services.timeline_append(request.POST["timeline"], _ranges(request.POST)))


@require_POST
def timeline_change(request: HttpRequest, timeline_id: str) -> HttpResponse:
    """One of: delete, remove=CLIP, up=CLIP, down=CLIP, else rename. What is shown next is the page
    `?page=` that it was asked on."""
    wanted = request.POST
    if "delete" in wanted:
        services.timeline_delete(timeline_id)
        return redirect("timelines")
    row = _number(request.GET.get("row", ""))
    if "remove" in wanted:
        services.clip_remove(timeline_id, wanted["remove"])
    elif "up" in wanted or "down" in wanted:
        row = _move(request, timeline_id)
    elif (name := wanted.get("name", "")) != _in_a_field(timeline_id):
        services.timeline_rename(timeline_id, name=name)
    return _to_page(timeline_id, _number(request.GET.get("page", "")), row)


def _in_a_field(timeline_id: str) -> str:
    """The name as a field of one line sends it when nobody touched it: a browser takes line breaks
    out, and a name that has some is to keep them."""
    name = selectors.timeline_head(timeline_id).name
    return name.replace("\r", "").replace("\n", "")


def _to_page(timeline_id: str, page: int, row: int) -> HttpResponse:
    """A page of a timeline at one of its rows, which count from 1; 0: at its top."""
    address = reverse("timeline", args=[timeline_id])
    return redirect(
        address + (f"?page={page}" if page > 1 else "") + (f"#clip-{row}" if row else "")
    )


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0


def _made(request: HttpRequest, made: Assembled) -> HttpResponse:
    for note in made.notes:
        messages.info(request, note)
    return redirect("timeline", made.timeline.id)


def _ranges(wanted: QueryDict) -> list[ChosenRange]:
    return [ChosenRange(asset_id, range) for asset_id, range in ranges_chosen(wanted)]


def _seconds(text: str) -> Fraction | None:
    return parse_seconds(text) if text.strip() else None


def _move(request: HttpRequest, timeline_id: str) -> int:
    """The row that the clip is now; 0 where that is on another page, which is told."""
    clip, by = (request.POST["up"], -1) if "up" in request.POST else (request.POST["down"], 1)
    place = services.clip_move(timeline_id, clip, by)
    page = place // CLIPS_A_PAGE + 1
    if page != max(_number(request.GET.get("page", "")), 1):
        messages.info(request, f"The clip is on page {page} now.")
        return 0
    return place + 1


def _shown(
    record: TimelineHead, row: int, clip: ClipRecord, asset: AssetRecord | None
) -> dict[str, object]:
    """What a row of the page says; of a title only where it stands and what it says."""
    placed: dict[str, object] = {
        "row": row,
        "clip": clip,
        "record_in": str(record.timecode(clip.record.start)),
        "record_out": str(record.timecode(clip.record.end)),
        "speed": speed_in_words(clip.speed),
    }
    if asset is None:
        return placed
    facts = asset.technical
    rate = facts.rate

    def source_tc(frame: int) -> str:
        if facts.kind == "audio":
            return clock(rate.seconds(facts.start + frame))
        return str(Timecode(facts.start + frame, rate, facts.drop_frame))

    return {
        **placed,
        "source_in": source_tc(clip.source.start),
        "source_out": source_tc(clip.source.end),
        "play": play_range(rate, clip.source.start, clip.source.end),
        "sound": not clip.has_picture,
        "picture": reverse("clip-picture", args=[clip.asset_id, clip.first_shown]),
        "online": bool(asset.path),
    }
