"""What searching gives: frozen values, no framework.

Frames are the asset's own (samples for sound alone); ranges are half-open; scores are 0-1.
"""

from __future__ import annotations

from dataclasses import dataclass

from mam.catalog.records_speakers import SpeakerRecord
from mam.timing import FrameRange, FrameRate
from search.query import Query

LANES = ("said", "seen", "text", "tag", "sound", "described", "name", "note", "speaker", "filter")
"""What a reason may be; `filter` where nothing but a filter was asked."""


@dataclass(frozen=True)
class Why:
    """One reason: which lane, the words that matched, how sure, and where exactly."""

    lane: str
    text: str
    score: float
    range: FrameRange


@dataclass(frozen=True)
class Candidate:
    """A range that one retriever proposes; `exact` means the very words asked for."""

    asset_id: str
    range: FrameRange
    confidence: float
    whys: tuple[Why, ...]
    exact: bool = False


@dataclass(frozen=True)
class Ranked:
    """A range after the fusion of what all retrievers proposed."""

    asset_id: str
    range: FrameRange
    score: float
    whys: tuple[Why, ...]
    exact: bool = False
    held_back: int = 0
    """Further hits of this asset that the cap of hits an asset leaves out."""


@dataclass(frozen=True)
class Hit:
    """A range found, ready to be shown: timecodes are the source's own, its start included."""

    asset_id: str
    asset_name: str
    shot_id: str | None  # a hint: shots are swapped at every re-index; None for sound alone
    range: FrameRange
    rate: FrameRate
    start_tc: str
    end_tc: str
    score: float
    why: tuple[Why, ...]
    held_back: int = 0
    speaker: SpeakerRecord = SpeakerRecord()
    """Who says what was found, where something said was found."""
    middle_tc: str = ""
    """The source timecode of its middle: what it is called by as an example."""


@dataclass(frozen=True)
class Lane:
    """Whether a lane took part; `reason` says what to do where it did not."""

    name: str
    used: bool
    reason: str = ""


@dataclass(frozen=True)
class Facet:
    """How many hits have each value of a filter, the commonest first."""

    field: str
    values: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Page:
    """`total` counts what stands above the floor, before `limit`; `reachable` what paging shows;
    `understood` is the query as it was read, `suggestion` what was probably meant instead, "" where
    every word is one of the library's."""

    query: str
    total: int
    reachable: int
    hits: tuple[Hit, ...]
    took_ms: float
    lanes: tuple[Lane, ...] = ()
    notes: tuple[str, ...] = ()
    understood: Query = Query()
    facets: tuple[Facet, ...] = ()
    suggestion: str = ""
