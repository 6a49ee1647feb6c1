"""CMX 3600 edit decision lists, as many programs write them.

A dissolve begins where the event of what comes begins: that is its cut, and what goes is shown on
behind it for its length. A fade to black is a dissolve to `BL`; what fades lasts until its end.
"""

from __future__ import annotations

import re
from bisect import insort
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import lru_cache

from editing.cutlist import Colour, Marker, Transition, TransitionKind
from editing.incoming import Incoming, IncomingEvent, Reference
from exporters.readers.base import size_check, text_of
from exporters.readers.edl_labels import LABEL, BadLabel, label_frames, rate_told
from mam.errors import BadRequest
from mam.timing import FrameRange, FrameRate, Timecode

_EVENT = re.compile(
    rf"^\s*(\S+)\s+(\S+)\s+(\S+)\s+(C|D|W\d+|K\s?[BO]?)\s*(\d{{1,4}})?\s+"
    rf"({LABEL})\s+({LABEL})\s+({LABEL})\s+({LABEL})\s*$"
)
_ALMOST = re.compile(r"^\s*\d+\s+\S+\s+\S+\s+(C|D|W\d+|K\s?[BO]?)\s.*[:;]")
"""What is meant as an event, whatever its numbers."""
_M2 = re.compile(rf"^M2\s+(\S+)\s+(-?\d+(?:\.\d+)?)\s+({LABEL})", re.IGNORECASE)
_OWN = re.compile(r"^(\d+)-(\d+) AT (\d+(?:/\d+)?) ")
_CHANNEL = re.compile(r"^A(\d+) FROM SOURCE CHANNEL (\d+)$")
_MARK = re.compile(rf"^[*\s]*LOC\s*:\s*({LABEL})\s+(\S+)\s*(.*)$", re.IGNORECASE)
_MANY = Fraction(1, 20)
"""The share of events with frames that a rate has not which speaks against the rate."""
_TENTHS = Fraction(1, 20)
"""Frames a second that an M2 line may be wrong by."""
_LARGEST_DENOMINATOR = 1000
_PATHS = ("SOURCE FILE", "FROM FILE", "FROM CLIP", "FROM CLIP PATH")
_TRACKS = re.compile(r"^(?:(V)(\d*)|(A)(\d*)|(AA))$")
_BLACK = "BL"
A_MINUTE = 60
"""A first event this soon after a whole hour has a gap before it; else the edit begins with it."""


@dataclass
class _Line:
    """An event line with the lines that belong to it; timecodes in frames since midnight."""

    number: str
    reel: str
    channels: str
    effect: str
    length: int
    source: tuple[int, int]
    record: FrameRange
    audio: list[int] = field(default_factory=list)
    speed: Fraction | None = None
    said: dict[str, str] = field(default_factory=dict)
    channel_of: dict[int, int] = field(default_factory=dict)


class EdlReader:
    """Reads `.edl`."""

    name = "edl"
    suffixes: tuple[str, ...] = (".edl",)

    def read(self, data: bytes, rate: FrameRate | None) -> Incoming:
        size_check(data)
        text = text_of(data)
        return _Reading(text, rate or rate_told(text)).edit()


class _Laid:
    """Events as they are laid, and which of them end where."""

    def __init__(self) -> None:
        self.events: list[IncomingEvent] = []
        self._ending: dict[tuple[str, int], list[int]] = {}

    def add(self, event: IncomingEvent) -> None:
        self._ending.setdefault((event.track, event.record.end), []).append(len(self.events))
        self.events.append(event)

    def lengthen(self, track: str, end: int, more: int) -> bool:
        """The last laid of those that end there lasts `more` frames longer; False where none."""
        numbers = self._ending.get((track, end))
        if not numbers:
            return False
        number = numbers.pop()
        insort(self._ending.setdefault((track, end + more), []), number)
        going = self.events[number]
        run = round(more * going.speed)
        self.events[number] = replace(
            going,
            record=FrameRange(going.record.start, going.record.end + more),
            # backwards it goes on before its start
            source=FrameRange(going.source.start + min(0, run), going.source.end + max(0, run)),
            own=None,
        )
        return True


