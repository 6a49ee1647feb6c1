"""CMX 3600 edit decision lists.

Picture track V1 and audio tracks A1–A4 go into the first file, every other picture track and
every further four audio tracks into one of its own. Picture and sound of one clip are one event
(`B`, `AA/V`, …; A3 and A4 by the `AUD` line under it). All timecodes count at the timeline's rate,
so source and record lengths are always equal; what a source of another rate counts itself stands
exactly in a comment: `* SOURCE RANGE: <first frame>-<end frame> AT <rate> TC <in>-<out>`.
A reel that had to be shortened or told apart stands whole in `* SOURCE REEL:`.
The FCM line is the record's. An event whose source counts drop-frame otherwise than the record
says so by its own separator; a second FCM line would turn the record too in some readers.

A transition is two lines of one event (edl_edits.py). `M2` says another speed: the reel, frames a
second at the list's rate (negative backwards, 000.0 held), and the source frame that is shown
first; source in and out stay the lower and the upper end of what is used. Where a transition joins
two speeds both say theirs, in the order of the lines. Tenths of a frame a second are all that it
has; the exact factor then stands in `* SPEED:`. Markers are Avid's locators, in the first list.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from fractions import Fraction

from editing.cutlist import CutList, Event, Source
from editing.sourceclock import SourceClock
from exporters.base import (
    Clip,
    ExportedFile,
    ExportOptions,
    Feature,
    Option,
    Report,
    clips,
    pace,
    shown,
    track_number,
)
from exporters.dialects.dialect import CutDialect
from exporters.dialects.edl_edits import CUT, LONGEST, Edit, Editor, Side
from exporters.dialects.reels import reel_names
from mam.errors import BadRequest
from mam.timing import Timecode, clock

EVENTS_A_FILE = 999
TRACKS_A_FILE = 4  # audio tracks that the channel column and AUD can name
FASTEST = 100  # above it a timecode's frames take three digits, which no reader expects
BLACK_REEL = "BL"
_PIECE = re.compile(r" \([1-9]\d* of [1-9]\d*\)$")
_PART = re.compile(r" [VA][1-9]\d*$")
_CHANNELS = {
    (True, False, False): "V",
    (True, True, False): "B",
    (True, False, True): "A2/V",
    (True, True, True): "AA/V",
    (False, True, False): "A",
    (False, False, True): "A2",
    (False, True, True): "AA",
    (False, False, False): "NONE",
}


def part_title(name: str, part: str, number: int, count: int) -> str:
    """The title of one of the files of a cut: `Dog day V2`, `Dog day (1 of 2)`."""
    title = shown(name) + (f" {part}" if part else "")
    return title + (f" ({number} of {count})" if count > 1 else "")


def titles_meant(title: str) -> list[str]:
    """What the cut may be called of which a file has this title: as it says, then without what
    `part_title` puts behind it."""
    found = [title]
    for ending in (_PIECE, _PART):
        if (shorter := ending.sub("", found[-1])) not in ("", found[-1]):
            found.append(shorter)
    return found


def split_lists(cutlist: CutList) -> list[list[Event]]:
    """The events of each file of those lists that are too long for one."""
    if len(cutlist.events) <= EVENTS_A_FILE // 2:  # an event has two edits at most
        return []
    return list(_Writer(cutlist, ExportOptions(), Report()).pieces())


class Edl(CutDialect):
    """CMX 3600."""

    name = "edl"
    label = "EDL (CMX 3600)"
    suffix = ".edl"
    media_type = "text/plain; charset=utf-8"

    carries = frozenset(
        {
            Feature.TRACKS, Feature.SOUND, Feature.LINKS, Feature.CHANNELS, Feature.DISSOLVES,
            Feature.WIPES, Feature.FADES, Feature.SPEED, Feature.REVERSE, Feature.FREEZE,
            Feature.STILLS, Feature.MARKERS, Feature.GENERATED, Feature.REASONS,
        }
    )  # fmt: skip
    takes = frozenset({Option.MAP, Option.LONG_REELS, Option.LONG_NUMBERS})

    def refuse(self, cutlist: CutList, options: ExportOptions) -> None:
        if cutlist.rate.nominal > FASTEST:
            raise BadRequest(
                f"An EDL cannot count {cutlist.rate.spoken} frames a second; "
                "export xmeml, fcpxml or otio, or make the timeline at a lower rate."
            )

    def files(
        self, cutlist: CutList, options: ExportOptions, report: Report
    ) -> Iterable[ExportedFile]:
        return _Writer(cutlist, options, report).files()


class _Writer:
    def __init__(self, cutlist: CutList, options: ExportOptions, report: Report) -> None:
        self.cutlist = cutlist
        self.options = options
        self.report = report
        self.reels = reel_names(cutlist.sources, long=options.long_reels)
        self.clocks = {
            source.asset_id: SourceClock(source, cutlist.rate, cutlist.drop_frame)
            for source in cutlist.sources
        }
        self.record = _Stamp(cutlist.record_timecode(0))
        self.stamps = {key: _Stamp(clock.timecode(0)) for key, clock in self.clocks.items()}
        self.figures: dict[Fraction, tuple[str, bool]] = {}
        self.black = _Stamp(Timecode(0, cutlist.rate, cutlist.drop_frame))

    def files(self) -> Iterator[ExportedFile]:
        self._tell_sources()
        self._tell_changes()
        editor, markers = Editor(self.cutlist, self.clocks), True
        for part, first_audio, clips_there in self._lists():
            events = editor.edits(clips_there)
            locators = self._locators(events) if markers else {}
            markers = False
            size = EVENTS_A_FILE
            if self.options.long_event_numbers:
                size = len(events)
            pieces = [events[at : at + size] for at in range(0, len(events), size)]
            for number, piece in enumerate(pieces, 1):
                split = len(pieces) > 1
                names = [part] * bool(part) + [str(number)] * (split and number > 1)
                title = part_title(self.cutlist.name, part, number, len(pieces))
                lines = self._head(title)
                for at, edit in enumerate(piece, 1):
                    lines += self._event(at, edit, first_audio)
                    lines += locators.get(id(edit), ())
                text = "\n".join(lines) + "\n"
                yield ExportedFile("-".join(names), text.encode("utf-8"))
            if len(pieces) > 1:
                self.report.add(
                    "split",
                    f"An EDL numbers {EVENTS_A_FILE} events at most: {len(events)} were written "
                    f"to {len(pieces)} files, in order.",
                )

    def pieces(self) -> Iterator[list[Event]]:
        """The events of each file, where a list is split: each in the first that names it."""
        editor = Editor(self.cutlist, self.clocks)
        for _, _, clips_there in self._lists():
            edits, met = editor.edits(clips_there), set[int]()
            for at in range(0, len(edits) if len(edits) > EVENTS_A_FILE else 0, EVENTS_A_FILE):
                named = [
                    event
                    for edit in edits[at : at + EVENTS_A_FILE]
                    for event in (edit.clip.picture, *edit.clip.sound)
                    if event and id(event) not in met
                ]
                met |= {id(event) for event in named}
                yield named

    def _lists(self) -> Iterator[tuple[str, int, list[Clip]]]:
        """Part, number of its first audio track, its events."""
        lists: dict[tuple[bool, int], list[Clip]] = {}
        for clip in clips(self.cutlist):
            groups: dict[int, list[int]] = {}
            for at, event in enumerate(clip.sound):
                groups.setdefault((track_number(event.track) - 1) // TRACKS_A_FILE, []).append(at)
            if clip.picture:
                above = track_number(clip.picture.track)
                own = groups.pop(0, []) if above == 1 else []
                sound = tuple(clip.sound[at] for at in own)
                lists.setdefault((False, above), []).append(Clip(clip.picture, sound))
            for group, places in groups.items():
                sound = tuple(clip.sound[at] for at in places)
                key = (True, group) if group else (False, 1)
                lists.setdefault(key, []).append(Clip(None, sound))
        for position, ((is_audio, number), events) in enumerate(sorted(lists.items())):
            first = number * TRACKS_A_FILE + 1 if is_audio else 1
            name = f"A{first}" if is_audio else f"V{number}"
            if position and is_audio:
                self.report.add(
                    "audio-tracks",
                    f"An EDL has four audio tracks: A{first}–A{first + 3} are A1–A4 of {name}.",
                )
            elif position:
                self.report.add(
                    "video-tracks", f"An EDL has one picture track: {name} has its own file."
                )
            yield (name if position else ""), first, events

    def _head(self, title: str) -> list[str]:
        mode = "DROP FRAME" if self.cutlist.drop_frame else "NON-DROP FRAME"
        return [f"TITLE: {title}", f"FCM: {mode}", ""]

    def _event(self, number: int, edit: Edit, first_audio: int) -> Iterator[str]:
        clip = edit.clip
        digits = 6 if self.options.long_event_numbers else 3
        tracks = {track_number(event.track) - first_audio + 1 for event in clip.sound}
        channel = _CHANNELS[clip.picture is not None, 1 in tracks, 2 in tracks]
        further = sorted(tracks - {1, 2})
        placed, length = edit.record_range, f"{edit.length:03d}" if edit.effect != CUT else ""
        lines = [(edit.coming, edit.effect, length, placed.start, placed.end)]
        if edit.going:
            lines.insert(0, (edit.going, CUT, "", placed.start, placed.start))
        for side, effect, frames, start, end in lines:
            yield (
                f"{number:0{digits}d}  {self._reel(side)} {channel:<5} {effect:<4} {frames:>3} "
                f"{self._source_stamps(side)} "
                f"{self.record.at(self.cutlist.start + start)} "
                f"{self.record.at(self.cutlist.start + end)}"
            )
            if further:
                yield "AUD  " + "  ".join(map(str, further))
        yield from self._motion([side for side, *_ in lines])
        yield from self._comments(edit, first_audio)

    def _reel(self, side: Side) -> str:
        name = self.reels[side.clip.source.asset_id] if side.clip else BLACK_REEL
        return f"{name:<{32 if self.options.long_reels else 8}}"

    def _source_stamps(self, side: Side) -> str:
        stamp = self.stamps[side.clip.source.asset_id] if side.clip else self.black
        return f"{stamp.at(side.into)} {stamp.at(side.out)}"

    def _motion(self, sides: list[Side]) -> Iterator[str]:
        if all(side.speed == 1 for side in sides):
            return
        for side in sides:
            if not side.clip:
                continue
            figure, is_exact = self._figure(side.speed)
            first = self.stamps[side.clip.source.asset_id].at(side.first)
            yield f"M2   {self._reel(side)} {figure:>11} {first:>26}"
            if not is_exact:
                yield f"* SPEED: {side.speed}"
        if not sides[-1].speed:
            yield "* * FREEZE FRAME"

    def _figure(self, speed: Fraction) -> tuple[str, bool]:
        """A speed as M2 has it, and whether that is all of it."""
        if speed not in self.figures:
            fps = speed * self.cutlist.rate.value
            figure = f"{'-' if fps < 0 else ''}{float(abs(fps)):05.1f}"
            self.figures[speed] = figure, (fps * 10).denominator == 1
        return self.figures[speed]

    def _comments(self, edit: Edit, first_audio: int) -> Iterator[str]:
        clip, source = edit.clip, edit.clip.source
        going, coming = edit.going and edit.going.clip, edit.coming.clip
        if edit.going is None:
            yield f"* FROM CLIP NAME: {_name(clip)}"
        if going:
            yield f"* FROM CLIP NAME: {_name(going)}"
        if edit.going and coming:
            yield f"* TO CLIP NAME: {_name(coming)}"
        for each in (going, coming):
            if each:
                path = each.source.path
                path = self.options.paths.apply(path) if path else each.source.name
                yield f"* SOURCE FILE: {shown(path)}"
        if source.reel and source.reel != self.reels[source.asset_id]:
            yield f"* SOURCE REEL: {shown(source.reel)}"
        if coming and not self.clocks[source.asset_id].exact and source.kind != "still":
            yield f"* SOURCE RANGE: {_own_range(edit.coming, source)}"
        for event in clip.sound:
            number = track_number(event.track) - first_audio + 1
            if event.channel is not None and event.channel + 1 != number:
                yield f"* AUDIO CHANNEL: A{number} FROM SOURCE CHANNEL {event.channel + 1}"
                self.report.add(
                    "channels",
                    "An EDL lays source channel 1 on A1, 2 on A2 and so on; where the timeline "
                    "does otherwise an AUDIO CHANNEL comment says it.",
                )
        if source.origin == "generated":
            yield "* GENERATED: made by a machine, shot by no camera"
        if clip.event.reason:
            yield f"* COMMENT: {shown(clip.event.reason)}"

    def _locators(self, edits: list[Edit]) -> dict[int, list[str]]:
        """The locators of each edit by its identity: those between its start and the next one's.
        They stand with pictures where there are any, as people look for them there."""
        edits = [edit for edit in edits if edit.clip.picture] or edits
        starts = [edit.record_range.start for edit in edits]
        found: dict[int, list[str]] = {}
        for marker in sorted(self.cutlist.markers, key=lambda each: each.range):
            at = max(0, bisect_right(starts, marker.range.start) - 1)
            label = self.record.at(self.cutlist.start + marker.range.start)
            text = ": ".join(shown(words) for words in (marker.name, marker.note) if words)
            line = f"* LOC: {label} {marker.colour:<7} {text}".rstrip()
            found.setdefault(id(edits[at]), []).append(line)
            if marker.range.duration > 1:
                self.report.add(
                    "marker-length",
                    "An EDL marks single frames: a longer marker stands at its first.",
                )
        return found

    def _tell_changes(self) -> None:
        cutlist = self.cutlist
        if not all(self._figure(event.speed)[1] for event in cutlist.events if event.speed != 1):
            self.report.add(
                "speed",
                "An EDL says speeds in tenths of a frame a second; where one lies between them "
                "the exact factor stands in a SPEED comment.",
            )
        for item in cutlist.transitions:
            if item.range.duration > LONGEST:
                self.report.add(
                    "transition-length",
                    f"The transition at {cutlist.record_timecode(item.range.start)} on "
                    f"{item.track} lasts {item.range.duration} frames; an EDL takes {LONGEST}.",
                )

    def _tell_sources(self) -> None:
        cutlist = self.cutlist
        if cutlist.rate.nominal > 30:
            self.report.add(
                "rate",
                "The EDL standard ends at 30 frames a second, and this one counts "
                f"{cutlist.rate.nominal}: not every program reads that.",
            )
        for source in cutlist.sources:
            name, reel = shown(source.name), self.reels[source.asset_id]
            if source.reel and source.reel != reel:
                self.report.add("reel", f"{name}: reel {shown(source.reel)} is written as {reel}.")
            if source.path and shown(source.path) != source.path:
                self.report.add("name", f"{name}: its path holds characters that an EDL cannot.")
            if source.kind == "still":
                self.report.add("still", f"{name} is a still: its source timecode counts from 0.")
            elif not self.clocks[source.asset_id].exact:
                self.report.add(
                    "source-rate",
                    f"{name} runs at {pace(source)}, the EDL at {cutlist.rate.spoken}: its "
                    "timecodes are the nearest at the EDL's rate (within half a frame), its own "
                    "stand in the SOURCE RANGE comments.",
                )


class _Stamp:
    """Writes timecodes of one rate and counting; a label met before is not worked out again."""

    def __init__(self, first: Timecode) -> None:
        self._first = first
        self._known: dict[int, str] = {}

    def at(self, frame: int) -> str:
        text = self._known.get(frame)
        if text is None:
            text = str(Timecode(frame, self._first.rate, self._first.drop))
            self._known[frame] = text
        return text


def _name(clip: Clip) -> str:
    return shown(clip.event.name or clip.source.name)


def _own_range(side: Side, source: Source) -> str:
    chosen = side.own
    if source.kind == "audio":
        start, end = (
            clock(source.rate.seconds(source.start + at)) for at in (chosen.start, chosen.end)
        )
        return f"{chosen.start}-{chosen.end} AT {_rate(source)} SAMPLES {start}-{end}"
    start, end = (str(source.timecode(at)) for at in (chosen.start, chosen.end))
    return f"{chosen.start}-{chosen.end} AT {_rate(source)} TC {start}-{end}"


def _rate(source: Source) -> str:
    rate = source.rate
    return str(rate.numerator) if rate.denominator == 1 else str(rate)
