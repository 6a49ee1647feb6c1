"""AAF, what Avid Media Composer (and Resolve, Premiere, Pro Tools) take a cut by.

Written upon pyaaf2. OpenTimelineIO's own writer cannot say a drop-frame or an NTSC rate, a speed,
a marker or a second channel of sound, and makes a file mob for each use of a clip; its reader is
what the tests judge this by.

A track is a slot with one sequence. Its pieces overlap where a transition lies: both neighbours
(a filler, where a fade has nothing on one side) are longer by their handles, and the sequence is as
long as its pieces less its transitions. What is not enabled is a selector that selects nothing.
Everything in the composition counts frames of the timeline, so a source of another rate starts on
the record frame nearest to its own. Picture and sound of one master at the same place are in sync
by that alone: Avid knows no other link. Markers lie on an event slot, as Avid keeps them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from fractions import Fraction
from math import ceil, floor
from typing import Any

from aaf2.file import AAFFile
from aaf2.misc import TaggedValueHelper

from editing.conform import handle_room, handles
from editing.cutlist import Colour, CutList, Event, Marker, Transition
from exporters.base import (
    ExportedFile,
    ExportOptions,
    Feature,
    Report,
    by_track,
    pace,
    shown,
    track_number,
)
from exporters.dialects.aaf_effects import Effects
from exporters.dialects.aaf_mobs import NO_CLOCK, Masters, fixed, slot_of, timecode, unique
from exporters.dialects.dialect import CutDialect
from mam.timing import rescale

_RGB = {
    Colour.RED: (65535, 0, 0),
    Colour.PINK: (65535, 32768, 49152),
    Colour.ORANGE: (65535, 32768, 0),
    Colour.YELLOW: (65535, 65535, 0),
    Colour.GREEN: (0, 65535, 0),
    Colour.CYAN: (0, 65535, 65535),
    Colour.BLUE: (0, 0, 65535),
    Colour.PURPLE: (32768, 0, 65535),
    Colour.MAGENTA: (65535, 0, 65535),
    Colour.BLACK: (0, 0, 0),
    Colour.WHITE: (65535, 65535, 65535),
}


_FIRST_SLOT = 1001  # readers tell slots by number alone: none that a master has


class Aaf(CutDialect):
    """AAF."""

    name = "aaf"
    label = "AAF (Avid Media Composer)"
    suffix = ".aaf"
    media_type = "application/octet-stream"

    carries = frozenset(Feature) - {Feature.TITLES}

    def files(
        self, cutlist: CutList, options: ExportOptions, report: Report
    ) -> Iterable[ExportedFile]:
        cutlist = _with_handles(cutlist, self.label, report)
        file = AAFFile(None, "w")
        _Writer(file, cutlist, options, report).write()
        # as AAFFile.close does it, which would throw the bytes away
        file.save()
        file.manager.remove_temp()
        file.cfb.close()
        data: bytes = file.f.getvalue()
        return (ExportedFile("", data),)


def _with_handles(cutlist: CutList, label: str, report: Report) -> CutList:
    """Without the transitions that need more than their masters hold: a clip of an AAF cannot
    reach beyond its master."""
    kept = []
    for item in cutlist.transitions:
        out, into = cutlist.neighbours(item)
        after, before = handles(item, out, into, cutlist.rate)
        if (out and after > handle_room(out, at_end=True)) or (
            into and before > handle_room(into, at_end=False)
        ):
            report.add(
                "handles",
                f"{shown(label)} cannot hold the transition on {item.track} at "
                f"{cutlist.record_timecode(item.at)} without handles: it is a cut there.",
            )
        else:
            kept.append(item)
    return replace(cutlist, transitions=tuple(kept))


class _Writer:
    def __init__(
        self, file: AAFFile, cutlist: CutList, options: ExportOptions, report: Report
    ) -> None:
        self.file = file
        self.cutlist = cutlist
        self.report = report
        self.masters = Masters(file, cutlist, options)
        self.effects = Effects(file)

    def write(self) -> None:
        cut = self.cutlist
        mob = self.file.create.CompositionMob()
        fixed(mob, shown(cut.name), f"cut {cut!r}")
        mob.usage = "Usage_TopLevel"
        self.file.content.mobs.append(mob)
        slot = mob.create_timeline_slot(cut.rate.value, _FIRST_SLOT)
        slot.name = "TC"
        slot["PhysicalTrackNumber"].value = 1
        slot.segment = timecode(self.file, cut.rate, cut.start, cut.drop_frame)
        slot.segment.length = cut.duration
        for number, (name, events) in enumerate(by_track(cut).items(), _FIRST_SLOT + 1):
            slot = mob.create_timeline_slot(cut.rate.value, number)
            slot.name = name
            slot["PhysicalTrackNumber"].value = track_number(name)
            slot.segment = self._sequence(name, events)
        if cut.markers:
            self._markers(mob)
        self._header()

    def _header(self) -> None:
        header = self.file.header
        header["LastModified"].value = NO_CLOCK
        [who] = header["IdentificationList"].value
        who["CompanyName"].value = "mam"
        who["ProductName"].value = "mam"
        who["Date"].value = NO_CLOCK
        who["Platform"].value = ""
        who["GenerationAUID"].value = unique("generation")

    def _sequence(self, track: str, events: list[Event]) -> Any:
        media = "picture" if track.startswith("V") else "sound"
        at_cut = {item.at: item for item in self.cutlist.transitions if item.track == track}
        sequence = self.file.create.Sequence(media_kind=media)
        sequence.components.value = list(self._pieces(media, events, at_cut))
        sequence.length = max(event.record_range.end for event in events)
        return sequence

    def _pieces(
        self, media: str, events: list[Event], at_cut: dict[int, Transition]
    ) -> Iterator[Any]:
        """Clips, fillers and transitions as they lie, each longer by what transitions show."""
        end = 0
        for event in events:
            place = event.record_range
            fades_out, fades_in = at_cut.get(end), at_cut.get(place.start)
            if place.start > end or (fades_in and not end):
                yield from self._filler(media, end, place.start, fades_out, fades_in)
            if fades_in:
                yield self.effects.transition(fades_in, media)
            yield self._piece(media, event, fades_in, at_cut.get(place.end))
            end = place.end
        if last := at_cut.get(end):
            yield self.effects.transition(last, media)
            yield self.file.create.Filler(media, last.before)

    def _filler(
        self,
        media: str,
        start: int,
        end: int,
        fades_out: Transition | None,
        fades_in: Transition | None,
    ) -> Iterator[Any]:
        longer = 0
        if fades_out and end > start and start:
            yield self.effects.transition(fades_out, media)
            longer += fades_out.before
        if fades_in:
            longer += fades_in.after
        yield self.file.create.Filler(media, end - start + longer)

    def _piece(
        self, media: str, event: Event, head: Transition | None, tail: Transition | None
    ) -> Any:
        before, after = head.before if head else 0, tail.after if tail else 0
        length = before + event.record_range.duration + after
        clip = self._clip(media, event, before, after, length)
        if event.reason:
            TaggedValueHelper(clip["ComponentAttributeList"])["_COMMENT"] = shown(event.reason)
        if event.enabled:
            return clip
        selector = self.file.create.Selector(media, length)
        selector["Selected"].value = self.file.create.Filler(media, length)
        selector["Alternates"].append(clip)
        return selector

    def _clip(self, media: str, event: Event, before: int, after: int, length: int) -> Any:
        start = self._start(event)
        if event.speed == 1 or event.source.kind == "still":
            # a still is the same everywhere: its clip may begin anywhere
            first = 0 if event.source.kind == "still" else max(0, start - before)
            return self._source_clip(media, event, first, length)
        if event.speed == 0:
            held = self._source_clip(media, event, start, 1)
            return self.effects.speed(held, length, event.speed, Fraction(0), media)
        pace = abs(event.speed)
        shown_frames = max(1, self._own(event.source_range.duration, event))
        ahead, behind = (before, after) if event.speed > 0 else (after, before)
        # the curve says between frames of the timeline where a source of another rate begins
        exact = Fraction(start) if event.speed < 0 else self._exactly(event)
        low = max(0, floor(exact - ahead * pace))
        high = min(
            ceil(exact + shown_frames + behind * pace),
            max(low + 1, self._own(event.source.duration, event)),
        )
        begins = exact - low
        if event.speed > 0:
            first_seen = begins - before * pace
        else:
            first_seen = begins + shown_frames - 1 + before * pace
        clip = self._source_clip(media, event, low, high - low)
        return self.effects.speed(clip, length, event.speed, first_seen, media)

    def _source_clip(self, media: str, event: Event, start: int, length: int) -> Any:
        return self.file.create.SourceClip(
            start=start,
            length=length,
            mob_id=self.masters.ids[event.source.asset_id],
            slot_id=slot_of(event.channel if not event.is_video else None),
            media_kind=media,
        )

    def _start(self, event: Event) -> int:
        source = event.source
        if source.rate.value != self.cutlist.rate.value and source.kind == "video":
            self.report.add(
                "source-rate",
                f"{shown(source.name)} runs at {pace(source)}, the timeline at "
                f"{self.cutlist.rate.spoken}: an AAF counts its clips in the timeline's "
                "frames, so they begin on the nearest of these.",
            )
        return self._own(event.source_range.start, event)

    def _exactly(self, event: Event) -> Fraction:
        """Where its range begins, in frames of the timeline."""
        source = event.source
        return source.rate.seconds(event.source_range.start) * self.cutlist.rate.value

    def _own(self, frames: int, event: Event) -> int:
        """Frames of a source as its clips in the composition count them."""
        if event.source.rate.value == self.cutlist.rate.value:
            return frames
        return rescale(frames, event.source.rate, self.cutlist.rate)

    def _markers(self, mob: Any) -> None:
        number = _FIRST_SLOT + 1 + len(self.cutlist.tracks)
        slot = self.file.create.EventMobSlot(number)
        slot.edit_rate = self.cutlist.rate.value
        slot["PhysicalTrackNumber"].value = 1
        sequence = self.file.create.Sequence(media_kind="DescriptiveMetadata")
        ordered = sorted(self.cutlist.markers, key=lambda marker: marker.range)
        sequence.components.value = [self._marker(each) for each in ordered]
        slot.segment = sequence
        mob.slots.append(slot)

    def _marker(self, marker: Marker) -> Any:
        made = self.file.create.DescriptiveMarker()
        made.media_kind = "DescriptiveMetadata"
        made["Position"].value = marker.range.start
        made["Length"].value = marker.range.duration
        told = [shown(text) for text in (marker.name, marker.note) if text]
        made["Comment"].value = ": ".join(told)
        made["DescribedSlots"].value = {_FIRST_SLOT + 1}
        red, green, blue = _RGB[marker.colour]
        made["CommentMarkerColor"].value = {"red": red, "green": green, "blue": blue}
        kept = TaggedValueHelper(made["CommentMarkerAttributeList"])
        kept["_ATN_CRM_COLOR"] = marker.colour.capitalize()
        kept["_ATN_CRM_LENGTH"] = marker.range.duration
        kept["_ATN_CRM_COM"] = ": ".join(told)
        return made
