"""SubRip (`.srt`): real time from 0 at the first frame of the cut, to the millisecond."""

from __future__ import annotations

from collections.abc import Sequence

from editing.cutlist import CutList
from exporters.base import Report
from exporters.captions import Caption
from exporters.dialects.captioned import CaptionDialect, clock_of


class Srt(CaptionDialect):
    """SubRip."""

    name = "srt"
    label = "SubRip (SRT)"
    suffix = ".srt"
    media_type = "application/x-subrip; charset=utf-8"

    def spelled(self, word: str, report: Report) -> str:
        # an arrow of this kind would read as a line of times
        return super().spelled(word, report).replace("-->", "→")

    def encode(self, cutlist: CutList, captions: Sequence[Caption], report: Report) -> bytes:
        blocks = []
        for number, caption in enumerate(captions, 1):
            start = clock_of(caption.range.start, cutlist.rate, ",")
            end = clock_of(caption.range.end, cutlist.rate, ",")
            blocks.append("\n".join((str(number), f"{start} --> {end}", *caption.lines)) + "\n")
        return "\n".join(blocks).encode("utf-8")
