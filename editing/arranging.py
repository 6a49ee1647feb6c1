"""What else moves when clips of a timeline are moved by hand: its transitions and markers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from django.db.models import F

from editing.models import Clip, Marker, Timeline, Transition
from editing.selectors import clips_in_order
from mam.errors import Conflict
from mam.timing import FrameRange


@dataclass(frozen=True)
class Between:
    """A transition and the clips of its track that it joins; None on the side of a fade's black."""

    transition: Transition
    out: Clip | None
    into: Clip | None


def layers_check(timeline: Timeline) -> None:
    """Raises Conflict where clips lie over others: laid end to end they would be another cut."""
    places: dict[str, FrameRange] = {}
    for clip in clips_in_order(timeline):
        link = str(clip.link)
        places[link] = places.get(link, clip.record_range).union(clip.record_range)
    ordered = sorted(places.values())
    if any(one.end > two.start for one, two in pairwise(ordered)):
        raise Conflict(
            f"Clips of {timeline.name} lie over each other (layers, J or L cuts): arrange it in an"
            " editor and import it again."
        )


def transitions_between(timeline: Timeline) -> list[Between]:
    """Every transition with its neighbours as they lie now."""
    return [
        Between(
            item,
            next((clip for clip in track.clips.all() if clip.record_range.end == item.at), None),
            next((clip for clip in track.clips.all() if clip.record_start == item.at), None),
        )
        for track in timeline.tracks.all()
        for item in track.transitions.all()
    ]


def transitions_follow(known: Iterable[Between]) -> None:
    """Each goes where its neighbours went; away where they are neighbours no more."""
    placed = []
    for item in known:
        places = {row.pk: row for row in Clip.objects.filter(track_id=item.transition.track_id)}
        out = places.get(item.out.pk) if item.out else None
        into = places.get(item.into.pk) if item.into else None
        ends = out.record_range.end if out else None
        starts = into.record_start if into else None
        if item.out and item.into and ends != starts:
            continue
        at = starts if starts is not None else ends
        if at is None or not _is_alone(item, at, places.values()):
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
    # One after the other from the front: no two of a track may be at one place in between.
    for row in rows.filter(at__gte=room.end).order_by("at"):
        row.at -= room.duration
        row.save(update_fields=["at"])


def markers_close(timeline: Timeline, room: FrameRange) -> None:
    """Those of what was taken out go too; later ones close up."""
    rows = Marker.objects.filter(timeline=timeline)
    rows.filter(start__gte=room.start, start__lt=room.end).delete()
    rows.filter(start__gte=room.end).update(start=F("start") - room.duration)


def _is_alone(item: Between, at: int, clips: Iterable[Clip]) -> bool:
    """A fade still goes to or comes from black: nothing lies at its other side."""
    if item.out is None:
        return all(clip.record_range.end != at for clip in clips)
    if item.into is None:
        return all(clip.record_start != at for clip in clips)
    return True
