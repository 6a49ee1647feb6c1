"""Final Cut Pro's FCPXML, 1.8 to 1.14.

Picture track V1 is the spine, its holes are gaps; all else is connected to what lies under it in
the spine: picture tracks above in lanes 1, 2, …, sound of its own below in lanes -1, -2, ….
Picture and sound of one clip are one asset-clip. Transitions lie in the spine over the cut between
their neighbours, which keep their places; those of other tracks in a storyline of their own.
Markers stand in the clip or gap of the spine where they fall. What was generated bears a keyword.

Every time is exact. Offsets in the spine and durations are whole frames of the sequence; `start`
is in whole frames of the asset's own clock (samples for sound alone) and begins at its timecode.
Clips of another rate play in real time, as the cut list means it: `conform-rate` with
`scaleEnabled="0"`, since Final Cut's default plays 25 in 24 frame for frame and 4 % slower.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from xml.sax.saxutils import escape

from editing.cutlist import CutList, Event, Transition
from exporters.base import (
    Clip,
    ExportedFile,
    ExportOptions,
    Feature,
    Option,
    Report,
    pace,
    shown,
    track_number,
)
from exporters.dialects.dialect import CutDialect, text_file
from exporters.dialects.fcpxml_parts import (
    AN_HOUR,
    TITLE,
    Speed,
    generated,
    marker,
    transition,
    wipes_told,
    words,
)
from exporters.dialects.fcpxml_resources import Resources, attributes, duration_of, seconds
from exporters.dialects.fcpxml_story import Slot, Story
from mam.errors import BadRequest

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


class Fcpxml(CutDialect):
    """FCPXML."""

    name = "fcpxml"
    label = "FCPXML (Final Cut Pro)"
    suffix = ".fcpxml"
    media_type = "application/xml"

    carries = frozenset(
        {
            Feature.TRACKS, Feature.SOUND, Feature.LINKS, Feature.CHANNELS, Feature.DISSOLVES,
            Feature.WIPES, Feature.FADES, Feature.SPEED, Feature.REVERSE, Feature.FREEZE,
            Feature.STILLS, Feature.TITLES, Feature.MARKERS, Feature.DISABLED, Feature.GENERATED,
            Feature.REASONS,
        }
    )  # fmt: skip
    takes = frozenset({Option.MAP, Option.FCPXML_VERSION})

    def refuse(self, cutlist: CutList, options: ExportOptions) -> None:
        if options.fcpxml_version not in VERSIONS:
            raise BadRequest(
                f"There is no FCPXML {options.fcpxml_version} here; choose {', '.join(VERSIONS)}."
            )

    def files(
        self, cutlist: CutList, options: ExportOptions, report: Report
    ) -> Iterable[ExportedFile]:
        text = "\n".join(_Writer(cutlist, options, report).lines()) + "\n"
        return (text_file(text),)


class _Writer:
    def __init__(self, cutlist: CutList, options: ExportOptions, report: Report) -> None:
        self.cutlist = cutlist
        self.report = report
        self.minor = int(options.fcpxml_version.partition(".")[2])
        self.resources = Resources(cutlist, options, report, self.minor)
        self.conformed = _CONFORMED | (_CONFORMED_LATER if self.minor >= 13 else {})
        self.story = Story(cutlist)
        self.titles = 0
        self._note_links()
        wipes_told(cutlist, report)
        if cutlist.markers:
            report.add("marker-colour", "Final Cut's markers have no colours: theirs are left out.")

    def lines(self) -> Iterator[str]:
        cut = self.cutlist
        spine = list(self._storyline())  # names effects that the resources then list
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
        yield from spine
        yield "</spine>"
        yield "</sequence>"
        yield "</project></event></library>"
        yield "</fcpxml>"

    def _note_links(self) -> None:
        linked: dict[str, Clip] = {}
        for clip in self.story.clips:
            link = clip.event.link
            if link and linked.setdefault(link, clip) is not clip:
                self.report.add(
                    "links",
                    "Picture and sound that do not begin, end and go over together are written as "
                    "a clip and connected clips, each in its place.",
                )

    def _storyline(self) -> Iterator[str]:
        cut = self.cutlist
        for slot in self.story.slots:
            if item := self.story.transitions.get(slot.place.start):
                yield self._transition(item, cut.start)
            yield from self._slot(slot)
        if item := self.story.transitions.get(self.story.slots[-1].place.end):
            yield self._transition(item, cut.start)

    def _transition(self, item: Transition, begin: int) -> str:
        offset = duration_of(begin + item.range.start, self.cutlist.rate)
        sounds = self.story.sounds(item)
        return transition(item, offset, self.cutlist, self.resources, sounds=sounds)

    def _slot(self, slot: Slot) -> Iterator[str]:
        offset = duration_of(self.cutlist.start + slot.place.start, self.cutlist.rate)
        begin = self._start(slot.clip) if slot.clip else Fraction(0)
        connected = list(self._connected(slot, begin))
        marked = [
            marker(each, begin + self._after(each.range.start, slot), self.cutlist)
            for each in slot.markers
        ]
        if slot.clip is None:
            length = duration_of(slot.place.duration, self.cutlist.rate)
            gap = f'<gap name="Gap" offset="{offset}" start="0s" duration="{length}"'
            yield from _element(gap, connected + marked, "gap")
            return
        yield from self._clip(slot.clip, offset, 0, connected, marked)

    def _after(self, frame: int, slot: Slot) -> Fraction:
        return self.cutlist.rate.seconds(frame - slot.place.start)

    def _connected(self, slot: Slot, begin: Fraction) -> Iterator[str]:
        """What hangs on a slot whose own time begins at `begin`."""
        for run in slot.connected:
            offset = seconds(begin + self._after(run.start, slot))
            event = run.clips[0].event
            number = track_number(event.track)
            lane = number - 1 if event.is_video else -number
            if not run.transitions:
                yield from self._clip(run.clips[0], offset, lane, [], [])
                continue
            yield f'<spine lane="{lane}" offset="{offset}">'
            cuts = {item.at: item for item in run.transitions}
            for clip in run.clips:
                if item := cuts.get(clip.record_range.start):
                    yield self._transition(item, -run.start)
                at = duration_of(clip.record_range.start - run.start, self.cutlist.rate)
                yield from self._clip(clip, at, 0, [], [])
            if item := cuts.get(run.clips[-1].record_range.end):
                yield self._transition(item, -run.start)
            yield "</spine>"

    def _speed(self, clip: Clip) -> Speed | None:
        if clip.event.speed == 1 or clip.source.kind in ("still", "title"):
            return None
        head, tail = self.story.at_head(clip), self.story.at_tail(clip)
        before, after = head.before if head else 0, tail.after if tail else 0
        return Speed(clip, before, after, self.cutlist)

    def _start(self, clip: Clip) -> Fraction:
        """Where the clip begins on its own clock; its asset's begins at its timecode."""
        source = clip.source
        if source.kind == "title":
            return AN_HOUR
        if source.kind == "still":
            return AN_HOUR if self.story.at_head(clip) else Fraction(0)
        if speed := self._speed(clip):
            return speed.start
        return source.rate.seconds(source.start + clip.source_range.start)

    def _clip(
        self, clip: Clip, offset: str, lane: int, connected: list[str], marked: list[str]
    ) -> Iterator[str]:
        source, event = clip.source, clip.event
        begin, length = (
            self._start(clip),
            duration_of(clip.record_range.duration, self.cutlist.rate),
        )
        if source.kind == "title":
            given = {"ref": self.resources.effect(TITLE)}
        else:
            given = {"ref": self.resources.assets[source.asset_id]}
        if lane:
            given["lane"] = str(lane)
        given["offset"] = offset
        given["name"] = shown(event.name or source.name)
        given["start"] = seconds(begin)
        given["duration"] = length
        if not event.enabled:
            given["enabled"] = "0"
        inner = [f"<note>{escape(shown(event.reason))}</note>"] if event.reason else []
        if source.origin == "generated":
            marked = [*marked, generated(begin, length)]
        if source.kind == "title":
            self.titles += 1
            told = words(event, self.titles)
            yield from _element(
                f"<title {attributes(given)}", told + inner + connected + marked, "title"
            )
            return
        if source.kind == "still":
            yield from _element(f"<video {attributes(given)}", inner + connected + marked, "video")
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
        if speed := self._speed(clip):
            inner += speed.lines()
        if clip.sound:
            given["audioRole"] = "dialogue"
        inner += connected + marked
        inner += self._channels(clip)
        yield from _element(f"<asset-clip {attributes(given)}", inner, "asset-clip")

    def _conform(self, clip: Clip) -> str:
        rate = clip.source.rate
        known = self.conformed.get(rate.value)
        if known is None:
            self.report.add(
                "source-rate",
                f"{shown(clip.source.name)} runs at {pace(clip.source)}, which FCPXML "
                f"1.{self.minor} has no name for (conform-rate): Final Cut takes the rate "
                "from the file.",
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
