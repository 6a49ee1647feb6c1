"""Text in the picture: PP-OCR by rapidocr, on ONNX Runtime."""

from __future__ import annotations

import logging
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from mam.engines import torch_cpu
from mam.engines.base import Picture, ReadText
from mam.engines.manifest import OCR
from mam.engines.tflite import threads
from mam.engines.weights import Weights
from mam.options import Models

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

FLOOR = 0.6
"""Below this score of a line it is mostly texture taken for letters."""
LONGEST = 960
"""Larger pictures are made smaller first, and none is made larger: lines of 9 to 28 pixels' height
drawn over real pictures were read as well that way as at the reader's own 736 lines (97 % and 94 %
of the words), in less than half of the time."""


class RapidOcr:
    """Reads lines of text, Latin and Chinese among others."""

    memory = 300 << 20

    @classmethod
    def needs(cls, options: Models) -> tuple[str, ...]:
        return (OCR.id,)

    def __init__(self, options: Models, weights: Weights) -> None:
        from omegaconf import flag_override
        from rapidocr import RapidOCR

        self.weights = self.needs(options)
        logging.getLogger("RapidOCR").setLevel(logging.ERROR)
        detect, recognise, turn = (weights.file(OCR.id, file.name) for file in OCR.files)
        number = threads(options.threads)
        self._reader = RapidOCR(
            params={
                "Global.log_level": "error",
                "Global.text_score": FLOOR,
                "Global.max_side_len": LONGEST,
                "Det.limit_type": "max",
                "Det.limit_side_len": LONGEST,
            }
        )
        # Nets of our own: without them it would fetch what it misses by itself.
        settings = self._reader.cfg
        with flag_override(settings, "allow_objects", True):
            settings.Det.session = _session(detect, number)
            settings.Rec.session = _session(recognise, number)
            settings.Cls.session = _session(turn, number)
        self._lock = threading.Lock()

    def read(self, picture: Picture) -> list[ReadText]:
        from rapidocr.utils.output import RapidOCROutput

        if picture.size == 0:
            return []
        height, width = picture.shape[:2]
        with self._lock, torch_cpu.tiny_numbers_as_zero():
            result = self._reader(np.ascontiguousarray(picture[:, :, ::-1]))  # it wants BGR
        if not isinstance(result, RapidOCROutput) or result.boxes is None:
            return []
        lines = [
            ReadText(
                text=str(text).strip(),
                score=min(1.0, float(score)),
                box=_box(np.asarray(corners, np.float64), width, height),
            )
            for corners, text, score in zip(
                result.boxes, result.txts or (), result.scores or (), strict=True
            )
        ]
        lines = [line for line in lines if line.text and line.score >= FLOOR]
        return sorted(lines, key=lambda line: (line.box[1], line.box[0]))


def _session(path: Path, number: int) -> InferenceSession:
    """A net on `number` threads.

    A tenth of the detector's weights are denormal numbers, some convolutions hardly hold others,
    and a processor takes them a hundred times slower: taken as the zeros that they all but are,
    the detector takes a third of its time and its answer is the same to the last bit. The setting
    reaches the runtime's own threads; the one that asks takes care of itself.
    """
    from onnxruntime import InferenceSession, SessionOptions

    options = SessionOptions()
    options.log_severity_level = 4
    options.intra_op_num_threads = number
    options.inter_op_num_threads = 1
    # Threads that spin while they wait double the work, the more so beside an ffmpeg.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.add_session_config_entry("session.set_denormal_as_zero", "1")
    return InferenceSession(path, options, providers=["CPUExecutionProvider"])


def _box(
    corners: np.ndarray[tuple[int, ...], np.dtype[np.float64]], width: int, height: int
) -> tuple[float, float, float, float]:
    """The upright rectangle around four corners in pixels, in 0-1 of the picture."""
    left, top = corners.min(axis=0) / (width, height)
    right, bottom = corners.max(axis=0) / (width, height)
    left, top, right, bottom = (min(1.0, max(0.0, float(v))) for v in (left, top, right, bottom))
    return left, top, right, bottom
