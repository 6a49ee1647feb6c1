"""Avid Log Exchange: what of which source is used, one line a source range, for a bin.

A log knows one rate: sources of another are logged in a file of their own, at theirs, so that every
timecode is the source's own to the frame. Sound alone counts samples, which no log does: it
stands in the timeline's file at the nearest frames, its samples in `First Frame` and `Frame After`
(these count every source's own frames from 0). A range that is used twice stands once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import PurePosixPath

from editing.cutlist import CutList, Source
from editing.sourceclock import SourceClock
from exporters.base import (
    Clip,
    ExportedFile,
    ExportOptions,
    Feature,
    Report,
    clips,
    pace,
    shown,
)
from exporters.dialects.dialect import CutDialect
from mam.timing import FrameRange, FrameRate, Timecode

COLUMNS = (
    "Name", "Tracks", "Start", "End", "Duration", "Tape", "Source File", "Source Path", "FPS",
    "Speed", "Image Size", "Description", "Generated", "Used At", "First Frame", "Frame After",
)  # fmt: skip
_FORMATS = {(1920, 1080): "1080", (1280, 720): "720", (720, 576): "PAL", (720, 486): "NTSC"}


class Ale(CutDialect):
    """ALE."""

    name = "ale"
    label = "ALE (Avid log)"
    suffix = ".ale"
    media_type = "text/plain; charset=utf-8"

    carries = frozenset(
        {
            Feature.TRACKS, Feature.SOUND, Feature.LINKS, Feature.CHANNELS, Feature.SPEED,
            Feature.REVERSE, Feature.FREEZE, Feature.REASONS, Feature.GENERATED,
        }
    )  # fmt: skip

    def files(
        self, cutlist: CutList, options: ExportOptions, report: Report
    ) -> Iterable[ExportedFile]:
        return _files(cutlist, options, report)


@dataclass
class _Line:
    """One source range; where it is used is gathered."""

    clip: Clip
    has_picture: bool = False
    channels: set[int] = field(default_factory=set)
    reasons: dict[str, None] = field(default_factory=dict)
    places: dict[int, None] = field(default_factory=dict)

    def add(self, clip: Clip) -> None:
        self.has_picture |= clip.picture is not None
        self.channels |= {event.channel or 0 for event in clip.sound}
        if clip.event.reason:
            self.reasons[clip.event.reason] = None
        self.places[clip.record_range.start] = None

    @property
    def tracks(self) -> str:
        """`VA1A2`: of the source, whatever tracks of the timeline it lies on."""
        sound = "".join(f"A{channel + 1}" for channel in sorted(self.channels))
        return "V" * self.has_picture + sound


def _files(cutlist: CutList, options: ExportOptions, report: Report) -> Iterator[ExportedFile]:
    lines: dict[Fraction, dict[tuple[str, FrameRange, Fraction], _Line]] = {}
    for clip in clips(cutlist):
        rate = _rate(clip.source, cutlist.rate)
        place = clip.source.asset_id, clip.source_range, clip.event.speed
        lines.setdefault(rate.value, {}).setdefault(place, _Line(clip)).add(clip)
        _tell(clip.source, report)
    ordered = sorted(lines, key=lambda value: (value != cutlist.rate.value, value))
    for number, value in enumerate(ordered):
        rate = FrameRate(value)
        part = _label(rate) if number else ""
        rows = [_row(line, rate, cutlist, options) for line in lines[value].values()]
        head = (
            "Heading",
            "FIELD_DELIM\tTABS",
            f"VIDEO_FORMAT\t{_FORMATS.get((cutlist.width, cutlist.height), 'CUSTOM')}",
            f"AUDIO_FORMAT\t{_audio_format(list(lines[value].values()))}",
            f"FPS\t{_label(rate)}",
        )
        body = ("\t".join(row) for row in rows)
        text = "\n".join([*head, "", "Column", "\t".join(COLUMNS), "", "Data", *body]) + "\n"
        yield ExportedFile(part, text.encode("utf-8"))
    if len(ordered) > 1:
        rates = ", ".join(_label(FrameRate(value)) for value in ordered)
        report.add(
            "rates", f"An ALE has one rate: its sources run at {rates} and have a file for each."
        )


def _row(line: _Line, rate: FrameRate, cutlist: CutList, options: ExportOptions) -> list[str]:
    clip, source = line.clip, line.clip.source
    clock = SourceClock(source, rate, cutlist.drop_frame)
    chosen = clip.source_range
    start = clock.frame(chosen.start)
    end = max(clock.frame(chosen.end), start + 1)
    size = f"{source.width} x {source.height}" if source.width else ""
    cells = (
        clip.event.name or source.name,
        line.tracks,
        *(str(Timecode(at, rate, clock.drop)) for at in (start, end, end - start)),
        source.reel or PurePosixPath(source.name).stem,
        source.name,
        options.paths.apply(source.path) if source.path else "",
        _label(rate),
        f"{float(clip.event.speed * 100):.6g}%",
        size,
        "; ".join(line.reasons),
        "yes" if source.origin == "generated" else "",
        " ".join(str(cutlist.record_timecode(at)) for at in line.places),
        str(chosen.start),
        str(chosen.end),
    )
    return [shown(cell) for cell in cells]


def _rate(source: Source, record: FrameRate) -> FrameRate:
    return record if source.kind == "audio" else source.rate


def _tell(source: Source, report: Report) -> None:
    name = shown(source.name)
    if source.kind == "audio":
        report.add(
            "source-rate",
            f"{name} counts samples: its timecodes are the nearest frames of the timeline, its "
            "samples stand in First Frame and Frame After.",
        )
    elif not source.rate.is_standard:
        report.add(
            "source-rate",
            f"{name} runs at {pace(source)}, for which there is no standard timecode: Avid may "
            "not take its log; First Frame and Frame After count its frames.",
        )
    if source.path and shown(source.path) != source.path:
        report.add("name", f"{name}: its path holds bytes that no line of a log can.")


def _audio_format(lines: list[_Line]) -> str:
    """By the highest rate of any sound: `48khz`."""
    rates = [layout.sample_rate for line in lines for layout in line.clip.source.audio]
    highest = max(rates, default=48_000)
    return f"{highest // 1000}khz" if highest % 1000 == 0 else f"{highest / 1000:.4g}khz"


def _label(rate: FrameRate) -> str:
    """`23.976`, `25`, as logs name rates."""
    return f"{float(rate.value):.3f}".rstrip("0").rstrip(".")
