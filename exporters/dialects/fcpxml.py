"""Final Cut Pro's FCPXML, 1.8 to 1.14.

Picture track V1 is the spine, its holes are gaps; all else is connected to what lies under it in
the spine: picture tracks above in lanes 1, 2, …, sound of its own below in lanes -1, -2, ….
Picture and sound of one clip are one asset-clip.

Every time is exact. Offsets in the spine and durations are whole frames of the sequence; `start`
is in whole frames of the asset's own clock (samples for sound alone) and begins at its timecode.
Clips of another rate play in real time, as the cut list means it: `conform-rate` with
`scaleEnabled="0"`, since Final Cut's default plays 25 in 24 frame for frame and 4 % slower.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from fractions import Fraction
from xml.sax.saxutils import escape

from editing.cutlist import CutList, Event
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
from exporters.dialects.fcpxml_resources import Resources, attributes, duration_of, seconds
from exporters.features import carried
from mam.errors import BadRequest
from mam.timing import FrameRange

VERSIONS = ("1.8", "1.9", "1.10", "1.11", "1.12", "1.13", "1.14")
_CONFORMED = {
    Fraction(24000, 1001): "23.98",
    Fraction(24): "24",
    Fraction(25): "25",
    Fraction(30000, 1001): "29.97",
    Fraction(30): "30",
    Fraction(48000, 1001): "47.95",
    Fraction(48): "48",
    Fraction(50): "50",
    Fraction(60000, 1001): "59.94",
    Fraction(60): "60",
}
_CONFORMED_LATER = {  # 1.13 and later
    Fraction(90): "90",
    Fraction(100): "100",
    Fraction(120000, 1001): "119.88",
    Fraction(120): "120",
}


class Fcpxml:
    """FCPXML."""

    name = "fcpxml"
    label = "FCPXML (Final Cut Pro)"
    suffix = ".fcpxml"
    media_type = "application/xml"

    carries = frozenset(
        {
            Feature.TRACKS, Feature.SOUND, Feature.LINKS, Feature.CHANNELS, Feature.STILLS,
            Feature.REASONS,
        }
    )  # fmt: skip

    def write(self, cutlist: CutList, options: ExportOptions) -> Exported:
        check(cutlist)
        if options.fcpxml_version not in VERSIONS:
            raise BadRequest(
                f"There is no FCPXML {options.fcpxml_version} here; choose {', '.join(VERSIONS)}."
            )
        report = Report()
        cutlist = carried(cutlist, self.label, self.carries, report)
        common_notes(cutlist, options, report)
        text = "\n".join(_Writer(cutlist, options, report).lines()) + "\n"
        return Exported((ExportedFile("", text.encode("utf-8")),), report.notes)


class _Slot:
    """A stretch of the spine: a clip or a gap, and what hangs on it."""

    def __init__(self, clip: Clip | None, place: FrameRange) -> None:
        self.clip = clip
        self.place = place
        self.connected: list[Clip] = []


class _Writer:
    def __init__(self, cutlist: CutList, options: ExportOptions, report: Report) -> None:
        self.cutlist = cutlist
        self.report = report
        self.minor = int(options.fcpxml_version.partition(".")[2])
        self.resources = Resources(cutlist, options, report, self.minor)
        self.conformed = _CONFORMED | (_CONFORMED_LATER if self.minor >= 13 else {})
        self.slots = self._spine()

    def lines(self) -> Iterator[str]:
        cut = self.cutlist
        name = attributes({"name": shown(cut.name)})
        yield '<?xml version="1.0" encoding="UTF-8"?>'
        yield "<!DOCTYPE fcpxml>"
        yield f'<fcpxml version="1.{self.minor}">'
        yield "<resources>"
        yield from self.resources.lines()
        yield "</resources>"
        yield f"<library><event {name}><project {name}>"
        yield (
            f'<sequence format="{self.resources.sequence}" '
            f'duration="{duration_of(cut.duration, cut.rate)}" '
            f'tcStart="{duration_of(cut.start, cut.rate)}" '
            f'tcFormat="{"DF" if cut.drop_frame else "NDF"}" audioLayout="stereo" audioRate="48k">'
        )
        yield "<spine>"
        for slot in self.slots:
            yield from self._slot(slot)
        yield "</spine>"
        yield "</sequence>"
        yield "</project></event></library>"
        yield "</fcpxml>"

    def _spine(self) -> list[_Slot]:
        """V1 in order with its gaps, the connected clips hung where they start."""
        primary: list[Clip] = []
        connected: list[Clip] = []
        for clip in clips(self.cutlist):
            is_primary = clip.picture is not None and clip.picture.track == "V1"
            (primary if is_primary else connected).append(clip)
        slots: list[_Slot] = []
        end = 0
        for clip in primary:
            if clip.record_range.start > end:
                slots.append(_Slot(None, FrameRange(end, clip.record_range.start)))
            slots.append(_Slot(clip, clip.record_range))
            end = clip.record_range.end
        if end < self.cutlist.duration:
            slots.append(_Slot(None, FrameRange(end, self.cutlist.duration)))
        starts = [slot.place.start for slot in slots]
        for clip in connected:
            slots[bisect_right(starts, clip.record_range.start) - 1].connected.append(clip)
        linked: dict[str, Clip] = {}
        for clip in (*primary, *connected):
            link = clip.event.link
            if link and linked.setdefault(link, clip) is not clip:
                self.report.add(
                    "links",
                    "Picture and sound that do not begin and end together are written as a clip "
                    "and a connected clip, each in its place.",
                )
        return slots

    def _slot(self, slot: _Slot) -> Iterator[str]:
        offset = duration_of(self.cutlist.start + slot.place.start, self.cutlist.rate)
        if slot.clip is None:
            length = duration_of(slot.place.duration, self.cutlist.rate)
            gap = f'<gap name="Gap" offset="{offset}" start="0s" duration="{length}"'
            inner = list(self._connected(slot, Fraction(0)))
            yield from _element(gap, inner, "gap")
            return
        begin = self._start(slot.clip)
        yield from self._clip(slot.clip, offset, 0, list(self._connected(slot, begin)))

    def _connected(self, slot: _Slot, begin: Fraction) -> Iterator[str]:
        """What hangs on a slot whose own time begins at `begin`."""
        for clip in slot.connected:
            after = clip.record_range.start - slot.place.start
            offset = seconds(begin + self.cutlist.rate.seconds(after))
            number = track_number(clip.event.track)
            lane = number - 1 if clip.picture else -number
            yield from self._clip(clip, offset, lane, [])

    def _start(self, clip: Clip) -> Fraction:
        """Where the clip begins on its asset's clock, which begins at its timecode."""
        source = clip.source
        if source.kind == "still":
            return Fraction(0)
        return source.rate.seconds(source.start + clip.source_range.start)

    def _clip(self, clip: Clip, offset: str, lane: int, connected: list[str]) -> Iterator[str]:
        source, event = clip.source, clip.event
        given: dict[str, str] = {"ref": self.resources.assets[source.asset_id]}
        if lane:
            given["lane"] = str(lane)
        given["offset"] = offset
        given["name"] = shown(event.name or source.name)
        given["start"] = seconds(self._start(clip))
        given["duration"] = duration_of(clip.record_range.duration, self.cutlist.rate)
        inner = [f"<note>{escape(shown(event.reason))}</note>"] if event.reason else []
        if source.kind == "still":
            yield from _element(f"<video {attributes(given)}", inner + connected, "video")
            return
        has_sound, has_picture = bool(source.channels), source.kind == "video"
        if has_picture:
            given["format"] = self.resources.formats[source.asset_id]
            given["tcFormat"] = "DF" if source.drop_frame else "NDF"
            if has_sound and not clip.sound:
                given["srcEnable"] = "video"
            elif not clip.picture:
                given["srcEnable"] = "audio"
            if source.rate.value != self.cutlist.rate.value:
                inner.append(self._conform(clip))
        if clip.sound:
            given["audioRole"] = "dialogue"
        inner += connected
        inner += self._channels(clip)
        yield from _element(f"<asset-clip {attributes(given)}", inner, "asset-clip")

    def _conform(self, clip: Clip) -> str:
        rate = clip.source.rate
        known = self.conformed.get(rate.value)
        if known is None:
            self.report.add(
                "source-rate",
                f"{shown(clip.source.name)} runs at {rate}, which conform-rate of FCPXML "
                f"1.{self.minor} cannot name: Final Cut takes the rate from the file.",
            )
            return '<conform-rate scaleEnabled="0"/>'
        return f'<conform-rate scaleEnabled="0" srcFrameRate="{known}"/>'

    def _channels(self, clip: Clip) -> list[str]:
        """Which of the source's channels sound; nothing to say when all of them do."""
        if not clip.sound:
            return []
        wanted = [_channel(event) for event in clip.sound]
        if len(set(wanted)) < len(wanted):
            self.report.add(
                "channels",
                "A source channel that lies on two audio tracks at once sounds once in FCPXML.",
            )
        everything = range(1, clip.source.channels + 1)
        if set(wanted) >= set(everything):
            return []
        return [
            f'<audio-channel-source srcCh="{channel}"'
            + ("/>" if channel in wanted else ' active="0"/>')
            for channel in everything
        ]


def _channel(event: Event) -> int:
    return (event.channel or 0) + 1


def _element(opening: str, inner: list[str], tag: str) -> Iterator[str]:
    if not inner:
        yield f"{opening}/>"
        return
    yield f"{opening}>"
    yield from inner
    yield f"</{tag}>"
