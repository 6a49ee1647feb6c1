"""The parts of an FCPXML that are no clips: transitions, speeds, titles, markers.

A speed is a `timeMap` of two points in the clip's own clock: at which of its times it shows which
of its asset's. It reaches as far as transitions show, and begins where the clip's media does, so a
clip starts on a whole frame of its asset whatever its speed. Backwards it runs from the end of the
last frame to the start of the first; a held frame has the same value at both points.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from math import ceil
from xml.sax.saxutils import escape

from editing.cutlist import CutList, Event, Marker, Transition, TransitionKind
from exporters.base import Clip, Report, shown
from exporters.dialects.fcpxml_resources import Resources, attributes, duration_of, seconds

DISSOLVE = ("Cross Dissolve", "FxPlug:4731E73A-8DAC-4113-9A30-AE85B1761265")
WIPE = ("Wipe", "FxPlug:857E2FBA-98DB-411B-A88C-CE6ABC1F65D8")
CROSSFADE = ("Audio Crossfade", "FFAudioTransition")
TITLE = (
    "Basic Title",
    ".../Titles.localized/Bumper:Opener.localized/Basic Title.localized/Basic Title.moti",
)
AN_HOUR = Fraction(3600)
"""Where Final Cut begins what has no timecode of its own, with room before it."""
_LARGEST = 2**31 - 1  # a time's denominator has 32 bits, which an odd speed may outgrow
_STYLE = {
    "font": "Helvetica",
    "fontSize": "63",
    "fontFace": "Regular",
    "fontColor": "1 1 1 1",
    "alignment": "center",
}


def transition(
    item: Transition, offset: str, cutlist: CutList, resources: Resources, *, sounds: bool
) -> str:
    """`sounds`: pictures whose sound goes over with them."""
    length = duration_of(item.range.duration, cutlist.rate)
    filters = ""
    name = CROSSFADE[0]
    if item.track.startswith("V"):
        is_wipe = item.kind is TransitionKind.WIPE
        effect = WIPE if is_wipe else DISSOLVE
        name = f"SMPTE wipe {item.wipe}" if is_wipe else effect[0]
        filters += f'<filter-video ref="{resources.effect(effect)}" name="{effect[0]}"/>'
    if sounds or not filters:
        filters += f'<filter-audio ref="{resources.effect(CROSSFADE)}" name="{CROSSFADE[0]}"/>'
    given = attributes({"name": name, "offset": offset, "duration": length})
    return f"<transition {given}>{filters}</transition>"


def wipes_told(cutlist: CutList, report: Report) -> None:
    for item in cutlist.transitions:
        if item.kind is TransitionKind.WIPE:
            report.add(
                "wipes",
                f"The wipe {item.wipe} on {item.track} at {cutlist.record_timecode(item.at)} is "
                "written as Final Cut's own wipe of its length, named by the code: choose its "
                "shape there.",
            )


class Speed:
    """A clip at another speed than its own: where it starts on its own clock, and its map."""

    def __init__(self, clip: Clip, before: int, after: int, cutlist: CutList) -> None:
        event, rate = clip.event, clip.source.rate
        head, tail = cutlist.rate.seconds(before), cutlist.rate.seconds(after)
        media = rate.seconds(clip.source.start + clip.source_range.start)
        ahead = rate.seconds(ceil(head * rate.value))
        lasts = cutlist.rate.seconds(clip.record_range.duration) + tail
        seen = media
        if event.speed < 0:
            seen = rate.seconds(clip.source.start + clip.source_range.end)
        self.start = media + ahead
        self._points = (
            (media, seen - ahead * event.speed),
            (self.start + lasts, seen + lasts * event.speed),
        )

    def lines(self) -> Iterator[str]:
        yield "<timeMap>"
        for time, value in self._points:
            shown_then = seconds(value.limit_denominator(_LARGEST))
            yield f'<timept time="{seconds(time)}" value="{shown_then}" interp="linear"/>'
        yield "</timeMap>"


def words(event: Event, number: int) -> list[str]:
    """What a title says, in a style of its own."""
    text = "\n".join(shown(line) for line in event.text.splitlines())
    return [
        f'<text><text-style ref="ts{number}">{escape(text)}</text-style></text>',
        f'<text-style-def id="ts{number}"><text-style {attributes(_STYLE)}/></text-style-def>',
    ]


def marker(item: Marker, start: Fraction, cutlist: CutList) -> str:
    given = {
        "start": seconds(start),
        "duration": duration_of(item.range.duration, cutlist.rate),
        "value": shown(item.name) or "Marker",
    }
    if item.note:
        given["note"] = shown(item.note)
    return f"<marker {attributes(given)}/>"


def generated(start: Fraction, length: str) -> str:
    given = {"start": seconds(start), "duration": length, "value": "Generated"}
    return f"<keyword {attributes(given)}/>"
