"""Steps that name what keyframes show, one engine each; a shot's pictures are judged together."""

from __future__ import annotations

from collections.abc import Sequence

from indexers.base import KeyframeStep, by_shot
from indexers.labels import labels_of_shot, labels_shown, tagged
from mam.catalog.records import AssetRecord, Findings, KeyframeRecord, TaggingFinding
from mam.engines.base import Label, PictureTagger
from mam.pipeline.steps import Context
from mam.timing import FrameRange


class TaggerStep(KeyframeStep):
    """Required: `engine_name`, `source`, and `floor`, the score from which a shot has a tag."""

    source: str
    floor: float

    def find(self, asset: AssetRecord, context: Context) -> Findings:
        tagger: PictureTagger = self.engine(context)
        labels: dict[int, list[Label]] = {}
        keyframes: list[KeyframeRecord] = []
        for batch, pictures in self.look(asset, context):
            keyframes += batch
            found = labels_shown(tagger, pictures)
            labels.update(zip((item.frame for item in batch), found, strict=True))
        return Findings(
            taggings=tuple(
                tag
                for shot, group in by_shot(keyframes)
                for tag in self.tags(tagger, [labels[item.frame] for item in group], shot)
            )
        )

    def tags(
        self, tagger: PictureTagger, pictures: Sequence[Sequence[Label]], range: FrameRange
    ) -> list[TaggingFinding]:
        """What the labels of a range's pictures make of it."""
        labels = labels_of_shot(pictures, floor=self.floor)
        return tagged(labels, range, kind=tagger.kind, source=self.source)
