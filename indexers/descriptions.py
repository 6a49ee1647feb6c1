"""Each shot in words; what those mean, `indexers.meanings` works out."""

from __future__ import annotations

from typing import ClassVar

from indexers import wording
from mam.catalog.records import (
    CORRECTIONS,
    AssetRecord,
    DescriptionFinding,
    Findings,
    TaggingRecord,
)
from mam.catalog.selectors import screen_texts_of, shots_of, taggings_of, transcript_of
from mam.pipeline.steps import Context, Step
from mam.timing import FrameRange

TAGGERS = ("objects", "scenes", "sounds", "vocabulary")


class Descriptions(Step):
    """A text a shot, and one a passage of speech.

    Sound alone has no shots: stretches in which something is heard stand in their place.
    """

    name = "descriptions"
    version = 1
    title = "Putting shots into words"
    needs = ("shots",)
    after: ClassVar[tuple[str, ...]] = (*TAGGERS, "transcript", "screen_text", CORRECTIONS)

    def find(self, asset: AssetRecord, context: Context) -> Findings:
        tags, texts = taggings_of(asset.id), screen_texts_of(asset.id)
        described: list[DescriptionFinding] = []
        for range in self.ranges(asset, tags):
            found = wording.tags_within(tags, range)
            text = wording.written(found, wording.texts_within(texts, range))
            if text:
                described.append(DescriptionFinding(text, range))
        transcript = transcript_of(asset.id)
        if transcript:
            for said in wording.said_together(transcript.segments, asset.technical.rate):
                described.append(DescriptionFinding(said.text, said.range))
        return Findings(descriptions=tuple(described))

    def ranges(self, asset: AssetRecord, tags: list[TaggingRecord]) -> list[FrameRange]:
        """What is put into words."""
        if asset.has_video:
            return [shot.range for shot in shots_of(asset.id)]
        heard = [tag for tag in tags if tag.kind == "sound"]
        return wording.heard_ranges(heard, asset.technical.rate)
