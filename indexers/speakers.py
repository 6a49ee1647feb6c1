"""Who speaks when: the voices of an asset told apart, and what each sounds like."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import astuple
from pathlib import Path

import numpy as np

from indexers.sound import sound_part, sound_path
from indexers.turns import Window, turns_told, windows_of, words_spoken
from mam.catalog.records import AssetRecord, EmbeddingFinding, Findings, SpaceRecord
from mam.catalog.records_speakers import SPEAKERS
from mam.catalog.selectors import transcript_of
from mam.engines import engine_weights
from mam.engines.base import SAMPLE_RATE, Sound, Vectors, VoiceEncoder
from mam.pipeline.steps import Context, Step

BATCH = 64
"""Windows that are listened to at once."""
BLOCK = SAMPLE_RATE * 60
"""Samples held in memory at once."""


class Speakers(Step):
    """Turns where the transcript has words; a vector in the space "voice" for each speaker."""

    name = SPEAKERS
    version = 1
    title = "Telling voices apart"
    needs = ("sound", "transcript")

    def weights(self) -> tuple[str, ...]:
        return engine_weights("voices")

    def wants(self, asset: AssetRecord) -> bool:
        return asset.has_audio

    def find(self, asset: AssetRecord, context: Context) -> Findings:
        transcript = transcript_of(asset.id)
        words = words_spoken(transcript.segments if transcript else (), asset.technical.rate)
        if not words:
            return Findings()
        encoder: VoiceEncoder = context.engine("voices")
        windows = windows_of(words, encoder.window)
        told = turns_told(words, windows, self._vectors(asset, context, encoder, windows))
        return Findings(
            turns=told.turns,
            space=SpaceRecord(*astuple(encoder.space())),
            embeddings=tuple(EmbeddingFinding(place, vector) for place, vector in told.voices),
        )

    def _vectors(
        self,
        asset: AssetRecord,
        context: Context,
        encoder: VoiceEncoder,
        windows: Sequence[Window],
    ) -> Vectors:
        path = sound_path(asset)
        found = [encoder.encode(np.zeros((0, encoder.window), np.float32))]
        for start in range(0, len(windows), BATCH):
            context.report(start, len(windows), self.title)
            some = windows[start : start + BATCH]
            found.append(encoder.encode(np.stack(list(_sounds(path, some, encoder.window)))))
        return np.concatenate(found)


def _sounds(path: Path, windows: Sequence[Window], size: int) -> Iterator[Sound]:
    """The sound of each window, repeated until it is `size` samples long; at most BLOCK samples
    are read at a time."""
    first, block = 0, np.zeros(0, np.float32)
    for window in windows:
        if not first <= window.start <= window.end <= first + len(block):
            first, block = window.start, sound_part(path, window.start, window.start + BLOCK)
        piece = block[window.start - first : window.end - first]
        # A word may be timed past the end of the sound, by a rounding.
        yield np.resize(piece, size) if len(piece) else np.zeros(size, np.float32)
