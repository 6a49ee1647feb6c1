"""The pages of timelines: clips in order, arranged by hand, ready to leave."""

from __future__ import annotations

from fractions import Fraction

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.request import QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from editing import selectors, services
from editing.presenting import speed_in_words
from editing.records import Assembled, ChosenRange, ClipRecord, TimelineRecord
from mam.catalog.choosing import ranges_chosen
from mam.catalog.presenting import play_range, rate_in_words
from mam.catalog.records import AssetRecord
from mam.catalog.selectors import assets_get
from mam.errors import BadRequest
from mam.timing import FrameRate, Timecode, clock, parse_seconds


@require_safe
def timelines(request: HttpRequest) -> HttpResponse:
    values = {"section": "timelines", "timelines": selectors.timelines_list()}
    return render(request, "editing/timelines.html", values)


@require_safe
def timeline(request: HttpRequest, timeline_id: str) -> HttpResponse:
    record = selectors.timeline_get(timeline_id)
    assets = assets_get({clip.asset_id for clip in record.clips if clip.asset_id})
    clips = [_shown(record, clip, assets.get(clip.asset_id)) for clip in record.clips]
    values = {
        "section": "timelines",
        "timeline": record,
        "clips": clips,
        "end_tc": str(record.timecode(record.duration)),
        "length": clock(record.rate.seconds(record.duration)),
        "rate": rate_in_words(record.rate),
        "transitions": [
            (str(record.timecode(item.range.start)), item) for item in record.transitions
        ],
        "markers": [(str(record.timecode(item.range.start)), item) for item in record.markers],
    }
    return render(request, "editing/timeline.html", values)


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
    """One of: delete, remove=CLIP, up=CLIP, down=CLIP, else rename."""
    wanted = request.POST
    if "delete" in wanted:
        services.timeline_delete(timeline_id)
        return redirect("timelines")
    if "remove" in wanted:
        services.clip_remove(timeline_id, wanted["remove"])
    elif "up" in wanted or "down" in wanted:
        _move(timeline_id, wanted)
    else:
        services.timeline_rename(timeline_id, name=wanted.get("name", ""))
    return redirect("timeline", timeline_id)


def _made(request: HttpRequest, made: Assembled) -> HttpResponse:
    for note in made.notes:
        messages.info(request, note)
    return redirect("timeline", made.timeline.id)


def _ranges(wanted: QueryDict) -> list[ChosenRange]:
    return [ChosenRange(asset_id, range) for asset_id, range in ranges_chosen(wanted)]


def _seconds(text: str) -> Fraction | None:
    return parse_seconds(text) if text.strip() else None


def _move(timeline_id: str, wanted: QueryDict) -> None:
    order = [clip.id for clip in selectors.timeline_get(timeline_id).clips]
    clip, step = (wanted["up"], -1) if "up" in wanted else (wanted["down"], 1)
    if clip in order:
        at = order.index(clip)
        to = min(max(at + step, 0), len(order) - 1)
        order.insert(to, order.pop(at))
        services.clips_reorder(timeline_id, order)


def _shown(
    record: TimelineRecord, clip: ClipRecord, asset: AssetRecord | None
) -> dict[str, object]:
    """What a row of the page says; of a title only where it stands and what it says."""
    placed: dict[str, object] = {
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
        "online": bool(asset.path),
    }
