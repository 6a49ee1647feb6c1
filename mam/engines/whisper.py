"""What is said: Whisper by faster-whisper on CTranslate2, in 8 bits on a CPU, 16 on a GPU.

A voice detector looks first, so that silence, noise and music are not put into words that nobody
said. Long sound is heard in blocks that end in silence: memory stays the same for hours of it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

from mam.engines import manifest
from mam.engines.base import SAMPLE_RATE, Sound, Speech, SpokenSegment
from mam.engines.device import CPU, CUDA, device
from mam.engines.sentences import RawWord, sentences
from mam.engines.tflite import threads
from mam.engines.weights import Weights
from mam.errors import PermanentError
from mam.options import Models

BLOCK = 600 * SAMPLE_RATE
TAIL = 60 * SAMPLE_RATE
"""The last part of a block, in which its end is sought in a pause."""
SURE = 0.7
"""Confidence from which a block's own language is believed over the one before it."""
LEAST_SPEECH = 0.25
"""Seconds of voice below which a block is not put into words."""
_VOICE = {"threshold": 0.5, "min_silence_duration_ms": 600, "speech_pad_ms": 250}
_NO_SPEECH = 0.6
_DOUBTFUL = -0.7  # mean log probability of a segment's tokens
_REPETITIVE = 2.4  # compression ratio: text that repeats itself
_GUESSED = 0.25  # mean confidence of a segment's words


class FasterWhisper:
    """Words with times and confidence, in runs like sentences."""

    @classmethod
    def needs(cls, options: Models) -> tuple[str, ...]:
        return (manifest.whisper(options.whisper_model).id,)

    @classmethod
    def runs(cls, options: Models, weights: Weights) -> str:
        """Where and how, for a person."""
        if device(options.device) == CUDA:
            return "on the GPU, by CTranslate2 in 16 bits"
        return "on the processor, by CTranslate2 in 8 bits"

    def __init__(self, options: Models, weights: Weights) -> None:
        self.weights = self.needs(options)
        folder = weights.path(self.weights[0])
        import ctranslate2

        from mam.engines.whisper_windows import Windows

        # CTranslate2 brings its own libraries for a GPU, or not.
        found = device(options.device) == CUDA and ctranslate2.get_cuda_device_count() > 0
        where = CUDA if found else CPU
        try:
            self._model = Windows(
                str(folder),
                device=where,
                compute_type="float16" if where == CUDA else "int8",
                cpu_threads=threads(options.threads),
                local_files_only=True,
            )
        except (RuntimeError, ValueError) as error:
            raise PermanentError(
                f"{folder} cannot be loaded as faster-whisper's {options.whisper_model}: {error}"
            ) from error
        # fp16 on disk becomes int8 with its own working memory beside it.
        self.memory = 2 * (folder / "model.bin").stat().st_size + (200 << 20)
        self._lock = threading.Lock()

    def transcribe(
        self, sound: Sound, *, on_progress: Callable[[float], None] | None = None
    ) -> Speech:
        segments: list[SpokenSegment] = []
        heard: dict[str, list[float]] = {}  # language -> [seconds, confidence x seconds]
        language = ""
        for first, last, voiced in self._blocks(sound):
            offset = first / SAMPLE_RATE
            if voiced >= LEAST_SPEECH:
                tell = None if on_progress is None else _later(on_progress, offset)
                words, found, confidence = self._block(sound[first:last], language, tell)
                language = found
                if words:
                    amount = heard.setdefault(found, [0.0, 0.0])
                    amount[0] += voiced
                    amount[1] += voiced * confidence
                segments.extend(
                    sentences(
                        [
                            RawWord(w.text, w.start + offset, w.end + offset, w.confidence)
                            for w in words
                        ]
                    )
                )
            if on_progress is not None:
                on_progress(last / SAMPLE_RATE)
        if not segments:
            return Speech(language="", language_confidence=0.0, segments=())
        main = max(heard, key=lambda name: heard[name][0])
        seconds, weighted = heard[main]
        return Speech(main, min(1.0, weighted / seconds), tuple(segments))

    def _blocks(self, sound: Sound) -> Iterator[tuple[int, int, float]]:
        """(first sample, last sample, seconds of voice in it) of blocks that end in a pause."""
        from faster_whisper.vad import VadOptions, get_speech_timestamps

        first = 0
        while first < len(sound):
            last = min(first + BLOCK, len(sound))
            spans = get_speech_timestamps(sound[first:last], VadOptions(**_VOICE))
            if last < len(sound):
                last = first + _pause(spans, last - first)
            voiced = sum(max(0, min(span["end"], last - first) - span["start"]) for span in spans)
            yield first, last, voiced / SAMPLE_RATE
            first = last

    def _block(
        self, sound: Sound, before: str, on_progress: Callable[[float], None] | None
    ) -> tuple[list[RawWord], str, float]:
        """Words (seconds from the start of `sound`), their language, and how sure that is."""
        import ctranslate2

        with self._lock:  # the seed is the process's: the same sound gives the same words
            ctranslate2.set_random_seed(0)
            segments, info = self._run(sound, None)
            if before and info.language != before and info.language_probability < SURE:
                segments, info = self._run(sound, before)
            words: list[RawWord] = []
            for segment in segments:
                if _meant(segment):
                    words.extend(
                        RawWord(
                            word.word,
                            max(0.0, float(word.start)),
                            max(float(word.start), float(word.end)),
                            min(1.0, max(0.0, float(word.probability))),
                        )
                        for word in segment.words
                    )
                if on_progress is not None:
                    on_progress(float(segment.end))
        return words, str(info.language), float(info.language_probability)

    def _run(self, sound: Sound, language: str | None) -> tuple[Any, Any]:
        return self._model.transcribe(  # type: ignore[no-any-return]
            sound,
            language=language,
            beam_size=5,
            temperature=[0.0, 0.2, 0.4, 0.6],
            condition_on_previous_text=False,
            word_timestamps=True,
            vad_filter=True,
            vad_parameters=dict(_VOICE),
            no_speech_threshold=_NO_SPEECH,
            compression_ratio_threshold=_REPETITIVE,
            hallucination_silence_threshold=2.0,
            language_detection_segments=3,
        )


def _pause(spans: list[dict[str, int]], length: int) -> int:
    """The middle of the longest pause in the block's tail; its end where there is none."""
    edges = [0, *(edge for span in spans for edge in (span["start"], span["end"])), length]
    best, at = 0, length
    for start, end in zip(edges[::2], edges[1::2], strict=True):
        start = max(start, length - TAIL)
        if end - start > best:
            best, at = end - start, (start + end) // 2
    return at


def _meant(segment: Any) -> bool:
    """Whether a segment was said, as far as the recogniser's own doubts tell."""
    if not segment.words or segment.compression_ratio > _REPETITIVE:
        return False
    if segment.no_speech_prob > _NO_SPEECH and segment.avg_logprob < _DOUBTFUL:
        return False
    mean = sum(word.probability for word in segment.words) / len(segment.words)
    return bool(mean >= _GUESSED)


def _later(tell: Callable[[float], None], offset: float) -> Callable[[float], None]:
    return lambda seconds: tell(offset + seconds)
