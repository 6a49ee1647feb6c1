"""Makes `import torchvision` work beside the CPU build of torch.

torchvision's wheel for CUDA cannot load its library when torch was built without CUDA; importing
it then fails with "operator torchvision::nms does not exist", as it registers a shape function for
an operator that was never declared. Declaring the two schemas is enough: nothing here calls them.
Only the CPU build is touched; elsewhere torchvision brings its own.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from mam.engines.device import torchvision_wants_cuda

_lock = threading.Lock()
_kept: list[object] = []  # torch drops a library's schemas when the object goes
_SCHEMAS = (
    "nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
)


def cure() -> None:
    """Call before anything that imports torchvision. Safe to call again, and from any thread."""
    import torch

    with _lock:
        if _kept or torch.version.cuda is not None or not torchvision_wants_cuda():
            return
        make: Callable[[str, str], Any] = torch.library.Library
        library = make("torchvision", "FRAGMENT")
        for schema in _SCHEMAS:
            library.define(schema)
        _kept.append(library)


@contextmanager
def tiny_numbers_as_zero() -> Iterator[None]:
    """In here this thread takes denormal numbers as zero, where its processor can."""
    import torch

    torch.set_flush_denormal(True)
    try:
        yield
    finally:
        torch.set_flush_denormal(False)


def prepare(asked_threads: int) -> None:
    """`cure`, and torch's number of threads (0: every core that this process may use)."""
    import torch

    cure()
    wanted = asked_threads or len(os.sched_getaffinity(0))
    if torch.get_num_threads() != wanted:
        torch.set_num_threads(wanted)
