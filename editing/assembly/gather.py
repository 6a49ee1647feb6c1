"""What a cut can be made of: search hits, a collection or ticked ranges as candidates."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from math import ceil
from uuid import UUID

from editing.assembly.candidates import Brief, Candidate, Footage
from editing.assembly.speech import sentences_of
from editing.reasons import ASKED, Part, reason_by_hand, reason_of
from editing.records import ChosenRange
from editing.selectors import audio_layouts
from mam.catalog.records import AssetRecord
from mam.catalog.selectors import assets_get, collection_get, shots_of, transcript_of
from mam.errors import BadRequest, NotFound
from search.saved.selectors import saved_get
from search.services import MOST_HITS, find
from search.values import Hit

SPEECH = "said"
LEAST_HITS = 40
HITS_A_CLIP = 4
"""Hits asked for each shortest clip that the cut could hold: many overlap or do not fit."""


@dataclass(frozen=True)
class Found:
    """Candidates, the best or first in front; `notes` says what was left out and why."""

    candidates: tuple[Candidate, ...]
    notes: tuple[str, ...] = field(default=())


def from_words(words: str, brief: Brief) -> Found:
    """What a search finds, the best first."""
    clips = ceil(brief.length / brief.min_clip) if brief.length else MOST_HITS
    wanted = min(MOST_HITS, max(LEAST_HITS, clips * HITS_A_CLIP))
    page = find(words, limit=wanted, per_asset=None)
    footages = _footages((hit.asset_id for hit in page.hits), with_speech=True)
    candidates = tuple(
        _candidate(hit, footages.ready[hit.asset_id], words)
        for hit in page.hits
        if hit.asset_id in footages.ready
    )
    return Found(candidates, (*page.notes, *footages.notes))


def _candidate(hit: Hit, footage: Footage, asked: str) -> Candidate:
    """What matched is where the surest reason lies; speech wins among equals."""
    why = max(hit.why, key=lambda item: (item.score, item.lane == SPEECH), default=None)
    matched = why.range.intersection(hit.range) if why else None
    return Candidate(
        footage=footage,
        matched=matched or hit.range,
        by_speech=why is not None and why.lane == SPEECH,
        score=hit.score,
        reason=reason_of([*(Part(item.lane, item.text) for item in hit.why), Part(ASKED, asked)]),
    )


def words_saved(id_or_name: str) -> str:
    """What a saved search asks; "" where there is none, or an ordinary collection of that name."""
    try:
        collection_get(id_or_name)
    except NotFound:
        with suppress(NotFound):
            return saved_get(id_or_name).query
    return ""


def from_collection(id_or_name: str) -> Found:
    """Its items in their order, as marked. Raises NotFound."""
    collection = collection_get(id_or_name)
    footages = _footages(item.asset_id for item in collection.items)
    candidates = tuple(
        Candidate(
            footage=footages.ready[item.asset_id],
            matched=item.range,
            reason=reason_by_hand(item.note) or f"in the collection {collection.name}",
            fixed=True,
        )
        for item in collection.items
        if item.asset_id in footages.ready
    )
    return Found(candidates, footages.notes)


def from_ranges(ranges: Sequence[ChosenRange]) -> tuple[Candidate, ...]:
    """Ranges that a person ticked. Raises NotFound, and BadRequest for what cannot be laid."""
    footages = _footages(item.asset_id for item in ranges)
    if footages.notes:
        raise BadRequest(" ".join(footages.notes))
    for item in ranges:
        footage = footages.ready.get(item.asset_id)
        if footage is None:
            raise NotFound(f"There is no asset {item.asset_id[:80]!r}.")
        if item.range.duration < 1 or item.range.start < 0 or item.range.end > footage.duration:
            raise BadRequest(
                f"{footage.name} has frames 0 to {footage.duration}; {item.range.start} to"
                f" {item.range.end} is not a range in it."
            )
    return tuple(
        Candidate(
            footage=footages.ready[item.asset_id],
            matched=item.range,
            reason=item.reason or "chosen by hand",
            fixed=True,
        )
        for item in ranges
    )


@dataclass(frozen=True)
class _Footages:
    ready: dict[str, Footage]
    notes: tuple[str, ...]


def _footages(asset_ids: Iterable[str], *, with_speech: bool = False) -> _Footages:
    ready: dict[str, Footage] = {}
    notes: list[str] = []
    assets = assets_get(asset_id for asset_id in dict.fromkeys(asset_ids) if _is_id(asset_id))
    for asset in assets.values():
        if why := _why_not(asset):
            notes.append(f"{asset.name} is left out: {why}.")
        else:
            ready[asset.id] = _footage(asset, with_speech=with_speech)
    return _Footages(ready, tuple(notes))


def _why_not(asset: AssetRecord) -> str:
    """What keeps an asset from being cut, or ""."""
    if asset.removed:
        return "it was removed"
    if asset.growing:
        return "it is still being written"
    if asset.facts is None:
        return "it has not been probed yet"
    return (
        "stills cannot be cut in yet, as they have no length" if asset.facts.kind == "still" else ""
    )


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def _footage(asset: AssetRecord, *, with_speech: bool) -> Footage:
    facts = asset.technical
    transcript = transcript_of(asset.id) if with_speech else None
    layouts = audio_layouts(facts)
    return Footage(
        asset_id=asset.id,
        name=asset.name,
        rate=facts.rate,
        duration=facts.duration,
        has_picture=facts.kind == "video",
        channels=sum(layout.channels for layout in layouts) or facts.audio_streams,
        drop_frame=facts.drop_frame,
        shots=tuple(shots_of(asset.id)) if facts.kind == "video" else (),
        sentences=sentences_of(transcript.segments, facts.rate) if transcript else (),
    )