class _Reading:
    def __init__(self, text: str, rate: FrameRate) -> None:
        self.rate = rate
        self.drop = False
        self.title = ""
        self.lines: list[_Line] = []
        self._last: dict[tuple[str, str], _Line] = {}  # by number and reel
        self.lost: dict[str, None] = {}
        self.marks: list[tuple[int, Marker]] = []
        self._is_left = False  # whether the event that lines now belong to was left out
        self._bad: list[str] = []  # what is told of events with labels that are none
        self._beyond: list[str] = []  # of these, those whose frames the rate has not
        for number, line in enumerate(text.splitlines(), 1):
            if _ALMOST.match(line) and not _EVENT.match(line):
                told = " ".join(line.split())[:80]
                self.lost[f"Line {number} is no event that can be read: {told}"] = None
                self._is_left = True
            try:
                self._take(line.strip())
            except BadLabel as error:
                self._leave(number, line.strip(), error)
        self._rate_check()
        if not self.lines:
            raise BadRequest(next(iter(self._bad), "There is no event in it: is it an EDL?"))

    def _leave(self, number: int, line: str, error: BadLabel) -> None:
        event = _EVENT.match(line)
        what = f"event {event[1][:20]}" if event else "a marker"
        told = f"Line {number}: {what} was left out: {error}"
        self.lost[told] = None
        if event:
            self._is_left = True
            self._bad.append(told)
            self._beyond += [told] * error.is_beyond

    def _rate_check(self) -> None:
        """Many such events are no typing errors. Raises BadRequest."""
        beyond = len(self._beyond)
        if beyond > 1 and beyond >= _MANY * (len(self.lines) + len(self._bad)):
            raise BadRequest(
                f"{self._beyond[0]} So it is with {beyond - 1} more: is it a list of another rate?"
            )

    def edit(self) -> Incoming:
        first = min(line.record.start for line in self.lines)
        hour = 3600 * self.rate.nominal
        start = first - first % hour if first % hour <= A_MINUTE * self.rate.nominal else first
        if self.drop and start != first:
            # a whole hour of labels is fewer frames
            start = Timecode.parse(f"{self._hour(first):02d}:00:00;00", self.rate, drop=True).frames
        laid = _Laid()
        transitions: list[Transition] = []
        seen = {line.number for line in self.lines if line.record.duration}
        for line in self.lines:
            if line.record.duration:
                self._lay(line, start, laid, transitions)
            elif line.number not in seen:
                self.lost[f"Event {line.number} has no frames and was left out."] = None
        if not laid.events:
            raise BadRequest("Every event in it is empty or black.")
        return Incoming(
            name=self.title or "Imported EDL",
            rate=self.rate,
            start=start,
            drop_frame=self.drop,
            events=tuple(laid.events),
            transitions=tuple(transitions),
            markers=tuple(
                replace(mark, range=FrameRange(max(0, at - start), max(0, at - start) + 1))
                for at, mark in self.marks
            ),
            lost=tuple(self.lost),
        )

    def _hour(self, frame: int) -> int:
        return int(str(Timecode(frame, self.rate, self.drop))[:2])

    def _take(self, line: str) -> None:
        if match := _EVENT.match(line):
            self._event(match)
        elif line.upper().startswith("TITLE:"):
            self.title = line[6:].strip()
        elif line.upper().startswith("FCM:"):
            # The first is the record's: later ones say how the next source counts, by label too.
            if not self.lines:
                self.drop = line[4:].strip().upper().startswith("DROP") and self.rate.can_drop
        elif line.startswith("*") and (found := _MARK.match(line)):
            self._mark(found)
        elif not self.lines or self._is_left:
            return
        elif match := _M2.match(line):
            self._speed(match)
        elif line.upper().startswith("AUD"):
            self.lines[-1].audio += [int(part) for part in line.split()[1:] if part.isdigit()]
        elif line.startswith("*") or line.upper().startswith(("FROM CLIP", "TO CLIP")):
            self._comment(line.lstrip("* ").strip())

    def _event(self, match: re.Match[str]) -> None:
        number, reel, channels, effect, length = match.groups()[:5]
        labels = match.groups()[5:]
        # Where the record's labels are marked as drop-frame, what is not marked is not.
        marked = any(set(";,") & set(label) for label in labels[2:])
        a, b, c, d = (self._frames(label, marked) for label in labels)
        if effect.startswith("K"):
            self.lost[f"Event {number} is a key, and was taken as a cut."] = None
        day = Timecode(0, self.rate, self.drop).frames_a_day
        d += day if d < c else 0
        b += day if b < a else 0
        line = _Line(
            number, reel, channels.upper(), effect, int(length or 0), (a, b), FrameRange(c, d)
        )
        self._is_left = False
        self.lines.append(line)
        self._last[number, reel] = line

    def _frames(self, text: str, marked: bool = False) -> int:
        is_drop = bool(set(";,") & set(text)) or (self.drop and not marked)
        return label_frames(text, self.rate, is_drop)

    def _speed(self, match: re.Match[str]) -> None:
        told, line = Fraction(match[2]), self.lines[-1]
        line = self._last.get((line.number, match[1]), line)
        shown, lasts = line.source[1] - line.source[0], line.record.duration
        speed = _simplest(abs(told) / self.rate.value, _TENTHS / self.rate.value, shown, lasts)
        speed = speed if told > 0 else -speed
        line.speed = speed

    def _mark(self, found: re.Match[str]) -> None:
        """A locator has a place of its own, whatever became of the event that it stands with."""
        colour = found[2].upper()
        known = Colour(colour) if colour in Colour.__members__ else Colour.RED
        mark = Marker(FrameRange(0, 1), found[3].strip(), "", known)
        self.marks.append((self._frames(found[1]), mark))

    def _comment(self, text: str) -> None:
        line = self.lines[-1]
        key, colon, value = text.partition(":")
        key, value = key.strip().upper(), value.strip()
        if not colon:
            return
        if key == "AUDIO CHANNEL" and (found := _CHANNEL.match(value)):
            line.channel_of[int(found[1])] = int(found[2]) - 1
        elif key in _PATHS and line.length and line.effect[0] in "DW":
            line.said[key] = value  # of what goes and then of what comes: the last is meant
        else:
            line.said.setdefault(key, value)

    def _lay(
        self,
        line: _Line,
        start: int,
        laid: _Laid,
        transitions: list[Transition],
    ) -> None:
        place = line.record.shifted(-start)
        tracks = self._tracks(line)
        is_black = line.reel.upper() == _BLACK
        for track in tracks:
            if line.length and line.effect[0] in "DW":
                transitions += self._joined(line, track, place, laid, is_black)
            if not is_black:
                laid.add(self._placed(line, track, place, tracks))

    def _joined(
        self,
        line: _Line,
        track: str,
        place: FrameRange,
        laid: _Laid,
        is_black: bool,
    ) -> list[Transition]:
        kind = TransitionKind.WIPE if line.effect[0] == "W" else TransitionKind.DISSOLVE
        code = int(line.effect[1:]) if kind is TransitionKind.WIPE else 0
        if not is_black:
            after = min(line.length, place.duration)
            return [Transition(track, place.start, 0, after, kind, code)]
        # What fades to black is seen until the fade is over: it lasts so much longer.
        more = min(line.length, place.duration)
        if not laid.lengthen(track, place.start, more):
            return []
        return [Transition(track, place.start + more, more, 0, kind, code)]

    def _placed(
        self, line: _Line, track: str, place: FrameRange, tracks: list[str]
    ) -> IncomingEvent:
        first, last = line.source
        speed = line.speed if line.speed is not None else Fraction(1)
        if speed == 1 and last - first != place.duration:
            self.lost[
                f"Event {line.number} shows {last - first} source frames in {place.duration}"
                " of the record and gives no speed: it is taken at normal speed."
            ] = None
            last = first + place.duration
        if speed != 1:
            shown = place.duration * abs(speed)
            last = last if abs(last - first - shown) <= 1 else first + max(1, round(shown))
        if speed == 0:
            last = first + 1
        number, own = int(track[1:]), _own(line)
        is_sound = track[0] == "A"
        return IncomingEvent(
            number=line.number,
            track=track,
            reference=_reference(line),
            source=FrameRange(first, max(last, first + 1)),
            rate=self.rate,
            record=place,
            own=own[0] if own else None,
            own_rate=own[1] if own else None,
            link=f"{line.number} {line.record.start}" if len(tracks) > 1 else "",
            channel=line.channel_of.get(number, number - 1) if is_sound else None,
            speed=speed,
            reason=line.said.get("COMMENT", ""),
        )

    def _tracks(self, line: _Line) -> list[str]:
        found: list[str] = []
        text = line.channels
        parts = ["V", "A1"] if text == "B" else [] if text == "NONE" else text.split("/")
        for part in parts:
            match = _TRACKS.match(part)
            if match is None:
                self.lost[f"Event {line.number}: no track is called {part[:20]!r}."] = None
            elif match[5]:
                found += ["A1", "A2"]
            elif match[1]:
                found.append(f"V{int(match[2] or 1)}")
            else:
                found.append(f"A{int(match[4] or 1)}")
        found += [f"A{number}" for number in line.audio if number]
        if 0 in line.audio:
            self.lost[f"Event {line.number}: AUD names a track 0, which is none."] = None
        return list(dict.fromkeys(found))


