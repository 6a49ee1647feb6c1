"""Avid's AAF, as Media Composer, Premiere and Resolve write it, read over pyaaf2's compound files.

The composition on top becomes the edit; each of its slots of pictures or sound becomes as many
tracks as it has layers or channels. `aaf_segments.py` lays what is in them, `aaf_mobs.py` follows a
clip to its file and its timecode.
"""

from __future__ import annotations

import struct
from colorsys import rgb_to_hls
from uuid import UUID

from aaf2.exceptions import CompoundFileBinaryError

from editing.cutlist import Colour, Marker, Transition
from editing.incoming import Incoming, IncomingEvent, Reference
from exporters.readers.aaf_effects import Operations
from exporters.readers.aaf_mobs import Mob, Mobs, Slot, clock_of, comments_of, pieces_of
from exporters.readers.aaf_parts import Container, Part
from exporters.readers.aaf_segments import Joined, Laid, Segments
from exporters.readers.base import RateUnknown, size_check
from mam.errors import BadRequest
from mam.timing import STANDARD_RATES, FrameRange, FrameRate, round_half_up

_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""A compound file's first bytes."""
_TOP_LEVEL = UUID("0d010102-0101-0700-060e-2b3404010101").bytes_le
_COMPONENT = UUID("0d010101-0101-0200-060e-2b3402060101").bytes_le
_COMMENT_MARKER = UUID("0d010101-0101-0800-060e-2b3402060101").bytes_le
_MOST_TRACKS = 999
_FASTEST = 1000
"""Frames a second; what is faster counts samples."""
_FARTHEST = 1 << 40
"""Frames; five hundred years at sixty a second, and well within what a row holds."""
_HUES = (
    (0.04, Colour.RED), (0.13, Colour.ORANGE), (0.2, Colour.YELLOW), (0.43, Colour.GREEN),
    (0.55, Colour.CYAN), (0.7, Colour.BLUE), (0.8, Colour.PURPLE), (0.93, Colour.MAGENTA),
)  # fmt: skip
"""Hues of a circle of one, each up to here; beyond lies red again."""


class AafReader:
    """Reads `.aaf`."""

    name = "aaf"
    suffixes: tuple[str, ...] = (".aaf",)

    def read(self, data: bytes, rate: FrameRate | None) -> Incoming:
        size_check(data)
        if not data.startswith(_MAGIC):
            raise BadRequest("It is not an AAF file.")
        try:
            return _Walk(Container(data), rate).edit()
        except BadRequest:
            raise
        except (CompoundFileBinaryError, NotImplementedError) as error:
            said = " ".join(str(error).split())[:200]
            raise BadRequest(f"It cannot be read as AAF: {said}") from error
        except Exception as error:  # whatever else damage makes of the readers of bytes
            raise BadRequest("It cannot be read as AAF: it breaks off or is damaged.") from error


