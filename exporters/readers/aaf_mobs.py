"""The mobs of an AAF: what a clip of the composition means, by the chain behind it.

A clip names a slot of a master mob, that a slot of a file's mob, and that one of its tape's or of
what it was imported from. Each counts at its own rate from its own origin, so a place is carried
along the chain as an exact fraction of each one's frames. The file is the last of them that says
where it lies; the timecode is that of the last that has one.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from fractions import Fraction
from math import floor
from typing import Any
from uuid import UUID

from editing.incoming import Reference
from exporters.readers.aaf_parts import Part, kind_of
from exporters.readers.base import STILLS, path_of, rate_near
from mam.timing import STANDARD_RATES, FrameRate, round_half_up

LONGEST_CHAIN = 32
"""Mobs behind each other; a film's sound has six."""
_LONGEST = 1000
_PICTURE = {
    UUID(text).bytes_le
    for text in (
        "01030202-0100-0000-060e-2b3404010101",
        "6f3c8ce1-6cef-11d2-807d-006008143e6f",
        "05cba732-1daa-11d3-80ad-006008143e6f",
    )
}
_SOUND = {
    UUID(text).bytes_le
    for text in ("01030202-0200-0000-060e-2b3404010101", "78e1ebe1-6cef-11d2-807d-006008143e6f")
}
_REELS = ("Reel", "Reel Name", "Tape", "Tape Name", "TapeID")
"""Comments in which programs keep a reel, where the chain has no tape."""


@dataclass(frozen=True)
class Piece:
    """A stretch of a slot, in its frames: what of which other mob is there, or which timecode."""

    start: int
    mob: bytes = b""
    slot: int = 0
    first: int = 0
    drop: bool = False
    is_clock: bool = False


@dataclass(frozen=True)
class Slot:
    """`media` is "V", "A" or "" for what is neither; `physical` the number that people see."""

    number: int
    name: str
    media: str
    rate: Fraction
    origin: int
    physical: int
    segment: Part


@dataclass(frozen=True)
class Mob:
    kind: str
    name: str
    usage: bytes
    slots: dict[int, Slot]
    channels: dict[int, int]
    comments: dict[str, str]
    path: str = ""
    is_tape: bool = False


@dataclass(frozen=True)
class Meant:
    """What stands at a place of a clip: `at` frames of `rate` from midnight, in which file."""

    reference: Reference
    rate: FrameRate
    at: Fraction
    channel: int | None


class Mobs:
    """All mobs of a file, each read when somebody names it."""

    def __init__(self, content: Part) -> None:
        self._content = content
        self._entries: dict[bytes, Any] = content.entries(0x1901)
        self._known: dict[bytes, Mob | None] = {}
        self._pieces: dict[tuple[bytes, int], list[Piece]] = {}
        self._clocks: dict[bytes, int | None] = {}

    def compositions(self) -> list[tuple[bytes, Mob]]:
        named = [key for key, at in self._entries.items() if kind_of(at) == "CompositionMob"]
        found = [(key, self.get(key)) for key in named]
        return [(key, mob) for key, mob in found if mob is not None]

    def get(self, key: bytes) -> Mob | None:
        if key not in self._known:
            entry = self._entries.get(key)
            self._known[key] = _mob(self._content.open(entry)) if entry is not None else None
        return self._known[key]

    def meant(
        self, key: bytes, number: int, at: Fraction, rate: Fraction, sound_rate: FrameRate
    ) -> Meant | None:
        """What is seen `at` frames of `rate` into a slot; None where there is no such mob. Sound
        that is counted in samples is told at its timecode's rate, or at `sound_rate`."""
        first = slot = None
        name = path = told = reel = ""
        begins: tuple[Fraction, Fraction] | None = None  # where the file does, behind `at`
        clock: tuple[Fraction, Fraction] | None = None  # the timecode at `at`
        for _ in range(LONGEST_CHAIN):
            mob = self.get(key)
            slot = mob.slots.get(number) if mob is not None else None
            if mob is None or slot is None or not slot.rate:
                break
            first = first or (mob, slot)
            at = at * slot.rate / rate
            rate = slot.rate
            if mob.kind == "MasterMob" or not name:
                name = mob.name or name
            if mob.kind == "SourceMob":
                if mob.is_tape:
                    reel = mob.name
                elif begins is None or mob.path:
                    begins = at, rate
            path = mob.path or path
            clock = self._clock(key, mob, at, rate) or clock
            reel = reel or next((mob.comments[word] for word in _REELS if word in mob.comments), "")
            told = told or path_of(mob.comments.get("UNC Path", ""))
            piece = _at(self._laid(key, slot), at + slot.origin)
            if piece is None or not piece.mob:
                break
            at += slot.origin - piece.start + piece.first
            key, number = piece.mob, piece.slot
        if first is None:
            return None
        mob, slot = first
        return self._told(
            mob, slot, name, told or path, reel, begins or (at, rate), clock, sound_rate
        )

    def _told(
        self,
        mob: Mob,
        slot: Slot,
        name: str,
        path: str,
        reel: str,
        begins: tuple[Fraction, Fraction],
        clock: tuple[Fraction, Fraction] | None,
        sound_rate: FrameRate,
    ) -> Meant:
        rate = FrameRate(slot.rate)
        if slot.media == "A" and rate.value not in STANDARD_RATES:
            rate = FrameRate(clock[1]) if clock else sound_rate
        into = begins[0] * rate.value / begins[1]
        stands = clock[0] * rate.value / clock[1] if clock else into
        start = round_half_up(stands - into)
        return Meant(
            _reference(name[:_LONGEST], path[:_LONGEST], reel[:_LONGEST], start),
            rate,
            start + into,
            mob.channels.get(slot.number),
        )

    def _clock(
        self, key: bytes, mob: Mob, at: Fraction, rate: Fraction
    ) -> tuple[Fraction, Fraction] | None:
        """The timecode of a mob at a place of one of its slots, and the rate that it counts at."""
        if key not in self._clocks:
            clock = clock_of(mob)
            self._clocks[key] = clock.number if clock else None
        number = self._clocks[key]
        if number is None:
            return None
        slot = mob.slots[number]
        place = at * slot.rate / rate + slot.origin
        piece = _at(self._laid(key, slot), place)
        if piece is None or not piece.is_clock:
            return None
        return piece.first + place - piece.start, slot.rate

    def _laid(self, key: bytes, slot: Slot) -> list[Piece]:
        found = self._pieces.get((key, slot.number))
        if found is None:
            found = self._pieces[key, slot.number] = pieces_of(slot.segment)
        return found


