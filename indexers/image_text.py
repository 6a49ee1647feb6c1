"""Image-text vectors of keyframes: what is seen, comparable with words."""

from __future__ import annotations

from dataclasses import astuple

from indexers.base import KeyframeStep, OfOneModel
from mam.catalog.records import AssetRecord, EmbeddingFinding, Findings, SpaceRecord
from mam.engines.base import ImageTextEncoder
from mam.pipeline.steps import Context


class ImageText(OfOneModel, KeyframeStep):
    """One vector a keyframe, over the range of its shot. Waits where no weights can be had."""

    name = "image_text"
    version = 1
    title = "Comparing pictures with words"
    engine_name = "image-text"

    def find(self, asset: AssetRecord, context: Context) -> Findings:
        encoder: ImageTextEncoder = self.engine(context)
        found = [
            EmbeddingFinding(keyframe.range, vector, keyframe.frame)
            for keyframes, pictures in self.look(asset, context)
            for keyframe, vector in zip(keyframes, encoder.encode_images(pictures), strict=True)
        ]
        return Findings(space=SpaceRecord(*astuple(encoder.space())), embeddings=tuple(found))


class ImageTextNext(ImageText):
    """The same with a second model, of the keyframes on disk."""

    name = "image_text_next"
    keeps_as = ImageText.name
    beside = True
    title = "Comparing pictures with words, by a second model"
    engine_name = "image-text-next"
