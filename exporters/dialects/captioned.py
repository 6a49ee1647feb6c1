"""What captions in every format have in common.

They are the words of a cut and nothing else of it: no master is named, so that nothing is told of
offline ones, and no picture is asked for.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Sequence

from editing.cutlist import CutList
from exporters.base import (
    Exported,
    ExportedFile,
    ExportOptions,
    Feature,
    Option,
    Report,
    Want,
    check,
    shown,
)
from exporters.captions import Caption, captions_of
from mam.timing import FrameRate, round_half_up


class CaptionDialect(ABC):
    """A format of captions: wants the words of the cut, and says how captions are written."""

    name: str
    label: str
    suffix: str
    media_type: str
    carries: frozenset[Feature] = frozenset()
    wants = frozenset({Want.WORDS})
    takes: frozenset[Option] = frozenset()  # no file is named in it

    def write(self, cutlist: CutList, options: ExportOptions) -> Exported:
        check(cutlist)
        report = Report()
        captions = captions_of(cutlist, lambda word: self.spelled(word, report))
        if not captions:
            report.add(
                "silent",
                "There is no speech to caption: the clips have no sound at normal speed, nobody "
                "speaks in them, or the speech was not transcribed yet.",
            )
        data = self.encode(cutlist, captions, report)
        return Exported((ExportedFile("", data),), report.notes)

    def spelled(self, word: str, report: Report) -> str:
        """A word in the letters of the format."""
        return shown(word)

    @abstractmethod
    def encode(self, cutlist: CutList, captions: Sequence[Caption], report: Report) -> bytes:
        """The one file; what its letters or times cannot say goes into the report."""


def language_of(cutlist: CutList) -> str:
    """The language of most of the words; "" where none is known."""
    spoken = Counter(word.language for word in cutlist.spoken if word.language)
    return spoken.most_common(1)[0][0] if spoken else ""


def clock_of(frame: int, rate: FrameRate, mark: str) -> str:
    """Real time from the first frame of the cut, as `HH:MM:SS` `mark` `mmm`."""
    total = round_half_up(rate.seconds(frame) * 1000)
    rest, thousandths = divmod(total, 1000)
    minutes, seconds = divmod(rest, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02d}:{minutes:02d}:{seconds:02d}{mark}{thousandths:03d}"
