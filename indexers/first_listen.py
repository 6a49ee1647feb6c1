"""Speech in a part of a long file, by seeks: findable long before the whole is listened to."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from indexers.first_look import is_worth_it
from indexers.spoken import transcript_of_speech
from mam.catalog.records import AssetRecord, Findings
from mam.engines import engine_weights
from mam.engines.base import Speech, SpeechRecogniser, SpokenSegment
from mam.media.mastersound import speech_stretch
from mam.pipeline.sharing import media_info
from mam.pipeline.steps import Context, Step

STRETCH = 30
"""Seconds: what the recogniser takes in at a time, so that a shorter stretch costs as much."""
APART = 150
"""Seconds from the start of a stretch to the next: a fifth of the sound."""
MOST = 24
"""Stretches of one file: those of an hour; of a longer one they lie further apart."""


class FirstListen(Step):
    """Half a minute of speech in every two and a half."""

    name = "first_listen"
    version = 1
    title = "Listening here and there"
    until = ("transcript",)
    while_growing = True
    reads_master = True

    def weights(self) -> tuple[str, ...]:
        return engine_weights("speech")

    def wants(self, asset: AssetRecord) -> bool:
        jumps = asset.technical.streams.get("discontinuous", False)
        return asset.has_audio and is_worth_it(asset) and not jumps

    def find(self, asset: AssetRecord, context: Context) -> Findings:
        recogniser: SpeechRecogniser = context.engine("speech")
        facts, info = asset.technical, media_info(asset)
        starts = stretches(facts.rate.seconds(facts.duration))
        segments: list[SpokenSegment] = []
        heard = Speech("", 0.0, ())
        for number, start in enumerate(starts):
            context.report(number, len(starts), self.title)
            sound = speech_stretch(asset.path, info, start, STRETCH, options=context.options)
            speech = recogniser.transcribe(sound, on_progress=lambda done: None)
            if speech.language_confidence > heard.language_confidence:
                heard = speech
            segments += [moved(segment, float(start)) for segment in speech.segments]
        speech = replace(heard, segments=tuple(segments))
        return Findings(transcript=transcript_of_speech(speech, facts.rate, facts.duration))


def stretches(seconds: Fraction) -> list[Fraction]:
    """Where the stretches of a file that lasts so long begin, evenly apart."""
    count = max(1, min(MOST, int(seconds / APART)))
    step = seconds / count
    return [step * number + max(Fraction(0), step - STRETCH) / 2 for number in range(count)]


def moved(segment: SpokenSegment, seconds: float) -> SpokenSegment:
    """The same, later by so many seconds."""
    words = tuple(
        replace(word, start=word.start + seconds, end=word.end + seconds) for word in segment.words
    )
    return replace(segment, start=segment.start + seconds, end=segment.end + seconds, words=words)
