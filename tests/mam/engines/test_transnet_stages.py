"""The rearranged stages give the published net's numbers."""

from __future__ import annotations

import copy
from typing import Any

import pytest

# torch takes seconds to import, in every process that collects this file: the tests themselves do.


@pytest.fixture(scope="module")
def stage() -> Any:
    """One of the published net's stages at random weights, its normalisation no identity."""
    import torch
    from transnetv2_pytorch import transnetv2_pytorch as published

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
    import torch

    from mam.engines.transnet_stages import Stage

    pictures = torch.rand(1, 3, frames, 27, 48)
    with torch.inference_mode():
        wanted = copy.deepcopy(stage)(pictures)
        found = Stage(stage)(pictures)
    assert found.shape == wanted.shape == (1, 16, frames, 13, 24)
    torch.testing.assert_close(found, wanted, rtol=1e-4, atol=1e-5)


def test_pictures_worked_on_in_parts_are_the_same(
    stage: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch

    from mam.engines.transnet_stages import Stage

    pictures = torch.rand(1, 3, 30, 27, 48)
    with torch.inference_mode():
        whole = Stage(stage)(pictures)
        # Three pictures at once: fewer than the longest step in time.
        monkeypatch.setattr("mam.engines.transnet_stages.CACHED", 3 * 27 * 48 * 32 * 4)
        torch.testing.assert_close(Stage(stage)(pictures), whole, rtol=1e-4, atol=1e-5)


def test_bytes_are_within_a_hundredth_of_what_floats_give() -> None:
    import torch
    from transnetv2_pytorch import transnetv2_pytorch as published

    from mam.engines.transnet_stages import Stage

    torch.manual_seed(7)
    made = published.StackedDDCNNV2(in_filters=16, n_blocks=2, filters=16).eval()
    pictures = torch.rand(1, 16, 12, 13, 24)
    with torch.inference_mode():
        wanted = Stage(made)(pictures)
        found = Stage(made, in_bytes=True)(pictures)
    assert not torch.equal(found, wanted)  # it is another way, not the same one
    assert float((found - wanted).abs().max()) < 0.01 * float(wanted.abs().max())


def test_a_convolution_in_bytes_is_exact_where_all_numbers_are_whole_bytes() -> None:
    import torch

    from mam.engines.transnet_stages import ByteSpace, Space

    torch.manual_seed(7)
    weight = torch.randint(-127, 128, (32, 16, 3, 3)).float()
    weight[:, 0, 0, 0] = 127  # the largest of every channel: a step is then 1
    pictures = torch.randint(0, 256, (2, 16, 5, 7)).float()
    pictures[0, 0, 0, 0] = 255
    pictures = pictures.contiguous(memory_format=torch.channels_last)
    torch.testing.assert_close(ByteSpace(weight)(pictures), Space(weight)(pictures))


def test_black_pictures_are_nothing_in_bytes() -> None:
    import torch

    from mam.engines.transnet_stages import ByteSpace

    black = torch.zeros(1, 16, 4, 4).contiguous(memory_format=torch.channels_last)
    assert not ByteSpace(torch.rand(32, 16, 3, 3))(black).any()
