"""CMX 3600 edit decision lists.

Picture track V1 and audio tracks A1–A4 go into the first file, every other picture track and
every further four audio tracks into one of its own. Picture and sound of one clip are one event
(`B`, `AA/V`, …; A3 and A4 by the `AUD` line under it). All timecodes count at the timeline's rate,
so source and record lengths are always equal; what a source of another rate counts itself stands
exactly in a comment: `* SOURCE RANGE: <first frame>-<end frame> AT <rate> TC <in>-<out>`.
A reel that had to be shortened or told apart stands whole in `* SOURCE REEL:`.
The FCM line is the record's. An event whose source counts drop-frame otherwise than the record
says so by its own separator; a second FCM line would turn the record too in some readers.
"""

from __future__ import annotations

from collections.abc import Iterator

from editing.cutlist import CutList, Source
from editing.sourceclock import SourceClock
from exporters.base import (
    Clip,
    Exported,
    ExportedFile,
    ExportOptions,
    Feature,
    Report,
    check,
    clips,
    common_notes,
    shown,
    track_number,
)
from exporters.dialects.reels import reel_names
from exporters.features import carried
from mam.errors import BadRequest
from mam.timing import Timecode, clock

EVENTS_A_FILE = 999
TRACKS_A_FILE = 4  # audio tracks that the channel column and AUD can name
FASTEST = 100  # above it a timecode's frames take three digits, which no reader expects
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


class Edl:
    """CMX 3600."""

    name = "edl"
    label = "EDL (CMX 3600)"
    suffix = ".edl"
    media_type = "text/plain; charset=utf-8"

    carries = frozenset(
        {
            Feature.TRACKS, Feature.SOUND, Feature.LINKS, Feature.CHANNELS, Feature.STILLS,
            Feature.REASONS,
        }
    )  # fmt: skip

    def write(self, cutlist: CutList, options: ExportOptions) -> Exported:
        check(cutlist)
        if cutlist.rate.nominal > FASTEST:
            raise BadRequest(
                f"An EDL cannot count {cutlist.rate.nominal} frames a second; "
                "export xmeml, fcpxml or otio, or make the timeline at a lower rate."
            )
        report = Report()
        cutlist = carried(cutlist, self.label, self.carries, report)
        common_notes(cutlist, options, report)
        return Exported(tuple(_Writer(cutlist, options, report).files()), report.notes)


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

    def files(self) -> Iterator[ExportedFile]:
        self._tell_sources()
        for part, first_audio, events in self._lists():
            size = EVENTS_A_FILE
            if self.options.long_event_numbers:
                size = len(events)
            pieces = [events[at : at + size] for at in range(0, len(events), size)]
            for number, piece in enumerate(pieces, 1):
                split = len(pieces) > 1
                names = [part] * bool(part) + [str(number)] * (split and number > 1)
                title = shown(self.cutlist.name)
                title += f" {part}" if part else ""
                title += f" ({number} of {len(pieces)})" if split else ""
                lines = [*self._head(title), *self._body(piece, first_audio)]
                text = "\n".join(lines) + "\n"
                yield ExportedFile("-".join(names), text.encode("utf-8"))
            if len(pieces) > 1:
                self.report.add(
                    "split",
                    f"An EDL numbers {EVENTS_A_FILE} events at most: {len(events)} were written "
                    f"to {len(pieces)} files, in order.",
                )

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
                self.report.add("video-tracks", f"An EDL has one picture track: {name} is a file.")
            yield (name if position else ""), first, events

    def _head(self, title: str) -> list[str]:
        mode = "DROP FRAME" if self.cutlist.drop_frame else "NON-DROP FRAME"
        return [f"TITLE: {title}", f"FCM: {mode}", ""]

    def _body(self, events: list[Clip], first_audio: int) -> Iterator[str]:
        digits = 6 if self.options.long_event_numbers else 3
        width = 32 if self.options.long_reels else 8
        record = _Stamp(self.cutlist.record_timecode(0))
        stamps = {key: _Stamp(clock.timecode(0)) for key, clock in self.clocks.items()}
        for number, clip in enumerate(events, 1):
            source = clip.source
            placed, length = clip.record_range, clip.record_range.duration
            start = self.clocks[source.asset_id].frame(clip.source_range.start)
            stamp = stamps[source.asset_id]
            tracks = {track_number(event.track) - first_audio + 1 for event in clip.sound}
            channel = _CHANNELS[clip.picture is not None, 1 in tracks, 2 in tracks]
            reel = self.reels[source.asset_id]
            yield (
                f"{number:0{digits}d}  {reel:<{width}} {channel:<5} C        "
                f"{stamp.at(start)} {stamp.at(start + length)} "
                f"{record.at(self.cutlist.start + placed.start)} "
                f"{record.at(self.cutlist.start + placed.end)}"
            )
            if further := sorted(tracks - {1, 2}):
                yield "AUD  " + "  ".join(map(str, further))
            yield from self._comments(clip, first_audio)

    def _comments(self, clip: Clip, first_audio: int) -> Iterator[str]:
        source = clip.source
        yield f"* FROM CLIP NAME: {shown(clip.event.name or source.name)}"
        path = self.options.paths.apply(source.path) if source.path else source.name
        yield f"* SOURCE FILE: {shown(path)}"
        if source.reel and source.reel != self.reels[source.asset_id]:
            yield f"* SOURCE REEL: {shown(source.reel)}"
        if not self.clocks[source.asset_id].exact and source.kind != "still":
            yield f"* SOURCE RANGE: {_own_range(clip)}"
        for event in clip.sound:
            number = track_number(event.track) - first_audio + 1
            if event.channel is not None and event.channel + 1 != number:
                yield f"* AUDIO CHANNEL: A{number} FROM SOURCE CHANNEL {event.channel + 1}"
                self.report.add(
                    "channels",
                    "An EDL lays source channel 1 on A1, 2 on A2 and so on; where the timeline "
                    "does otherwise an AUDIO CHANNEL comment says it.",
                )
        if clip.event.reason:
            yield f"* COMMENT: {shown(clip.event.reason)}"

    def _tell_sources(self) -> None:
        cutlist = self.cutlist
        if cutlist.rate.nominal > 30:
            self.report.add(
                "rate",
                f"EDLs above 30 frames a second are a vendor's habit; this one counts "
                f"{cutlist.rate.nominal}.",
            )
        for source in cutlist.sources:
            name, reel = shown(source.name), self.reels[source.asset_id]
            if source.reel and source.reel != reel:
                self.report.add("reel", f"{name}: reel {shown(source.reel)} is written as {reel}.")
            if source.path and shown(source.path) != source.path:
                self.report.add("name", f"{name}: its path holds bytes that no EDL line can.")
            if source.kind == "still":
                self.report.add("still", f"{name} is a still: its source timecode counts from 0.")
            elif not self.clocks[source.asset_id].exact:
                unit = "samples" if source.kind == "audio" else "frames"
                self.report.add(
                    "source-rate",
                    f"{name} runs at {source.rate} {unit} a second, the EDL at {cutlist.rate}: its "
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


def _own_range(clip: Clip) -> str:
    source, chosen = clip.source, clip.source_range
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
