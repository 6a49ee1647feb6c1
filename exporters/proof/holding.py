"""A written file held against the cut that it was written from, frame for frame. Pure."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import accumulate
from math import ceil, floor

from editing.conform import shown_frame
from editing.cutlist import CutList, Event, Transition
from editing.incoming import Incoming
from exporters.base import in_order, track_number
from exporters.proof.resolving import Lead, frame_seen
from mam.printing import counted
from mam.timing import FrameRange

HALF = Fraction(1, 2)


@dataclass(frozen=True)
class End:
    """The first or last picture of an event: the record frame, and the master's frame that the
    timeline and that the file show there (`seen` is None where the file shows none). `is_near`
    where what lies between them is how finely the format counts."""

    record: int
    expected: int
    seen: int | None
    is_near: bool = False

    @property
    def off(self) -> int:
        """The master's frames between them."""
        return abs(self.seen - self.expected) if self.seen is not None else 0


@dataclass(frozen=True)
class HeldEvent:
    """An event of the cut and what the file makes of it. `off` are frames, of the worse end;
    `aside` is set where that is less than half a frame of the timeline, finer than a format that
    counts in those can say: it is told, and not called off. `problem` is why the file shows it not
    at all."""

    event: Event
    lead: Lead | None
    first: End
    last: End
    off: int
    aside: int
    problem: str = ""


@dataclass(frozen=True)
class Held:
    """All of it. `lost` says what the file should hold and does not, or holds and should not."""

    events: tuple[HeldEvent, ...]
    lost: tuple[str, ...]


@dataclass(frozen=True)
class ReadBack:
    """A file of the export as it was read. Where tracks have files of their own, `picture` is what
    its picture track is called in the cut, and its A1 is track A`sound`. `names` are the cut's, by
    the file's."""

    edit: Incoming
    leads: tuple[Lead, ...]
    picture: str = ""
    sound: int = 1
    names: Mapping[str, str] = field(default_factory=dict)


def hold(cut: CutList, read: Sequence[ReadBack]) -> Held:
    """What the file shows at the first and last frame of each event of `cut`, which is the cut as
    far as the format carries it."""
    pieces, joins = _laid(cut, read)
    laid = {track: _Shown(those) for track, those in pieces.items()}
    used: dict[int, FrameRange] = {}
    nothing = _Shown(())
    covers = {(item.track, item.at): item for item in cut.transitions}
    sound = _Shown(piece for track in pieces if track[0] == "A" for piece in pieces[track])
    held = [
        _held(
            cut,
            event,
            _seen(event, covers),
            laid.get(event.track, nothing) if event.is_video else sound,
            used,
        )
        for event in in_order(cut.events)
    ]
    lost = [told for those in pieces.values() for told in _too_much(cut, those, used)]
    lost += _transitions_lost(cut, joins)
    return Held(tuple(held), tuple(lost))


def _too_much(
    cut: CutList, pieces: Iterable[_Piece], used: Mapping[int, FrameRange]
) -> Iterator[str]:
    """What the file shows and the timeline does not. `used` are the pieces that events were found
    by, with where these may be seen."""
    for piece in pieces:
        name = piece.lead.event.reference.name or "something"
        meant = used.get(id(piece))
        if meant is None:
            at = cut.record_timecode(piece.place.start)
            yield f"{at} on {piece.track}: the file shows {name}, which the timeline does not."
        elif beyond := max(meant.start - piece.place.start, piece.place.end - meant.end, 0):
            at = cut.record_timecode(max(piece.place.start, meant.start))
            frames = counted(beyond, "frame")
            yield f"{at} on {piece.track}: the file shows {name} {frames} longer than the timeline."


@dataclass(frozen=True)
class _Piece:
    """An event of the file at its place in the cut; `seen` is where it is shown, with what
    transitions add at its ends."""

    lead: Lead
    track: str
    place: FrameRange
    seen: FrameRange


class _Shown:
    """The pieces of a track, by what is seen at a record frame: ten thousand are none too many."""

    def __init__(self, pieces: Iterable[_Piece]) -> None:
        self._pieces = sorted(pieces, key=lambda piece: piece.seen)
        self._starts = [piece.seen.start for piece in self._pieces]
        self._ends = list(accumulate((piece.seen.end for piece in self._pieces), max))

    def at(self, record: int) -> Iterator[_Piece]:
        place = bisect_right(self._starts, record) - 1
        while place >= 0 and self._ends[place] > record:
            if self._pieces[place].seen.end > record:
                yield self._pieces[place]
            place -= 1


def _laid(
    cut: CutList, read: Sequence[ReadBack]
) -> tuple[dict[str, list[_Piece]], list[Transition]]:
    elsewhere = {each.picture for each in read}
    read = [replace(each, names=_names(cut, each, elsewhere)) for each in read]
    # a dissolve may stand in another file than the clip that goes
    joins = [_moved(cut, item, each) for each in read for item in each.edit.transitions]
    starting = {(item.track, item.at): item.before for item in joins}
    ending = {(item.track, item.at): item.after for item in joins}
    laid: dict[str, list[_Piece]] = {}
    for each in read:
        for lead in each.leads:
            track = _track(lead.event.track, each)
            place = lead.event.record.shifted(each.edit.start - cut.start)
            ahead = starting.get((track, place.start), 0)
            behind = ending.get((track, place.end), 0)
            seen = FrameRange(place.start - ahead, place.end + behind)
            laid.setdefault(track, []).append(_Piece(lead, track, place, seen))
    return laid, joins


