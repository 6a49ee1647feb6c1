"""What facts about speakers travel in: frozen values, no framework."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from mam.timing import FrameRange

SPEAKERS = "speakers"
"""The step that tells voices apart."""
VOICE = "voice"
"""The space in which voices are compared."""


class NamedBy(StrEnum):
    """Who says what a speaker is called, the surest first."""

    PERSON = "person"  # a person, of this very sentence
    VOICE = "voice"  # a person, of another sentence of this voice in the same asset
    MACHINE = "machine"  # it sounds like a voice that a person named elsewhere: a guess
    NOBODY = ""


@dataclass(frozen=True)
class TurnFinding:
    """A run of words by one voice of an asset. `speaker` counts from 1 in the order in which they
    speak first; `score` is how alike its sound is to the whole of that voice, 0-1.

    Of each voice the longest turn, the first of these, has the range of its embedding.
    """

    range: FrameRange
    speaker: int
    score: float


@dataclass(frozen=True)
class TurnRecord(TurnFinding):
    asset_id: str


@dataclass(frozen=True)
class SpeakerRecord:
    """Who speaks: `number` of the voice in its asset (0: not told apart from others), `name` as
    far as it has one, and by whom; `score` is how alike two voices are where a machine guesses."""

    number: int = 0
    name: str = ""
    named_by: str = NamedBy.NOBODY
    score: float = 0.0

    @property
    def label(self) -> str:
        """What a page calls it: the name, else `Speaker 2`, else nothing."""
        return self.name or (f"Speaker {self.number}" if self.number else "")

    @property
    def unguessed(self) -> SpeakerRecord:
        """Without a name that no person gave."""
        return SpeakerRecord(self.number) if self.named_by == NamedBy.MACHINE else self
