"""The stages of TransNetV2, arranged for a processor: the same numbers in less time and memory.

A stage of the published net (Soucek and Lokoc 2020, arXiv 2008.04838) stacks cells; a cell looks at
space with four convolutions of 3 x 3, and then along time with four of 3, whose steps are 1, 2, 4
and 8 frames; a batch normalisation follows. Here the four in space are one convolution of pictures,
those in time are products of matrices added where they belong, and the normalisation is folded into
them. A few pictures at a time, so that what lies between stays in the processor's cache.

Where the processor multiplies bytes (VNNI), space is looked at in 8 bits: two fifths of the net's
time saved, and on 38 real clips (9,597 frames) the same cuts, with scores at most .026 away.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import nn
from torch.nn import functional

CACHED = 8 << 20
"""Bytes between space and time that are worked on at once; 2 to 16 MB are equally fast."""
FEW = 16
"""With fewer channels than this (a picture has three) 8 bits gain nothing and cost precision."""


def multiplies_bytes() -> bool:
    """Whether this processor has the instructions that make 8 bits faster than 32."""
    return bool(torch.cpu._is_vnni_supported())


class Stage(nn.Module):
    """A published `StackedDDCNNV2` in inference: `(1, channels, frames, height, width)` to half
    the height and width. In bytes only where all that is given is at least 0."""

    def __init__(self, published: Any, in_bytes: bool = False) -> None:
        super().__init__()
        self._cells = nn.ModuleList(Cell(cell, in_bytes) for cell in published.DDCNN)

    def forward(self, given: torch.Tensor) -> torch.Tensor:
        x = given[0].transpose(0, 1).contiguous(memory_format=torch.channels_last)
        first: torch.Tensor | None = None
        for cell in self._cells:
            x = cell(x)
            first = x if first is None else first
        assert first is not None
        pooled = functional.avg_pool2d(functional.relu(x) + first, 2)
        return pooled.transpose(0, 1)[None]


class Cell(nn.Module):
    """A published `DilatedDCNNV2`: `(frames, channels, height, width)`, channels last in memory."""

    def __init__(self, published: Any, in_bytes: bool = False) -> None:
        super().__init__()
        branches = [getattr(published, f"Conv3D_{step}").layers for step in (1, 2, 4, 8)]
        normal = published.bn
        scale = normal.weight / torch.sqrt(normal.running_var + normal.eps)
        self._bias = (normal.bias - normal.running_mean * scale).detach()
        space = torch.cat([space.weight[:, :, 0] for space, _ in branches]).detach()
        self._channels = space.shape[0]
        self._space = ByteSpace(space) if in_bytes and space.shape[1] >= FEW else Space(space)
        self._width = branches[0][1].weight.shape[0]  # channels that a branch gives
        self._taps: list[tuple[int, slice, slice, torch.Tensor]] = []
        for number, (step, (_, time)) in enumerate(zip((1, 2, 4, 8), branches, strict=True)):
            given = slice(2 * number * self._width, 2 * (number + 1) * self._width)
            made = slice(number * self._width, (number + 1) * self._width)
            weight = (time.weight[:, :, :, 0, 0] * scale[made, None, None]).detach()
            # The first of three taps looks back: what it sees belongs to a later frame.
            for tap, later in enumerate((step, 0, -step)):
                self._taps.append((later, given, made, weight[:, :, tap].T.contiguous()))
        self._rectified = published.activation is not None

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        frames, _, height, width = x.shape
        pixels, channels = height * width, self._channels
        out = self._bias.repeat(frames * pixels, 1)
        at_once = max(1, CACHED // (pixels * channels * x.element_size()))
        for start in range(0, frames, at_once):
            end = min(frames, start + at_once)
            seen = self._space(x[start:end])
            rows = seen.permute(0, 2, 3, 1).reshape(-1, channels)
            for later, given, made, weight in self._taps:
                low, high = max(0, start + later), min(frames, end + later)
                if low < high:
                    from_, to = (low - later - start) * pixels, (high - later - start) * pixels
                    out[low * pixels : high * pixels, made].addmm_(rows[from_:to, given], weight)
        if self._rectified:
            out.relu_()
        pictures: torch.Tensor = out.view(frames, height, width, -1).permute(0, 3, 1, 2)
        return pictures


class Space(nn.Module):
    """A convolution of 3 x 3 of pictures whose channels are last in memory."""

    def __init__(self, weight: torch.Tensor) -> None:
        super().__init__()
        self._weight = weight.contiguous(memory_format=torch.channels_last)

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        return functional.conv2d(pictures, self._weight, padding=1)


class ByteSpace(nn.Module):
    """The same in 8 bits: weights by the largest of their channel, pictures (at least 0) by the
    largest number in those given together. The sums are whole, and floats again when they leave."""

    def __init__(self, weight: torch.Tensor) -> None:
        super().__init__()
        self._scales = (weight.abs().amax((1, 2, 3)) / 127).clamp_min(1e-12)
        self._zeros = torch.zeros(len(weight), dtype=torch.int64)
        rounded = (weight / self._scales[:, None, None, None]).round().to(torch.int8)
        # Prepared once for oneDNN: a step, a border and a spacing of 1, one group, any input size.
        self._weight = torch.ops.onednn.qconv_prepack(
            rounded, self._scales, 1.0, 0, [1, 1], [1, 1], [1, 1], 1, None
        )

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        scale = (float(pictures.amax()) or 1.0) / 255
        given = (pictures * (1 / scale)).round_().to(torch.uint8)
        made: torch.Tensor = torch.ops.onednn.qconv2d_pointwise(
            given, scale, 0, self._weight, self._scales, self._zeros, None,
            [1, 1], [1, 1], [1, 1], 1, 1.0, 0, torch.float32, "none", [], "",
        )  # fmt: skip
        return made
