"""The parts of an MLT document that are no services: its profile, entries, transitions and
properties."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from xml.sax.saxutils import escape, quoteattr

from editing.cutlist import CutList
from exporters.base import shown


@dataclass(frozen=True)
class Piece:
    """Frames of a producer, through filters."""

    producer: str
    first: int
    length: int
    filters: tuple[Mapping[str, object], ...] = ()

    def attributes(self) -> str:
        return f'producer="{self.producer}" in="{self.first}" out="{self.first + self.length - 1}"'


def profile(cut: CutList) -> str:
    aspect = Fraction(cut.width, cut.height)
    return (
        f'<profile description={attribute(cut.name)} width="{cut.width}" height="{cut.height}" '
        'progressive="1" sample_aspect_num="1" sample_aspect_den="1" '
        f'display_aspect_num="{aspect.numerator}" display_aspect_den="{aspect.denominator}" '
        f'frame_rate_num="{cut.rate.numerator}" frame_rate_den="{cut.rate.denominator}" '
        'colorspace="709"/>'
    )


def entry(tag: str, piece: Piece) -> Iterator[str]:
    if not piece.filters:
        yield f"<{tag} {piece.attributes()}/>"
        return
    yield f"<{tag} {piece.attributes()}>"
    for wanted in piece.filters:
        yield "<filter>"
        yield from properties(wanted)
        yield "</filter>"
    yield f"</{tag}>"


def transition(wanted: Mapping[str, object], last: int | None = None) -> Iterator[str]:
    yield "<transition>" if last is None else f'<transition in="0" out="{last}">'
    yield from properties(wanted)
    yield "</transition>"


def properties(wanted: Mapping[str, object]) -> Iterator[str]:
    for name, value in wanted.items():
        yield f'<property name="{name}">{escape(shown(str(value)))}</property>'


def attribute(text: str) -> str:
    return quoteattr(shown(text))