def pieces_of(segment: Part | None, start: int = 0, depth: int = 0) -> list[Piece]:
    """What lies one after another in a slot behind a master."""
    if segment is None or depth > LONGEST_CHAIN:
        return []
    if segment.kind == "SourceClip":
        key = segment.raw(0x1101)
        slot, first = segment.whole(0x1102), segment.whole(0x1201)
        return [Piece(start, key if any(key) else b"", slot, first)]
    if segment.kind == "Timecode":
        drop = bool(segment.whole(0x1503))
        return [Piece(start, first=segment.whole(0x1501), drop=drop, is_clock=True)]
    if segment.kind == "Sequence":
        found = []
        for part in segment.parts(0x1001):
            if part.kind == "Transition":
                start -= part.whole(0x0202)
                continue
            found += pieces_of(part, start, depth + 1)
            start += part.whole(0x0202)
        return found
    # the choices of an essence group show the same; so do the sides of a pulldown
    inner = {"EssenceGroup": 0x0501, "OperationGroup": 0x0B02}.get(segment.kind)
    if inner is not None:
        return pieces_of(next(segment.parts(inner), None), start, depth + 1)
    inner = {"Pulldown": 0x0D01, "Selector": 0x0F01}.get(segment.kind)
    return pieces_of(segment.part(inner), start, depth + 1) if inner is not None else []


def clock_of(mob: Mob) -> Slot | None:
    """The slot that a mob's timecode is told by: the first that has one, by its number."""
    clocks = [slot for slot in mob.slots.values() if not slot.media and slot.rate]
    clocks = [slot for slot in clocks if _is_clock(slot.segment)]
    return min(clocks, key=lambda slot: slot.physical != 1, default=None)


def comments_of(part: Part, number: int) -> dict[str, str]:
    """What people wrote of a mob or of a clip, by its heading."""
    told = {each.text(0x5001): each.value(0x5003) for each in part.parts(number)}
    return {
        name: value.strip()
        for name, value in told.items()
        if isinstance(value, str) and value.strip()
    }


def _is_clock(segment: Part) -> bool:
    if segment.kind == "Sequence":
        first = next(segment.parts(0x1001), None)
        return first is not None and first.kind == "Timecode"
    return segment.kind == "Timecode"


def _mob(part: Part) -> Mob:
    found = [_slot(each) for each in part.parts(0x4403)]
    slots = [slot for slot in found if slot is not None]
    described = part.part(0x4701)
    path = ""
    for locator in described.parts(0x2F01) if described is not None else ():
        path = path or path_of(locator.text(0x4001))
    return Mob(
        kind=part.kind,
        name=part.text(0x4402),
        usage=part.raw(0x4408),
        slots={slot.number: slot for slot in slots},
        channels=_channels(slots),
        comments=comments_of(part, 0x4406),
        path=path,
        is_tape=described is not None and described.kind == "TapeDescriptor",
    )


def _slot(part: Part) -> Slot | None:
    segment = part.part(0x4803)
    if segment is None:
        return None
    is_events = part.kind == "EventMobSlot"
    key, rate = segment.key(0x0201), part.ratio(0x4901 if is_events else 0x4B01)
    return Slot(
        number=part.whole(0x4801),
        name=part.text(0x4802),
        media="V" if key in _PICTURE else "A" if key in _SOUND else "",
        rate=rate_near(rate).value if rate > 0 else Fraction(0),
        origin=part.whole(0x4902 if is_events else 0x4B02),
        physical=part.whole(0x4804),
        segment=segment,
    )


def _at(pieces: list[Piece], place: Fraction) -> Piece | None:
    """The piece at a place; what lies beyond all is of the nearest, as handles may."""
    if not pieces:
        return None
    number = bisect_right(pieces, floor(place), key=lambda piece: piece.start) - 1
    return pieces[max(0, number)]


def _channels(slots: list[Slot]) -> dict[int, int]:
    """The channels that the slots of a master hold: by their numbers where each sound has its own,
    else by their places."""
    sounds = [slot for slot in slots if slot.media == "A"]
    numbers = {slot.physical for slot in sounds}
    if sounds and len(numbers) == len(sounds) and min(numbers) > 0:
        return {slot.number: slot.physical - 1 for slot in sounds}
    return {slot.number: place for place, slot in enumerate(sounds)}


def _reference(name: str, path: str, reel: str, start: int) -> Reference:
    return Reference(
        name=name or path.replace("\\", "/").rpartition("/")[2],
        path=path,
        # a tape without a name of its own is called like the master
        reel="" if reel == name else reel,
        start=start,
        kind="still" if path.lower().endswith(STILLS) else "",
    )
