"""What is known of files that came off a camera's card: frozen values, no framework."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction


class PartRole(StrEnum):
    PICTURE = "picture"  # with or without its sound
    SOUND = "sound"  # a sound file of a clip whose picture is another file
    MEMO = "memo"  # words that somebody spoke about a clip


@dataclass(frozen=True)
class CardPart:
    """An asset as one file of what a camera recorded.

    `clip_key` is the same for all files of one clip on its card, `recording` for all clips that
    the camera split one recording into: their order is by `order`, and `span` is how far on the
    next one's lies (0: not known). `track` counts the sound files of a clip from 1, and `sounds`
    says how many it has (0: none apart). `follows` and `goes_on`: another clip of the recording
    comes before and after. `timecode` counts at `timecode_rate`, "" where the camera noted none.
    `noted`: the camera's own note of the clip was read.
    """

    layout: str
    card: str
    clip: str
    clip_key: str
    recording: str
    role: PartRole = PartRole.PICTURE
    order: int = 0
    span: int = 0
    track: int = 0
    sounds: int = 0
    follows: bool = False
    goes_on: bool = False
    title: str = ""
    device: str = ""
    timecode: str = ""
    timecode_rate: Fraction = Fraction(0)
    drop: bool = False
    noted: bool = False


@dataclass(frozen=True)
class PartRecord:
    """One file of a recording. `number` is its clip's place in the recording, from 1; `playable`:
    it has a proxy."""

    asset_id: str
    name: str
    clip: str
    number: int
    role: str
    track: int
    playable: bool = False


@dataclass(frozen=True)
class RecordingRecord:
    """What a camera recorded in one go, as far as its files are here, and one of them in it.

    `count` is how many clips of it are here; `missing` says what is not, "" where nothing is
    known to be missing. `parts` are all its files, in order, the sound of a clip after its
    picture.
    """

    layout: str
    card: str
    clip: str
    title: str
    device: str
    role: str
    number: int
    count: int
    track: int
    missing: str
    parts: tuple[PartRecord, ...] = ()

    @property
    def in_words(self) -> str:
        """`part 2 of 3 of C0001`, `sound 1 of 0001AB`; "" for a clip that is alone."""
        part = f"part {self.number} of {self.count} of {self.parts[0].clip}"
        if self.role != PartRole.PICTURE:
            tail = f", {part}" if self.count > 1 else ""
            what = f"{self.role} {self.track}" if self.track else self.role
            return f"{what} of {self.clip}{tail}"
        return part if self.count > 1 else ""
