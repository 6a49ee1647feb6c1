"""The half of open_clip that looks at pictures, in 8 bits by ONNX Runtime: quicker on a CPU.

It is made of the torch net once for a set of weights, and answers in its place only after both
have answered the same pictures alike. Pictures go through it one at a time: what is scaled to 8
bits is scaled by the largest number around, and a vector must not hang on the company it came in.
"""

from __future__ import annotations

import json
import logging
import os
import tempfile
import threading
import time
import warnings
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from mam.engines.base import Vectors

Pixels: TypeAlias = npt.NDArray[np.float32]
Look: TypeAlias = Callable[[Pixels], Vectors]
"""`(n, 3, height, width)`, as the net's own preparation leaves them, to `(n, dimensions)`."""

AGREES = 0.995
"""Least cosine between the two nets' vectors of one picture."""
PICTURES = 16
"""Both are asked about so many pictures before it is decided."""
FILE, VERDICT = "pictures-int8.onnx", "pictures-int8.json"
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Verdict:
    """How 8 bits fared: the least cosine, how many times as quick, on how many pictures."""

    cosine: float
    faster: float
    pictures: int

    @property
    def stands(self) -> bool:
        return self.cosine >= AGREES and self.faster > 1

    def __str__(self) -> str:
        return (
            f"cosine at least {self.cosine:.4f}, {self.faster:.1f} times as quick as torch,"
            f" on {self.pictures} pictures"
        )


def verdict_in(folder: Path) -> Verdict | None:
    """None where it is not known yet."""
    try:
        return Verdict(**json.loads((folder / VERDICT).read_text("utf-8")))
    except (OSError, ValueError, TypeError):
        return None


class ByteNet:
    """The net in 8 bits, from the file that `make` wrote."""

    def __init__(self, folder: Path, threads: int) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(
            str(folder / FILE), options, providers=["CPUExecutionProvider"]
        )

    def __call__(self, pixels: Pixels) -> Vectors:
        rows = [self._session.run(None, {"pixels": one[np.newaxis]})[0] for one in pixels]
        vectors: Vectors = np.concatenate(rows)
        return vectors


class Trial:
    """Torch answers, and 8 bits are asked too, until it is known whether they may answer."""

    def __init__(self, net: Any, torch_look: Look, folder: Path, threads: int) -> None:
        self._net, self._look = net, torch_look
        self._folder, self._threads = folder, threads
        self._bytes: ByteNet | None = None
        self._cosine, self._pictures = 1.0, 0
        self._seconds = [0.0, 0.0]
        self._lock = threading.Lock()
        self.ended = False

    def __call__(self, pixels: Pixels) -> Vectors:
        vectors, slow = _timed(self._look, pixels)
        with self._lock:
            if not self.ended and len(pixels):
                self._try(pixels, vectors, slow)
        return vectors

    def _try(self, pixels: Pixels, vectors: Vectors, slow: float) -> None:
        try:
            if self._bytes is None:
                make(self._net, pixels.shape[-2:], self._folder)
                self._bytes = ByteNet(self._folder, self._threads)
                self._bytes(pixels[:1])  # what is first run is slower, whoever runs it
            others, quick = _timed(self._bytes, pixels)
        except Exception as error:  # an exporter fails in its own ways; torch goes on
            log.warning("8 bits cannot be had of this net: %s", " ".join(str(error).split())[:300])
            self.ended = True
            return
        self._cosine = min(self._cosine, float((vectors * others).sum(axis=1).min()))
        self._pictures += len(pixels)
        self._seconds = [self._seconds[0] + slow, self._seconds[1] + quick]
        if self._pictures >= PICTURES:
            verdict = Verdict(self._cosine, self._seconds[0] / self._seconds[1], self._pictures)
            _write(self._folder / VERDICT, json.dumps(asdict(verdict)).encode())
            log.info("8 bits for pictures: %s.", verdict)
            self.ended = True


def make(net: Any, size: tuple[int, ...], folder: Path) -> None:
    """Write the net that `net.encode_image` is, for pictures of `size` (height, width), in 8 bits.

    The first layer, a convolution, stays as it is: its 8-bit twin is slower.
    """
    import torch
    from onnxruntime.quantization import QuantType, quantize_dynamic

    class Pictures(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.net = net

        def forward(self, pixels: torch.Tensor) -> torch.Tensor:
            vectors: torch.Tensor = self.net.encode_image(pixels, normalize=True)
            return vectors

    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as draft, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        whole, small = Path(draft) / "whole.onnx", Path(draft) / FILE
        with torch.inference_mode():
            torch.onnx.export(
                Pictures(),
                (torch.zeros(1, 3, *size),),
                str(whole),
                input_names=["pixels"],
                output_names=["vectors"],
                dynamo=True,
                verbose=False,
            )
        quantize_dynamic(
            str(whole),
            str(small),
            per_channel=True,
            weight_type=QuantType.QInt8,
            op_types_to_quantize=["MatMul", "Gemm"],
        )
        os.replace(small, folder / FILE)


def _timed(look: Look, pixels: Pixels) -> tuple[Vectors, float]:
    started = time.perf_counter()
    vectors = look(pixels)
    return vectors, time.perf_counter() - started


def _write(path: Path, data: bytes) -> None:
    draft = path.with_name(f".{path.name}-{os.getpid()}")
    draft.write_bytes(data)
    os.replace(draft, path)
