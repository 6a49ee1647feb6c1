"""Sounds heard: music, speech, engines, animals, 521 kinds (YAMNet)."""

from __future__ import annotations

from indexers.labels import sounds_on_clock
from indexers.sound import sound_of
from mam.catalog.records import AssetRecord, Findings
from mam.engines import engine_weights
from mam.engines.base import SAMPLE_RATE, SoundTagger
from mam.pipeline.steps import Context, Step


class Sounds(Step):
    """Each sound over the time that it is heard."""

    name = "sounds"
    version = 1
    title = "Listening for sounds"
    needs = ("sound",)

    def weights(self) -> tuple[str, ...]:
        return engine_weights("sounds")

    def wants(self, asset: AssetRecord) -> bool:
        return asset.has_audio

    def find(self, asset: AssetRecord, context: Context) -> Findings:
        facts = asset.technical
        tagger: SoundTagger = context.engine("sounds")
        sound = sound_of(asset)
        total = len(sound) / SAMPLE_RATE
        labels = tagger.tag(sound, on_progress=lambda done: context.report(done, total, self.title))
        return Findings(
            taggings=tuple(sounds_on_clock(labels, facts.rate, facts.duration, source="yamnet"))
        )
