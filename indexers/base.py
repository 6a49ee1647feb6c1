"""What indexers share: walking an asset's keyframes by shot."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from mam.catalog.records import KEYFRAMES, AssetRecord, KeyframeRecord
from mam.catalog.selectors import keyframes_of
from mam.engines import engine_model, engine_weights
from mam.engines.base import Picture
from mam.errors import BadMedia, TransientError
from mam.media.pictures import load_picture
from mam.pipeline.steps import Context, Step
from mam.timing import FrameRange

BATCH = 16
"""Keyframes held in memory at once."""


def picture_of(keyframe: KeyframeRecord) -> Picture:
    """The keyframe's picture. Raises TransientError where its file is gone."""
    try:
        return load_picture(keyframe.path)
    except BadMedia as error:
        raise TransientError(str(error)) from None


def by_shot(keyframes: Sequence[KeyframeRecord]) -> list[tuple[FrameRange, list[KeyframeRecord]]]:
    """Keyframes of one shot together, shots in order."""
    ordered = sorted(keyframes, key=lambda item: (item.range, item.frame))
    return [(range, list(group)) for range, group in groupby(ordered, lambda item: item.range)]


class OfOneModel(Step):
    """A step whose vectors are of the model that settings choose for its engine."""

    engine_name: str

    def model(self) -> str:
        return engine_model(self.engine_name)

    def weights(self) -> tuple[str, ...]:
        return engine_weights(self.engine_name) if self.model() or not self.beside else ()


class KeyframeStep(Step):
    """A step that looks at keyframes with one engine."""

    needs = (KEYFRAMES,)
    engine_name: str
    keyframes_by: str = KEYFRAMES
    """The step that picked the pictures."""

    def weights(self) -> tuple[str, ...]:
        return engine_weights(self.engine_name)

    def wants(self, asset: AssetRecord) -> bool:
        return asset.has_video

    def look(
        self, asset: AssetRecord, context: Context, *, batch: int = BATCH
    ) -> Iterator[tuple[list[KeyframeRecord], list[Picture]]]:
        """The asset's keyframes with their pictures, a batch at a time, reporting on the way."""
        keyframes = keyframes_of(asset.id, self.keyframes_by)
        for start in range(0, len(keyframes), batch):
            context.report(start, len(keyframes), self.title)
            some = keyframes[start : start + batch]
            yield some, [picture_of(keyframe) for keyframe in some]

    def engine(self, context: Context) -> Any:
        return context.engine(self.engine_name)
