"""Pictures of several sizes from one stream: a small one is made of the next larger that will do,
so that the large ones are gone through once."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import Any

from mam.media.base import FrameFormat
from mam.media.graph import Size, quick_rgb, rgb, smaller

_LARGER = Fraction(3, 2)
"""A picture is made of one that is at least so many times as wide and high."""


def pyramid(
    stream: Any, size: Size, formats: Iterable[FrameFormat], others: int
) -> tuple[dict[FrameFormat, Any], list[Any]]:
    """RGB streams of upright pictures (`stream`, at `size`) by format, and `others` copies of it as
    it is."""
    wanted = sorted(set(formats), key=lambda format: format.width * format.height)
    below: dict[FrameFormat | None, list[FrameFormat]] = {}
    for number, format in enumerate(wanted):
        larger = (other for other in wanted[number + 1 :] if _will_do(other, format))
        below.setdefault(next(larger, None), []).append(format)
    made: dict[FrameFormat, Any] = {}

    def make(of: list[Any], at: Size, formats: list[FrameFormat]) -> None:
        for part, format in zip(of, formats, strict=True):
            own, part_size = part, Size(format.width, format.height)
            if children := below.get(format):
                if part_size != at:
                    own = smaller(own, part_size)
                parts = own.filter_multi_output("split", len(children) + 1)
                made[format] = quick_rgb(parts.stream(0))
                make([parts.stream(n + 1) for n in range(len(children))], part_size, children)
                continue
            if format.every > 1:
                own = own.filter("select", f"not(mod(n,{format.every}))")
            made[format] = quick_rgb(own) if part_size == at else rgb(own, part_size)

    roots = below.get(None, [])
    count = len(roots) + others
    if not count:
        return {}, []
    split = stream.filter_multi_output("split", count)
    streams = [split.stream(number) for number in range(count)]
    make(streams[: len(roots)], size, roots)
    return made, streams[len(roots) :]


def _will_do(larger: FrameFormat, format: FrameFormat) -> bool:
    """Whether every picture of a format can be made of the other's."""
    return (
        larger.every == 1
        and larger.width >= _LARGER * format.width
        and larger.height >= _LARGER * format.height
    )
