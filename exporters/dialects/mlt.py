"""MLT XML: what melt and Shotcut play, and Kdenlive opens.

MLT counts everything in frames of the timeline: a source at another rate begins at the nearest of
them. A track is a playlist of blanks and entries; a transition within it is a small tractor over
the tail of one clip and the head of the other, a fade one with black. Another speed is a `timewarp`
producer, in whose own frames the entry counts, a held frame the filter `freeze`. A clip's channels
are one entry on the lowest of their tracks, as these editors lay sound; one channel alone is copied
to both sides.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from xml.sax.saxutils import escape, quoteattr

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


@dataclass(frozen=True)
class _Piece:
    """Frames of a producer, through filters."""

    producer: str
    first: int
    length: int
    filters: tuple[Mapping[str, object], ...] = ()

    def attributes(self) -> str:
        return f'producer="{self.producer}" in="{self.first}" out="{self.first + self.length - 1}"'


class _Writer:
    def __init__(self, cutlist: CutList, options: ExportOptions, report: Report) -> None:
        self.cutlist = cutlist
        self.options = options
        self.report = report
        self.producers: dict[tuple[Source, int | None, Fraction], str] = {}
        self.reach: dict[str, int] = {}  # the frame after the last that is asked of a producer
        self.mixes: list[str] = []
        self.heard = _heard(cutlist)

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
        yield f'<mlt LC_NUMERIC="C" producer="main" title={_attribute(cut.name)}>'
        yield _profile(cut)
        yield f'<producer id="{BLACK}" in="0" out="{last}">'
        yield from _properties(
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
        yield f'<tractor id="main" title={_attribute(cut.name)} in="0" out="{last}">'
        yield from _properties(
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
                yield from _transition(
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
            if item.track == track
            and all(self._is_written(side) for side in self._sides(item) if side is not None)
        }  # fmt: skip
        pieces: list[tuple[FrameRange, str | _Piece]] = []
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
                yield from _entry("entry", piece)
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
            if side is not None and self._is_written(side):
                sides += _entry("track", self._begun(name, side, item.range))
            else:
                sides += _entry("track", _Piece(BLACK, 0, item.range.duration))
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
            self.mixes += _transition(wanted, last)
        else:
            self.mixes += _transition(wanted | {"mlt_service": "mix", "start": -1}, last)
        self.mixes.append("</tractor>")
        return name

    def _begun(self, mix: str, event: Event, range: FrameRange) -> _Piece:
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
            self.mixes += _entry("entry", piece)
        self.mixes.append("</playlist>")
        return _Piece(name, 0, range.duration)

    def _pattern(self, item: Transition) -> str:
        if item.wipe not in _PATTERNS:
            self.report.add(
                "wipe-pattern",
                f"The wipe at {self.cutlist.record_timecode(item.range.start)} (SMPTE {item.wipe}) "
                "is written as a bar across the picture: choose its pattern in the editor.",
            )
        return _PATTERNS.get(item.wipe, _PATTERNS[1])

    def _piece(self, event: Event, range: FrameRange) -> _Piece:
        """What of its producer an event shows in a range of the record, handles included."""
        source, rate = event.source, self.cutlist.rate
        stream, filters = self._sound(event)
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
                f"{abs(event.speed).numerator}th frame only, and begins at the nearest.",
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

    def _sound(self, event: Event) -> tuple[int | None, tuple[Mapping[str, object], ...]]:
        """The stream of a clip's sound (None for a picture), and what lays a channel alone."""
        if event.is_video:
            return None, ()
        channels = self.heard.get(event, (0,))
        number, streams = channels[0], event.source.audio
        for stream in streams:
            if number < stream.channels:
                if len(channels) == 1 and stream.channels > 1:
                    return stream.stream, tuple(
                        {"mlt_service": "channelcopy", "from": number, "to": side}
                        for side in (0, 1)
                        if side != number
                    )
                return stream.stream, ()
            number -= stream.channels
            channels = tuple(channel - stream.channels for channel in channels)
        return -1, ()

    def _taken(
        self,
        key: tuple[Source, int | None, Fraction],
        first: int,
        length: int,
        filters: tuple[Mapping[str, object], ...] = (),
    ) -> _Piece:
        """Frames of what plays a source: its picture or one of its streams, at a speed."""
        name = self.producers.setdefault(key, f"producer-{len(self.producers) + 1}")
        self.reach[name] = max(self.reach.get(name, 0), first + length)
        return _Piece(name, first, length, filters)

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
        yield from _properties(wanted)
        yield "</producer>"


def _heard(cutlist: CutList) -> dict[Event, tuple[int, ...]]:
    """The sound that is written: of the channels of one clip that lie on several tracks and are
    all of one stream the lowest event, with the channels that it stands for; else each alone."""
    groups: dict[tuple[object, ...], list[Event]] = {}
    for events in by_track(cutlist).values():
        for event in events:
            if not event.is_video:
                stream = _stream(event.source, event.channel or 0)
                key = (event.link or event.track, event.source.asset_id, stream,
                       event.source_range, event.record_range, event.speed)  # fmt: skip
                groups.setdefault(key, []).append(event)
    found: dict[Event, tuple[int, ...]] = {}
    for events in groups.values():
        channels = tuple(sorted({event.channel or 0 for event in events}))
        streams = events[0].source.audio
        place = _stream(events[0].source, channels[0])
        if streams and len(channels) == streams[place].channels:
            found[events[0]] = channels
        else:
            found |= {event: (event.channel or 0,) for event in events}
    return found


def _stream(source: Source, channel: int) -> int:
    for number, stream in enumerate(source.audio):
        if channel < stream.channels:
            return number
        channel -= stream.channels
    return 0


def _profile(cut: CutList) -> str:
    aspect = Fraction(cut.width, cut.height)
    return (
        f'<profile description={_attribute(cut.name)} width="{cut.width}" height="{cut.height}" '
        'progressive="1" sample_aspect_num="1" sample_aspect_den="1" '
        f'display_aspect_num="{aspect.numerator}" display_aspect_den="{aspect.denominator}" '
        f'frame_rate_num="{cut.rate.numerator}" frame_rate_den="{cut.rate.denominator}" '
        'colorspace="709"/>'
    )


def _entry(tag: str, piece: _Piece) -> Iterator[str]:
    if not piece.filters:
        yield f"<{tag} {piece.attributes()}/>"
        return
    yield f"<{tag} {piece.attributes()}>"
    for wanted in piece.filters:
        yield "<filter>"
        yield from _properties(wanted)
        yield "</filter>"
    yield f"</{tag}>"


def _transition(wanted: Mapping[str, object], last: int | None = None) -> Iterator[str]:
    yield "<transition>" if last is None else f'<transition in="0" out="{last}">'
    yield from _properties(wanted)
    yield "</transition>"


def _properties(wanted: Mapping[str, object]) -> Iterator[str]:
    for name, value in wanted.items():
        yield f'<property name="{name}">{escape(shown(str(value)))}</property>'


def _attribute(text: str) -> str:
    return quoteattr(shown(text))
