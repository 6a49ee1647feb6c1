"""The edits of a CMX 3600 list: what stands on its event lines, before it is spelled.

An edit begins where the transition to it begins, and what goes ends there: its first line, of no
length, names what goes and the place it has come to, its second what comes, with the transition's
length. From and to black the other side is no source at all. Picture and sound of one clip are one
edit as long as the same happens to them; where only one of them dissolves, each has its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from editing.cutlist import CutList, Event, Transition, TransitionKind
from editing.sourceclock import SourceClock
from exporters.base import Clip, order
from mam.timing import FrameRange, FrameRate

LONGEST = 999  # frames that a transition's three digits can say
CUT = "C"


@dataclass(frozen=True)
class Side:
    """One line of an edit. `clip` is None for black.

    `into` and `out` are the source's frames since midnight at the list's rate, `first` the one that
    is shown first there; `own` is what the line shows of a source at another rate, in its frames.
    """

    clip: Clip | None
    into: int
    out: int
    first: int
    own: FrameRange

    @property
    def speed(self) -> Fraction:
        return self.clip.event.speed if self.clip else Fraction(1)


@dataclass(frozen=True)
class Edit:
    """One event of a list: `going` is what it comes from, unless it is a cut."""

    going: Side | None
    coming: Side
    record_range: FrameRange
    effect: str = CUT  # "C", "D", "W001", …
    length: int = 0

    @property
    def clip(self) -> Clip:
        """What says the edit's channels and names: what comes, or what goes to black."""
        clip = self.coming.clip or (self.going.clip if self.going else None)
        if clip is None:
            raise AssertionError("an edit from black to black")
        return clip


BLACK = Side(None, 0, 0, 0, FrameRange(0, 0))


