"""Where nets run: asked for, or found."""

from __future__ import annotations

from pathlib import Path

import pytest

from mam.engines import device as devices
from mam.engines.device import device
from mam.errors import BadRequest


@pytest.mark.parametrize(
    ("gpu", "asked", "found"),
    [(True, "auto", "cuda"), (False, "auto", "cpu"), (True, "cpu", "cpu"), (True, "cuda", "cuda")],
)
def test_a_gpu_is_taken_where_there_is_one_unless_the_processor_is_asked_for(
    monkeypatch: pytest.MonkeyPatch, gpu: bool, asked: str, found: str
) -> None:
    monkeypatch.setattr(devices, "has_gpu", lambda: gpu)
    assert device(asked) == found


def test_a_gpu_that_is_not_there_is_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "has_gpu", lambda: False)
    with pytest.raises(BadRequest, match="MAM_DEVICE"):
        device("cuda")


def test_what_torch_says_of_itself_is_what_its_version_file_says() -> None:
    import torch

    assert devices.torch_has_cuda() == (torch.version.cuda is not None)


def test_a_package_that_is_not_installed_wants_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert not devices.torch_has_cuda() and not devices.torchvision_wants_cuda()


def test_sixteen_bits_give_nearly_the_same_vectors(tmp_path: Path) -> None:
    """What a GPU computes with, on the processor: the arithmetic is the same."""
    import numpy as np
    import torch

    from mam.engines.clip import OpenClip, _look, _united
    from mam.engines.weights import Weights
    from mam.options import Models

    models = Models(clip_model="ViT-S-32-alt", clip_weights="noise", threads=2)
    net = OpenClip(models, Weights(models, tmp_path), random_seed=3)._net()
    pixels = np.random.default_rng(1).normal(size=(2, 3, 224, 224)).astype(np.float32)
    exact = _look(net, "cpu", pixels)
    half = _united([_look(net.to(torch.bfloat16), "cpu", pixels)])
    assert (exact * half).sum(axis=1).min() > 0.99
    assert np.allclose(np.linalg.norm(half, axis=1), 1, atol=1e-6)
