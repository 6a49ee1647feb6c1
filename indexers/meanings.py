"""What the words of shots mean, as vectors: so that "puppy" finds a shot tagged *dog*."""

from __future__ import annotations

from dataclasses import astuple
from typing import ClassVar

from indexers import wording
from indexers.base import OfOneModel
from indexers.descriptions import Descriptions
from mam.catalog.records import AssetRecord, EmbeddingFinding, Findings, SpaceRecord
from mam.catalog.selectors import descriptions_of, taggings_of
from mam.engines.base import SentenceEncoder
from mam.pipeline.steps import Context


class Meanings(OfOneModel):
    """Rows in the "sentence" space: two a shot (see `indexers.wording`), one a passage of speech.

    Only rows are read, so that a second model costs no look at any picture.
    """

    name = "meanings"
    version = 1
    title = "Working out what shots mean"
    needs = (Descriptions.name,)
    engine_name = "sentences"
    words: ClassVar[Descriptions] = Descriptions()
    """The step whose words these are."""

    def find(self, asset: AssetRecord, context: Context) -> Findings:
        encoder: SentenceEncoder = context.engine(self.engine_name)
        tags = taggings_of(asset.id)
        names = sorted({tag.tag for tag in tags})
        vectors = dict(zip(names, encoder.encode(names), strict=True)) if names else {}
        embedded: list[EmbeddingFinding] = []
        for range in self.words.ranges(asset, tags):
            meaning = wording.mean_meaning(wording.tags_within(tags, range), vectors)
            if meaning is not None:
                embedded.append(EmbeddingFinding(range, meaning))
        described = descriptions_of(asset.id, self.words.name)
        texts = encoder.encode([item.text for item in described])
        embedded += [
            EmbeddingFinding(item.range, vector)
            for item, vector in zip(described, texts, strict=True)
        ]
        return Findings(space=SpaceRecord(*astuple(encoder.space())), embeddings=tuple(embedded))


class MeaningsNext(Meanings):
    """The same with a second model."""

    name = "meanings_next"
    keeps_as = Meanings.name
    beside = True
    title = "Working out what shots mean, by a second model"
    engine_name = "sentences-next"
