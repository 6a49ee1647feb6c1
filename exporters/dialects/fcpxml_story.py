"""The clips of a cut as Final Cut lays them: a spine, and what is connected to it.

A transition lies between neighbours of one storyline, and takes their sound along or leaves it.
Picture and sound therefore stay one clip as long as all sound goes over where the picture does, or
nowhere; otherwise they are clips of their own. Connected clips that a transition joins lie in a
storyline of their own.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass, field

from editing.cutlist import CutList, Event, Marker, Transition
from exporters.base import Clip, clips, order
from mam.timing import FrameRange

Place = tuple[str, int]


@dataclass(frozen=True)
class Run:
    """Connected clips of one track that transitions join; most often a single one, and none."""

    clips: tuple[Clip, ...]
    transitions: tuple[Transition, ...] = ()

    @property
    def start(self) -> int:
        return self.clips[0].record_range.start


@dataclass
class Slot:
    """A stretch of the spine: a clip or a gap, what hangs on it, and what is marked there."""

    clip: Clip | None
    place: FrameRange
    connected: list[Run] = field(default_factory=list)
    markers: list[Marker] = field(default_factory=list)


class Story:
    """`slots` of the spine in order; `transitions` of its track by their cut."""

    def __init__(self, cutlist: CutList) -> None:
        self._cutlist = cutlist
        self._at: dict[Place, Transition] = {
            (item.track, item.at): item for item in cutlist.transitions
        }
        self.clips = self._together()
        primary = [clip for clip in self.clips if clip.picture and clip.event.track == "V1"]
        self.slots = _spine(primary, cutlist.duration)
        self.transitions = {item.at: item for item in cutlist.transitions if item.track == "V1"}
        self._hang()

    def at_head(self, clip: Clip) -> Transition | None:
        return self._at.get((clip.event.track, clip.record_range.start))

    def at_tail(self, clip: Clip) -> Transition | None:
        return self._at.get((clip.event.track, clip.record_range.end))

    def sounds(self, item: Transition) -> bool:
        """True where a transition of pictures takes their sound along."""
        return any(
            (event.track, item.at) in self._at
            for neighbour in self._cutlist.neighbours(item)
            if neighbour
            for event in self._clip_of(neighbour).sound
        )

    def _clip_of(self, event: Event) -> Clip:
        return self._owner[event.track, event.record_range.start]

    def _together(self) -> list[Clip]:
        found = clips(self._cutlist)
        while True:
            self._owner = {
                (event.track, event.record_range.start): clip
                for clip in found
                for event in _events(clip)
            }
            apart = [clip for clip in found if not self._goes_along(clip)]
            if not apart:
                return sorted(found, key=lambda clip: order(clip.event))
            split = {id(clip) for clip in apart}
            found = [clip for clip in found if id(clip) not in split]
            for clip in apart:
                if clip.picture:
                    found += [Clip(clip.picture, ()), Clip(None, clip.sound)]
                else:
                    found += [Clip(None, (event,)) for event in clip.sound]

    def _goes_along(self, clip: Clip) -> bool:
        """True where all events of a clip go over as its first one does (or all its sound not)."""
        first, *others = _events(clip)
        if not others:
            return True
        for edge in (clip.record_range.start, clip.record_range.end):
            own = self._joins((first.track, edge), first)
            rest = {self._joins((event.track, edge), event) for event in others}
            if clip.picture and rest == {None}:
                continue
            if rest != {own}:
                return False
        return True

    def _joins(self, place: Place, event: Event) -> tuple[int, int, int] | None:
        """How a track goes over at an edge of an event: the transition's shape and the other clip,
        which must be the same for all tracks of a clip."""
        item = self._at.get(place)
        if item is None:
            return None
        out, into = self._cutlist.neighbours(item)
        other = into if out is event else out
        return item.before, item.after, id(self._clip_of(other)) if other else 0

    def _hang(self) -> None:
        """Connected clips and markers, each on the slot where they start."""
        starts = [slot.place.start for slot in self.slots]

        def slot_at(frame: int) -> Slot:
            return self.slots[bisect_right(starts, frame) - 1]

        tracks: dict[str, list[Clip]] = defaultdict(list)
        for clip in self.clips:
            if clip.event.track != "V1":
                tracks[clip.event.track].append(clip)
        runs = [run for lain in tracks.values() for run in self._runs(lain)]
        for run in sorted(runs, key=lambda run: order(run.clips[0].event)):
            slot_at(run.start).connected.append(run)
        for marker in sorted(self._cutlist.markers, key=lambda marker: marker.range):
            slot_at(marker.range.start).markers.append(marker)

    def _runs(self, lain: list[Clip]) -> list[Run]:
        """The clips of a track, in their order, those together that transitions join."""
        found: list[list[Clip]] = []
        for clip in lain:
            head = self.at_head(clip)
            if head and self._cutlist.neighbours(head)[0] and found:
                found[-1].append(clip)
            else:
                found.append([clip])
        return [Run(tuple(run), self._of(run)) for run in found]

    def _of(self, run: list[Clip]) -> tuple[Transition, ...]:
        track = run[0].event.track
        cuts = [run[0].record_range.start, *(clip.record_range.end for clip in run)]
        return tuple(self._at[track, at] for at in cuts if (track, at) in self._at)


def _events(clip: Clip) -> tuple[Event, ...]:
    return (clip.picture, *clip.sound) if clip.picture else clip.sound


def _spine(primary: list[Clip], duration: int) -> list[Slot]:
    slots: list[Slot] = []
    end = 0
    for clip in primary:
        if clip.record_range.start > end:
            slots.append(Slot(None, FrameRange(end, clip.record_range.start)))
        slots.append(Slot(clip, clip.record_range))
        end = clip.record_range.end
    if end < duration:
        slots.append(Slot(None, FrameRange(end, duration)))
    return slots
