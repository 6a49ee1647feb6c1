"""What a cut is assembled from and what comes out, as values. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property

from editing.assembly.speech import Sentence, Silences
from mam.catalog.records import ShotRecord
from mam.errors import BadRequest
from mam.timing import FrameRange, FrameRate


@dataclass(frozen=True)
class Footage:
    """What is known of an asset that hits lie in. Frames are its own."""

    asset_id: str
    name: str
    rate: FrameRate
    duration: int
    has_picture: bool
    channels: int = 0
    drop_frame: bool = False
    shots: tuple[ShotRecord, ...] = ()
    sentences: tuple[Sentence, ...] = ()

    @cached_property
    def silences(self) -> Silences:
        words = (word for sentence in self.sentences for word in sentence.words)
        return Silences.around(words, self.duration)

    @property
    def cuts(self) -> tuple[int, ...]:
        return tuple(shot.range.start for shot in self.shots)

    def shots_in(self, range: FrameRange) -> tuple[ShotRecord, ...]:
        return tuple(shot for shot in self.shots if shot.range.overlaps(range))

    def alone(self, shot: ShotRecord) -> FrameRange:
        """The frames that show nothing but this shot: none of a dissolve or wipe at its ends. All
        of it where there are no others."""
        start, end = shot.range.start, shot.range.end
        for other in self.shots:
            if other.lead and other.range.start == shot.range.start:
                start = max(start, other.lead.range.end)
            if other.lead and other.range.start == shot.range.end:
                end = min(end, other.lead.range.start)
        return FrameRange(start, end) if start < end else shot.range

    def shot_of(self, range: FrameRange) -> ShotRecord | None:
        """The shot that holds most of `range`; the first of equals."""
        shared = [
            (overlap.duration, -shot.range.start, shot)
            for shot in self.shots
            if (overlap := shot.range.intersection(range))
        ]
        return max(shared, key=lambda item: item[:2])[2] if shared else None


@dataclass(frozen=True)
class Candidate:
    """One hit: `matched` is what was found. `fixed`: a person set its in and out."""

    footage: Footage
    matched: FrameRange
    by_speech: bool = False
    score: float = 0.0
    reason: str = ""
    fixed: bool = False


@dataclass(frozen=True)
class Brief:
    """What to assemble. Times are seconds; `length` None takes all there is.

    `in_order` keeps the candidates' order in the cut (a person's bin); else the best come first
    and pieces of one asset run forwards.
    """

    length: Fraction | None = None
    max_clip: Fraction = Fraction(8)
    min_clip: Fraction = Fraction(1)
    rate: FrameRate | None = None
    in_order: bool = False

    def __post_init__(self) -> None:
        if self.min_clip <= 0 or self.max_clip < self.min_clip:
            raise BadRequest(
                f"A clip is at least {float(self.min_clip):g} s: the longest cannot be"
                f" {float(self.max_clip):g} s."
            )
        if self.length is not None and self.length < self.min_clip:
            raise BadRequest(f"A cut is at least {float(self.min_clip):g} s long.")
        if self.rate is not None and not self.rate.is_standard:
            raise BadRequest(
                f"A timeline cannot run at {self.rate.spoken} frames a second;"
                " choose 24, 25, 29.97, 50 …"
            )


@dataclass(frozen=True)
class Pick:
    """A chosen piece: the asset's frames, and the timeline frames that they fill."""

    candidate: Candidate
    source: FrameRange
    record: FrameRange
    shots: tuple[ShotRecord, ...] = ()

    @property
    def footage(self) -> Footage:
        return self.candidate.footage

    @property
    def shot_id(self) -> str:
        """A hint: the shot that holds most of it, "" for sound alone."""
        shot = self.footage.shot_of(self.source)
        return shot.id if shot else ""

    def at(self, start: int) -> Pick:
        return replace(self, record=FrameRange(start, start + self.record.duration))


@dataclass(frozen=True)
class Assembly:
    """The cut: picks end to end from record frame 0, and what a person should know of it."""

    rate: FrameRate
    drop_frame: bool
    picks: tuple[Pick, ...]
    notes: tuple[str, ...] = field(default=())

    @property
    def duration(self) -> int:
        return self.picks[-1].record.end if self.picks else 0
