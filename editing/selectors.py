"""Reading timelines: rows in, frozen records and the CutList out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from fractions import Fraction
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from editing.clips import (
    ClipRow,
    clip_records,
    clip_rows,
    clips_begun,
    clips_measured,
    clips_placed,
)
from editing.cutlist import (
    AudioLayout,
    Colour,
    CutList,
    Event,
    Marker,
    Source,
    Transition,
    TransitionKind,
    title_source,
)
from editing.models import Clip, Timeline
from editing.models import Marker as MarkerRow
from editing.models import Transition as TransitionRow
from editing.records import TimelineHead, TimelinePart, TimelineRecord
from mam.catalog.locations import shown
from mam.catalog.records import AssetRecord, TechnicalFacts
from mam.catalog.selectors import assets_get
from mam.errors import BadRequest, Conflict, NotFound
from mam.timing import FrameRange, round_half_up

DEFAULT_SIZE = (1920, 1080)
INTERLACED = ("tt", "bb")


def timelines_rows() -> QuerySet[Timeline]:
    """The newest first."""
    return Timeline.objects.all()


def timelines_list() -> list[TimelineHead]:
    return timeline_heads(timelines_rows())


def timelines_named() -> list[tuple[str, str]]:
    """The id and the name of each, the newest first."""
    return [(str(pk), name) for pk, name in timelines_rows().values_list("pk", "name")]


def timeline_heads(rows: Iterable[Timeline]) -> list[TimelineHead]:
    found = list(rows)
    sizes = clips_measured(found)
    return [TimelineHead(**_facts(row, *sizes.get(row.pk, (0, 0)))) for row in found]


def timeline_head(id_or_name: str) -> TimelineHead:
    """What stands above its clips. Raises as `timeline_get`."""
    return timeline_heads([timeline_row(id_or_name)])[0]


def timeline_part(timeline_id: str, first: int, count: int) -> TimelinePart:
    """`count` of its clips from the one at the place `first` on, from 0. Raises NotFound."""
    row = timeline_row(timeline_id)
    placed = list(clips_placed(row)[first : first + count + 1])
    start = placed[0][1][0] if first and placed else None
    end = placed[count][1][0] if len(placed) > count else None
    transitions = TransitionRow.objects.filter(track__timeline=row)
    markers = MarkerRow.objects.filter(timeline=row)
    if start is not None:
        transitions, markers = transitions.filter(at__gte=start), markers.filter(start__gte=start)
    if end is not None:
        transitions, markers = transitions.filter(at__lt=end), markers.filter(start__lt=end)
    return TimelinePart(
        clip_records(clip_rows(row, [link for link, _ in placed[:count]])),
        _transitions(transitions),
        _markers(markers),
    )


def clip_place(timeline_id: str, frame: int) -> int:
    """The place, from 0, of the last clip that begins at a frame of its timeline or before it."""
    return max(clips_begun(timeline_row(timeline_id), frame) - 1, 0)


def timeline_get(id_or_name: str) -> TimelineRecord:
    """By id, or by exact name. Raises NotFound; Conflict where several share the name."""
    return timeline_record(timeline_row(id_or_name))


def timeline_row(id_or_name: str) -> Timeline:
    wanted = shown(str(id_or_name)).replace("\0", "")
    try:
        row = timelines_rows().filter(pk=UUID(wanted)).first()
    except ValueError:
        row = None
    if row is not None:
        return row
    named = list(timelines_rows().filter(name=wanted)[:5])
    if not named:
        raise NotFound(f"There is no timeline {wanted[:80]!r}.")
    if len(named) > 1:
        ids = ", ".join(str(item.pk) for item in named)
        raise Conflict(f"Several timelines are named {wanted[:80]!r}; say which by id: {ids}.")
    return named[0]


def timeline_record(row: Timeline) -> TimelineRecord:
    clips = clip_records(clip_rows(row))
    end = max((clip.record.end for clip in clips), default=0)
    return TimelineRecord(
        **_facts(row, len(clips), end),
        clips=clips,
        transitions=_transitions_of(row),
        markers=_markers(row.markers.all()),
    )


def _facts(row: Timeline, clip_count: int, duration: int) -> dict[str, Any]:
    return {
        "id": str(row.pk),
        "name": row.name,
        "rate": row.rate,
        "start": row.start,
        "drop_frame": row.drop_frame,
        "width": row.width,
        "height": row.height,
        "created_at": row.created_at,
        "clip_count": clip_count,
        "duration": duration,
    }


def clips_in_order(row: Timeline) -> list[Clip]:
    """Every clip row as a model, to be moved: by record start, pictures before sound, lower tracks
    first."""
    order = ("record_start", "-track__kind", "track__number", "pk")
    return list(Clip.objects.filter(track__timeline=row).order_by(*order))


def _transitions_of(row: Timeline) -> tuple[Transition, ...]:
    return _transitions(TransitionRow.objects.filter(track__timeline=row))


def _transitions(rows: QuerySet[TransitionRow]) -> tuple[Transition, ...]:
    ordered = rows.select_related("track").order_by("-track__kind", "track__number", "at")
    return tuple(
        Transition(
            str(item.track), item.at, item.before, item.after, TransitionKind(item.kind), item.wipe
        )
        for item in ordered
    )


def _markers(rows: QuerySet[MarkerRow]) -> tuple[Marker, ...]:
    return tuple(
        Marker(
            FrameRange(item.start, item.start + item.duration),
            item.name,
            item.note,
            Colour(item.colour),
        )
        for item in rows
    )


def asset_uses(asset_id: str) -> list[str]:
    """What uses an asset, as `the timeline NAME (ID)`; asked before one is removed."""
    try:
        rows = Timeline.objects.filter(tracks__clips__asset_id=UUID(str(asset_id)))
    except ValueError:
        return []
    names = rows.order_by("name").values_list("pk", "name").distinct()
    return [f"the timeline {name!r} ({pk})" for pk, name in names]


def cutlist_of(id_or_name: str) -> CutList:
    """The timeline, resolved: what exporters write. Offline sources have the path "".

    Raises NotFound, Conflict; BadRequest for an asset that was never probed.
    """
    row = timeline_row(id_or_name)
    rows = clip_rows(row)
    used = {clip.asset_id: str(clip.asset_id) for clip in rows if clip.asset_id}
    assets = assets_get(used.values())
    sources = {pk: source_of(assets[asset_id]) for pk, asset_id in used.items()}
    titles = iter(range(1, len(rows) + 1))
    events = tuple(
        _event(
            clip,
            sources[clip.asset_id]
            if clip.asset_id
            else title_source(row.rate, clip.source.end, next(titles)),
        )
        for clip in rows
    )
    pictures = [event.source for event in events if event.is_video and not event.is_title]
    width, height = (row.width, row.height) if row.width and row.height else common_size(pictures)
    return CutList(
        name=row.name,
        rate=row.rate,
        start=row.start,
        drop_frame=row.drop_frame,
        width=width,
        height=height,
        events=events,
        transitions=_transitions_of(row),
        markers=_markers(row.markers.all()),
    )


def _event(clip: ClipRow, source: Source) -> Event:
    return Event(
        track=clip.track,
        source=source,
        source_range=clip.source,
        record_range=clip.record,
        link=str(clip.link),
        channel=clip.channel,
        name=clip.name or source.name,
        reason=clip.reason,
        speed=clip.speed,
        enabled=clip.enabled,
        text=clip.text,
    )


def source_of(asset: AssetRecord) -> Source:
    """A master as editors need it. Raises BadRequest before it was probed."""
    if asset.facts is None:
        raise BadRequest(f"{asset.name} has not been probed yet: wait until it has.")
    facts = asset.facts
    video = _video(facts)
    field_order = str(video.get("field_order", ""))
    return Source(
        asset_id=asset.id,
        name=asset.name,
        path=asset.path,
        kind=facts.kind,
        rate=facts.rate,
        duration=facts.duration,
        start=facts.start,
        drop_frame=facts.drop_frame,
        has_timecode=facts.has_timecode,
        variable_rate=facts.variable_rate,
        reel=facts.reel,
        width=facts.width,
        height=facts.height,
        pixel_aspect=facts.pixel_aspect,
        rotation=facts.rotation,
        interlaced=field_order in INTERLACED,
        color_primaries=str(video.get("color_primaries", "")),
        color_transfer=str(video.get("color_transfer", "")),
        color_space=str(video.get("color_space", "")),
        audio=audio_layouts(facts),
        content_hash=asset.content_hash,
        field_order=field_order if field_order in INTERLACED else "",
        origin=asset.origin,
    )


def audio_layouts(facts: TechnicalFacts) -> tuple[AudioLayout, ...]:
    """The sound streams of an asset, from the probe's `streams`: `{"audio": [{"index", …}, …]}`."""
    streams = facts.streams.get("audio") or []
    return tuple(
        AudioLayout(
            stream=int(stream.get("index", n)),
            channels=max(1, int(stream.get("channels", 1))),
            sample_rate=int(stream.get("sample_rate", 48_000)),
            layout=str(stream.get("layout", "")),
        )
        for n, stream in enumerate(streams)
    )


def common_size(sources: Iterable[Source]) -> tuple[int, int]:
    """The size that most of the sources have, as shown with square pixels, in even numbers."""
    sizes = Counter(
        (_even(source.width * source.pixel_aspect), _even(source.height))
        for source in sources
        if source.width > 0 and source.height > 0
    )
    return sizes.most_common(1)[0][0] if sizes else DEFAULT_SIZE


def _even(pixels: Fraction | int) -> int:
    return max(2, round_half_up(Fraction(pixels) / 2) * 2)


def _video(facts: TechnicalFacts) -> dict[str, Any]:
    video = facts.streams.get("video")
    if isinstance(video, list):
        video = video[0] if video else None
    return video if isinstance(video, dict) else {}
