"""Timed text (TTML 1, `.ttml`), shaped as IMSC's text profile.

Times are the record's timecode, frame for frame: `ttp:timeBase` is `smpte` with the timeline's
rate and, where it counts so, `ttp:dropMode`. That one parameter is not IMSC's, which knows real
time only; a file of it that has to count from 0 is WebVTT's or SubRip's to give.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from xml.sax.saxutils import escape, quoteattr

from editing.cutlist import CutList
from exporters.base import Report, shown
from exporters.captions import Caption
from exporters.dialects.captioned import CaptionDialect, language_of
from mam.timing import FrameRate


class Ttml(CaptionDialect):
    """TTML."""

    name = "ttml"
    label = "TTML (IMSC, streaming)"
    suffix = ".ttml"
    media_type = "application/ttml+xml"

    def encode(self, cutlist: CutList, captions: Sequence[Caption], report: Report) -> bytes:
        lines = [
            '<?xml version="1.0" encoding="UTF-8"?>',
            '<tt xmlns="http://www.w3.org/ns/ttml"',
            '    xmlns:ttm="http://www.w3.org/ns/ttml#metadata"',
            '    xmlns:ttp="http://www.w3.org/ns/ttml#parameter"',
            '    xmlns:tts="http://www.w3.org/ns/ttml#styling"',
            f"    {_parameters(cutlist)} xml:lang={quoteattr(language_of(cutlist))}>",
            "<head>",
            f"<metadata><ttm:title>{escape(shown(cutlist.name))}</ttm:title></metadata>",
            '<styling><style xml:id="plain" tts:color="white" tts:fontFamily='
            '"proportionalSansSerif" tts:fontSize="100%" tts:lineHeight="125%" '
            'tts:textAlign="center"/></styling>',
            '<layout><region xml:id="bottom" tts:origin="10% 80%" tts:extent="80% 15%" '
            'tts:displayAlign="after" tts:overflow="visible"/></layout>',
            "</head>",
            '<body style="plain" region="bottom"><div>',
        ]
        for number, caption in enumerate(captions, 1):
            start, end = (
                cutlist.record_timecode(at) for at in (caption.range.start, caption.range.end)
            )
            text = "<br/>".join(escape(line) for line in caption.lines)
            lines.append(
                f'<p xml:id="c{number}" begin="{_label(str(start))}" end="{_label(str(end))}">'
                f"{text}</p>"
            )
        return ("\n".join([*lines, "</div></body>", "</tt>"]) + "\n").encode("utf-8")


def _parameters(cutlist: CutList) -> str:
    rate = cutlist.rate
    drop = "dropNTSC" if cutlist.drop_frame else "nonDrop"
    return (
        f'ttp:timeBase="smpte" ttp:markerMode="continuous" ttp:dropMode="{drop}" '
        f'ttp:frameRate="{rate.nominal}" ttp:frameRateMultiplier="{_multiplier(rate)}"'
    )


def _multiplier(rate: FrameRate) -> str:
    ratio = Fraction(rate.value, rate.nominal)
    if ratio == Fraction(1000, 1001):  # as everybody writes it
        return "1000 1001"
    return f"{ratio.numerator} {ratio.denominator}"


def _label(timecode: str) -> str:
    """Colons alone: which frames are dropped is said once, by `ttp:dropMode`."""
    return timecode.replace(";", ":")
