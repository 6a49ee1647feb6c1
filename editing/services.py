"""Writing timelines: assembled by a strategy or by hand, then arranged, renamed, deleted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import F, Max

from editing.arranging import (
    layers_check,
    markers_close,
    transitions_between,
    transitions_close,
    transitions_follow,
)
from editing.assembly.candidates import Assembly, Brief, Pick
from editing.assembly.gather import from_collection, from_ranges, from_words, words_saved
from editing.assembly.strategies import assemble, laid
from editing.models import Clip, Timeline, Track
from editing.records import Assembled, ChosenRange
from editing.selectors import clips_in_order, timeline_get, timeline_row
from mam.catalog.locations import shown
from mam.errors import BadRequest, NotFound
from mam.timing import FrameRange, FrameRate, Timecode

START_TC = "01:00:00:00"
NAME_LENGTH = 200
ROWS_A_STATEMENT = 500


@dataclass(frozen=True)
class Wishes:
    """How a new timeline should be; what is None is settled by what is cut.

    `start_tc` is its first record timecode; a `;` in it means drop-frame too.
    """

    name: str
    rate: FrameRate | None = None
    start_tc: str = START_TC
    drop: bool | None = None
    owner_id: int | None = None

    @property
    def wants_drop(self) -> bool | None:
        return True if self.drop is None and set(";,") & set(self.start_tc) else self.drop


def timeline_assemble(
    wishes: Wishes,
    *,
    words: str = "",
    collection: str = "",
    length: Fraction | None = None,
    max_clip: Fraction = Fraction(8),
) -> Assembled:
    """A rough cut from a search in words, or from a collection (its id or name) in its order. Of a
    saved search by that id or name it is made as of its words.

    `length` and `max_clip` are seconds; a collection without `length` is taken whole.
    Raises BadRequest when nothing can be cut from what was found, NotFound.
    """
    if bool(words.strip()) == bool(collection):
        raise BadRequest("Say either the words to search for or a collection.")
    if collection and (query := words_saved(collection)):
        words, collection = query, ""
    if words and length is None:
        raise BadRequest("Say how long the cut should be, in seconds.")
    brief = Brief(length, max_clip=max_clip, rate=wishes.rate, in_order=bool(collection))
    found = from_collection(collection) if collection else from_words(words, brief)
    cut = assemble(found.candidates, brief, drop=wishes.wants_drop)
    notes = (*found.notes, *cut.notes)
    if not cut.picks:
        what = f"in the collection {collection!r}" if collection else f"for {words!r}"
        why = (
            f"Nothing of what was found {what} can be used in a cut."
            if found.candidates
            else (f"Nothing was found {what}.")
        )
        raise BadRequest(" ".join([why, *notes]))
    return Assembled(timeline_get(_create(wishes, cut)), notes)


def timeline_from_hits(wishes: Wishes, ranges: Sequence[ChosenRange]) -> Assembled:
    """A cut of the ranges that a person ticked, in that order, as long as they are.

    Raises BadRequest for a range outside its asset, NotFound.
    """
    if not ranges:
        raise BadRequest("Tick at least one range to make a timeline of.")
    cut = assemble(from_ranges(ranges), _as_given(wishes.rate), drop=wishes.wants_drop)
    return Assembled(timeline_get(_create(wishes, cut)), cut.notes)


@transaction.atomic
def timeline_append(timeline_id: str, ranges: Sequence[ChosenRange]) -> Assembled:
    """Lay ranges after the last clip, conformed to the timeline's rate.

    Raises BadRequest for a range outside its asset, NotFound.
    """
    timeline = _locked(timeline_id)
    cut = assemble(from_ranges(ranges), _as_given(timeline.rate))
    laid_so_far = Clip.objects.filter(track__timeline=timeline)
    end = laid_so_far.aggregate(end=Max(F("record_start") + F("record_duration")))["end"] or 0
    _lay(timeline, [pick.at(pick.record.start + end) for pick in cut.picks])
    timeline.save(update_fields=["changed_at"])
    return Assembled(timeline_get(str(timeline.pk)), cut.notes)


@transaction.atomic
def clip_remove(timeline_id: str, clip_id: str) -> None:
    """Take a clip out, its sound and its transitions with it; what comes after closes up, markers
    too. Raises NotFound."""
    timeline = _locked(timeline_id)
    rows = Clip.objects.filter(track__timeline=timeline)
    own = rows.filter(link=_link(timeline, clip_id))
    gone = list(own)
    if not gone:
        raise _no_clip(timeline, clip_id)
    room = FrameRange(
        min(clip.record_range.start for clip in gone), max(clip.record_range.end for clip in gone)
    )
    own.delete()
    rows.filter(record_start__gte=room.end).update(record_start=F("record_start") - room.duration)
    transitions_close(timeline, gone, room)
    markers_close(timeline, room)
    _drop_empty_tracks(timeline)
    timeline.save(update_fields=["changed_at"])


@transaction.atomic
def clips_reorder(timeline_id: str, clip_ids: Sequence[str]) -> None:
    """Lay the clips end to end in this order; a transition stays between those that stay
    neighbours. Raises BadRequest unless it names each once, Conflict where some lie over others."""
    timeline = _locked(timeline_id)
    linked = _linked(timeline)
    if sorted(linked) != sorted(str(clip_id) for clip_id in clip_ids):
        raise BadRequest("The new order must name every clip of the timeline once.")
    _lay_in_order(timeline, [linked[str(clip_id)] for clip_id in clip_ids])


@transaction.atomic
def clip_move(timeline_id: str, clip_id: str, by: int) -> int:
    """Lay a clip so many places later (below 0: earlier), at most at an end; its new place, from 0.
    Raises NotFound, Conflict where some lie over others."""
    timeline = _locked(timeline_id)
    linked = _linked(timeline)
    if str(clip_id) not in linked:
        raise _no_clip(timeline, clip_id)
    order = list(linked)
    at = order.index(str(clip_id))
    to = min(max(at + by, 0), len(order) - 1)
    order.insert(to, order.pop(at))
    _lay_in_order(timeline, [linked[link] for link in order])
    return to


def _linked(timeline: Timeline) -> dict[str, list[Clip]]:
    """The rows of each clip, in order. Raises Conflict where some lie over others."""
    linked: dict[str, list[Clip]] = {}
    for clip in clips_in_order(timeline):
        linked.setdefault(str(clip.link), []).append(clip)
    layers_check(timeline, linked.values())
    return linked


def _lay_in_order(timeline: Timeline, order: Sequence[Sequence[Clip]]) -> None:
    """End to end; only rows that move are written."""
    clips = [clip for rows in order for clip in rows]
    neighbours = transitions_between(timeline, clips)
    at, moved = 0, []
    for rows in order:
        for clip in rows:
            if clip.record_start != at:
                clip.record_start = at
                moved.append(clip)
        at += max(clip.record_duration for clip in rows)
    if moved:
        # A statement names each row that it changes, and is slow out of proportion with many.
        Clip.objects.bulk_update(moved, ["record_start"], batch_size=ROWS_A_STATEMENT)
        transitions_follow(neighbours, clips)
    timeline.save(update_fields=["changed_at"])


def timeline_rename(timeline_id: str, *, name: str) -> None:
    """Raises BadRequest for an empty name, NotFound."""
    timeline = timeline_row(timeline_id)
    timeline.name = timeline_name(name)
    timeline.save(update_fields=["name", "changed_at"])


def timeline_delete(timeline_id: str) -> None:
    """The cut goes, its assets stay. Raises NotFound."""
    timeline_row(timeline_id).delete()


def _as_given(rate: FrameRate | None) -> Brief:
    """Ranges that a person set are laid whole."""
    return Brief(None, max_clip=Fraction(24 * 3600), rate=rate, in_order=True)


@transaction.atomic
def _create(wishes: Wishes, cut: Assembly) -> str:
    if wishes.wants_drop and not cut.rate.can_drop:
        raise BadRequest(
            f"There is no drop-frame timecode at {cut.rate.spoken}, the timeline's rate:"
            " ask for 29.97 or 59.94, or for non-drop."
        )
    start = Timecode.parse(wishes.start_tc, cut.rate, drop=cut.drop_frame)
    timeline = Timeline.objects.create(
        name=timeline_name(wishes.name),
        rate_numerator=cut.rate.numerator,
        rate_denominator=cut.rate.denominator,
        start=start.frames,
        drop_frame=cut.drop_frame,
        owner_id=wishes.owner_id,
    )
    _lay(timeline, laid(cut.picks))
    return str(timeline.pk)


def _lay(timeline: Timeline, picks: Iterable[Pick]) -> None:
    """Rows for the picks where they stand: the picture on V1, channel n on An."""
    tracks = {str(track): track for track in timeline.tracks.all()}
    rows: list[Clip] = []
    for pick in picks:
        link, footage = uuid4(), pick.footage
        places: list[tuple[str, int | None]] = [("V1", None)] if footage.has_picture else []
        places += [(f"A{channel + 1}", channel) for channel in range(footage.channels)]
        for place, channel in places:
            track = tracks.get(place) or _track(timeline, place)
            tracks[place] = track
            rows.append(
                Clip(
                    track=track,
                    asset_id=UUID(footage.asset_id),
                    link=link,
                    channel=channel,
                    source_start=pick.source.start,
                    source_end=pick.source.end,
                    record_start=pick.record.start,
                    record_duration=pick.record.duration,
                    reason=pick.candidate.reason,
                    shot_id=pick.shot_id,
                )
            )
    Clip.objects.bulk_create(rows)


def _track(timeline: Timeline, place: str) -> Track:
    kind = Track.Kind.VIDEO if place[0] == "V" else Track.Kind.AUDIO
    return Track.objects.create(timeline=timeline, kind=kind, number=int(place[1:]))


def _drop_empty_tracks(timeline: Timeline) -> None:
    Track.objects.filter(timeline=timeline, clips=None).delete()


def _locked(timeline_id: str) -> Timeline:
    """The row as it stands, held against others until the transaction ends."""
    row = Timeline.objects.select_for_update().filter(pk=timeline_row(timeline_id).pk).first()
    if row is None:
        raise NotFound(f"There is no timeline {str(timeline_id)[:80]!r}.")
    return row


def _link(timeline: Timeline, clip_id: str) -> UUID:
    try:
        return UUID(str(clip_id))
    except ValueError as error:
        raise _no_clip(timeline, clip_id) from error


def _no_clip(timeline: Timeline, clip_id: str) -> NotFound:
    return NotFound(f"There is no clip {str(clip_id)[:80]!r} in {timeline.name}.")


def timeline_name(name: str) -> str:
    """As given, so that it is found by exactly that; bytes that are no UTF-8 are escaped."""
    name = shown(name).replace("\0", "")
    if not name.strip():
        raise BadRequest("A timeline needs a name.")
    if len(name) > NAME_LENGTH:
        raise BadRequest(f"A timeline's name has at most {NAME_LENGTH} characters.")
    return name
