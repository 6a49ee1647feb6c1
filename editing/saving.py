"""A whole cut list becomes a saved timeline: how an edit made elsewhere comes in."""

from __future__ import annotations

from uuid import UUID, uuid4

from django.db import transaction

from editing.cutlist import CutList, Event
from editing.models import Clip, Marker, Timeline, Track, Transition
from editing.naming import name_free
from editing.records import TimelineHead
from editing.selectors import timeline_head
from editing.services import timeline_name
from mam.catalog.locations import shown

LONGEST_NAME = 500


@transaction.atomic
def cutlist_save(
    cutlist: CutList, *, owner_id: int | None = None, comes_back: bool = False
) -> TimelineHead:
    """A new timeline that is this cut, its sources already in the library. Events that share a link
    are one clip. One that `comes_back` leaves the name to who bears it and is numbered. Raises
    BadRequest for a name that none can have."""
    name = timeline_name(cutlist.name)
    timeline = Timeline.objects.create(
        name=name_free(name) if comes_back else name,
        rate_numerator=cutlist.rate.numerator,
        rate_denominator=cutlist.rate.denominator,
        start=cutlist.start,
        drop_frame=cutlist.drop_frame,
        width=cutlist.width,
        height=cutlist.height,
        owner_id=owner_id,
    )
    names = {*cutlist.tracks, *(item.track for item in cutlist.transitions)}
    tracks = {
        name: Track.objects.create(
            timeline=timeline,
            kind=Track.Kind.VIDEO if name[0] == "V" else Track.Kind.AUDIO,
            number=int(name[1:]),
        )
        for name in sorted(names)
    }
    _lay(cutlist, tracks)
    Transition.objects.bulk_create(
        Transition(
            track=tracks[item.track],
            at=item.at,
            before=item.before,
            after=item.after,
            kind=item.kind,
            wipe=item.wipe,
        )
        for item in cutlist.transitions
    )
    Marker.objects.bulk_create(
        Marker(
            timeline=timeline,
            start=item.range.start,
            duration=item.range.duration,
            name=shown(item.name)[:LONGEST_NAME].replace("\0", ""),
            note="\n".join(map(shown, item.note.splitlines())).replace("\0", ""),
            colour=item.colour,
        )
        for item in cutlist.markers
    )
    return timeline_head(str(timeline.pk))


def _lay(cutlist: CutList, tracks: dict[str, Track]) -> None:
    links: dict[str, UUID] = {}
    taken: set[tuple[str, UUID]] = set()
    rows = []
    for event in cutlist.events:
        link = links.setdefault(event.link, uuid4()) if event.link else uuid4()
        if (event.track, link) in taken:  # a clip lies once on a track: the next is one of its own
            link = uuid4()
        taken.add((event.track, link))
        rows.append(_row(event, tracks[event.track], link))
    Clip.objects.bulk_create(rows)


def _row(event: Event, track: Track, link: UUID) -> Clip:
    own_name = event.name if event.name != event.source.name else ""
    return Clip(
        track=track,
        asset_id=None if event.is_title else UUID(event.source.asset_id),
        link=link,
        channel=event.channel,
        source_start=event.source_range.start,
        source_end=event.source_range.end,
        record_start=event.record_range.start,
        record_duration=event.record_range.duration,
        speed_numerator=event.speed.numerator,
        speed_denominator=event.speed.denominator,
        enabled=event.enabled,
        name=shown(own_name)[:LONGEST_NAME].replace("\0", ""),
        text="\n".join(map(shown, event.text.splitlines())).replace("\0", ""),
        reason=shown(event.reason).replace("\0", ""),
    )
