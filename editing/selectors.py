"""Reading timelines: rows in, frozen records and the CutList out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from fractions import Fraction
from typing import Any
from uuid import UUID

from django.db.models import Prefetch, QuerySet

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
from editing.records import ClipRecord, TimelineRecord
from mam.catalog.locations import shown
from mam.catalog.records import AssetRecord, TechnicalFacts
from mam.catalog.selectors import assets_get
from mam.errors import BadRequest, Conflict, NotFound
from mam.timing import FrameRange, round_half_up

DEFAULT_SIZE = (1920, 1080)
INTERLACED = ("tt", "bb")


def timelines_rows() -> QuerySet[Timeline]:
    """The newest first, with all that `timeline_record` reads."""
    clips = Clip.objects.select_related("track", "asset").order_by(
        "record_start", "-track__kind", "track__number"
    )
    return Timeline.objects.prefetch_related(
        Prefetch("tracks__clips", queryset=clips), "tracks__transitions", "markers"
    )


def timelines_list() -> list[TimelineRecord]:
    return [timeline_record(row) for row in timelines_rows()]


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
    return TimelineRecord(
        id=str(row.pk),
        name=row.name,
        rate=row.rate,
        start=row.start,
        drop_frame=row.drop_frame,
        width=row.width,
        height=row.height,
        created_at=row.created_at,
        clips=_clips(row),
        transitions=_transitions(row),
        markers=_markers(row),
    )


def clips_in_order(row: Timeline) -> list[Clip]:
    """Every clip row, by record start, pictures before sound, lower tracks first."""
    found = [(track, clip) for track in row.tracks.all() for clip in track.clips.all()]
    found.sort(key=lambda item: (item[1].record_start, item[0].kind != "video", item[0].number))
    return [clip for _, clip in found]


def _clips(row: Timeline) -> tuple[ClipRecord, ...]:
    linked: dict[UUID, list[Clip]] = {}
    for clip in clips_in_order(row):
        linked.setdefault(clip.link, []).append(clip)
    return tuple(
        ClipRecord(
            id=str(link),
            asset_id=str(first.asset_id or ""),
            asset_name=first.asset.name if first.asset else first.text,
            source=first.source_range,
            record=first.record_range,
            reason=first.reason,
            shot_id=first.shot_id,
            tracks=tuple(str(clip.track) for clip in clips),
            speed=first.speed,
            enabled=first.enabled,
        )
        for link, clips in linked.items()
        for first in clips[:1]
    )


def _transitions(row: Timeline) -> tuple[Transition, ...]:
    return tuple(
        Transition(
            str(track), item.at, item.before, item.after, TransitionKind(item.kind), item.wipe
        )
        for track in row.tracks.all()
        for item in track.transitions.all()
    )


def _markers(row: Timeline) -> tuple[Marker, ...]:
    return tuple(
        Marker(
            FrameRange(item.start, item.start + item.duration),
            item.name,
            item.note,
            Colour(item.colour),
        )
        for item in row.markers.all()
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
    rows = clips_in_order(row)
    assets = assets_get({str(clip.asset_id) for clip in rows if clip.asset_id})
    sources = {asset_id: source_of(asset) for asset_id, asset in assets.items()}
    titles = iter(range(1, len(rows) + 1))
    events = tuple(
        _event(
            clip,
            sources[str(clip.asset_id)]
            if clip.asset_id
            else title_source(row.rate, clip.source_end, next(titles)),
        )
        for clip in rows
    )
    pictures = [event.source for event in events if event.is_video and not event.is_title]
    width, height = (row.width, row.height) if row.width else common_size(pictures)
    return CutList(
        name=row.name,
        rate=row.rate,
        start=row.start,
        drop_frame=row.drop_frame,
        width=width,
        height=height,
        events=events,
        transitions=_transitions(row),
        markers=_markers(row),
    )


def _event(clip: Clip, source: Source) -> Event:
    return Event(
        track=str(clip.track),
        source=source,
        source_range=clip.source_range,
        record_range=clip.record_range,
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
        raise BadRequest(f"{asset.name} is not known well enough yet: wait until it was probed.")
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
