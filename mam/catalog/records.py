"""What findings and facts travel in: frozen values, no framework.

All frames are the asset's own: picture frames, or samples for sound alone. Ranges are half-open.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from mam.catalog.records_speakers import TurnFinding
from mam.timing import FrameRange, FrameRate

# --- what we know, as others read it -------------------------------------------------------


@dataclass(frozen=True)
class TechnicalFacts:
    """What a probe told of an asset; `streams` holds the details as plain JSON."""

    kind: str  # "video" | "audio" | "still"
    rate: FrameRate
    duration: int
    variable_rate: bool = False
    start: int = 0
    drop_frame: bool = False
    has_timecode: bool = False
    reel: str = ""
    width: int = 0  # as shown: rotation applied
    height: int = 0
    pixel_aspect: Fraction = Fraction(1)
    rotation: int = 0
    audio_streams: int = 0
    container: str = ""
    video_codec: str = ""
    damage: str = ""
    streams: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class AssetRecord:
    """One asset, as steps and services outside the catalogue see it.

    `path` is an online Location (surrogates stand for undecodable bytes), "" when none is online.
    `facts` is None until it was probed. `renditions` maps a recipe to its file. While `growing` its
    file is still being written, there is no `content_hash`, and `size` is that of the last look.
    """

    id: str
    name: str
    origin: str
    content_hash: str
    size: int
    path: str
    facts: TechnicalFacts | None
    renditions: dict[str, Path] = field(default_factory=dict)
    removed: bool = False
    version_of: str = ""  # the asset that this one followed at the same path
    growing: bool = False

    @property
    def technical(self) -> TechnicalFacts:
        """The facts of a probed asset; asking before the probe is a fault in the caller."""
        if self.facts is None:
            raise LookupError(f"Asset {self.id} has not been probed.")
        return self.facts

    @property
    def has_video(self) -> bool:
        return self.facts is not None and self.facts.kind in ("video", "still")

    @property
    def has_audio(self) -> bool:
        return self.facts is not None and self.facts.audio_streams > 0


class LeadKind(StrEnum):
    """How one shot gives way to the next."""

    CUT = "cut"
    DISSOLVE = "dissolve"
    FADE = "fade"  # through a picture of one colour
    WIPE = "wipe"  # place by place, whatever the shape
    PUSH = "push"  # the new picture pushes the old one out
    SLIDE = "slide"  # it slides over the old one, or the old one off it


@dataclass(frozen=True)
class Lead:
    """What leads into a shot: the frames in which it gives way, none at a cut."""

    kind: str
    range: FrameRange


@dataclass(frozen=True)
class ShotRecord:
    id: str
    asset_id: str
    number: int
    range: FrameRange
    confidence: float
    lead: Lead | None = None


KEYFRAMES = "keyframes"
"""The step that picks the pictures that stand for shots."""


@dataclass(frozen=True)
class KeyframeRecord:
    """The picture that stands for `range` (a shot, or the share of a coarse step's picture)."""

    asset_id: str
    frame: int
    range: FrameRange
    path: Path


@dataclass(frozen=True)
class WordRecord:
    text: str
    range: FrameRange
    confidence: float


@dataclass(frozen=True)
class SegmentRecord:
    id: str
    asset_id: str
    text: str
    range: FrameRange
    words: tuple[WordRecord, ...]
    speaker: str = ""


@dataclass(frozen=True)
class TranscriptRecord:
    language: str
    confidence: float
    segments: tuple[SegmentRecord, ...]


@dataclass(frozen=True)
class TaggingRecord:
    asset_id: str
    tag: str
    kind: str  # "object" | "scene" | "sound" | "vocabulary"
    range: FrameRange
    score: float
    source: str


@dataclass(frozen=True)
class ScreenTextRecord:
    asset_id: str
    text: str
    range: FrameRange
    score: float


@dataclass(frozen=True)
class DescriptionRecord:
    """What a range is, in words: the text behind its sentence vector."""

    asset_id: str
    text: str
    range: FrameRange


@dataclass(frozen=True)
class CollectionItemRecord:
    id: str
    asset_id: str
    range: FrameRange
    note: str
    position: int


@dataclass(frozen=True)
class CollectionRecord:
    id: str
    name: str
    items: tuple[CollectionItemRecord, ...]


QUALITY = "quality"
"""The step that finds flaws and measures loudness."""


class FlawKind(StrEnum):
    """What can be wrong with a range of picture or sound, and what its `value` counts."""

    BLACK = "black"  # the brightest of its pictures, in percent of white
    FREEZE = "freeze"  # none
    FLASH = "flash"  # most flashes in one second
    SILENCE = "silence"  # its loudest sample, in dBFS
    CLIPPING = "clipping"  # samples at full scale


@dataclass(frozen=True)
class FlawRecord:
    asset_id: str
    kind: str
    range: FrameRange
    value: float | None


@dataclass(frozen=True)
class LoudnessRecord:
    """Of the whole, by EBU R128: LUFS, LU, dBTP, LUFS; None where there is too little sound."""

    integrated: float | None
    range: float | None
    true_peak: float | None
    short_term: float | None  # the highest


# --- what people said ----------------------------------------------------------------------

PERSON = "person"
"""The source of a fact that a person gave."""
CORRECTIONS = "corrections"
"""The analysis that what people added hangs on: to a step, one more that it is computed from."""


class CorrectionKind(StrEnum):
    CONFIRM_TAG = "confirm_tag"
    REFUSE_TAG = "refuse_tag"
    ADD_TAG = "add_tag"
    MEND_WORDS = "mend_words"
    SPLIT_SHOT = "split_shot"
    MERGE_SHOTS = "merge_shots"
    MOVE_CUT = "move_cut"
    NAME_SPEAKER = "name_speaker"
    RATE = "rate"
    MARK = "mark"


@dataclass(frozen=True)
class CorrectionRecord:
    """What a person said of a range; `value` is what `mam.catalog.overlay` reads of that kind.

    `lost` says why it has no ground any more, "" where it holds. Ids ascend with time.
    """

    id: int
    asset_id: str
    kind: str
    range: FrameRange
    value: Mapping[str, Any]
    author: str = ""
    made_at: datetime | None = None
    undone_at: datetime | None = None
    undone_by: str = ""
    lost: str = ""


# --- what a step found ---------------------------------------------------------------------


@dataclass(frozen=True)
class RenditionFinding:
    """A derived file, made under a temporary name in the step's work folder."""

    recipe: str  # "proxy" | "poster" | "sprite" | "audio" | "waveform" | "timemap"
    path: Path
    meta: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class ShotFinding:
    range: FrameRange
    confidence: float  # of the cut that opens it; 1 for the first
    source: str = ""
    lead: Lead | None = None  # None for the first, and where it was not looked for


@dataclass(frozen=True)
class KeyframeFinding:
    frame: int
    range: FrameRange
    path: Path  # a picture file in the step's work folder


@dataclass(frozen=True)
class TaggingFinding:
    tag: str
    kind: str
    range: FrameRange
    score: float
    source: str


@dataclass(frozen=True)
class ScreenTextFinding:
    text: str
    range: FrameRange
    score: float
    box: tuple[float, float, float, float] = (0.0, 0.0, 1.0, 1.0)


@dataclass(frozen=True)
class WordFinding:
    text: str
    range: FrameRange
    confidence: float


@dataclass(frozen=True)
class SegmentFinding:
    text: str
    range: FrameRange
    words: tuple[WordFinding, ...]
    speaker: str = ""


@dataclass(frozen=True)
class TranscriptFinding:
    language: str
    confidence: float
    segments: tuple[SegmentFinding, ...]


@dataclass(frozen=True)
class SpaceRecord:
    """Where vectors can be compared (see `mam.engines.base.SpaceSpec`)."""

    name: str
    model: str
    weights_sha256: str
    dimensions: int


@dataclass(frozen=True)
class EmbeddingFinding:
    """A vector of `range`; `frame` is the keyframe it was made from, None for words."""

    range: FrameRange
    vector: npt.NDArray[np.float32]
    frame: int | None = None


@dataclass(frozen=True)
class DescriptionFinding:
    text: str
    range: FrameRange


@dataclass(frozen=True)
class FlawFinding:
    kind: FlawKind
    range: FrameRange
    value: float | None = None


@dataclass(frozen=True)
class Findings:
    """One step's whole finding on one asset; saving it replaces the step's earlier one."""

    facts: TechnicalFacts | None = None
    renditions: tuple[RenditionFinding, ...] = ()
    shots: tuple[ShotFinding, ...] = ()
    keyframes: tuple[KeyframeFinding, ...] = ()
    transcript: TranscriptFinding | None = None
    taggings: tuple[TaggingFinding, ...] = ()
    screen_texts: tuple[ScreenTextFinding, ...] = ()
    descriptions: tuple[DescriptionFinding, ...] = ()
    space: SpaceRecord | None = None
    embeddings: tuple[EmbeddingFinding, ...] = ()
    flaws: tuple[FlawFinding, ...] = ()
    loudness: LoudnessRecord | None = None
    turns: tuple[TurnFinding, ...] = ()
    damage: str = ""  # what of the master could not be read, in words for a person
    note: str = ""
