"""Each shot in words, and what those words mean: so that "puppy" finds a shot tagged *dog*."""

from __future__ import annotations

from dataclasses import astuple
from typing import ClassVar

from indexers import wording
from mam.catalog.records import (
    CORRECTIONS,
    AssetRecord,
    DescriptionFinding,
    EmbeddingFinding,
    Findings,
    SpaceRecord,
    TaggingRecord,
)
from mam.catalog.selectors import screen_texts_of, shots_of, taggings_of, transcript_of
from mam.engines import engine_weights
from mam.engines.base import SentenceEncoder
from mam.pipeline.steps import Context, Step
from mam.timing import FrameRange

TAGGERS = ("objects", "scenes", "sounds", "vocabulary")


class Descriptions(Step):
    """Rows in the "sentence" space: two a shot (see `indexers.wording`), one a passage of speech.

    Sound alone has no shots: stretches in which something is heard stand in their place.
    """

    name = "descriptions"
    version = 1
    title = "Putting shots into words"
    needs = ("shots",)
    after: ClassVar[tuple[str, ...]] = (*TAGGERS, "transcript", "screen_text", CORRECTIONS)

    def weights(self) -> tuple[str, ...]:
        return engine_weights("sentences")

    def find(self, asset: AssetRecord, context: Context) -> Findings:
        encoder: SentenceEncoder = context.engine("sentences")
        rate = asset.technical.rate
        tags, texts = taggings_of(asset.id), screen_texts_of(asset.id)
        names = sorted({tag.tag for tag in tags})
        vectors = dict(zip(names, encoder.encode(names), strict=True)) if names else {}
        described: list[DescriptionFinding] = []
        embedded: list[EmbeddingFinding] = []
        for range in self.ranges(asset, tags):
            found = wording.tags_within(tags, range)
            text = wording.written(found, wording.texts_within(texts, range))
            meaning = wording.mean_meaning(found, vectors)
            if text:
                described.append(DescriptionFinding(text, range))
                embedded.append(EmbeddingFinding(range, encoder.encode([text])[0]))
            if meaning is not None:
                embedded.append(EmbeddingFinding(range, meaning))
        transcript = transcript_of(asset.id)
        passages = wording.said_together(transcript.segments, rate) if transcript else []
        spoken = encoder.encode([said.text for said in passages]) if passages else ()
        for said, vector in zip(passages, spoken, strict=True):
            described.append(DescriptionFinding(said.text, said.range))
            embedded.append(EmbeddingFinding(said.range, vector))
        return Findings(
            descriptions=tuple(described),
            space=SpaceRecord(*astuple(encoder.space())),
            embeddings=tuple(embedded),
        )

    def ranges(self, asset: AssetRecord, tags: list[TaggingRecord]) -> list[FrameRange]:
        """What is put into words."""
        if asset.has_video:
            return [shot.range for shot in shots_of(asset.id)]
        heard = [tag for tag in tags if tag.kind == "sound"]
        return wording.heard_ranges(heard, asset.technical.rate)
