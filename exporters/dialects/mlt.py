"""MLT XML: what melt and Shotcut play, and Kdenlive opens.

MLT counts everything in frames of the timeline: a source at another rate begins at the nearest of
them. A track is a playlist of blanks and entries; a transition within it is a small tractor over
the tail of one clip and the head of the other, a fade one with black. Another speed is a `timewarp`
producer, in whose own frames the entry counts, a held frame the filter `freeze`. Sound is laid as
`mlt_sound.py` says.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from fractions import Fraction

from editing.cutlist import CutList, Event, Source, Transition, TransitionKind
from exporters.base import (
    ExportedFile,
    ExportOptions,
    Feature,
    Report,
    by_track,
    pace,
    shown,
)
from exporters.dialects.dialect import CutDialect, text_file
from exporters.dialects.mlt_parts import Piece, attribute, entry, profile, properties, transition
from exporters.dialects.mlt_sound import sound_entries, stream_of
from mam.timing import FrameRange, Timecode, rescale, round_half_up

BLACK = "black"
ITSELF = Fraction(1)
_PATTERNS = {1: "%luma01.pgm", 2: "%luma02.pgm"}  # SMPTE's first two wipes: a bar across, down


class Mlt(CutDialect):
    """MLT XML."""

    name = "mlt"
    label = "MLT XML (Kdenlive, Shotcut)"
    suffix = ".mlt"
    media_type = "application/xml"

    carries = frozenset(
        {
            Feature.TRACKS, Feature.SOUND, Feature.CHANNELS, Feature.DISSOLVES, Feature.WIPES,
            Feature.FADES, Feature.SPEED, Feature.REVERSE, Feature.FREEZE, Feature.STILLS,
        }
    )  # fmt: skip

    def files(
        self, cutlist: CutList, options: ExportOptions, report: Report
    ) -> Iterable[ExportedFile]:
        text = "\n".join(_Writer(cutlist, options, report).lines()) + "\n"
        return (text_file(text),)


class _Writer:
    def __init__(self, cutlist: CutList, options: ExportOptions, report: Report) -> None:
        self.cutlist = cutlist
        self.options = options
        self.report = report
        self.producers: dict[tuple[Source, int | None, Fraction], str] = {}
        self.reach: dict[str, int] = {}  # the frame after the last that is asked of a producer
        self.mixes: list[str] = []
        self.heard = {laid[0]: laid for laid in sound_entries(cutlist)}

    def lines(self) -> Iterator[str]:
        cut, last = self.cutlist, self.cutlist.duration - 1
        playlists = {
            name: list(self._playlist(name, events)) for name, events in by_track(cut).items()
        }
        playlists = {
            name: lines for name, lines in playlists.items()
            if any("<entry" in line for line in lines)
        }  # fmt: skip
        yield '<?xml version="1.0" encoding="UTF-8"?>'
        yield f'<mlt LC_NUMERIC="C" producer="main" title={attribute(cut.name)}>'
        yield profile(cut)
        yield f'<producer id="{BLACK}" in="0" out="{last}">'
        yield from properties(
            {"length": last + 1, "eof": "pause", "resource": "black", "mlt_service": "color",
             "set.test_audio": 0}
        )  # fmt: skip
        yield "</producer>"
        for key, name in self.producers.items():
            yield from self._played(name, *key)
        yield from self.mixes
        for name, lines in playlists.items():
            yield f'<playlist id="{name}">'
            yield from lines
            yield "</playlist>"
        yield f'<tractor id="main" title={attribute(cut.name)} in="0" out="{last}">'
        yield from properties(
            {"kdenlive:sequenceproperties.timecodeOffset": cut.start,
             "kdenlive:duration": Timecode(last + 1, cut.rate, cut.drop_frame)}
        )  # fmt: skip
        yield f'<track producer="{BLACK}"/>'
        # the highest track with a picture is seen; sound lies below all of them
        order = sorted(playlists, key=lambda name: (name[0] == "V", int(name[1:])))
        for name in order:
            hide = "audio" if name[0] == "V" else "video"
            yield f'<track producer="{name}" hide="{hide}"/>'
        for number, name in enumerate(order, 1):
            if name[0] == "A":
                yield from transition(
                    {"a_track": 0, "b_track": number, "mlt_service": "mix", "always_active": 1,
                     "sum": 1}
                )  # fmt: skip
        yield "</tractor>"
        yield "</mlt>"

    def _playlist(self, track: str, events: list[Event]) -> Iterator[str]:
        """Blanks, clips and transitions in their order, each frame of the track once."""
        written = [event for event in events if self._is_written(event)]
        mixed = {
            item.at: item.range for item in self.cutlist.transitions
            if item.track == track and any(map(self._is_written, self._sides(item)))
        }  # fmt: skip
        pieces: list[tuple[FrameRange, str | Piece]] = []
        for item in self.cutlist.transitions:
            if item.track == track and item.at in mixed:
                pieces.append((item.range, self._mix(track, item)))
        for event in written:
            start, end = event.record_range.start, event.record_range.end
            start = mixed[start].end if start in mixed else start
            end = mixed[end].start if end in mixed else end
            if start < end:
                range = FrameRange(start, end)
                pieces.append((range, self._piece(event, range)))
        at = 0
        for range, piece in sorted(pieces, key=lambda each: each[0]):
            if range.start > at:
                yield f'<blank length="{range.start - at}"/>'
            if isinstance(piece, str):
                yield f'<entry producer="{piece}" in="0" out="{range.duration - 1}"/>'
            else:
                yield from entry("entry", piece)
            at = range.end

    def _is_written(self, event: Event | None) -> bool:
        """Sound that is no channel of its own goes with the entry of another one."""
        return event is not None and (event.is_video or event in self.heard)

    def _sides(self, item: Transition) -> tuple[Event | None, Event | None]:
        return self.cutlist.neighbours(item)

    def _mix(self, track: str, item: Transition) -> str:
        """The tractor of a transition; its id."""
        name = f"mix-{track}-{item.at}"
        last = item.range.duration - 1
        sides: list[str] = []
        for side in self._sides(item):
            if side is not None:
                sides += entry("track", self._begun(name, side, item.range))
            else:
                sides += entry("track", Piece(BLACK, 0, item.range.duration))
        self.mixes.append(f'<tractor id="{name}" in="0" out="{last}">')
        self.mixes += sides
        # where one is cut to the other, in Kdenlive's word for it
        wanted: dict[str, object] = {
            "a_track": 0, "b_track": 1, "kdenlive:mixcut": item.after,
        }  # fmt: skip
        if track[0] == "V":
            wanted["mlt_service"] = "luma"
            if item.kind is TransitionKind.WIPE:
                wanted["resource"] = self._pattern(item)
            self.mixes += transition(wanted, last)
        else:
            self.mixes += transition(wanted | {"mlt_service": "mix", "start": -1}, last)
        self.mixes.append("</tractor>")
        return name

    def _begun(self, mix: str, event: Event, range: FrameRange) -> Piece:
        """One side of a transition; a master that begins within it holds its first frame until
        then, in a playlist of its own."""
        missing = min(-self._first(event, range), range.duration)
        if missing <= 0 or event.source.kind == "still":
            return self._piece(event, range)
        name = f"{mix}-begins"
        held = {"mlt_service": "freeze", "frame": 0, "freeze_before": 0, "freeze_after": 0}
        whole = self._piece(event, range)
        pieces = [replace(whole, first=0, length=missing, filters=(held, *whole.filters))]
        if missing < range.duration:
            pieces.append(replace(whole, first=0, length=range.duration - missing))
        self.mixes.append(f'<playlist id="{name}">')
        for piece in pieces:
            self.mixes += entry("entry", piece)
        self.mixes.append("</playlist>")
        return Piece(name, 0, range.duration)

    def _pattern(self, item: Transition) -> str:
        if item.wipe not in _PATTERNS:
            self.report.add(
                "wipe-pattern",
                f"The wipe at {self.cutlist.record_timecode(item.range.start)} (SMPTE {item.wipe}) "
                "is written as a bar across the picture: choose its pattern in the editor.",
            )
        return _PATTERNS.get(item.wipe, _PATTERNS[1])

    def _piece(self, event: Event, range: FrameRange) -> Piece:
        """What of its producer an event shows in a range of the record, handles included."""
        source, rate = event.source, self.cutlist.rate
        stream, filters = (None, ()) if event.is_video else stream_of(self.heard[event])
        if source.kind == "still":
            return self._taken((source, stream, ITSELF), 0, range.duration)
        if source.rate.value != rate.value:
            self.report.add(
                "source-rate",
                f"{shown(source.name)} runs at {pace(source)}; MLT counts frames of the timeline, "
                "and its clips begin at the nearest.",
            )
        length = rescale(source.duration, source.rate, rate)
        if event.speed == 0:
            frame = rescale(event.source_range.start, source.rate, rate)
            first = max(0, min(frame, length - range.duration))
            held = {"mlt_service": "freeze", "frame": frame - first, "freeze_before": 0,
                    "freeze_after": 0}  # fmt: skip
            filters = held, *filters
            return self._taken((source, stream, ITSELF), first, range.duration, filters)
        exact = self._begins(event)
        if exact.denominator != 1 and abs(event.speed) != 1:
            self.report.add(
                "speed-start",
                f"{shown(event.name or source.name)} on {event.track} at "
                f"{self.cutlist.record_timecode(event.record_range.start)}: at this speed MLT can "
                "begin at every "
                f"{_nth(abs(event.speed).numerator)} frame only, and begins at the nearest.",
            )
        first = max(0, self._first(event, range))
        return self._taken((source, stream, event.speed), first, range.duration, filters)

    def _first(self, event: Event, range: FrameRange) -> int:
        """The position of its producer that an event shows first in a range; below 0 where its
        master has not begun there. A held frame and a still are there at any time."""
        if event.speed == 0 or event.source.kind == "still":
            return 0
        return round_half_up(self._begins(event)) + range.start - event.record_range.start

    def _begins(self, event: Event) -> Fraction:
        """The same at the event's own beginning, exactly. Backwards a producer shows its last
        position first."""
        source, rate = event.source, self.cutlist.rate
        # rounded once: half a frame of the timeline twice would be more than that
        shown_first = source.rate.seconds(event.first_shown) * rate.value / abs(event.speed)
        if event.speed > 0:
            return shown_first
        return self._natural(source, event.speed) - 1 - shown_first

    def _natural(self, source: Source, speed: Fraction) -> int:
        """Positions that there are of a source at a speed."""
        length = rescale(source.duration, source.rate, self.cutlist.rate)
        return round_half_up(Fraction(length) / abs(speed or ITSELF))

    def _taken(
        self,
        key: tuple[Source, int | None, Fraction],
        first: int,
        length: int,
        filters: tuple[Mapping[str, object], ...] = (),
    ) -> Piece:
        """Frames of what plays a source: its picture or one of its streams, at a speed."""
        name = self.producers.setdefault(key, f"producer-{len(self.producers) + 1}")
        self.reach[name] = max(self.reach.get(name, 0), first + length)
        return Piece(name, first, length, filters)

    def _played(
        self, name: str, source: Source, stream: int | None, speed: Fraction
    ) -> Iterator[str]:
        path = self.options.paths.apply(source.path) if source.path else source.name
        if shown(path) != path:
            self.report.add("name", f"{shown(source.name)}: its path holds bytes that XML cannot.")
        natural = self._natural(source, speed)
        # MLT shortens an entry that asks for more than there is, and all behind it would slip
        length = max(self.reach[name], natural)
        wanted: dict[str, object] = {"length": length, "eof": "pause", "resource": path}
        if source.kind != "still":
            wanted["mlt_service"] = "avformat-novalidate"
            wanted["audio_index"] = -1 if stream is None else stream
            if source.kind == "video":
                wanted |= {"meta.media.frame_rate_num": source.rate.numerator,
                           "meta.media.frame_rate_den": source.rate.denominator}  # fmt: skip
            if stream is not None:
                wanted["video_index"] = -1
                for each in source.audio:  # as MLT itself tells of what it has opened
                    stated = f"meta.media.{each.stream}"
                    wanted |= {f"{stated}.stream.type": "audio",
                               f"{stated}.codec.channels": each.channels}  # fmt: skip
        if speed != 1:
            warp = f"{float(speed):.9g}"
            wanted |= {"mlt_service": "timewarp", "resource": f"{warp}:{path}",
                       "warp_speed": warp, "warp_resource": path}  # fmt: skip
        wanted["kdenlive:clipname"] = source.name
        # what runs backwards counts from its last position, and not from what is asked beyond it
        last = (natural if speed < 0 else length) - 1
        yield f'<producer id="{name}" in="0" out="{last}">'
        yield from properties(wanted)
        yield "</producer>"


def _nth(number: int) -> str:
    """`2nd`, `3rd`, `11th`."""
    endings = {1: "st", 2: "nd", 3: "rd"}
    ending = "th" if number % 100 in (11, 12, 13) else endings.get(number % 10, "th")
    return f"{number}{ending}"
