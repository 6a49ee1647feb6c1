"""Where nets that can run on a GPU do run. Cheap: no neural library is loaded to tell."""

from __future__ import annotations

import importlib.util
import re
from functools import cache
from pathlib import Path

from mam.errors import BadRequest

CPU, CUDA = "cpu", "cuda"


def device(asked: str) -> str:
    """`cpu` or `cuda`, as MAM_DEVICE asks; `auto`: a GPU where there is one that torch can use.

    Raises BadRequest where a GPU is asked for and there is none.
    """
    if asked == CUDA and not has_gpu():
        raise BadRequest(
            "MAM_DEVICE=cuda, but there is no NVIDIA GPU here, or torch was built without CUDA."
        )
    if asked != "auto":
        return asked
    return CUDA if has_gpu() else CPU


@cache
def has_gpu() -> bool:
    return Path("/dev/nvidiactl").exists() and torch_has_cuda()


def torch_has_cuda() -> bool:
    """Read from torch's version file: importing it takes seconds."""
    return _version_says("torch", r"^cuda\b.*=\s*['\"]")


def torchvision_wants_cuda() -> bool:
    """Read from its version file: importing it beside a torch without CUDA is what fails."""
    return _version_says("torchvision", r"\+cu\d")


def _version_says(package: str, pattern: str) -> bool:
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        return False
    version = Path(spec.origin).with_name("version.py")
    return version.is_file() and re.search(pattern, version.read_text(), re.M) is not None
