"""Final Cut Pro's FCPXML. It has no tracks: what lies in the spine is V1, lanes above are V2 and
on, and sound lies on the lowest audio tracks that are free. A clip's children count its own time.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from dataclasses import replace
from fractions import Fraction
from xml.etree.ElementTree import Element

from editing.cutlist import Colour, Marker, Transition, TransitionKind
from editing.incoming import Incoming, IncomingEvent, Reference
from exporters.readers.fcpxml_parts import ZERO, Media, Parts, Retimed, retimed, time_of
from exporters.readers.xml import xml_read
from mam.errors import BadRequest
from mam.printing import counted
from mam.timing import FrameRange, FrameRate, round_half_up

_CLIPS = frozenset({"asset-clip", "clip", "video", "audio"})
_LEFT_OUT = {
    "ref-clip": "a compound clip",
    "sync-clip": "a synchronized clip",
    "mc-clip": "a multicam clip",
    "audition": "an audition",
}
"""What is not taken over, as Final Cut calls it."""
_PLACED = _CLIPS | _LEFT_OUT.keys() | {"caption", "gap", "title", "spine", "transition"}
_NEAR = Fraction(6, 100)
"""Rates so near are played frame for frame unless the clip says otherwise: 25 in 24."""
DEEPEST = 60

_LANE = re.compile(r"-?\d{1,3}")


class FcpxmlReader:
    """Reads `.fcpxml`."""

    name = "fcpxml"
    suffixes: tuple[str, ...] = (".fcpxml",)

    def read(self, data: bytes, rate: FrameRate | None) -> Incoming:
        root = xml_read(data, "fcpxml")
        for project in root.iter("project"):
            sequence = project.find("sequence")
            if sequence is not None:
                return _Walk(root, project, sequence).edit()
        raise BadRequest("There is no project with a sequence in it.")


class _Walk:
    def __init__(self, root: Element, project: Element, sequence: Element) -> None:
        self._parts = Parts(root)
        self._name = project.get("name") or "Imported project"
        self._sequence = sequence
        rate = self._parts.rates.get(sequence.get("format", ""))
        if rate is None:
            raise BadRequest("The format of its sequence gives no frame rate.")
        self._rate = rate
        self._zero = time_of(sequence, "tcStart")
        self._events: list[IncomingEvent] = []
        self._transitions: list[tuple[str, FrameRange, bool]] = []
        self._markers: list[Marker] = []
        self._lost: dict[str, None] = {}
        self._captions = 0
        self._sound: dict[int, list[FrameRange]] = {}

    def edit(self) -> Incoming:
        spine = self._sequence.find("spine")
        if spine is not None:
            self._story(spine, self._zero, 0, 0, is_connected=False)
        if self._captions:
            were = "was" if self._captions == 1 else "were"
            self._lost[f"{counted(self._captions, 'caption')} {were} left out."] = None
        if not self._events:
            raise BadRequest(" ".join(["There is no clip in its sequence.", *self._lost][:4]))
        drop = self._sequence.get("tcFormat") == "DF" and self._rate.can_drop
        return Incoming(
            name=self._name,
            rate=self._rate,
            start=round_half_up(self._zero * self._rate.value),
            drop_frame=drop,
            events=tuple(self._events),
            transitions=tuple(self._joined()),
            markers=tuple(self._markers),
            lost=tuple(self._lost),
        )

    def _frame(self, at: Fraction) -> int:
        return round_half_up((at - self._zero) * self._rate.value)

    def _story(
        self, spine: Element, begin: Fraction, lane: int, depth: int, *, is_connected: bool = True
    ) -> None:
        """What lies one behind the other, from `begin` on; below lane 0 it is sound."""
        at = begin
        before = len(self._events)
        joins: list[tuple[FrameRange, bool]] = []
        sounds: list[FrameRange] = []
        laid: list[tuple[Element, Fraction]] = []
        for item in spine:
            if item.tag not in _PLACED:
                continue
            # offsets of a connected storyline count from its own begin
            told = time_of(item, "offset", at - begin if is_connected else at)
            where = told + begin if is_connected else told
            if item.tag == "transition":
                is_wipe = "wipe" in item.get("name", "").lower()
                place = self._place(where, time_of(item, "duration"))
                is_heard = item.find("filter-audio") is not None
                if not is_heard or lane < 0 or item.find("filter-video") is not None:
                    joins.append((place, is_wipe))
                if is_heard and lane >= 0:
                    sounds.append(place)
                continue
            laid.append((item, where))
            at = where + time_of(item, "duration")
        first = self._kept(laid, lane)
        for item, where in laid:
            self._item(item, where, lane, depth, first)
        tracks = [f"V{lane + 1}"]
        if lane < 0:
            tracks = sorted({one.track for one in self._events[before:] if one.track[0] == "A"})
        self._transitions += [(track, *join) for track in tracks for join in joins]
        for place in sounds:
            taken = self._under(self._events[before:], tracks[0], place)
            self._transitions += [(track, place, False) for track in taken]

    @staticmethod
    def _under(events: list[IncomingEvent], pictures: str, place: FrameRange) -> list[str]:
        """The tracks of the sound that goes over there along with its pictures."""
        links = {one.link for one in events if one.track == pictures and one.link}
        return sorted(
            {
                one.track
                for one in events
                if one.track[0] == "A" and one.link in links
                for edge in (one.record.start, one.record.end)
                if place.start <= edge <= place.end
            }
        )

    def _kept(self, laid: list[tuple[Element, Fraction]], lane: int) -> int:
        """The lowest audio track of a storyline of sound, whose clips go over into each other and
        so lie on the same ones; 0 of any other, whose clips' sound lies where it is free."""
        if lane >= 0:
            return 0
        heard = [
            (self._place(at, time_of(item, "duration")), len(self._heard(item)))
            for item, at in laid
            if item.tag in _CLIPS
        ]
        width = max((count for _, count in heard), default=0)
        if not width:
            return 0
        first = min(place.start for place, _ in heard)
        return self._free(FrameRange(first, max(place.end for place, _ in heard)), width, -lane)

    def _place(self, at: Fraction, duration: Fraction) -> FrameRange:
        first = self._frame(at)
        return FrameRange(max(0, first), max(0, first, self._frame(at + duration)))

    def _item(self, item: Element, at: Fraction, lane: int, depth: int, kept: int = 0) -> None:
        """`kept` is the lowest audio track of its storyline, where that has one."""
        if depth > DEEPEST:
            raise BadRequest("Its clips are nested too deep.")
        start = time_of(item, "start")
        place = self._place(at, time_of(item, "duration"))
        name = item.get("name", item.tag)[:80]
        if item.tag in _LEFT_OUT:
            self._lost[f"{name} is {_LEFT_OUT[item.tag]} and was left out."] = None
        elif item.tag == "caption":
            self._captions += 1
        elif item.tag == "title" and place.duration:
            self._title(item, place, lane)
        elif item.tag in _CLIPS and place.duration:
            start = self._clip(item, place, lane, kept)
        elif item.tag == "title" or item.tag in _CLIPS:
            self._lost[f"{name} has no frames at frame {place.start} and was left out."] = None
        self._attached(item, at, start, lane, depth)

    def _attached(
        self, item: Element, at: Fraction, start: Fraction, lane: int, depth: int
    ) -> None:
        """What hangs on an item, in whose own time it is placed, and its markers."""
        for child in item:
            if child.tag in ("marker", "chapter-marker"):
                place = self._place(
                    at + time_of(child, "start") - start, time_of(child, "duration")
                )
                words = child.get("value", ""), child.get("note", "")
                whole = FrameRange(place.start, max(place.end, place.start + 1))
                self._markers.append(Marker(whole, *words, _colour(child)))
            elif child.tag in _PLACED and child.get("lane"):
                told = child.get("lane", "0")
                if not _LANE.fullmatch(told):
                    called = child.get("name", child.tag)[:80]
                    self._lost[f"{called} was left out: {told[:20]!r} is no lane."] = None
                    continue
                above = lane + int(told)
                where = at + time_of(child, "offset") - start
                if child.tag == "spine":
                    self._story(child, where, above, depth + 1)
                else:
                    self._item(child, where, above, depth + 1)

    def _title(self, item: Element, place: FrameRange, lane: int) -> None:
        words = "".join("".join(text.itertext()) for text in item.iterfind("text"))
        self._events.append(
            IncomingEvent(
                number=str(len(self._events) + 1),
                track=f"V{max(0, lane) + 1}",
                reference=Reference(name=item.get("name", "Title"), kind="title"),
                source=FrameRange(0, place.duration),
                rate=self._rate,
                record=place,
                enabled=item.get("enabled") != "0",
                text=words or item.get("name", "Title"),
            )
        )

    def _held(self, item: Element) -> tuple[Element | None, Media | None]:
        """What of a clip refers to media, and these."""
        held = (
            item
            if item.get("ref")
            else next(
                (one for one in item if one.tag in ("video", "audio") and one.get("ref")), None
            )
        )
        return held, self._parts.media.get(held.get("ref", "")) if held is not None else None

    def _heard(self, item: Element) -> list[int]:
        held, media = self._held(item)
        if held is None or media is None or item.get("srcEnable") == "video":
            return []
        return self._channels(item, media, held)

    def _clip(self, item: Element, place: FrameRange, lane: int, kept: int) -> Fraction:
        """The events of a clip; its own time's begin is answered."""
        held, media = self._held(item)
        if held is None or media is None:
            name = item.get("name", item.tag)[:80]
            self._lost[
                f"{name} refers to a file that the FCPXML does not describe, and was left out."
            ] = None
            return time_of(item, "start")
        start = time_of(item, "start", media.start if held is item else ZERO)
        shown = start if held is item else time_of(held, "start") + start - time_of(held, "offset")
        map = retimed(item) or self._conformed(item, media, shown)
        if map is not None and not map.is_even:
            told = f"{media.name} changes speed as it plays: it is taken at the average."
            self._lost[told] = None
        event = self._event(item, media, place, shown, map)
        link = event.number
        wanted = item.get("srcEnable", "all")
        is_picture = media.has_video and wanted != "audio" and held.tag != "audio"
        channels = self._heard(item)
        tracks = [f"V{max(0, lane) + 1}"] if is_picture else []
        first = kept or 1
        if channels and not kept:
            first = self._free(place, len(channels), max(1, -lane))
        for track in tracks:
            self._events.append(_on(event, track, None, link if channels else ""))
        for number, channel in enumerate(channels):
            self._events.append(_on(event, f"A{first + number}", channel, link))
        return start

    def _event(
        self, item: Element, media: Media, place: FrameRange, shown: Fraction, map: Retimed | None
    ) -> IncomingEvent:
        rate = media.rate or (self._rate if media.has_video else media.sample_rate)
        speed = map.speed if map else Fraction(1)
        first = map.at(shown) if map else shown
        lasts = self._rate.seconds(place.duration) * abs(speed)
        if speed < 0:  # played from its last frame to its first
            first -= lasts
        start = round_half_up(first * rate.value)
        frames = max(1, round_half_up(lasts * rate.value)) if speed else 1
        note = item.find("note")
        return IncomingEvent(
            number=str(len(self._events) + 1),
            track="V1",
            reference=Reference(
                name=item.get("name") or media.name,
                path=media.path or media.name,
                reel=media.reel,
                start=round_half_up(media.start * rate.value),
                kind="still" if media.is_still else "",
            ),
            source=FrameRange(max(0, start), max(0, start) + frames),
            rate=rate,
            record=place,
            speed=speed,
            enabled=item.get("enabled") != "0",
            reason=(note.text or "").strip() if note is not None else "",
        )

    def _conformed(self, item: Element, media: Media, shown: Fraction) -> Retimed | None:
        """Final Cut plays rates that are near each other frame for frame, unless told not to."""
        told = item.find("conform-rate")
        if told is None or told.get("scaleEnabled") == "0" or media.rate is None:
            return None
        ratio = self._rate.value / media.rate.value
        if ratio == 1 or abs(ratio - 1) > _NEAR:
            return None
        return Retimed(shown, shown, ratio, True)

    def _channels(self, item: Element, media: Media, held: Element) -> list[int]:
        told = {
            int(number) - 1: one.get("active") != "0"
            for one in item.iterfind("audio-channel-source")
            for number in one.get("srcCh", "").replace(",", " ").split()
            if number.isdigit()
        }
        if held.tag == "video" and item.tag == "video":
            return []
        return [n for n in range(media.channels) if told.get(n, not told or n not in told)]

    def _free(self, place: FrameRange, count: int, first: int) -> int:
        """The lowest audio track from which on so many are free there; they are taken."""
        while any(
            place.overlaps(other)
            for number in range(first, first + count)
            for other in self._sound.get(number, [])[-8:]
        ):
            first += 1
        for number in range(first, first + count):
            self._sound.setdefault(number, []).append(place)
        return first

    def _joined(self) -> list[Transition]:
        """Transitions around the cuts that lie in them; a fade lies at an end."""
        found = []
        cuts: dict[str, set[int]] = {}
        for event in self._events:
            cuts.setdefault(event.track, set()).update((event.record.start, event.record.end))
        ordered = {track: sorted(edges) for track, edges in cuts.items()}
        for track, place, is_wipe in self._transitions:
            among = ordered.get(track, [])
            edges = among[bisect_left(among, place.start) : bisect_right(among, place.end)]
            if not edges or not place.duration:
                self._lost[f"A transition on {track} joins nothing and was left out."] = None
                continue
            middle = (place.start + place.end) // 2
            at = min(edges, key=lambda edge: abs(edge - middle))
            kind = TransitionKind.WIPE if is_wipe else TransitionKind.DISSOLVE
            found.append(
                Transition(track, at, at - place.start, place.end - at, kind, 1 if is_wipe else 0)
            )
        return found


def _on(event: IncomingEvent, track: str, channel: int | None, link: str) -> IncomingEvent:
    return replace(event, track=track, channel=channel, link=link)


def _colour(marker: Element) -> Colour:
    """Final Cut has three: a to-do is red, done it is green; the others are blue or orange."""
    if marker.tag == "chapter-marker":
        return Colour.ORANGE
    done = marker.get("completed")
    return {None: Colour.BLUE, "0": Colour.RED}.get(done, Colour.GREEN)
