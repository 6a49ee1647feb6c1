"""WebVTT (`.vtt`): real time from 0 at the first frame of the cut, to the millisecond."""

from __future__ import annotations

from collections.abc import Sequence
from xml.sax.saxutils import escape

from editing.cutlist import CutList
from exporters.base import Report
from exporters.captions import Caption
from exporters.dialects.captioned import CaptionDialect, clock_of


class Vtt(CaptionDialect):
    """WebVTT."""

    name = "vtt"
    label = "WebVTT (web players)"
    suffix = ".vtt"
    media_type = "text/vtt; charset=utf-8"

    def encode(self, cutlist: CutList, captions: Sequence[Caption], report: Report) -> bytes:
        blocks = ["WEBVTT\n"]
        for number, caption in enumerate(captions, 1):
            start = clock_of(caption.range.start, cutlist.rate, ".")
            end = clock_of(caption.range.end, cutlist.rate, ".")
            lines = (escape(line) for line in caption.lines)
            blocks.append("\n".join((str(number), f"{start} --> {end}", *lines)) + "\n")
        return "\n".join(blocks).encode("utf-8")
