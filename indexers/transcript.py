"""What was said, with the time of every word; silence yields nothing."""

from __future__ import annotations

from indexers.sound import sound_of
from indexers.spoken import transcript_of_speech
from mam.catalog.records import AssetRecord, Findings
from mam.engines import engine_weights
from mam.engines.base import SpeechRecogniser
from mam.pipeline.steps import Context, Step


class Transcript(Step):
    """The 16 kHz sound through the recogniser; the language is found by itself."""

    name = "transcript"
    version = 1
    title = "Listening for speech"
    needs = ("sound",)

    def weights(self) -> tuple[str, ...]:
        return engine_weights("speech")

    def wants(self, asset: AssetRecord) -> bool:
        return asset.has_audio

    def find(self, asset: AssetRecord, context: Context) -> Findings:
        facts = asset.technical
        recogniser: SpeechRecogniser = context.engine("speech")
        sound = sound_of(asset)
        total = len(sound) / 16_000
        speech = recogniser.transcribe(
            sound, on_progress=lambda done: context.report(done, total, self.title)
        )
        return Findings(transcript=transcript_of_speech(speech, facts.rate, facts.duration))
