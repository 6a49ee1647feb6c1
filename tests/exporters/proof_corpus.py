"""Timelines that are awkward, over masters that are: each frame of each master bears its number.

This is the corpus that proofs are held to: rates that do not fit, drop-frame over the hour, a
master through midnight, one without timecode, one whose name no format likes; and whatever an
editor does to clips.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

from editing.cutlist import CutList, Event, Marker, Source, Transition, TransitionKind
from editing.selectors import source_of
from mam.catalog.selectors import asset_get
from mam.timing import FrameRange, FrameRate, Timecode, rescale
from tests.exporters.real_cut import registered
from tests.media import numbered_clip, still, tone

RATES = {
    "23.976": (FrameRate.of(24000, 1001), False),
    "24": (FrameRate.of(24), False),
    "25": (FrameRate.of(25), False),
    "29.97 DF": (FrameRate.of(30000, 1001), True),
    "29.97": (FrameRate.of(30000, 1001), False),
    "30": (FrameRate.of(30), False),
    "50": (FrameRate.of(50), False),
    "59.94 DF": (FrameRate.of(60000, 1001), True),
    "60": (FrameRate.of(60), False),
}
FRAMES = 240


@dataclass(frozen=True)
class Made:
    """A master to make: its file name, rate and start timecode ("" for none)."""

    name: str
    rate: str
    start: str
    sound: bool = False


MASTERS = (
    Made("cam A 25.mov", "25", "10:00:00:00", sound=True),
    Made("over the hour.mov", "30000/1001", "00:59:58;10"),
    Made("through midnight.mov", "24000/1001", "23:59:55:00"),
    Made("no timecode 50.mp4", "50", ""),
    Made("Straße #1 & 100%; 🎬.mov", "60000/1001", "01:00:59;50"),
    Made("slow.mkv", "25/2", ""),
    Made("film 24.mov", "24", "01:00:00:00"),
    Made("stream.ts", "25", ""),
)


def masters(folder: Path) -> list[Source]:
    """The masters of the corpus, made once in `folder` and known to the library."""
    found = []
    for made in MASTERS:
        path = folder / made.name
        if not path.exists():
            more = ("-timecode", made.start) if made.start else ()
            sound = tone(10) if made.sound else ""
            more = (*more, "-shortest") if made.sound else more
            numbered_clip(path, frames=FRAMES, rate=made.rate, sound=sound, more=more)
        found.append(source_of(asset_get(registered(path))))
    picture = folder / "logo.png"
    if not picture.exists():
        still(picture)
    return [*found, source_of(asset_get(registered(picture)))]


def straight(sources: list[Source], rate: FrameRate, *, drop: bool) -> CutList:
    """A piece of each master, one behind the other, after a gap; the first with its sound."""
    events, at = [], 7
    for number, source in enumerate(sources):
        chosen = FrameRange(0, 1) if source.kind == "still" else FrameRange(31, 31 + 40)
        length = 20 if source.kind == "still" else _lasts(chosen, source, rate)
        place = FrameRange(at, at + length)
        picture = Event("V1", source, chosen, place, f"clip {number}", name=source.name)
        events += [picture, *(
            replace(picture, track=f"A{channel + 1}", channel=channel)
            for channel in range(source.channels)
        )]  # fmt: skip
        at = place.end
    return CutList("Straight", rate, _hour(rate, drop), drop, events=tuple(events))


def one_clip(source: Source) -> CutList:
    """The piece of the first master, alone."""
    event = straight([source], FrameRate.of(25), drop=False).events[0]
    return CutList("One", FrameRate.of(25), 90000, events=(event,))


def worked(sources: list[Source], rate: FrameRate, *, drop: bool) -> CutList:
    """Dissolves, a wipe and fades with their handles, every speed, a J cut, a track above, an
    alternate that is switched off, markers."""
    a, b, c = sources[0], sources[6], sources[1]
    events = [
        _at("V1", a, 40, 60, 0, rate),
        _at("V1", b, 50, 60, 60, rate),
        _at("V1", c, 60, 60, 120, rate),
        _at("V1", a, 20, 40, 180, rate, speed=Fraction(2)),
        _at("V1", b, 20, 40, 220, rate, speed=Fraction(1, 2)),
        _at("V1", c, 20, 40, 260, rate, speed=Fraction(-1)),
        Event("V1", a, FrameRange(200, 201), FrameRange(300, 330), "held", speed=Fraction(0)),
        _at("A1", a, 30, 50, 5, rate),  # begins before its picture has gone
        _at("V2", c, 100, 30, 65, rate),
        replace(_at("V2", b, 100, 30, 125, rate), enabled=False),
    ]
    events = [replace(event, link=event.link or f"link {n}") for n, event in enumerate(events)]
    transitions = (
        Transition("V1", 0, 0, 10),
        Transition("V1", 60, 8, 8),
        Transition("V1", 120, 6, 6, TransitionKind.WIPE, 1),
        Transition("V1", 330, 10, 0),
    )
    markers = (Marker(FrameRange(70, 71), "look", "here"),)
    return CutList(
        "Worked", rate, _hour(rate, drop), drop, events=tuple(events), transitions=transitions,
        markers=markers,
    )  # fmt: skip


def _at(
    track: str,
    source: Source,
    first: int,
    length: int,
    at: int,
    rate: FrameRate,
    speed: Fraction = Fraction(1),
) -> Event:
    """`length` frames of the timeline from `at` on, at that speed."""
    frames = max(1, round(rescale(length, rate, source.rate) * abs(speed)))
    channel = 0 if track[0] == "A" else None
    return Event(
        track, source, FrameRange(first, first + frames), FrameRange(at, at + length),
        channel=channel, name=source.name, speed=speed,
    )  # fmt: skip


def _lasts(chosen: FrameRange, source: Source, rate: FrameRate) -> int:
    return rescale(chosen.duration, source.rate, rate)


def _hour(rate: FrameRate, drop: bool) -> int:
    return Timecode.parse("01:00:00;00" if drop else "01:00:00:00", rate, drop=drop).frames