def _names(cut: CutList, read: ReadBack, elsewhere: set[str]) -> dict[str, str]:
    """What the file's picture tracks are called in the cut: a format that does not count the empty
    ones tells their order."""
    there = sorted({lead.event.track for lead in read.leads if lead.event.track[0] == "V"})
    if read.picture:
        return dict.fromkeys(there, read.picture)
    own = [track for track in cut.tracks if track[0] == "V" and track not in elsewhere]
    there.sort(key=track_number)
    return dict(zip(there, own, strict=True)) if len(there) == len(own) else {}


def _track(track: str, read: ReadBack) -> str:
    if track[0] == "V":
        return read.names.get(track, track)
    return f"A{track_number(track) + read.sound - 1}"


def _moved(cut: CutList, item: Transition, read: ReadBack) -> Transition:
    begins = read.edit.start - cut.start
    return replace(item, track=_track(item.track, read), at=item.at + begins)


def _held(
    cut: CutList, event: Event, seen: FrameRange, track: _Shown, used: dict[int, FrameRange]
) -> HeldEvent:
    place = event.record_range
    ends, leads, problems = [], [], []
    found: list[_Piece] = []
    for record in (place.start, place.end - 1):
        end, piece, problem = _end(cut, event, record, track, used)
        ends.append(end)
        problems.append(problem)
        if piece is not None:
            found.append(piece)
            leads.append(piece.lead)
    for piece in found:
        used[id(piece)] = used[id(piece)].union(seen) if id(piece) in used else seen
    first, last = ends
    off = max((end.off for end in ends if not end.is_near), default=0)
    if not event.is_video:  # its frames are samples
        off = ceil(off * cut.rate.value / event.source.rate.value)
    return HeldEvent(
        event,
        leads[0] if leads else None,
        first,
        last,
        off=off,
        aside=max((end.off for end in ends if end.is_near), default=0),
        problem=next(filter(None, problems), ""),
    )


def _seen(event: Event, covers: Mapping[tuple[str, int], Transition]) -> FrameRange:
    """Where an event is shown, with what transitions (by track and cut) add at its ends."""
    place = event.record_range
    head, tail = covers.get((event.track, place.start)), covers.get((event.track, place.end))
    ahead, behind = head.before if head else 0, tail.after if tail else 0
    return FrameRange(place.start - ahead, place.end + behind)


def _end(
    cut: CutList, event: Event, record: int, track: _Shown, taken: Collection[int]
) -> tuple[End, _Piece | None, str]:
    """What is shown there, and by which piece of the file; where two are shown over each other, the
    one that is meant."""
    offset = record - event.record_range.start
    expected = shown_frame(event.source_range, offset, event.source.rate, cut.rate, event.speed)
    there = list(track.at(record))
    if event.is_title:
        for piece in there:
            if piece.lead.event.reference.kind == "title" and piece.lead.event.text == event.text:
                return End(record, 0, 0), piece, ""
        return End(record, 0, None), None, "the file does not show this title there"
    shown: list[tuple[tuple[int, bool, bool, bool], _Piece, int]] = []
    why = ""
    for piece in there:
        lead = piece.lead
        if lead.master is None:
            why = why or lead.why
        elif lead.master.source.asset_id == event.source.asset_id and _heard_alike(lead, event):
            seen = frame_seen(lead, record - piece.place.start, cut.rate)
            beside = (
                abs(seen - expected),
                lead.event.enabled != event.enabled,
                piece.track != event.track,
                id(piece) in taken,
            )
            shown.append((beside, piece, seen))
    if not shown:
        why = why or (
            "the file shows another master there" if there else "the file shows nothing there"
        )
        return End(record, expected, None), None, why
    _, piece, seen = min(shown, key=lambda item: item[0])
    source, room = event.source, event.source.available
    off = abs(seen - expected)
    # Where rates or speeds differ a range may not fill its last frame of the timeline; one that
    # runs backwards begins with its out-point, which may be said in frames of the timeline.
    is_even = source.rate.value == cut.rate.value and abs(event.speed) == 1
    is_out = expected == event.source_range.end - 1 and not is_even
    near = (is_out and off == 1) or _is_near(off, event, cut, piece.lead)
    beyond = min(abs(seen - room.start), abs(seen - room.end + 1))
    if near or _is_near(beyond, event, cut, piece.lead):
        seen = min(max(seen, room.start), room.end - 1)
    problem = ""
    if event.is_video and not room.contains(seen):
        problem = f"it points at frame {seen}, and its master has {source.duration}"
    elif piece.lead.event.enabled != event.enabled:
        problem = "it is enabled in the timeline or in the file, but not in both"
    return End(record, expected, seen, near and seen != expected), piece, problem


def _is_near(off: int, event: Event, cut: CutList, lead: Lead) -> bool:
    """Whether so many frames of a faster source may come of its times being said in frames of the
    timeline: that is half of one of these, and then rounded to the source's own. Where a file is
    counted as it is played, one that is played faster is a faster source."""
    ratio = event.source.rate.value / cut.rate.value
    if lead.event.reference.from_first:
        ratio *= max(Fraction(1), abs(event.speed))
    return ratio > 1 and off <= floor(ratio / 2 + HALF)


def _heard_alike(lead: Lead, event: Event) -> bool:
    """Of sound the channel tells which it is: on which track it lies, not every format says."""
    return event.is_video or (lead.event.channel or 0) == (event.channel or 0)


def _transitions_lost(cut: CutList, joins: Sequence[Transition]) -> Iterator[str]:
    """Of pictures: sound is joined in more ways than files tell. Not every reader tells a wipe from
    a dissolve."""
    there = {(item.track, item.range) for item in joins}
    for item in cut.transitions:
        if item.track[0] == "V" and (item.track, item.range) not in there:
            yield (
                f"{cut.record_timecode(item.range.start)} on {item.track}: the file does not hold "
                f"the {item.kind} of {item.range.duration} frames."
            )
