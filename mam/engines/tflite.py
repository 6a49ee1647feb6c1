"""One TFLite net: quantised numbers in and out as real ones, from any thread."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from mam.engines.base import Picture

Numbers = npt.NDArray[np.float32]


def threads(asked: int) -> int:
    """Threads for a net: what the settings ask for, or every core that this process may use."""
    return asked or len(os.sched_getaffinity(0))


class Net:
    """An interpreter with one input; it is not reentrant, so calls take turns."""

    def __init__(self, path: Path, asked_threads: int) -> None:
        from ai_edge_litert.interpreter import Interpreter

        self._interpreter = Interpreter(
            model_content=path.read_bytes(), num_threads=threads(asked_threads)
        )
        self._interpreter.allocate_tensors()
        self._input = self._interpreter.get_input_details()[0]
        self._outputs = self._interpreter.get_output_details()
        self._lock = threading.Lock()
        self.shape: tuple[int, ...] = tuple(int(size) for size in self._input["shape"])

    def run(self, value: npt.NDArray[np.uint8] | Numbers) -> list[Numbers]:
        """All outputs, without the batch axis. `value` has the net's shape and type."""
        with self._lock:
            self._interpreter.set_tensor(self._input["index"], value.reshape(self.shape))
            self._interpreter.invoke()
            return [self._real(output) for output in self._outputs]

    def _real(self, output: dict[str, Any]) -> Numbers:
        scale, zero = output["quantization"]
        real: Numbers = self._interpreter.get_tensor(output["index"]).astype(np.float32)
        if scale:
            real = (real - zero) * scale
        return real[0] if real.ndim > 1 else real


def labels(path: Path) -> list[str]:
    """One label a line, in the order of the net's output."""
    return [line.strip() for line in path.read_text("utf-8").splitlines()]


def squares(picture: Picture, side: int, overlap: float = 0.2) -> list[Picture]:
    """The whole picture squeezed into a square, and overlapping squares cut along it.

    A net that takes squares sees small things only in a cut, and large ones only in the whole.
    """
    from PIL import Image

    height, width = picture.shape[:2]
    short = min(height, width)
    boxes = [(0, 0, width, height)]
    if max(height, width) > 1.2 * short:
        step = max(1, int(short * (1 - overlap)))
        count = -(-(max(height, width) - short) // step) + 1
        for number in range(count):
            start = round((max(height, width) - short) * number / max(1, count - 1))
            left, top = (start, 0) if width > height else (0, start)
            boxes.append((left, top, left + short, top + short))
    image = Image.fromarray(picture)
    return [
        np.asarray(image.resize((side, side), Image.Resampling.BILINEAR, box=box)) for box in boxes
    ]
