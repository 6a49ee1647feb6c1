"""The words of an asset are remembered, so that a mistyped one can be put right."""

from __future__ import annotations

from typing import ClassVar

from mam.catalog.records import CORRECTIONS, AssetRecord, Findings
from mam.catalog.selectors import screen_texts_of, taggings_of, transcript_of
from mam.pipeline.steps import Context, Step
from search.retrieval.lexicon import remember


class Lexicon(Step):
    """What is said, written, seen and heard, and how the file is called, word by word."""

    name = "lexicon"
    version = 1
    title = "Noting its words"
    beside = True
    after: ClassVar[tuple[str, ...]] = (
        "transcript", "screen_text", "objects", "scenes", "sounds", "vocabulary", CORRECTIONS,
    )  # fmt: skip

    def find(self, asset: AssetRecord, context: Context) -> Findings:
        transcript = transcript_of(asset.id)
        remember(
            [
                asset.name,
                *(segment.text for segment in (transcript.segments if transcript else ())),
                *(text.text for text in screen_texts_of(asset.id)),
                *{tagging.tag for tagging in taggings_of(asset.id)},
            ]
        )
        return Findings()
