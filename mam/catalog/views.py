"""The pages of the library, an asset and collections; and the files that pages show."""

from __future__ import annotations

import re
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from mam.catalog import selectors, services
from mam.catalog.card_records import RecordingRecord
from mam.catalog.cards import recording_of, recordings_of, without_sound_apart
from mam.catalog.choosing import ranges_chosen
from mam.catalog.files import home
from mam.catalog.models import Asset, Keyframe, Shot
from mam.catalog.overlay import ratings_given
from mam.catalog.presenting import (
    play_range,
    rate_in_words,
    shots_with_tags,
    states_of,
    timecode_at,
)
from mam.catalog.presenting_corrections import history
from mam.catalog.presenting_quality import flaws_shown, loudness_in_words
from mam.catalog.presenting_speech import spoken_parts, voices_shown
from mam.catalog.quality import flaw_record, flaws_rows, loudness_of
from mam.catalog.records import (
    PERSON,
    QUALITY,
    CollectionItemRecord,
    CollectionRecord,
    CorrectionKind,
)
from mam.catalog.speaking import speaking_of
from mam.catalog.standing import corrections_standing
from mam.errors import BadRequest
from mam.timing import FrameRange
from mam.web.fragments import page_or_part
from mam.web.streaming import file_response

TILES_A_PAGE = 48
CORRECTIONS_SHOWN = 50
FLAWS_SHOWN = 200
SECONDS = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9})?")

# What a browser is told that a derived file is, by recipe and suffix.
TYPES = {
    ".mp4": "video/mp4",
    ".m4a": "audio/mp4",
    ".jpg": "image/jpeg",
    ".png": "image/png",
    ".wav": "audio/wav",
    ".json": "application/json",
    ".bin": "application/octet-stream",
}


@require_safe
def library(request: HttpRequest) -> HttpResponse:
    """Every asset, the newest first; `?name=` and `?card=` narrow it, `?removed=1` shows what was
    removed. The sound files of a clip stand on its page, and are shown here when they are asked for
    by name."""
    name = request.GET.get("name", "").replace("\0", "").strip()
    card = request.GET.get("card", "").replace("\0", "")
    removed = request.GET.get("removed") == "1"
    rows = selectors.assets_with_files().filter(removed_at__isnull=not removed)
    if name:
        rows = rows.filter(name__icontains=name)
    elif not removed:
        rows = without_sound_apart(rows)
    if card:
        rows = rows.filter(card_part__card=card)
    page = Paginator(rows, TILES_A_PAGE).get_page(request.GET.get("page"))
    states = states_of(str(asset.pk) for asset in page)
    recordings = recordings_of(str(asset.pk) for asset in page)
    glimpsed = set(Keyframe.objects.filter(asset__in=list(page)).values_list("asset_id", flat=True))
    tiles = [
        _tile(asset, states[str(asset.pk)], recordings.get(str(asset.pk)), asset.pk in glimpsed)
        for asset in page
    ]
    values = {
        "section": "library",
        "page": page,
        "tiles": tiles,
        "name": name,
        "card": card,
        "removed": removed,
        # Looked at again and again only as long as something may change.
        "working": not removed and any(tile["state"].status == "queued" for tile in tiles),
    }
    return page_or_part(request, "catalog/library.html", values, tiles="catalog/_tiles.html")


@require_safe
def asset(request: HttpRequest, asset_id: str) -> HttpResponse:
    """One asset: player, shots, transcript, tags."""
    row = selectors.asset_row(asset_id)
    rate = row.rate
    values = {
        "section": "library",
        "asset": row,
        "rate": rate_in_words(rate),
        "state": states_of([str(row.pk)])[str(row.pk)],
        "recipes": {item.recipe for item in row.renditions.all()},
        "duration": _duration(row),
        "start_tc": timecode_at(row, 0),
        "recording": recording_of(str(row.pk)),
        "fragment": _fragment(request),
        "shots": _shots(row),
        "glimpses": _glimpses(row),
        "transcript": _transcript(row),
        "screen_texts": [
            {"text": item.text, "play": play_range(rate, item.range.start, item.range.end)}
            for item in selectors.screen_texts_of(str(row.pk))
        ],
        "sounds": [
            {
                "name": item.tag,
                "kind": item.kind,
                "score": item.score,
                "source": item.source,
                "confirmed": item.source == PERSON,
                "start": item.range.start,
                "end": item.range.end,
                "tc": timecode_at(row, item.range.start),
                "play": play_range(rate, item.range.start, item.range.end),
            }
            for item in selectors.taggings_of(str(row.pk))
            if item.kind == "sound"
        ],
        **_checked(row),
        **_said_of(row),
    }
    return render(request, "catalog/asset.html", values)


