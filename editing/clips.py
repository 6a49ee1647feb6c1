"""Clips as they are read: one query for a cut however long it is, tuples instead of models."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from fractions import Fraction
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.db.models import (
    BigIntegerField,
    Case,
    Count,
    F,
    Func,
    Max,
    Min,
    QuerySet,
    SmallIntegerField,
    When,
)

from editing.models import Clip, Timeline, Track
from editing.records import ClipRecord
from mam.timing import FrameRange


class ClipRow(NamedTuple):
    """One row of a track, with what is called of its track and its asset."""

    track: str
    link: UUID
    asset_id: UUID | None
    asset_name: str
    channel: int | None
    source: FrameRange
    record: FrameRange
    speed: Fraction
    enabled: bool
    name: str
    text: str
    reason: str
    shot_id: str


_READ = (
    "record_start",
    "track_id",
    "pk",
    "link",
    "asset_id",
    "asset__name",
    "channel",
    "source_start",
    "source_end",
    "record_duration",
    "speed_numerator",
    "speed_denominator",
    "enabled",
    "name",
    "text",
    "reason",
    "shot_id",
)


def clip_rows(timeline: Timeline, links: Collection[UUID] | None = None) -> list[ClipRow]:
    """By record start, pictures before sound, lower tracks first; of these links, or all."""
    tracks = list(timeline.tracks.all())
    names = {track.pk: str(track) for track in tracks}
    places = {
        track.pk: place
        for place, track in enumerate(
            sorted(tracks, key=lambda one: (one.kind != Track.Kind.VIDEO, one.number))
        )
    }
    found = Clip.objects.filter(track__in=tracks)
    if links is not None:
        found = found.filter(link__in=links)
    values: list[tuple[Any, ...]] = list(found.order_by().values_list(*_READ))
    values.sort(key=lambda row: (row[0], places[row[1]], row[2]))
    return [_row(names, *row) for row in values]


def clip_records(rows: Iterable[ClipRow]) -> tuple[ClipRecord, ...]:
    """Rows that share a link are one clip, told by the first of them."""
    linked: dict[UUID, list[ClipRow]] = {}
    for row in rows:
        linked.setdefault(row.link, []).append(row)
    return tuple(
        ClipRecord(
            id=str(link),
            asset_id=str(first.asset_id or ""),
            asset_name=first.asset_name if first.asset_id else first.text,
            source=first.source,
            record=first.record,
            reason=first.reason,
            shot_id=first.shot_id,
            tracks=tuple(row.track for row in own),
            speed=first.speed,
            enabled=first.enabled,
        )
        for link, own in linked.items()
        for first in own[:1]
    )


def clips_placed(timeline: Timeline) -> QuerySet[Clip, tuple[UUID, list[int]]]:
    """Each clip's link and where the first of its rows lies (record start, 0 for a picture, number
    of the track), in the order of `clip_rows`: to slice, so that a page reads its own clips."""
    first = Func(
        F("record_start"),
        Case(
            When(track__kind=Track.Kind.VIDEO, then=0), default=1, output_field=SmallIntegerField()
        ),
        F("track__number"),
        template="ARRAY[%(expressions)s]",
        output_field=ArrayField(BigIntegerField()),
    )
    placed = Clip.objects.filter(track__timeline=timeline).values("link")
    return placed.annotate(place=Min(first)).order_by("place", "link").values_list("link", "place")


def clips_begun(timeline: Timeline, frame: int) -> int:
    """How many clips begin at a frame of the timeline or before it."""
    placed = Clip.objects.filter(track__timeline=timeline).values("link")
    return placed.annotate(first=Min("record_start")).filter(first__lte=frame).count()


def clips_measured(timelines: Iterable[Timeline]) -> dict[UUID, tuple[int, int]]:
    """How many clips each has and the frame at which it ends, in one query."""
    found = Clip.objects.filter(track__timeline__in=list(timelines)).order_by()
    measured = found.values("track__timeline").annotate(
        count=Count("link", distinct=True), end=Max(F("record_start") + F("record_duration"))
    )
    return {
        pk: (count, end)
        for pk, count, end in measured.values_list("track__timeline", "count", "end")
    }


def _row(
    names: dict[int, str],
    record_start: int,
    track_id: int,
    _: int,
    link: UUID,
    asset_id: UUID | None,
    asset_name: str | None,
    channel: int | None,
    source_start: int,
    source_end: int,
    record_duration: int,
    numerator: int,
    denominator: int,
    *rest: Any,
) -> ClipRow:
    return ClipRow(
        names[track_id],
        link,
        asset_id,
        asset_name or "",
        channel,
        FrameRange(source_start, source_end),
        FrameRange(record_start, record_start + record_duration),
        _speed(numerator, denominator),
        *rest,
    )


@lru_cache(maxsize=256)
def _speed(numerator: int, denominator: int) -> Fraction:
    """Few speeds are many clips': a Fraction is slow to make."""
    return Fraction(numerator, denominator)