class Editor:
    """Makes edits of the clips of one cut."""

    def __init__(self, cutlist: CutList, clocks: Mapping[str, SourceClock]) -> None:
        self._cut = cutlist
        self._clocks = clocks
        self._heads: dict[tuple[str, int], Transition] = {}
        self._tails: dict[tuple[str, int], Transition] = {}
        for item in cutlist.transitions:
            out, into = cutlist.neighbours(item)
            if out:
                self._tails[item.track, item.at] = item
            if into:
                self._heads[item.track, item.at] = item

    def edits(self, clips: Iterable[Clip]) -> list[Edit]:
        """In the order of their places; what is only ever seen going has no edit of its own."""
        found = [edit for clip in clips for part in self._parts(clip) for edit in self._of(part)]
        if self._heads or self._tails:
            found.sort(key=lambda edit: (edit.record_range.start, *order(edit.clip.event)[1:]))
        return found

    def _parts(self, clip: Clip) -> list[Clip]:
        """The clip, or its events by what happens to them where that differs."""
        events = [clip.picture] * bool(clip.picture) + list(clip.sound)
        if len(events) == 1:
            return [clip]
        groups: dict[object, list[Event]] = {}
        for event in events:
            if event is not None:
                groups.setdefault(self._fate(event), []).append(event)
        if len(groups) == 1:
            return [clip]
        return [_clip_of(group) for group in groups.values()]

    def _fate(self, event: Event) -> object:
        """Equal for events that one edit can say: all of its lines but the channels."""
        head, tail = self._head(event), self._tail(event)
        if not head and not tail:
            return event.speed
        going = self._cut.neighbours(head)[0] if head else None
        came = None
        if going and head:
            side = self._leaving(_clip_of([going]), head)
            came = going.source.asset_id, going.speed, side.into, side.out, side.first
        begins = head and (head.before, head.after, _effect(head), came)
        ends = tail and (tail.before, None not in self._cut.neighbours(tail), tail.after)
        return event.speed, begins, ends

    def _of(self, clip: Clip) -> list[Edit]:
        event = clip.event
        head, tail = self._head(event), self._tail(event)
        lead, trail = head.before if head else 0, tail.before if tail else 0
        placed = FrameRange(event.record_range.start - lead, event.record_range.end - trail)
        found = []
        if placed.duration:
            coming = self._side(clip, lead, trail)
            if head:
                out = self._cut.neighbours(head)[0]
                going = self._leaving(_clip_of([out]), head) if out else BLACK
                found.append(Edit(going, coming, placed, _effect(head), _length(head)))
            else:
                found.append(Edit(None, coming, placed))
        if tail and None in self._cut.neighbours(tail):
            black = Side(None, 0, trail, 0, FrameRange(0, trail))
            ends = FrameRange(placed.end, event.record_range.end)
            found.append(Edit(self._leaving(clip, tail), black, ends, _effect(tail), _length(tail)))
        return found

    def _head(self, event: Event) -> Transition | None:
        return self._heads.get((event.track, event.record_range.start))

    def _tail(self, event: Event) -> Transition | None:
        return self._tails.get((event.track, event.record_range.end))

    def _leaving(self, clip: Clip, tail: Transition) -> Side:
        """The place that a clip has come to where the transition away from it begins."""
        head = self._head(clip.event)
        side = self._side(clip, head.before if head else 0, tail.before)
        if side.speed > 0:
            return Side(clip, side.out, side.out, side.out, side.own)
        if side.speed < 0:
            return Side(clip, side.into, side.into, side.into - 1, side.own)
        return Side(clip, side.into, side.into, side.into, side.own)

    def _side(self, clip: Clip, lead: int, trail: int) -> Side:
        """What is shown of a clip from `lead` record frames before its cut to `trail` before its
        end; may be nothing."""
        event, source, chosen = clip.event, clip.source, clip.source_range
        speed, shown = event.speed, event.record_range.duration + lead - trail
        if source.kind == "still":
            return Side(clip, 0, shown, 0, chosen)
        clock = self._clocks[source.asset_id]
        start = clock.frame(chosen.start)
        own = chosen if clock.exact else _own(event, lead, trail, self._cut.rate)
        if not speed:
            return Side(clip, start, start + 1, start, own)
        # of another rate the handle is whole frames of the source, so that at the cut its own shows
        begins = start - _run(lead, abs(speed)) if clock.exact else clock.frame(own.start)
        if speed == 1:
            return Side(clip, begins, begins + shown, begins, own)
        end = max(start + 1, clock.frame(chosen.end))
        before, after = _run(lead, abs(speed)), _run(trail, abs(speed))
        if speed > 0:
            start, end = begins, end - after
        else:
            start, end = start + after, end + before
        end = max(end, start + bool(shown))
        return Side(clip, start, end, start if speed > 0 else end - 1, own)


def _own(event: Event, lead: int, trail: int, rate: FrameRate) -> FrameRange:
    chosen = event.source_range
    if not (lead or trail) or not event.speed:
        return chosen
    pace = abs(event.speed) * event.source.rate.value / rate.value
    before, after = _run(lead, pace), _run(trail, pace)
    if event.speed > 0:
        start, end = chosen.start - before, chosen.end - after
    else:
        start, end = chosen.start + after, chosen.end + before
    return FrameRange(start, max(start, end))


def _run(frames: int, pace: Fraction) -> int:
    """Frames of the source in `frames`, halves up; in whole numbers, being asked so often."""
    up, down = pace.numerator, pace.denominator
    return (2 * frames * up + down) // (2 * down)


def _clip_of(events: list[Event]) -> Clip:
    if events[0].is_video:
        return Clip(events[0], tuple(events[1:]))
    return Clip(None, tuple(events))


def _effect(item: Transition) -> str:
    """Sound is not wiped."""
    wiped = item.kind is TransitionKind.WIPE and item.track.startswith("V")
    return f"W{item.wipe:03d}" if wiped else "D"


def _length(item: Transition) -> int:
    return min(item.range.duration, LONGEST)