@require_safe
def rendition(request: HttpRequest, asset_id: str, recipe: str) -> HttpResponseBase:
    """A derived file, with HTTP Range. Only our own files are served, never a master."""
    path = selectors.rendition_path(asset_id, recipe)
    if path is None:
        raise Http404(recipe)
    kind = TYPES.get(path.suffix, "application/octet-stream")
    if recipe == "proxy" and selectors.asset_row(asset_id).kind == Asset.Kind.AUDIO:
        kind = "audio/mp4"
    return file_response(request, path, kind)


@require_safe
def keyframe(request: HttpRequest, asset_id: str, frame: int) -> HttpResponseBase:
    """The keyframe nearest to a frame: the one of its shot where there is one."""
    frames = Keyframe.objects.filter(asset_id=asset_id)
    row = frames.filter(start__lte=frame, end__gt=frame).order_by("-start", "frame").first()
    row = row or frames.filter(frame__lte=frame).order_by("-frame").first() or frames.first()
    if row is not None:
        return file_response(request, home() / row.path, "image/jpeg")
    return rendition(request, asset_id, "poster")


@require_POST
def asset_remove(request: HttpRequest, asset_id: str) -> HttpResponse:
    services.asset_remove(asset_id)
    messages.success(request, "Removed. It can be taken back under Library, removed.")
    return redirect("library")


@require_POST
def asset_restore(request: HttpRequest, asset_id: str) -> HttpResponse:
    services.asset_restore(asset_id)
    messages.success(request, "Taken back.")
    return redirect("asset", asset_id)


@require_safe
def collections(request: HttpRequest) -> HttpResponse:
    values = {"section": "collections", "collections": selectors.collections_list()}
    return render(request, "catalog/collections.html", values)


@require_POST
def collection_create(request: HttpRequest) -> HttpResponse:
    made = services.collection_create(name=request.POST.get("name", ""), owner_id=request.user.pk)
    return redirect("collection", made)


@require_safe
def collection(request: HttpRequest, collection_id: str) -> HttpResponse:
    record = selectors.collection_get(collection_id)
    values = {"section": "collections", "collection": record, "items": _items(record)}
    return render(request, "catalog/collection.html", values)


@require_POST
def collection_change(request: HttpRequest, collection_id: str) -> HttpResponse:
    """One of: rename, delete, remove=ITEM, up=ITEM, down=ITEM."""
    wanted = request.POST
    if "delete" in wanted:
        services.collection_delete(collection_id)
        return redirect("collections")
    if "remove" in wanted:
        services.collection_item_remove(collection_id, wanted["remove"])
    elif "up" in wanted or "down" in wanted:
        _move(collection_id, wanted)
    else:
        services.collection_rename(collection_id, name=wanted.get("name", ""))
    return redirect("collection", collection_id)


@require_POST
@transaction.atomic  # all that was ticked, or a page that says why nothing was
def collection_add(request: HttpRequest) -> HttpResponse:
    """Put ranges into a collection: `range=ASSET:START:END`, repeated; `collection` or `new`."""
    wanted = request.POST
    chosen = ranges_chosen(wanted)
    if not chosen:
        raise BadRequest("Tick what is to be collected first.")
    target = wanted.get("collection", "")
    if wanted.get("new", "").strip():
        target = services.collection_create(name=wanted["new"], owner_id=request.user.pk)
    if not target:
        raise BadRequest("Choose a collection, or name a new one.")
    for asset_id, range in chosen:
        services.collection_add(target, asset_id=asset_id, range=range)
    return redirect("collection", target)


def _move(collection_id: str, wanted: Any) -> None:
    order = [item.id for item in selectors.collection_get(collection_id).items]
    item, step = (wanted["up"], -1) if "up" in wanted else (wanted["down"], 1)
    if item in order:
        at = order.index(item)
        to = min(max(at + step, 0), len(order) - 1)
        order.insert(to, order.pop(at))
        services.collection_reorder(collection_id, order)


def _items(record: CollectionRecord) -> list[dict[str, Any]]:
    ids = {item.asset_id for item in record.items}
    assets = {str(row.pk): row for row in Asset.objects.filter(pk__in=ids)}
    return [_item(item, assets[item.asset_id]) for item in record.items]


