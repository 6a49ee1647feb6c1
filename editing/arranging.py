"""What else moves when clips of a timeline are moved by hand: its transitions and markers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise

from django.db.models import F

from editing.models import Clip, Marker, Timeline, Transition
from mam.errors import Conflict
from mam.timing import FrameRange

Place = tuple[int, int]  # a track's id and a frame


@dataclass(frozen=True)
class Between:
    """A transition and the clips of its track that it joins; None on the side of a fade's black."""

    transition: Transition
    out: Clip | None
    into: Clip | None


def layers_check(timeline: Timeline, linked: Iterable[Iterable[Clip]]) -> None:
    """Raises Conflict where clips lie over others: laid end to end they would be another cut."""
    places = sorted(
        (min(clip.record_start for clip in rows), max(clip.record_range.end for clip in rows))
        for rows in map(list, linked)
    )
    if any(one[1] > two[0] for one, two in pairwise(places)):
        raise Conflict(
            f"Clips of {timeline.name} overlap (layers, J or L cuts): rearrange it in an editing"
            " program and import it again."
        )


def transitions_between(timeline: Timeline, clips: Iterable[Clip]) -> list[Between]:
    """Every transition with its neighbours as they lie now."""
    ending, starting = _edges(clips)
    return [
        Between(item, ending.get((item.track_id, item.at)), starting.get((item.track_id, item.at)))
        for item in Transition.objects.filter(track__timeline=timeline)
    ]


def transitions_follow(known: Iterable[Between], clips: Iterable[Clip]) -> None:
    """Each goes where its neighbours (of the `clips`, as they lie by now) went; away where they
    are neighbours no more."""
    ending, starting = _edges(clips)
    placed = []
    for item in known:
        ends = item.out.record_range.end if item.out else None
        starts = item.into.record_start if item.into else None
        if item.out and item.into and ends != starts:
            continue
        at = starts if starts is not None else ends
        if at is None or not _is_alone(item, (item.transition.track_id, at), ending, starting):
            continue
        placed.append((item.transition, at))
    Transition.objects.filter(pk__in=[item.transition.pk for item in known]).delete()
    for transition, at in placed:
        transition.pk, transition.at = None, at
        transition._state.adding = True
    Transition.objects.bulk_create([transition for transition, _ in placed])


def transitions_close(timeline: Timeline, gone: Iterable[Clip], room: FrameRange) -> None:
    """Those of clips that were taken out go too; later ones close up with what they lie on."""
    edges = {
        (clip.track_id, edge)
        for clip in gone
        for edge in (clip.record_start, clip.record_range.end)
    }
    rows = Transition.objects.filter(track__timeline=timeline)
    rows.filter(pk__in=[row.pk for row in rows if (row.track_id, row.at) in edges]).delete()
    # By way of places that none has: a row may not be where another of its track still is.
    rows.filter(at__gte=room.end).update(at=-F("at"))
    rows.filter(at__lt=0).update(at=-F("at") - room.duration)


def markers_close(timeline: Timeline, room: FrameRange) -> None:
    """Those of what was taken out go too; later ones close up."""
    rows = Marker.objects.filter(timeline=timeline)
    rows.filter(start__gte=room.start, start__lt=room.end).delete()
    rows.filter(start__gte=room.end).update(start=F("start") - room.duration)


def _edges(clips: Iterable[Clip]) -> tuple[dict[Place, Clip], dict[Place, Clip]]:
    """The clip that ends, and the one that begins, at a frame of a track."""
    ending, starting = {}, {}
    for clip in clips:
        ending[clip.track_id, clip.record_start + clip.record_duration] = clip
        starting[clip.track_id, clip.record_start] = clip
    return ending, starting


def _is_alone(
    item: Between, at: Place, ending: Mapping[Place, Clip], starting: Mapping[Place, Clip]
) -> bool:
    """A fade still goes to or comes from black: nothing lies at its other side."""
    if item.out is None:
        return at not in ending
    if item.into is None:
        return at not in starting
    return True
