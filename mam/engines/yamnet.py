"""What is heard: YAMNet, 521 sounds (AudioSet)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from mam.engines import tflite
from mam.engines.base import SAMPLE_RATE, Sound, TimedLabel
from mam.engines.manifest import YAMNET
from mam.engines.weights import Weights
from mam.options import Models

HOP = SAMPLE_RATE // 2
FLOOR = 0.3
"""A window's score from which a sound counts as heard."""
GAP = 1.0
"""Seconds of something else that do not end a sound."""
QUIET = 10 ** (-60 / 20)
"""Peak below which a window is silence: the net hears things in noise that nobody can hear."""
_IGNORED = {"Silence"}


class YamNet:
    """Labels with their times: windows of a second, every half second, joined where they touch."""

    memory = 30 << 20

    @classmethod
    def needs(cls, options: Models) -> tuple[str, ...]:
        return (YAMNET.id,)

    def __init__(self, options: Models, weights: Weights) -> None:
        self.weights = self.needs(options)
        model = weights.file(YAMNET.id, "yamnet_audio_classifier_with_metadata.tflite")
        self._net = tflite.Net(model, options.threads)
        self._labels = tflite.labels(weights.file(YAMNET.id, "yamnet_521_labels.txt"))
        self._window = self._net.shape[-1]

    def tag(
        self, sound: Sound, *, on_progress: Callable[[float], None] | None = None
    ) -> list[TimedLabel]:
        length = len(sound) / SAMPLE_RATE
        open_labels: dict[str, TimedLabel] = {}
        done: list[TimedLabel] = []
        for number, first in enumerate(self._starts(len(sound))):
            window = sound[first : first + self._window]
            start = first / SAMPLE_RATE
            end = min(start + self._window / SAMPLE_RATE, length)
            for name, score in self._heard(window):
                known = open_labels.get(name)
                if known is not None and start - known.end <= GAP:
                    best = max(score, known.score)
                    open_labels[name] = TimedLabel(name, best, known.start, end)
                else:
                    if known is not None:
                        done.append(known)
                    open_labels[name] = TimedLabel(name, score, start, end)
            if on_progress is not None and number % 60 == 0:
                on_progress(end)
        done.extend(open_labels.values())
        return sorted(done, key=lambda label: (label.start, -label.score, label.name))

    def _starts(self, length: int) -> list[int]:
        """Where windows begin: every `HOP`, and one that ends with the sound."""
        starts = list(range(0, max(1, length - self._window + 1), HOP))
        if length - self._window > starts[-1]:
            starts.append(length - self._window)
        return starts if length else []

    def _heard(self, window: Sound) -> list[tuple[str, float]]:
        if len(window) == 0 or float(np.abs(window).max()) < QUIET:
            return []
        padded = np.zeros(self._window, np.float32)
        padded[: len(window)] = window
        scores = self._net.run(padded)[0]
        return [
            (self._labels[int(index)], float(scores[index]))
            for index in np.flatnonzero(scores >= FLOOR)
            if self._labels[int(index)] not in _IGNORED
        ]
