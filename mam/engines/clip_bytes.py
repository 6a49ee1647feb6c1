"""The two halves of open_clip, for pictures and for texts, in 8 bits by ONNX Runtime: quicker on a
CPU.

Each is made of the torch net once for a set of weights, and answers in its place only after both
have answered the same things alike. They go through it one at a time: what is scaled to 8 bits is
scaled by the largest number around, and a vector must not hang on the company it came in.
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
Tokens: TypeAlias = npt.NDArray[np.int64]
Look: TypeAlias = Callable[[Any], Vectors]
"""`Pixels (n, 3, height, width)`, as the net's own preparation leaves them, or `Tokens (n, length)`
to `(n, dimensions)`."""

AGREES = 0.995
"""Least cosine between the two nets' vectors of one picture."""
PICTURES = 16
"""Both are asked about so many pictures, or texts, before it is decided."""
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Half:
    """`what` it reads, and the name of its input."""

    what: str
    given: str

    @property
    def file(self) -> str:
        return f"{self.what}-int8.onnx"

    @property
    def verdict(self) -> str:
        return f"{self.what}-int8.json"


LOOKS, READS = Half("pictures", "pixels"), Half("texts", "tokens")
FILE, VERDICT = LOOKS.file, LOOKS.verdict


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


def verdict_in(folder: Path, half: Half = LOOKS) -> Verdict | None:
    """None where it is not known yet."""
    try:
        return Verdict(**json.loads((folder / half.verdict).read_text("utf-8")))
    except (OSError, ValueError, TypeError):
        return None


class ByteNet:
    """A half of the net in 8 bits, from the file that `make` wrote."""

    def __init__(self, folder: Path, threads: int, half: Half = LOOKS) -> None:
        import onnxruntime

        self._given = half.given

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(
            str(folder / half.file), options, providers=["CPUExecutionProvider"]
        )

    def __call__(self, given: npt.NDArray[Any]) -> Vectors:
        rows = [self._session.run(None, {self._given: one[np.newaxis]})[0] for one in given]
        vectors: Vectors = np.concatenate(rows)
        return vectors


class Trial:
    """Torch answers, and 8 bits are asked too, until it is known whether they may answer."""

    def __init__(
        self, net: Any, torch_look: Look, folder: Path, threads: int, half: Half = LOOKS
    ) -> None:
        self._net, self._look, self._half = net, torch_look, half
        self._folder, self._threads = folder, threads
        self._bytes: ByteNet | None = None
        self._cosine, self._pictures = 1.0, 0
        self._seconds = [0.0, 0.0]
        self._lock = threading.Lock()
        self.ended = False

    def __call__(self, given: npt.NDArray[Any]) -> Vectors:
        vectors, slow = _timed(self._look, given)
        with self._lock:
            if not self.ended and len(given):
                self._try(given, vectors, slow)
        return vectors

    def plain(self, given: npt.NDArray[Any]) -> Vectors:
        """Torch's answer, without a trial."""
        return self._look(given)

    def _try(self, given: npt.NDArray[Any], vectors: Vectors, slow: float) -> None:
        try:
            if self._bytes is None:
                make(self._net, given.shape[1:], self._folder, self._half)
                self._bytes = ByteNet(self._folder, self._threads, self._half)
                self._bytes(given[:1])  # what is first run is slower, whoever runs it
            others, quick = _timed(self._bytes, given)
        except Exception as error:  # an exporter fails in its own ways; torch goes on
            log.warning("8 bits cannot be had of this net: %s", " ".join(str(error).split())[:300])
            self.ended = True
            return
        self._cosine = min(self._cosine, float((vectors * others).sum(axis=1).min()))
        self._pictures += len(given)
        self._seconds = [self._seconds[0] + slow, self._seconds[1] + quick]
        if self._pictures >= PICTURES:
            verdict = Verdict(self._cosine, self._seconds[0] / self._seconds[1], self._pictures)
            _write(self._folder / self._half.verdict, json.dumps(asdict(verdict)).encode())
            log.info("8 bits for %s: %s.", self._half.what, verdict)
            self.ended = True


def make(net: Any, shape: tuple[int, ...], folder: Path, half: Half = LOOKS) -> None:
    """Write a half of a net, for pictures or tokens of this shape (without how many), in 8 bits.

    The first layer of pictures, a convolution, stays as it is: its 8-bit twin is slower.
    """
    import torch
    from onnxruntime.quantization import QuantType, quantize_dynamic

    class Alone(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.net = net

        def forward(self, given: torch.Tensor) -> torch.Tensor:
            encode = self.net.encode_image if half == LOOKS else self.net.encode_text
            vectors: torch.Tensor = encode(given, normalize=True)
            return vectors

    kind = torch.float32 if half == LOOKS else torch.int64
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as draft, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        whole, small = Path(draft) / "whole.onnx", Path(draft) / half.file
        with torch.inference_mode():
            torch.onnx.export(
                Alone(),
                (torch.zeros((1, *shape), dtype=kind),),
                str(whole),
                input_names=[half.given],
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
        os.replace(small, folder / half.file)


def _timed(look: Look, given: npt.NDArray[Any]) -> tuple[Vectors, float]:
    started = time.perf_counter()
    vectors = look(given)
    return vectors, time.perf_counter() - started


def _write(path: Path, data: bytes) -> None:
    draft = path.with_name(f".{path.name}-{os.getpid()}")
    draft.write_bytes(data)
    os.replace(draft, path)