def _item(item: CollectionItemRecord, row: Asset) -> dict[str, Any]:
    start_tc = timecode_at(row, item.range.start)
    return {
        "item": item,
        "asset": row,
        "label": f"{row.name}, {start_tc}",
        "sound": row.kind == Asset.Kind.AUDIO,
        "start_tc": start_tc,
        "end_tc": timecode_at(row, item.range.end),
        "play": play_range(row.rate, item.range.start, item.range.end),
    }


def _shots(row: Asset) -> list[dict[str, Any]]:
    shots = shots_with_tags(row, Shot.objects.filter(asset=row).order_by("start"))
    return [
        shot
        | {
            "label": f"shot {shot['number']}, {shot['start_tc']}",
            "play": play_range(row.rate, shot["start_frame"], shot["end_frame"]),
        }
        for shot in shots
    ]


def _glimpses(row: Asset) -> list[dict[str, Any]]:
    """What first looks saw, as long as no shots are known."""
    if Shot.objects.filter(asset=row).exists():
        return []
    frames = Keyframe.objects.filter(asset=row).order_by("frame").values_list("frame", flat=True)
    return [{"frame": frame, "tc": timecode_at(row, frame)} for frame in frames]


def _checked(row: Asset) -> dict[str, Any]:
    """What quality checks found; `checked` is False where nobody has looked yet."""
    analysis = row.analyses.filter(step=QUALITY).first()
    flaws = flaws_rows(str(row.pk))
    count = flaws.count()
    return {
        "checked": analysis is not None,
        "quality_note": analysis.note if analysis else "",
        "flaws": flaws_shown(row, map(flaw_record, flaws[:FLAWS_SHOWN])),
        "flaws_count": count,
        "flaws_more": max(0, count - FLAWS_SHOWN),
        "loudness": loudness_in_words(loudness_of(str(row.pk))),
    }


def _said_of(row: Asset) -> dict[str, Any]:
    """What people said of it; `older` of it is not shown."""
    rows = selectors.corrections_rows(str(row.pk))
    shown = list(rows[:CORRECTIONS_SHOWN])
    older = rows.count() - len(shown) if len(shown) == CORRECTIONS_SHOWN else 0
    stands = corrections_standing(str(row.pk))
    stars = ratings_given(stands).get(FrameRange(0, row.duration), 0)
    marks = rows.filter(kind=CorrectionKind.MARK, undone_at=None).order_by("start", "id")
    return {
        "history": history(row, shown),
        "older": older,
        "rating": str(stars),
        "markers": history(row, list(marks)),
    }


def _transcript(row: Asset) -> dict[str, Any] | None:
    """None where nobody has listened yet."""
    transcript = selectors.transcript_of(str(row.pk))
    if transcript is None:
        return None
    speaking = speaking_of(str(row.pk))
    return {
        "language": transcript.language,
        "voices": voices_shown(row, transcript, speaking),
        "segments": [
            {
                "text": segment.text,
                "parts": spoken_parts(segment, speaking),
                "speaker": speaking.on(segment.range).name,
                "start": segment.range.start,
                "end": segment.range.end,
                "tc": timecode_at(row, segment.range.start),
                "play": play_range(row.rate, segment.range.start, segment.range.end),
            }
            for segment in transcript.segments
        ],
    }


def _fragment(request: HttpRequest) -> str:
    """`?from=1.5&to=4` as a media fragment, by which a player starts there without a script."""
    edges = [request.GET.get(edge, "") for edge in ("from", "to")]
    if not SECONDS.fullmatch(edges[0]):
        return ""
    return f"#t={edges[0]}" + (f",{edges[1]}" if SECONDS.fullmatch(edges[1]) else "")


def _tile(
    row: Asset, state: Any, recording: RecordingRecord | None, glimpsed: bool
) -> dict[str, Any]:
    recipes = {item.recipe for item in row.renditions.all()}
    return {
        "asset": row,
        "state": state,
        "part": recording.in_words if recording else "",
        "has_poster": "poster" in recipes,
        "glimpsed": glimpsed,
        "duration": _duration(row),
    }


def _duration(row: Asset) -> str:
    rate = row.rate
    if rate is None or row.kind == Asset.Kind.STILL:
        return ""
    seconds = int(rate.seconds(row.duration))
    return f"{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
