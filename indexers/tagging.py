"""Steps that name what keyframes show, one engine each; a shot's pictures are judged together."""

from __future__ import annotations

from indexers.base import KeyframeStep, by_shot
from indexers.labels import is_blank, labels_of_shot, tagged
from mam.catalog.records import AssetRecord, Findings, KeyframeRecord
from mam.engines.base import Label, PictureTagger
from mam.pipeline.steps import Context


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
            shown = [
                (item, picture)
                for item, picture in zip(batch, pictures, strict=True)
                if not is_blank(picture)
            ]
            found = tagger.tag([picture for _, picture in shown])
            labels.update(zip((item.frame for item, _ in shown), found, strict=True))
        return Findings(
            taggings=tuple(
                tag
                for shot, group in by_shot(keyframes)
                for tag in tagged(
                    labels_of_shot(
                        [labels.get(item.frame, []) for item in group], floor=self.floor
                    ),
                    shot,
                    kind=tagger.kind,
                    source=self.source,
                )
            )
        )
