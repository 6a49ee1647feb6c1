"""Text in the picture: PP-OCR by rapidocr, on ONNX Runtime."""

from __future__ import annotations

import logging
import threading

import numpy as np

from mam.engines.base import Picture, ReadText
from mam.engines.manifest import OCR
from mam.engines.tflite import threads
from mam.engines.weights import Weights
from mam.options import Models

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
        from rapidocr import RapidOCR

        self.weights = self.needs(options)
        logging.getLogger("RapidOCR").setLevel(logging.ERROR)
        detect, recognise, turn = (str(weights.file(OCR.id, file.name)) for file in OCR.files)
        self._reader = RapidOCR(
            params={
                "Global.log_level": "error",
                "Global.text_score": FLOOR,
                "Global.max_side_len": LONGEST,
                "Det.limit_type": "max",
                "Det.limit_side_len": LONGEST,
                # Paths of our own: without them it would fetch what it misses by itself.
                "Det.model_path": detect,
                "Rec.model_path": recognise,
                "Cls.model_path": turn,
                "EngineConfig.onnxruntime.intra_op_num_threads": threads(options.threads),
                "EngineConfig.onnxruntime.inter_op_num_threads": 1,
            }
        )
        self._lock = threading.Lock()

    def read(self, picture: Picture) -> list[ReadText]:
        from rapidocr.utils.output import RapidOCROutput

        if picture.size == 0:
            return []
        height, width = picture.shape[:2]
        with self._lock:
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


def _box(
    corners: np.ndarray[tuple[int, ...], np.dtype[np.float64]], width: int, height: int
) -> tuple[float, float, float, float]:
    """The upright rectangle around four corners in pixels, in 0-1 of the picture."""
    left, top = corners.min(axis=0) / (width, height)
    right, bottom = corners.max(axis=0) / (width, height)
    left, top, right, bottom = (min(1.0, max(0.0, float(v))) for v in (left, top, right, bottom))
    return left, top, right, bottom
