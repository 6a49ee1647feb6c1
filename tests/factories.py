"""Rows of the catalogue for tests: plain functions, each with what a test seldom cares about filled
in. Findings need an Analysis: one a kind of fact and asset is made and used again."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Sequence
from fractions import Fraction

import numpy as np
import numpy.typing as npt
from django.utils import timezone
from pgvector import HalfVector

from mam.catalog.models import (
    Analysis,
    Asset,
    Description,
    Embedding,
    ScreenText,
    Segment,
    Shot,
    Tag,
    Tagging,
    Transcript,
    Word,
)
from mam.catalog.records import SpaceRecord
from mam.catalog.spaces import space_ensure
from mam.engines.base import SpaceSpec
from mam.timing import FrameRange, FrameRate

RATE = FrameRate.of(25)


def asset(
    name: str = "clip.mp4",
    *,
    kind: str = "video",
    rate: FrameRate = RATE,
    duration: int = 1000,
    start: int = 0,
    drop_frame: bool = False,
    reel: str = "",
    removed: bool = False,
    probed: bool = True,
) -> Asset:
    """An asset of its own bytes; `probed=False` leaves out what a probe tells."""
    identity = uuid.uuid4()
    row = Asset.objects.create(
        id=identity,
        content_hash=hashlib.sha256(identity.bytes).hexdigest(),
        size=1,
        name=name,
        removed_at=timezone.now() if removed else None,
    )
    if probed:
        row.kind = kind
        row.rate_numerator, row.rate_denominator = rate.numerator, rate.denominator
        row.duration, row.start, row.drop_frame, row.reel = duration, start, drop_frame, reel
        row.audio_streams = 1
        row.save()
    return row


def analysis(of: Asset, step: str, model: str = "") -> Analysis:
    """The asset's analysis by that step."""
    defaults = {"version": 1}
    return Analysis.objects.get_or_create(asset=of, step=step, model=model, defaults=defaults)[0]


def shot(of: Asset, start: int, end: int, number: int = 1) -> Shot:
    return Shot.objects.create(
        analysis=analysis(of, "shots"),
        asset=of,
        start=start,
        end=end,
        number=number,
        confidence=1.0,
    )


def tag(
    of: Asset, name: str, start: int, end: int, score: float = 0.9, kind: str = "object"
) -> Tagging:
    """`name` on a range."""
    entry, _ = Tag.objects.get_or_create(name=name, kind=kind)
    return Tagging.objects.create(
        analysis=analysis(of, f"{kind}s"),
        asset=of,
        tag=entry,
        start=start,
        end=end,
        score=score,
        source="test",
    )


def screen_text(of: Asset, text: str, start: int, end: int, score: float = 0.95) -> ScreenText:
    return ScreenText.objects.create(
        analysis=analysis(of, "screen_text"),
        asset=of,
        text=text,
        start=start,
        end=end,
        score=score,
    )


def segment(of: Asset, text: str, start: int, end: int, language: str = "en") -> Segment:
    """A sentence whose words share its time evenly."""
    heard = analysis(of, "transcript")
    transcript, _ = Transcript.objects.get_or_create(
        analysis=heard, asset=of, defaults={"start": 0, "end": of.duration, "language": language}
    )
    row = Segment.objects.create(
        analysis=heard,
        asset=of,
        transcript=transcript,
        start=start,
        end=end,
        language=language,
        text=text,
    )
    words = text.split()
    for number, word in enumerate(words):
        Word.objects.create(
            segment=row,
            number=number,
            text=word,
            start=start + (end - start) * number // len(words),
            end=start + (end - start) * (number + 1) // len(words),
            confidence=0.9,
        )
    return row


def description(of: Asset, text: str, start: int, end: int) -> Description:
    return Description.objects.create(
        analysis=analysis(of, "descriptions"), asset=of, text=text, start=start, end=end
    )


def embedding(
    of: Asset,
    spec: SpaceSpec,
    vector: npt.NDArray[np.float32] | Sequence[float],
    start: int,
    end: int,
) -> Embedding:
    """A vector of a range; its space (and the space's index) is made with the first."""
    space = space_ensure(SpaceRecord(spec.name, spec.model, spec.weights_sha256, spec.dimensions))
    step = "meanings" if spec.name == "sentence" else "image_text"
    return Embedding.objects.create(
        analysis=analysis(of, step, spec.model),
        asset=of,
        space_id=space,
        start=start,
        end=end,
        vector=HalfVector([float(value) for value in vector]),
    )


def seconds(value: float | Fraction, rate: FrameRate = RATE) -> int:
    """The frame at that second."""
    return rate.nearest_frame(Fraction(value))


def frames(start: int, end: int) -> FrameRange:
    return FrameRange(start, end)
