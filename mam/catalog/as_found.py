"""What a machine found of the facts that people correct, as plain JSON and back. Pure."""

from __future__ import annotations

from typing import Any

from mam.catalog.records import (
    Findings,
    Lead,
    SegmentFinding,
    ShotFinding,
    TaggingFinding,
    TranscriptFinding,
    WordFinding,
)
from mam.timing import FrameRange


def written(findings: Findings) -> dict[str, Any]:
    """Taggings, shots and transcript; the rest is not laid over and stays in its rows."""
    found: dict[str, Any] = {
        "taggings": [
            [item.tag, item.kind, item.range.start, item.range.end, item.score, item.source]
            for item in findings.taggings
        ],
        "shots": [
            [item.range.start, item.range.end, item.confidence, item.source, _lead(item.lead)]
            for item in findings.shots
        ],
    }
    if findings.transcript is not None:
        found["transcript"] = {
            "language": findings.transcript.language,
            "confidence": findings.transcript.confidence,
            "segments": [
                [
                    item.text,
                    item.range.start,
                    item.range.end,
                    [_word(word) for word in item.words],
                    item.speaker,
                ]
                for item in findings.transcript.segments
            ],
        }
    return found


def read(found: dict[str, Any]) -> Findings:
    """The findings that were written."""
    heard = found.get("transcript")
    return Findings(
        taggings=tuple(
            TaggingFinding(tag, kind, FrameRange(start, end), score, source)
            for tag, kind, start, end, score, source in found.get("taggings", ())
        ),
        shots=tuple(
            ShotFinding(FrameRange(start, end), sure, source, _read_lead(*lead))
            # Written before shots knew what leads into them, there are four of them.
            for start, end, sure, source, *lead in found.get("shots", ())
        ),
        transcript=heard
        and TranscriptFinding(
            heard["language"],
            heard["confidence"],
            tuple(
                SegmentFinding(
                    text,
                    FrameRange(start, end),
                    tuple(WordFinding(said, FrameRange(a, b), sure) for said, a, b, sure in words),
                    speaker,
                )
                for text, start, end, words, speaker in heard["segments"]
            ),
        ),
    )


def _lead(lead: Lead | None) -> list[Any] | None:
    return None if lead is None else [lead.kind, lead.range.start, lead.range.end]


def _read_lead(lead: list[Any] | None = None) -> Lead | None:
    return Lead(lead[0], FrameRange(lead[1], lead[2])) if lead else None


def _word(word: WordFinding) -> list[Any]:
    return [word.text, word.range.start, word.range.end, word.confidence]
