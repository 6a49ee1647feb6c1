"""An AAF walked by pyaaf2: what its composition says, as rows and as text."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import aaf2


@dataclass(frozen=True)
class Piece:
    """A clip where it alone is seen: frames of its master at the start and the end of that."""

    at: int
    length: int
    master: str
    slot: int
    first: Fraction
    last: Fraction
    speed: Fraction
    enabled: bool
    comment: str


@dataclass
class ReadTrack:
    rate: Fraction
    length: int
    pieces: list[Piece] = field(default_factory=list)
    transitions: list[tuple[int, int, int, str, int]] = field(default_factory=list)


@dataclass
class ReadAaf:
    name: str
    timecode: tuple[int, int, bool]
    tracks: dict[str, ReadTrack]
    markers: list[tuple[int, int, str, str]]
    masters: dict[str, str]
    text: str


def read_aaf(data: bytes) -> ReadAaf:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "cut.aaf"
        path.write_bytes(data)
        with aaf2.open(str(path)) as file:
            return _read(file)


def told_aaf(data: bytes) -> str:
    return read_aaf(data).text


def _read(file: Any) -> ReadAaf:
    [cut] = file.content.toplevel()
    lines = [f"cut {cut.name}"]
    tracks: dict[str, ReadTrack] = {}
    markers: list[tuple[int, int, str, str]] = []
    timecode = (0, 0, False)
    for slot in cut.slots:
        if type(slot).__name__ == "EventMobSlot":
            markers = [_marker(each) for each in slot.segment.components]
        elif type(slot.segment).__name__ == "Timecode":
            timecode = (slot.segment.start, slot.segment.fps, slot.segment.drop)
        else:
            tracks[slot.name] = _track(slot)
    lines.append(f"timecode {timecode}")
    for name, track in tracks.items():
        lines.append(f"track {name} at {track.rate}, {track.length} long")
        lines += [f"  {piece}" for piece in track.pieces]
        lines += [f"  transition {item}" for item in track.transitions]
    lines += [f"marker {marker}" for marker in markers]
    masters = {}
    for mob in sorted(file.content.mobs, key=lambda mob: (type(mob).__name__, mob.name)):
        if type(mob).__name__ == "CompositionMob":
            continue
        lines.append(f"{type(mob).__name__} {mob.name}")
        if comments := dict(mob.comments.items()):
            lines.append(f"  {comments}")
        for slot in mob.slots:
            rate, segment = Fraction(slot.edit_rate), slot.segment
            said = f"{segment.media_kind}, {segment.length} long"
            if segment.media_kind == "Timecode":
                said += f" from {segment.start}, {segment.fps} a second, drop {segment.drop}"
            lines.append(f"  slot {slot.slot_id} at {rate}: {said}")
            if type(mob).__name__ == "MasterMob":
                masters[str(mob.mob_id)] = mob.name
        if type(mob).__name__ == "SourceMob":
            for locator in mob.descriptor.get("Locator", ()) or ():
                lines.append(f"  {type(mob.descriptor).__name__} {locator['URLString'].value}")
    return ReadAaf(cut.name, timecode, tracks, markers, masters, "\n".join(lines) + "\n")


def _track(slot: Any) -> ReadTrack:
    read = ReadTrack(Fraction(slot.edit_rate), slot.segment.length)
    components = list(slot.segment.components)
    at = 0
    for number, item in enumerate(components):
        kind = type(item).__name__
        if kind == "Transition":
            at -= item.length
            group = item["OperationGroup"].value
            codes = [each.value for each in group.parameters if each.name == "SMPTEWipeNumber"]
            before = item["CutPoint"].value
            read.transitions.append(
                (at + before, before, item.length - before, group.operation.name, *(codes or [0]))
            )
            continue
        if kind != "Filler":
            head, tail = (_beside(components, number + step) for step in (-1, 1))
            before = head["CutPoint"].value if head else 0
            after = tail.length - tail["CutPoint"].value if tail else 0
            read.pieces.append(_piece(item, at, before, after))
        at += item.length
    assert at == read.length, "a sequence is as long as its pieces less its transitions"
    return read


def _beside(components: list[Any], number: int) -> Any | None:
    found = components[number] if 0 <= number < len(components) else None
    return found if type(found).__name__ == "Transition" else None


def _piece(item: Any, at: int, before: int, after: int) -> Piece:
    enabled = type(item).__name__ != "Selector"
    length = item.length
    if not enabled:
        assert type(item["Selected"].value).__name__ == "Filler"
        [item] = list(item["Alternates"].value)
        assert item.length == length
    comments = item.get("ComponentAttributeList")
    comment = next((each.value for each in comments.value), "") if comments else ""
    offset, speed = Fraction(0), Fraction(1)
    if type(item).__name__ == "OperationGroup":
        [curve] = [each for each in item.parameters if each.name == "PARAM_SPEED_OFFSET_MAP_U"]
        [ratio] = [each for each in item.parameters if each.name == "SpeedRatio"]
        begin, end = list(curve["PointList"].value)
        assert (begin.time, end.time) == (0, length)
        speed = Fraction(end.value - begin.value) / length
        wanted = 1 / speed if speed else Fraction(length)
        assert abs(Fraction(ratio.value) - wanted) < Fraction(1, 10**9)
        offset = Fraction(begin.value)
        [item] = list(item.segments)
    seen = length - before - after
    first = item.start + offset + before * speed
    if speed:
        assert item.start >= 0
    return Piece(
        at + before,
        seen,
        str(item.mob_id),
        item.slot_id,
        first,
        first + (seen - 1) * speed,
        speed,
        enabled,
        comment,
    )


def _marker(each: Any) -> tuple[int, int, str, str]:
    kept = {item.name: item.value for item in each["CommentMarkerAttributeList"].value}
    return (
        each["Position"].value,
        each["Length"].value,
        each["Comment"].value,
        kept["_ATN_CRM_COLOR"],
    )
