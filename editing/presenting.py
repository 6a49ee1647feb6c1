"""Timelines as people and programs read them: the fields of `--json` and of the API."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from editing.records import ClipRecord, TimelineHead, TimelineRecord


def timeline_summary(timeline: TimelineHead) -> dict[str, Any]:
    """One line of a list; `duration` in timeline frames."""
    return {
        "timeline_id": timeline.id,
        "name": timeline.name,
        "rate": str(timeline.rate),
        "start_tc": timeline.start_tc,
        "drop_frame": timeline.drop_frame,
        "duration": timeline.duration,
        "clips": timeline.clip_count,
        "created_at": timeline.created_at.isoformat(),
    }


def cut_as_json(timeline: TimelineRecord) -> dict[str, Any]:
    """What `assemble --json` prints."""
    return {
        "timeline_id": timeline.id,
        "rate": str(timeline.rate),
        "start_tc": timeline.start_tc,
        "clips": [clip_as_json(clip) for clip in timeline.clips],
    }


def clip_as_json(clip: ClipRecord) -> dict[str, Any]:
    """Source frames are the asset's own from 0, record frames the timeline's from 0."""
    return {
        "asset_id": clip.asset_id or None,
        "shot_id": clip.shot_id or None,
        "source_in": clip.source.start,
        "source_out": clip.source.end,
        "record_in": clip.record.start,
        "record_out": clip.record.end,
        "reason": clip.reason,
    }


def speed_in_words(speed: Fraction) -> str:
    """`50 %`, `backwards, 100 %`, `held`; "" at its own speed."""
    if speed == 1:
        return ""
    if speed == 0:
        return "held"
    percent = f"{float(abs(speed) * 100):.4g} %"
    return f"backwards, {percent}" if speed < 0 else percent