class _Walk:
    """One file on its way to an edit."""

    def __init__(self, file: Container, rate: FrameRate | None) -> None:
        header = file.root.part(0x0002)
        content = header.part(0x3B03) if header is not None else None
        dictionary = header.part(0x3B04) if header is not None else None
        if content is None or dictionary is None:
            raise BadRequest("There is no content in it: is it an AAF?")
        meta = file.root.part(0x0001)
        self._own = _Numbers(meta) if meta is not None else _Numbers(dictionary)
        self._mobs = Mobs(content)
        attributes = self._own.of(_COMPONENT, "ComponentAttributeList")
        self._segments = Segments(self._mobs, Operations(dictionary), attributes)
        self._cut = self._composition()
        self._clock = clock_of(self._cut)
        self._rate = self._told_rate(rate)

    def edit(self) -> Incoming:
        cut = self._cut
        events: list[IncomingEvent] = []
        transitions: list[Transition] = []
        for media in ("V", "A"):
            free = 1
            slots = [each for each in cut.slots.values() if each.media == media and each.rate]
            for slot in _in_order(slots):
                track = max(free, min(slot.physical, _MOST_TRACKS))
                free = track + self._segments.lay(slot, track)
                if free > _MOST_TRACKS + 1:
                    raise BadRequest(f"It has more than {_MOST_TRACKS} tracks.")
                for laid in self._segments.clips:
                    events += self._event(laid, media, slot, len(events) + 1)
                transitions += [
                    self._joined(each, media, slot) for each in self._segments.transitions
                ]
                self._segments.clips.clear()
                self._segments.transitions.clear()
        if not events:
            raise BadRequest("There is no clip in its sequence.")
        start, drop = self._start()
        return Incoming(
            name=cut.name or "Imported timeline",
            rate=self._rate,
            start=start,
            drop_frame=drop and self._rate.can_drop,
            events=tuple(events),
            transitions=tuple(transitions),
            markers=tuple(self._markers()),
            lost=tuple(self._segments.lost),
        )

    def _composition(self) -> Mob:
        """The sequence that its program calls the top one, else the first that no other holds."""
        found = self._mobs.compositions()
        if not found:
            raise BadRequest("There is no sequence in it.")
        top = [mob for _, mob in found if mob.usage == _TOP_LEVEL]
        if not top and len(found) > 1:
            named = {key for _, mob in found for key in _named_by(mob)}
            top = [mob for key, mob in found if key not in named]
        top = top or [found[0][1]]
        if len(top) > 1:
            others = ", ".join(mob.name[:60] for mob in top[1:6])
            self._segments.lost[f"{len(top) - 1} further sequences ({others}) were left out."] = (
                None
            )
        return top[0]

    def _told_rate(self, given: FrameRate | None) -> FrameRate:
        """That of the pictures, else of the timecode, else of the sound."""
        slots = [each for each in self._cut.slots.values() if each.rate]
        pictures = [each.rate for each in slots if each.media == "V"]
        clock = [self._clock.rate] if self._clock is not None else []
        sounds = [each.rate for each in slots if each.media == "A" and each.rate in STANDARD_RATES]
        told = [*pictures, *clock, *sounds]
        if told and not 1 <= told[0] <= _FASTEST:
            raise BadRequest(f"Its sequence counts {float(told[0]):g} frames a second.")
        if told:
            return FrameRate(told[0])
        if given is None:
            raise RateUnknown("Its sound is counted in samples: it does not say its frame rate.")
        return given

    def _start(self) -> tuple[int, bool]:
        """The timecode of the first frame, and whether it is drop-frame."""
        if self._clock is None:
            return 0, False
        pieces = [piece for piece in pieces_of(self._clock.segment) if piece.is_clock]
        if not pieces:
            return 0, False
        scale = self._rate.value / self._clock.rate
        return _near(round_half_up(pieces[0].first * scale)), pieces[0].drop

    def _event(self, laid: Laid, media: str, slot: Slot, number: int) -> list[IncomingEvent]:
        view, scale = laid.view, self._rate.value / slot.rate
        first, last = round_half_up(view.start * scale), round_half_up(view.end * scale)
        place = FrameRange(_near(first), _near(last))
        if not place.duration:
            return []
        track = f"{media}{view.track}"
        if laid.text is not None:
            reference, own = Reference(name="Title", kind="title"), FrameRange(0, place.duration)
            return [
                IncomingEvent(
                    str(number), track, reference, own, self._rate, place,
                    enabled=view.enabled, text=laid.text, reason=view.comment,
                )
            ]  # fmt: skip
        into = view.into + (place.start / scale - view.start) * view.pace
        meant = self._mobs.meant(laid.mob, laid.slot, into, view.rate, self._rate)
        if meant is None:
            self._segments.lost[f"A clip without a master on {track} was left out."] = None
            return []
        speed, first = view.speed, _near(round_half_up(meant.at))
        lasts = place.duration * abs(speed) * meant.rate.value / self._rate.value
        frames = max(1, _near(round_half_up(lasts))) if speed else 1
        if speed < 0:  # what is seen first is its last frame, halves of which go backwards as well
            first = _near(-round_half_up(-meant.at)) + 1 - frames
        return [
            IncomingEvent(
                number=str(number),
                track=track,
                reference=meant.reference,
                source=FrameRange(first, first + frames),
                rate=meant.rate,
                record=place,
                channel=(meant.channel or 0) if media == "A" else None,
                speed=speed,
                enabled=view.enabled,
                reason=view.comment,
            )
        ]

    def _joined(self, joined: Joined, media: str, slot: Slot) -> Transition:
        scale = self._rate.value / slot.rate
        at = round_half_up(joined.at * scale)
        before = at - round_half_up((joined.at - joined.before) * scale)
        after = round_half_up((joined.at + joined.after) * scale) - at
        return Transition(f"{media}{joined.track}", at, before, after, joined.kind, joined.wipe)

    def _markers(self) -> list[Marker]:
        kept = self._own.of(_COMMENT_MARKER, "CommentMarkerAttributeList")
        coloured = self._own.of(_COMMENT_MARKER, "CommentMarkerColor")
        found = []
        for slot in self._cut.slots.values():
            if slot.media or not slot.rate:
                continue
            is_list = slot.segment.kind == "Sequence"
            for part in slot.segment.parts(0x1001) if is_list else [slot.segment]:
                if part.kind not in ("DescriptiveMarker", "CommentMarker"):
                    continue
                scale = self._rate.value / slot.rate
                at = _near(round_half_up((part.whole(0x0601) - slot.origin) * scale))
                told = comments_of(part, kept) if kept else {}
                length = max(1, _near(round_half_up(_length(part, kept) * scale)))
                name = part.text(0x0602) or told.get("_ATN_CRM_COM", "")
                colour = told.get("_ATN_CRM_COLOR", "").upper()
                known = Colour(colour) if colour in Colour.__members__ else None
                found.append(
                    Marker(
                        FrameRange(max(0, at), max(0, at) + length),
                        name[:2000],
                        colour=known or _colour(part.raw(coloured)),
                    )
                )
        return sorted(found, key=lambda marker: marker.range)


