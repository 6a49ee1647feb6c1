"""Pieces of an MLT timeline, the joins between them, and what its tractors say of both."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from xml.etree.ElementTree import Element

from editing.cutlist import TransitionKind
from exporters.readers.mlt_parts import Clip, properties
from mam.timing import FrameRange

_MIXERS = frozenset({"luma", "mix", "dissolve", "wipe", "slide", "affine", "qtblend", "composite"})
_WIPES = frozenset({"wipe", "slide"})


@dataclass(frozen=True)
class Piece:
    """A clip at its place. `first` is the position of its producer there, `held` the one that it
    shows throughout; `channel` the one of its stream that is heard alone. `fades` are the frames
    that it comes from and goes to black."""

    place: FrameRange
    clip: Clip
    first: int
    held: int | None = None
    channel: int | None = None
    fades: tuple[int, int] = (0, 0)
    enabled: bool = True
    goes_on: bool = False  # a transition leads into it, and what follows may be the rest of it

    def within(self, range: FrameRange) -> Piece:
        """As much of it as lies there, or of its handles."""
        head, tail = self.fades
        return replace(
            self,
            place=range,
            first=self.first + range.start - self.place.start,
            fades=(
                head if range.start <= self.place.start else 0,
                tail if range.end >= self.place.end else 0,
            ),
        )

    def continues(self, other: Piece) -> bool:
        """Whether it is the same clip, where the other one leaves off."""
        if self.place.start != other.place.end or self.channel != other.channel:
            return False
        one, two = self.clip, other.clip
        if (one.kind, one.reference, one.speed) != (two.kind, two.reference, two.speed):
            return False
        if self.held is not None or other.held is not None:
            return self.held == other.held
        return one.kind != "file" or self.first == other.first + other.place.duration


@dataclass(frozen=True)
class Join:
    """A transition: where both sides are seen, and where one is cut to the other."""

    place: FrameRange
    cut: int
    kind: TransitionKind = TransitionKind.DISSOLVE


@dataclass
class Lane:
    """Pieces in their order, and the joins between them."""

    pieces: list[Piece] = field(default_factory=list)
    joins: list[Join] = field(default_factory=list)

    def shown(self, window: FrameRange, at: int) -> Lane:
        """What stands in that window of it, which begins at frame `at`."""
        off = at - window.start
        pieces = [
            moved(piece.within(part), off)
            for piece in self.pieces
            if (part := piece.place.intersection(window))
        ]
        joins = [
            replace(join, place=join.place.shifted(off), cut=join.cut + off)
            for join in self.joins
            if join.place.intersection(window) == join.place
        ]
        return Lane(pieces, joins)


def moved(piece: Piece, frames: int) -> Piece:
    return replace(piece, place=piece.place.shifted(frames))


def laid_over(lower: Lane, upper: Lane) -> Lane:
    """One lane of pictures over another."""
    covers = sorted(piece.place for piece in upper.pieces)
    starts, pieces = [cover.start for cover in covers], []
    for piece in lower.pieces:
        at = piece.place.start
        # the last one that begins ahead of it may reach into it
        for cover in covers[max(0, bisect_right(starts, at) - 1) :]:
            if cover.start >= piece.place.end:
                break
            if cover.start > at:
                pieces.append(piece.within(FrameRange(at, cover.start)))
            at = max(at, cover.end)
        if at < piece.place.end:
            pieces.append(piece.within(FrameRange(at, piece.place.end)))
    joins = [
        join
        for join in lower.joins
        if not any(
            cover.overlaps(join.place)
            for cover in covers[
                max(0, bisect_right(starts, join.place.start) - 1) : bisect_right(
                    starts, join.place.end
                )
            ]
        )
    ]
    ordered = sorted((*pieces, *upper.pieces), key=lambda piece: piece.place)
    return Lane(ordered, sorted((*joins, *upper.joins), key=lambda join: join.place))


def tracks_of(tractor: Element) -> list[Element]:
    """A tractor's tracks, which old versions gather in a `multitrack`."""
    return [*tractor.iterfind("track"), *tractor.iterfind("multitrack/track")]


def transitions_of(tractor: Element) -> Iterator[Element]:
    yield from tractor.iterfind("transition")


def is_sequence(tractor: Element) -> bool:
    """Whether a tractor is a sequence of tracks, and no track of two playlists."""
    told = properties(tractor)
    return "kdenlive:uuid" in told or "shotcut" in told or len(tracks_of(tractor)) > 2


def mixers_of(tractor: Element) -> Iterator[bool]:
    """Of each transition, whether it goes from one track to the other and is not always at work."""
    for each in transitions_of(tractor):
        told = properties(each)
        name = told.get("mlt_service", "").rpartition(".")[2]
        yield name in _MIXERS and told.get("always_active", "0") != "1"


def kind_of(found: Iterable[Element]) -> TransitionKind:
    """A wipe is a luma with a pattern, or goes by that name."""
    for each in found:
        told = properties(each)
        name = told.get("kdenlive_id") or told.get("mlt_service", "")
        if name in _WIPES or (told.get("mlt_service") == "luma" and told.get("resource")):
            return TransitionKind.WIPE
    return TransitionKind.DISSOLVE


def is_whole(told: Mapping[str, str]) -> bool:
    return all(told.get(name, "0") in ("0", "") for name in ("freeze_before", "freeze_after"))


def is_other(told: Mapping[str, str], kind: str) -> bool:
    """Whether a track of Kdenlive's is of the other kind."""
    is_sound = told.get("kdenlive:audio_track") == "1"
    if is_sound:
        return kind == "V"
    return kind == "A" and "kdenlive:trackheight" in told
