"""Final Cut Pro 7 XML (xmeml 5): what Premiere and Resolve import.

One clipitem a picture and one an audio channel, linked. `start`/`end` count the sequence's frames,
`in`/`out` the clipitem's own rate, which is the file's. A rate that xmeml cannot say (anything but
whole or NTSC: sound counted in samples, 12.5, 29.83) takes the sequence's instead; then `in` and
`out` are the nearest frames and `pproTicksIn`/`pproTicksOut` (254,016,000,000 a second), which
Premiere prefers, hold the exact place. What stands in an item besides is in xmeml_items.py.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from hashlib import sha256

from editing.cutlist import CutList, Event, Source
from editing.sourceclock import SourceClock
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
from exporters.dialects.dialect import CutDialect, text_file
from exporters.dialects.xmeml_items import (
    Sides,
    boolean,
    marker_element,
    note_element,
    place,
    rate_element,
    sides_of,
    speed_element,
    start_and_end,
    still_element,
    text,
    timecode_element,
    title_element,
    transition_element,
)
from exporters.paths import localhost_url
from mam.errors import BadRequest
from mam.timing import FrameRate, rescale, round_half_up

UNTOUCHED = Sides()
ITSELF = Fraction(1)
LINKED = 64  # members that one link may have: each clipitem lists all of them
_NAMESPACE = uuid.UUID("5f0c0c4e-6a53-5d0b-9a5c-0f8a9a3b6a21")
# pixel aspect and picture height of the shapes that the format has a name for
_SHAPES = {
    ("NTSC-601", False): (Fraction(10, 11), Fraction(8, 9), Fraction(4320, 4739)),
    ("PAL-601", False): (Fraction(12, 11), Fraction(16, 15), Fraction(59, 54), Fraction(128, 117)),
    ("NTSC-601", True): (Fraction(40, 33), Fraction(32, 27), Fraction(5760, 4739)),
    ("PAL-601", True): (Fraction(16, 11), Fraction(64, 45), Fraction(118, 81), Fraction(512, 351)),
    ("HD-(1440x1080)", False): (Fraction(4, 3),),
    ("HD-(1280x1080)", False): (Fraction(3, 2),),
}


class Xmeml(CutDialect):
    """FCP7 XML."""

    name = "xmeml"
    label = "FCP7 XML (Premiere, Resolve)"
    suffix = ".xml"
    media_type = "application/xml"

    carries = frozenset(Feature)

    def refuse(self, cutlist: CutList, options: ExportOptions) -> None:
        if not _can_say(cutlist.rate):
            raise BadRequest(
                f"FCP7 XML cannot count {cutlist.rate.spoken} frames a second; make the "
                "timeline at a standard rate, or export fcpxml or otio."
            )

    def files(
        self, cutlist: CutList, options: ExportOptions, report: Report
    ) -> Iterable[ExportedFile]:
        written = "\n".join(_Writer(cutlist, options, report).lines()) + "\n"
        return (text_file(written),)


@dataclass(frozen=True)
class _Item:
    """Where a clipitem lies, as links name it."""

    id: str
    event: Event
    track: int
    index: int  # from 1, within its track


class _Writer:
    def __init__(self, cutlist: CutList, options: ExportOptions, report: Report) -> None:
        self.cutlist = cutlist
        self.options = options
        self.report = report
        self.number = {source.asset_id: at for at, source in enumerate(cutlist.sources, 1)}
        self.written: set[str] = set()
        self.rates = {source.asset_id: self._rate(source) for source in cutlist.sources}
        self.sides = sides_of(cutlist)
        self.items: dict[str, list[_Item]] = {}
        self.links: dict[str, list[_Item]] = {}
        for track, events in by_track(cutlist).items():
            # track numbers may have holes, but xmeml counts tracks as they stand
            self.items[track] = []
            for index, event in enumerate(events, 1):
                item = _Item(f"clipitem-{track}-{index}", event, track_number(track), index)
                self.items[track].append(item)
                if event.link:
                    self.links.setdefault(event.link, []).append(item)

    def lines(self) -> Iterator[str]:
        cut = self.cutlist
        yield '<?xml version="1.0" encoding="UTF-8"?>'
        yield "<!DOCTYPE xmeml>"
        yield '<xmeml version="5">'
        yield '<sequence id="sequence-1">'
        yield f"<uuid>{self._uuid()}</uuid>"
        yield f"<name>{text(cut.name)}</name>"
        yield f"<duration>{cut.duration}</duration>"
        yield rate_element(cut.rate)
        yield timecode_element(cut.record_timecode(0))
        yield "<in>-1</in><out>-1</out>"
        yield "<media>"
        yield "<video>"
        yield "<format>"
        yield "<samplecharacteristics>"
        yield rate_element(cut.rate)
        yield f"<width>{cut.width}</width><height>{cut.height}</height>"
        yield "<anamorphic>FALSE</anamorphic><pixelaspectratio>square</pixelaspectratio>"
        yield "<fielddominance>none</fielddominance>"
        yield "</samplecharacteristics>"
        yield "</format>"
        yield from self._tracks("V")
        yield "</video>"
        yield "<audio>"
        yield "<numOutputChannels>2</numOutputChannels>"
        yield "<format><samplecharacteristics><depth>16</depth><samplerate>48000</samplerate>"
        yield "</samplecharacteristics></format>"
        yield "<outputs>"
        for index in (1, 2):
            yield (
                f"<group><index>{index}</index><numchannels>1</numchannels><downmix>0</downmix>"
                f"<channel><index>{index}</index></channel></group>"
            )
        yield "</outputs>"
        yield from self._tracks("A")
        yield "</audio>"
        yield "</media>"
        for marker in sorted(cut.markers, key=lambda each: each.range):
            yield marker_element(marker)
        yield "</sequence>"
        yield "</xmeml>"

    def _tracks(self, kind: str) -> Iterator[str]:
        last = max((track_number(name) for name in self.items if name[0] == kind), default=0)
        for number in range(1, last + 1):
            yield "<track>"
            for item in self.items.get(f"{kind}{number}", ()):
                sides = self.sides.get((item.event.track, item.event.record_range.start), UNTOUCHED)
                if sides.head:
                    yield from transition_element(sides.head, self.cutlist)
                yield from self._item(item, sides)
                if sides.tail and self.cutlist.neighbours(sides.tail)[1] is None:
                    yield from transition_element(sides.tail, self.cutlist)
            yield "<enabled>TRUE</enabled><locked>FALSE</locked>"
            if kind == "A":
                yield f"<outputchannelindex>{2 - number % 2}</outputchannelindex>"
            yield "</track>"

    def _item(self, item: _Item, sides: Sides) -> Iterator[str]:
        event, source = item.event, item.event.source
        if event.is_title:
            yield from title_element(event, sides, self.cutlist.rate, item.id)
            yield from self._links(item)
            yield from note_element(event)
            yield "</generatoritem>"
            return
        rate = self.rates[source.asset_id]
        at = place(event, sides, rate, self.cutlist.rate)
        yield f'<clipitem id="{item.id}">'
        yield f"<masterclipid>masterclip-{self.number[source.asset_id]}</masterclipid>"
        yield f"<name>{text(event.name or source.name)}</name>"
        yield f"<enabled>{boolean(event.enabled)}</enabled>"
        yield f"<duration>{self._length(source, rate, event.speed)}</duration>"
        yield rate_element(rate)
        yield start_and_end(event, sides)
        yield f"<in>{at.into}</in><out>{at.out}</out>"
        if at.ticks:
            into, out = at.ticks
            yield f"<pproTicksIn>{into}</pproTicksIn><pproTicksOut>{out}</pproTicksOut>"
        if event.is_video:
            yield "<alphatype>none</alphatype>"
            shape, anamorphic = self._shape(source)
            yield f"<pixelaspectratio>{shape}</pixelaspectratio>"
            yield f"<anamorphic>{boolean(anamorphic)}</anamorphic>"
            yield from still_element(event)
        yield from self._file(source, rate)
        yield from speed_element(event)
        if not event.is_video:
            channel = (event.channel or 0) + 1
            yield "<sourcetrack><mediatype>audio</mediatype>"
            yield f"<trackindex>{channel}</trackindex></sourcetrack>"
        yield from self._links(item)
        yield from note_element(event)
        yield "</clipitem>"

    def _length(self, source: Source, rate: FrameRate, speed: Fraction = ITSELF) -> int:
        """Frames of the whole source at a speed; a held one has all of them."""
        length = max(1, rescale(source.duration, source.rate, rate))
        return length if speed in (0, 1) else max(1, round_half_up(length / abs(speed)))

    def _file(self, source: Source, rate: FrameRate) -> Iterator[str]:
        name = f"file-{self.number[source.asset_id]}"
        if source.asset_id in self.written:
            yield f'<file id="{name}"/>'
            return
        self.written.add(source.asset_id)
        yield f'<file id="{name}">'
        yield f"<name>{text(source.name)}</name>"
        if source.path:
            yield f"<pathurl>{localhost_url(self.options.paths.apply(source.path))}</pathurl>"
        yield rate_element(rate)
        yield f"<duration>{self._length(source, rate)}</duration>"
        clock = SourceClock(source, rate, self.cutlist.drop_frame)
        yield timecode_element(clock.timecode(0), reel=source.reel)
        yield "<media>"
        if source.kind != "audio":
            shape, anamorphic = self._shape(source)
            yield "<video>"
            yield f"<duration>{self._length(source, rate)}</duration>"
            yield "<samplecharacteristics>"
            yield rate_element(rate)
            yield f"<width>{source.width}</width><height>{source.height}</height>"
            yield f"<anamorphic>{boolean(anamorphic)}</anamorphic>"
            yield f"<pixelaspectratio>{shape}</pixelaspectratio>"
            yield f"<fielddominance>{_fields(source)}</fielddominance>"
            yield "</samplecharacteristics>"
            yield "</video>"
        for stream in source.audio:
            yield "<audio>"
            yield "<samplecharacteristics><depth>16</depth>"
            yield f"<samplerate>{stream.sample_rate}</samplerate></samplecharacteristics>"
            yield f"<channelcount>{stream.channels}</channelcount>"
            yield "</audio>"
        yield "</media>"
        yield "</file>"

    def _links(self, item: _Item) -> Iterator[str]:
        members = self.links.get(item.event.link, [])
        if len(members) > LINKED:
            self.report.add(
                "links", f"More than {LINKED} clips share one link; those are written unlinked."
            )
            return
        if len(members) < 2:
            return
        for member in members:
            kind = "video" if member.event.is_video else "audio"
            group = "" if member.event.is_video else "<groupindex>1</groupindex>"
            yield (
                f"<link><linkclipref>{member.id}</linkclipref><mediatype>{kind}</mediatype>"
                f"<trackindex>{member.track}</trackindex>"
                f"<clipindex>{member.index}</clipindex>{group}</link>"
            )

    def _rate(self, source: Source) -> FrameRate:
        """The rate that its clipitems and its file are counted at."""
        if source.kind == "still":
            return self.cutlist.rate
        if source.kind != "audio" and _can_say(source.rate):
            return source.rate
        if source.kind == "audio":
            self.report.add(
                "source-rate",
                f"{shown(source.name)} is cut between frames: in and out are the nearest frames "
                f"at {self.cutlist.rate.spoken}, the exact samples stand in pproTicksIn and "
                "pproTicksOut.",
            )
        else:
            self.report.add(
                "source-rate",
                f"{shown(source.name)} runs at {pace(source)}, which FCP7 XML cannot say: in "
                f"and out are the nearest frames at {self.cutlist.rate.spoken}, the exact place "
                "stands in pproTicksIn and pproTicksOut.",
            )
        return self.cutlist.rate

    def _shape(self, source: Source) -> tuple[str, bool]:
        if source.pixel_aspect == 1:
            return "square", False
        for (name, anamorphic), aspects in _SHAPES.items():
            if source.pixel_aspect in aspects:
                return name, anamorphic
        self.report.add(
            "pixel-aspect",
            f"{shown(source.name)}: FCP7 XML has no name for pixels of {source.pixel_aspect}; "
            "set the pixel aspect ratio in the editor if it does not read it from the file.",
        )
        return "square", False

    def _uuid(self) -> uuid.UUID:
        """The same cut gets the same uuid, another cut another."""
        cut = self.cutlist
        digest = sha256(repr((cut.name, cut.rate, cut.start, cut.drop_frame)).encode("utf-8"))
        for event in cut.events:
            lies = (event.track, event.source.asset_id, event.source_range, event.record_range)
            digest.update(repr(lies).encode("utf-8"))
            if event.speed != 1 or event.text or not event.enabled:
                played = event.speed, event.enabled, event.text
                digest.update(repr(played).encode("utf-8"))
        for added in (*cut.transitions, *cut.markers):
            digest.update(repr(added).encode("utf-8"))
        return uuid.uuid5(_NAMESPACE, digest.hexdigest())


def _can_say(rate: FrameRate) -> bool:
    """Whole rates and their NTSC kin are all that timebase and ntsc can name."""
    return rate.value in (rate.nominal, Fraction(rate.nominal * 1000, 1001))


def _fields(source: Source) -> str:
    """Upper or lower first; where it is not known, as the format of that height usually is."""
    if not source.interlaced:
        return "none"
    if source.field_order in ("tt", "bb"):
        return "upper" if source.field_order == "tt" else "lower"
    return "lower" if source.height <= 486 else "upper"
