"""Which files a bundle needs, and the cut laid over them: every frame seen stays the same. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path, PurePosixPath

from editing.conform import handles
from editing.cutlist import AudioLayout, CutList, Event, Source
from exporters.base import shown
from exporters.bundles.base import MEDIA, Handles, Piece
from mam.timing import FrameRange

SOUND_RATE = 48_000
_NOT_IN_NAMES = '/\\:*?"<>|'
LONGEST = 120
"""Bytes of a name: archives are unpacked in deep folders, on file systems that allow 255."""


def whole_pieces(cutlist: CutList, file_of: Callable[[Source], Path]) -> tuple[Piece, ...]:
    """Each master as it is."""
    names = Names()
    return tuple(_whole(source, names, file_of) for source in cutlist.sources)


def proxy_pieces(
    cutlist: CutList, file_of: Callable[[Source], Path], height: int
) -> tuple[Piece, ...]:
    """Each master's proxy, frame for frame; a still, which has none, as it is."""
    names, found = Names(), list[Piece]()
    for source in cutlist.sources:
        if source.kind == "still":
            found.append(_whole(source, names, file_of))
            continue
        bears = source.kind == "video" and source.has_timecode
        ending = ".mov" if bears else ".m4a" if source.kind == "audio" else ".mp4"
        name = names.free(_stem(source.name) + ending)
        laid = replace(_as_proxy(source, height), name=name, path=f"{MEDIA}/{name}")
        found.append(Piece(source, source.available, laid, file_of(source), stamped=bears))
    return tuple(found)


def trimmed_pieces(
    cutlist: CutList, file_of: Callable[[Source], Path], around: Handles
) -> tuple[Piece, ...]:
    """What is used of each master with handles around it; ranges that meet are one file. A still
    is copied as it is."""
    used: dict[str, list[FrameRange]] = {}
    for event, place in zip(cutlist.events, seen(cutlist), strict=True):
        if event.is_title:
            continue
        more = around.of(event.source.rate, cutlist.rate)
        wide = FrameRange(max(0, place.start - more), place.end + more)
        used.setdefault(event.source.asset_id, []).append(
            FrameRange(wide.start, min(wide.end, event.source.duration))
        )
    names, found = Names(), list[Piece]()
    for source in cutlist.sources:
        if source.kind == "still":
            found.append(_whole(source, names, file_of))
            continue
        for number, part in enumerate(_joined(used[source.asset_id]), 1):
            suffix = ".wav" if source.kind == "audio" and len(source.audio) == 1 else ".mov"
            name = names.free(f"{_stem(source.name)}_{number:02d}{suffix}")
            found.append(Piece(source, part, _as_part(source, part, name, number)))
    return tuple(found)


def laid_over(cutlist: CutList, pieces: Iterable[Piece]) -> CutList:
    """The cut with each event over the piece that holds what is seen of it."""
    of_source: dict[str, list[Piece]] = {}
    for piece in pieces:
        of_source.setdefault(piece.source.asset_id, []).append(piece)
    events = []
    for event, place in zip(cutlist.events, seen(cutlist), strict=True):
        if not event.is_title:
            event = _over(event, place, of_source[event.source.asset_id])
        events.append(event)
    return replace(cutlist, events=tuple(events))


def seen(cutlist: CutList) -> list[FrameRange]:
    """What each event shows of its source, with what a transition shows of it beyond its ends."""
    more: dict[int, tuple[int, int]] = {}
    for item in cutlist.transitions:
        out, into = cutlist.neighbours(item)
        behind, before = handles(item, out, into, cutlist.rate)
        for event, extra in ((out, (0, behind)), (into, (before, 0))):
            if event is not None:
                had = more.get(id(event), (0, 0))
                more[id(event)] = (had[0] + extra[0], had[1] + extra[1])
    found = []
    for event in cutlist.events:
        before, behind = more.get(id(event), (0, 0))
        if event.speed < 0:
            before, behind = behind, before
        start = max(0, event.source_range.start - before)
        end = min(max(event.source.duration, 1), event.source_range.end + behind)
        found.append(FrameRange(start, max(end, start)))
    return found


def _over(event: Event, place: FrameRange, pieces: Iterable[Piece]) -> Event:
    piece = next(
        one for one in pieces if one.part.start <= place.start and place.end <= one.part.end
    )
    channel = event.channel
    if channel is not None and piece.laid.channels < piece.source.channels:
        channel %= max(1, piece.laid.channels)
    return replace(
        event,
        source=piece.laid,
        source_range=event.source_range.shifted(-piece.part.start),
        channel=channel,
        name=event.name or event.source.name,
    )


def _whole(source: Source, names: Names, file_of: Callable[[Source], Path]) -> Piece:
    name = names.free(source.name)
    laid = replace(source, name=name, path=f"{MEDIA}/{name}")
    return Piece(source, source.available, laid, file_of(source), digest=source.content_hash)


def _as_proxy(source: Source, height: int) -> Source:
    """As the proxy shows it: upright, square pixels, BT.709, one stereo mix."""
    high = min(source.height, height) // 2 * 2
    wide = round(source.width * source.pixel_aspect * high / source.height / 2) * 2 if high else 0
    is_sound = source.kind == "audio"
    return replace(
        source,
        width=wide,
        height=high,
        pixel_aspect=Fraction(1),
        rotation=0,
        interlaced=False,
        field_order="",
        variable_rate=False,
        color_primaries="" if is_sound else "bt709",
        color_transfer="" if is_sound else "bt709",
        color_space="" if is_sound else "bt709",
        audio=(AudioLayout(1, 2, SOUND_RATE, "stereo"),) if source.audio else (),
    )


def _as_part(source: Source, part: FrameRange, name: str, number: int) -> Source:
    """A source of its own, whose timecodes are the master's."""
    return replace(
        source,
        asset_id=f"{source.asset_id}-{number}",
        name=name,
        path=f"{MEDIA}/{name}",
        duration=part.duration,
        start=source.start + part.start,
        has_timecode=True,
        variable_rate=False,
        rotation=0,
        content_hash="",
    )


def _joined(ranges: list[FrameRange]) -> list[FrameRange]:
    found: list[FrameRange] = []
    for one in sorted(ranges):
        if found and one.start <= found[-1].end:
            found[-1] = found[-1].union(one)
        else:
            found.append(one)
    return found


class Names:
    """Names of files that any system can unpack beside each other: capitals do not tell two apart,
    nor do the ways in which an accent may be written."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def free(self, name: str) -> str:
        clean = "".join("_" if char in _NOT_IN_NAMES else char for char in shown(name))
        path = PurePosixPath(clean.strip(". ") or "clip")
        stem, ending = path.stem, path.suffix
        while len((stem + ending).encode("utf-8", "replace")) > LONGEST:
            stem = stem[:-1]
        found, number = stem.strip() + ending, 1
        while found.casefold() in self._taken:
            number += 1
            found = f"{stem.strip()}-{number}{ending}"
        self._taken.add(found.casefold())
        return found


def _stem(name: str) -> str:
    return PurePosixPath(name.replace("/", "_")).stem or "clip"
