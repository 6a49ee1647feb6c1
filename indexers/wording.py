"""What a range is, in words and as a meaning. Pure.

Two vectors stand for a shot in the sentence space. One is the *mean meaning*: the vectors of its
labels weighted by their scores, kind by kind, so that two hundred breeds of which none is sure
still add up to "dog". The other is the vector of all labels written out, which keeps what belongs
together. What is said has sentences of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mam.catalog.records import ScreenTextRecord, SegmentRecord, TaggingRecord
from mam.timing import FrameRange, FrameRate

NAMED = 6
"""Labels of a kind that are written out."""
SHARE = {"object": 1.0, "scene": 1.0, "vocabulary": 1.0, "sound": 0.5}
"""How much a kind weighs in the mean meaning: most of what is heard is not what is asked for."""
LETTERS = 3
SPOKEN_SECONDS = 30
HEARD_SECONDS = 30
TEXT_AT_MOST = 300


@dataclass(frozen=True)
class Said:
    """Sentences that follow each other, to be meant as one."""

    range: FrameRange
    text: str


def tags_within(tags: Iterable[TaggingRecord], range: FrameRange) -> dict[str, dict[str, float]]:
    """Best score of each tag that shares a frame with `range`, by kind."""
    found: dict[str, dict[str, float]] = {}
    for tag in tags:
        if tag.range.overlaps(range):
            of_kind = found.setdefault(tag.kind, {})
            of_kind[tag.tag] = max(tag.score, of_kind.get(tag.tag, 0.0))
    return found


def written(found: Mapping[str, Mapping[str, float]], texts: Sequence[str] = ()) -> str:
    """The surest labels of each kind, then what is to be read on screen; "" where nothing is."""
    parts: list[str] = []
    for kind in SHARE:
        best = sorted(found.get(kind, {}).items(), key=lambda item: (-item[1], item[0]))
        parts += [name for name, _ in best[:NAMED]]
    parts += [text for text in texts if sum(c.isalpha() for c in text) >= LETTERS]
    return ", ".join(dict.fromkeys(parts))[:TEXT_AT_MOST]


def mean_meaning(
    found: Mapping[str, Mapping[str, float]], vectors: Mapping[str, npt.NDArray[np.float32]]
) -> npt.NDArray[np.float32] | None:
    """The labels' vectors, weighted by score within a kind and by `SHARE` between kinds.

    Of length 1; None where there is no label.
    """
    total: npt.NDArray[np.float32] | None = None
    for kind, share in SHARE.items():
        scores = {name: score for name, score in found.get(kind, {}).items() if score > 0}
        if scores:
            weighted = sum(score * vectors[name] for name, score in scores.items())
            part = np.asarray(share / sum(scores.values()) * weighted, np.float32)
            total = part if total is None else total + part
    if total is None or not (length := float(np.linalg.norm(total))):
        return None
    return np.asarray(total / length, np.float32)


def said_together(segments: Sequence[SegmentRecord], rate: FrameRate) -> list[Said]:
    """Neighbouring sentences joined while they last no longer than half a minute."""
    longest = rate.frame_at(SPOKEN_SECONDS)
    joined: list[Said] = []
    for segment in segments:
        if not segment.text.strip():
            continue
        last = joined[-1] if joined else None
        if last and segment.range.end - last.range.start <= longest:
            joined[-1] = Said(last.range.union(segment.range), f"{last.text} {segment.text}")
        else:
            joined.append(Said(segment.range, segment.text))
    return joined


def heard_ranges(sounds: Iterable[TaggingRecord], rate: FrameRate) -> list[FrameRange]:
    """Where sound alone is worth describing: stretches in which something is heard.

    Sounds that overlap or touch belong together; a stretch longer than half a minute is parted.
    """
    longest = max(1, rate.frame_at(HEARD_SECONDS))
    stretches: list[FrameRange] = []
    for sound in sorted(sounds, key=lambda item: item.range):
        if stretches and sound.range.start <= stretches[-1].end:
            stretches[-1] = stretches[-1].union(sound.range)
        else:
            stretches.append(sound.range)
    return [
        FrameRange(start, min(start + longest, stretch.end))
        for stretch in stretches
        for start in range(stretch.start, stretch.end, longest)
    ]


def texts_within(texts: Iterable[ScreenTextRecord], range: FrameRange) -> list[str]:
    return [text.text for text in texts if text.range.overlaps(range)]
