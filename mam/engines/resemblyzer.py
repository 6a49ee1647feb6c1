"""Whose voice it is, as vectors: Resemblyzer's encoder, 256 dimensions.

An LSTM of three layers over 40 mel bands, trained so that pieces of one voice lie near each other
(Wan et al., "Generalized End-to-End Loss for Speaker Verification", 2018). The net and what it
hears are written out here from the code published at github.com/resemble-ai/Resemblyzer
(Apache-2.0): the package pulls a compiler and a dozen libraries for these lines. Only its weights
are used, read as plain tensors. Over 47 windows of real speech no number was 1e-6 away from what
the package 0.1.4 gives.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from mam.engines import torch_cpu
from mam.engines.base import SAMPLE_RATE, Sound, SpaceSpec, Vectors
from mam.engines.manifest_voices import RESEMBLYZER
from mam.engines.weights import Weights
from mam.options import Models

if TYPE_CHECKING:
    import torch

BANDS, LAYERS, DIMENSIONS = 40, 3, 256
FFT, HOP, FRAMES = SAMPLE_RATE // 40, SAMPLE_RATE // 100, 160
LOUDNESS = 10 ** (-30 / 20)
"""What is softer is made as loud as this (root mean square): the net heard nothing softer."""
BATCH = 32


class Resemblyzer:
    """A vector for each window of 1.6 seconds, the length that the net was trained on."""

    memory = 40 << 20
    window = FRAMES * HOP

    @classmethod
    def needs(cls, options: Models) -> tuple[str, ...]:
        return (RESEMBLYZER.id,)

    def __init__(self, options: Models, weights: Weights) -> None:
        torch_cpu.prepare(options.threads)
        import torch

        self.weights = self.needs(options)
        file = weights.file(RESEMBLYZER.id, "pretrained.pt")
        state = torch.load(file, map_location="cpu", weights_only=True)["model_state"]
        self._lstm = torch.nn.LSTM(BANDS, DIMENSIONS, LAYERS, batch_first=True)
        self._linear = torch.nn.Linear(DIMENSIONS, DIMENSIONS)
        for name, part in (("lstm.", self._lstm), ("linear.", self._linear)):
            part.load_state_dict(
                {key.removeprefix(name): state[key] for key in state if key.startswith(name)}
            )
        self._filters = torch.from_numpy(mel_filters(BANDS, FFT, SAMPLE_RATE))
        self._hann = torch.hann_window(FFT)
        self._space = SpaceSpec(
            name="voice",
            model=RESEMBLYZER.id,
            weights_sha256=weights.sha256(RESEMBLYZER.id, "pretrained.pt"),
            dimensions=DIMENSIONS,
        )

    def space(self) -> SpaceSpec:
        return self._space

    def encode(self, windows: Sound) -> Vectors:
        import torch

        vectors = np.zeros((len(windows), DIMENSIONS), np.float32)
        with torch.inference_mode():
            for start in range(0, len(windows), BATCH):
                some = torch.from_numpy(loud_enough(windows[start : start + BATCH]))
                vectors[start : start + BATCH] = self._forward(some).numpy()
        return vectors

    def _forward(self, sound: torch.Tensor) -> torch.Tensor:
        """`(windows, samples)` to `(windows, dimensions)`."""
        import torch

        spectrum = torch.stft(
            sound, FFT, HOP, window=self._hann, pad_mode="constant", return_complex=True
        )
        # Energy, not its logarithm: so it was trained.
        power = spectrum[..., :FRAMES].abs() ** 2
        _, (hidden, _) = self._lstm((self._filters @ power).transpose(1, 2))
        voices = torch.relu(self._linear(hidden[-1]))
        return torch.nn.functional.normalize(voices, dim=1)


def loud_enough(windows: Sound) -> Sound:
    """Soft windows made louder; silence stays silence. `(windows, samples)` both."""
    level = np.sqrt((windows.astype(np.float64) ** 2).mean(axis=1, keepdims=True))
    gain = np.maximum(1.0, LOUDNESS / np.where(level > 0, level, np.inf))
    louder: Sound = (windows * gain).astype(np.float32)
    return louder


def mel_filters(bands: int, fft: int, rate: int) -> npt.NDArray[np.float32]:
    """`(bands, fft // 2 + 1)`: triangles on Slaney's scale of pitch, each of the same area."""
    at = np.linspace(0, rate / 2, fft // 2 + 1)
    edges = hertz_of(np.linspace(0, float(pitch_of(rate / 2)), bands + 2))
    widths = np.diff(edges)[:, None]
    away = edges[:, None] - at
    rising, falling = -away[:-2] / widths[:-1], away[2:] / widths[1:]
    triangles = np.maximum(0, np.minimum(rising, falling))
    return (triangles * (2 / (edges[2:] - edges[:-2]))[:, None]).astype(np.float32)


# Slaney's scale: three steps in 200 Hz up to 1 kHz, then 27 steps in a factor of 6.4.
_STEP, _BEND = 200 / 3, 1000.0
_GROWTH = np.log(6.4) / 27


def pitch_of(hertz: float) -> float:
    if hertz < _BEND:
        return hertz / _STEP
    return float(_BEND / _STEP + np.log(hertz / _BEND) / _GROWTH)


def hertz_of(pitches: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    bend = _BEND / _STEP
    above = _BEND * np.exp(_GROWTH * (np.maximum(pitches, bend) - bend))
    found: npt.NDArray[np.float64] = np.where(pitches < bend, pitches * _STEP, above)
    return found
