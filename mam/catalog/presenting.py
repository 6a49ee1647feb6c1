"""Facts put together as people read them: timecodes, shots with their tags.

What steps are due is known a floor above; `states_of` asks it by the name in settings.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

from mam.catalog.models import Asset, Shot, Tagging
from mam.catalog.records import PERSON
from mam.timing import FrameRate, Timecode, clock

# No camera shoots so fast and no sound is sampled so slowly.
AUDIO_RATES = 4000


STATUSES = ("queued", "indexed", "partial", "refused", "failed")


@dataclass(frozen=True)
class AssetState:
    """How far an asset is: its status in one word, why, and each step's state."""

    status: str  # one of STATUSES
    reason: str = ""
    steps: dict[str, str] = field(default_factory=dict)
    depth: str = "none"  # none | first (looks by seeks) | part | whole


def states_of(asset_ids: Iterable[str]) -> dict[str, AssetState]:
    """Of all these assets at once, by id."""
    found: dict[str, AssetState] = import_string(settings.ASSET_STATES)(list(asset_ids))
    return found


def timecode_at(asset: Asset, frame: int) -> str:
    """The source timecode of a frame; the clock for sound alone; "" before the probe."""
    rate = asset.rate
    if rate is None:
        return ""
    if asset.kind == Asset.Kind.AUDIO:
        return clock(rate.seconds(asset.start + frame))
    return str(Timecode(asset.start + frame, rate, asset.drop_frame))


def rate_in_words(rate: FrameRate | None) -> str:
    """As the trade says it: 25 fps, 29.97 fps, 48000 Hz; "" before the probe."""
    if rate is None:
        return ""
    return f"{rate.spoken} {'Hz' if rate.value >= AUDIO_RATES else 'fps'}"


def play_range(rate: FrameRate | None, start: int, end: int) -> dict[str, str]:
    """Frames `[start, end)` for a player, which counts seconds, and for a page's address.

    A quarter of a frame inside at both ends: the first and last picture shown are the range's own.
    """
    if rate is None:
        return {"from": "0", "to": "0", "query": ""}
    inside = Fraction(1, 4)
    begin = f"{float((start + inside) / rate.value):.4f}"
    until = f"{float(max(end - inside, start + inside) / rate.value):.4f}"
    return {"from": begin, "to": until, "query": f"from={begin}&to={until}"}


def shots_with_tags(asset: Asset, shots: Iterable[Shot]) -> list[dict[str, Any]]:
    """Each shot with the tags that overlap it, the surest first, one of a name."""
    taggings = list(
        Tagging.objects.filter(asset=asset).select_related("tag").order_by("-score", "tag__name")
    )
    return [
        {
            "shot_id": str(shot.pk),
            "asset_id": str(asset.pk),
            "number": shot.number,
            "start_frame": shot.start,
            "end_frame": shot.end,
            "start_tc": timecode_at(asset, shot.start),
            "end_tc": timecode_at(asset, shot.end),
            "confidence": shot.confidence,
            "lead": _lead(asset, shot),
            "tags": _tags_over(shot.start, shot.end, taggings),
        }
        for shot in shots
    ]


def _lead(asset: Asset, shot: Shot) -> dict[str, Any] | None:
    lead = shot.lead
    return (
        lead
        if lead is None
        else {
            "kind": lead.kind,
            "start_frame": lead.range.start,
            "end_frame": lead.range.end,
            "start_tc": timecode_at(asset, lead.range.start),
            "end_tc": timecode_at(asset, lead.range.end),
        }
    )


def _tags_over(start: int, end: int, taggings: list[Tagging]) -> list[dict[str, Any]]:
    best: dict[tuple[str, str], dict[str, Any]] = {}
    for item in taggings:
        key = (item.tag.name, item.tag.kind)
        if item.start < end and start < item.end and key not in best:
            best[key] = {
                "name": item.tag.name,
                "kind": item.tag.kind,
                "score": round(item.score, 4),
                "source": item.source,
                "confirmed": item.source == PERSON,
            }
    return list(best.values())