def _reference(line: _Line) -> Reference:
    joins = bool(line.length) and line.effect[0] in "DW"
    name = line.said.get("TO CLIP NAME", "") if joins else ""
    path = next((line.said[key] for key in _PATHS if key in line.said), "")
    return Reference(
        name=name or line.said.get("FROM CLIP NAME", ""),
        path=path,
        reel=line.said.get("SOURCE REEL", line.reel),
    )


def _simplest(speed: Fraction, within: Fraction, shown: int, lasts: int) -> Fraction:
    """What was typed, most likely: the fraction of smallest denominator that is no farther off and
    shows as many frames as the ranges say, which is finer where they are long; else by the M2 line
    alone, which counts in tenths of a frame a second."""
    near = _fractions_near(speed, within)
    if not speed or not near:
        return speed
    told = next((each for each in near if abs(each * lasts - shown) <= 1), None)
    exact = Fraction(shown, max(1, lasts))
    return told or (exact if abs(exact - speed) <= within else near[0])


@lru_cache(maxsize=256)
def _fractions_near(value: Fraction, within: Fraction) -> tuple[Fraction, ...]:
    """By their denominators, smallest first."""
    found = (
        Fraction(round(value * denominator), denominator)
        for denominator in range(1, _LARGEST_DENOMINATOR)
    )
    return tuple(each for each in found if abs(each - value) <= within)


def _own(line: _Line) -> tuple[FrameRange, FrameRate] | None:
    match = _OWN.match(line.said.get("SOURCE RANGE", ""))
    if not match:
        return None
    return FrameRange(int(match[1]), int(match[2])), FrameRate.parse(match[3])
