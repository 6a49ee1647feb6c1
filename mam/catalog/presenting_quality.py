"""Quality checks as people read them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from mam.catalog.models import Asset
from mam.catalog.presenting import play_range, timecode_at
from mam.catalog.records import FlawKind, FlawRecord, LoudnessRecord

UNITS = {
    FlawKind.BLACK: "% of white at most",
    FlawKind.FREEZE: "",
    FlawKind.FLASH: "flashes a second",
    FlawKind.SILENCE: "dBFS at most",
    FlawKind.CLIPPING: "samples at full scale",
}
"""What a flaw's value counts."""


def flaw_in_words(flaw: FlawRecord) -> str:
    """`flash: 5 flashes a second`, `freeze`."""
    if flaw.value is None:
        return flaw.kind
    return f"{flaw.kind}: {flaw.value:.10g} {UNITS[FlawKind(flaw.kind)]}"


def loudness_in_words(loudness: LoudnessRecord | None) -> str:
    """`-23.0 LUFS, range 5.2 LU, true peak -1.0 dBTP, short-term up to -18.3 LUFS`; "" where there
    is none."""
    if loudness is None:
        return ""
    told = [
        ("", loudness.integrated, "LUFS"),
        ("range ", loudness.range, "LU"),
        ("true peak ", loudness.true_peak, "dBTP"),
        ("short-term up to ", loudness.short_term, "LUFS"),
    ]
    words = [f"{name}{value:.1f} {unit}" for name, value, unit in told if value is not None]
    return ", ".join(words) or "too soft or too short to measure"


def flaws_shown(asset: Asset, flaws: Iterable[FlawRecord]) -> list[dict[str, Any]]:
    """Flaws for a page and for the API, each with where it lies."""
    return [
        {
            "asset_id": flaw.asset_id,
            "kind": flaw.kind,
            "start_frame": flaw.range.start,
            "end_frame": flaw.range.end,
            "start_tc": timecode_at(asset, flaw.range.start),
            "end_tc": timecode_at(asset, flaw.range.end),
            "value": flaw.value,
            "in_words": flaw_in_words(flaw),
            "play": play_range(asset.rate, flaw.range.start, flaw.range.end),
        }
        for flaw in flaws
    ]