class _Numbers:
    """Numbers of properties that a program added, which are each file's own."""

    def __init__(self, meta: Part) -> None:
        self._meta = meta
        self._classes = meta.entries(0x0003)

    def of(self, key: bytes, name: str) -> int:
        """The number of a property of a class; 0 where the file has none of that name."""
        entry = self._classes.get(key)
        if entry is None:
            return 0
        for each in self._meta.open(entry).parts(0x0009):
            if each.text(0x0006) == name:
                return int.from_bytes(each.raw(0x000D), "little")
        return 0


def _in_order(slots: list[Slot]) -> list[Slot]:
    """By the numbers that people see, where each slot has its own."""
    numbers = {slot.physical for slot in slots}
    if len(numbers) == len(slots) and 0 not in numbers:
        return sorted(slots, key=lambda slot: slot.physical)
    return slots


def _near(frames: int) -> int:
    if abs(frames) > _FARTHEST:
        raise BadRequest("Its clips lie later than a timeline can reach.")
    return frames


def _named_by(mob: Mob) -> set[bytes]:
    """The mobs that the slots of a composition name."""
    return {piece.mob for slot in mob.slots.values() for piece in pieces_of(slot.segment)}


def _length(part: Part, kept: int) -> int:
    """Frames of a marker: by its own length, or as Avid keeps it."""
    if length := part.whole(0x0202):
        return length
    for each in part.parts(kept) if kept else ():
        if each.text(0x5001) == "_ATN_CRM_LENGTH" and isinstance(told := each.value(0x5003), int):
            return told
    return 1


def _colour(data: bytes) -> Colour:
    """The name nearest to a marker's red, green and blue."""
    if len(data) != 6:
        return Colour.RED
    red, green, blue = (value / 65535 for value in struct.unpack("<HHH", data))
    hue, light, saturation = rgb_to_hls(red, green, blue)
    if saturation < 0.2 or not 0.1 < light < 0.95:
        return Colour.WHITE if light > 0.5 else Colour.BLACK
    if light > 0.7 and (hue > 0.85 or hue < 0.04):
        return Colour.PINK
    return next((colour for end, colour in _HUES if hue <= end), Colour.RED)
