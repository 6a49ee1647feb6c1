"""FCP7 XML (xmeml 4 and 5), as Final Cut, Premiere and Resolve write it.

`in` and `out` count the file's frames in the clip's rate. At the side of a transition a clip's
`start` or `end` is -1: it lasts through the transition, and is cut where its alignment says.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from xml.etree.ElementTree import Element

from editing.cutlist import Colour, Marker, Transition, TransitionKind
from editing.incoming import Incoming, IncomingEvent, Reference
from exporters.readers.xmeml_parts import MediaFile, rate_of
from exporters.readers.xml import TRUE, number_of, text_of, xml_read
from mam.errors import BadRequest
from mam.timing import FrameRange, FrameRate, round_half_up

_TEXT_PARAMETERS = frozenset({"str", "text", "sourcetext"})
_TITLES = ("text", "title", "outline text", "lower third")
TICKS = 254_016_000_000
"""Of Premiere, a second."""


class XmemlReader:
    """Reads `.xml` and `.xmeml`."""

    name = "xmeml"
    suffixes: tuple[str, ...] = (".xml", ".xmeml")

    def read(self, data: bytes, rate: FrameRate | None) -> Incoming:
        root = xml_read(data, "xmeml")
        sequence = next(
            (one for one in root.iter("sequence") if one.find("media") is not None), None
        )
        if sequence is None:
            raise BadRequest("There is no sequence in it.")
        return _Walk(root, sequence, rate).edit()


class _Walk:
    def __init__(self, root: Element, sequence: Element, rate: FrameRate | None) -> None:
        self._sequence = sequence
        self._rate = rate or rate_of(sequence) or rate_of(next(root.iter("clipitem"), None))
        # a file is described once, and named by its id from then on
        self._files = {
            file.get("id", ""): MediaFile.of(file)
            for file in root.iter("file")
            if len(file) and file.get("id")
        }
        self._links: dict[str, str] = {}
        self._events: list[IncomingEvent] = []
        self._transitions: list[Transition] = []
        self._lost: dict[str, None] = {}

    def edit(self) -> Incoming:
        sequence, rate = self._sequence, self._rate
        if rate is None:
            raise BadRequest("Its sequence gives no frame rate.")
        media = sequence.find("media")
        for kind, tag in (("V", "video"), ("A", "audio")):
            tracks = media.findall(f"{tag}/track") if media is not None else []
            for number, track in enumerate(tracks, 1):
                self._track(track, f"{kind}{number}", rate)
        if not self._events:
            raise BadRequest("There is no clip in its sequence.")
        drop = text_of(sequence, "timecode/displayformat") == "DF" and rate.can_drop
        size = sequence.find("media/video/format/samplecharacteristics")
        return Incoming(
            name=text_of(sequence, "name") or "Imported sequence",
            rate=rate,
            start=number_of(sequence, "timecode/frame"),
            drop_frame=drop,
            width=number_of(size, "width"),
            height=number_of(size, "height"),
            events=tuple(self._events),
            transitions=tuple(self._transitions),
            markers=tuple(_markers(sequence)),
            lost=tuple(self._lost),
        )

    def _track(self, track: Element, name: str, rate: FrameRate) -> None:
        items = [
            item for item in track if item.tag in ("clipitem", "generatoritem", "transitionitem")
        ]
        disabled = text_of(track, "enabled", "TRUE") not in TRUE
        for at, item in enumerate(items):
            before = items[at - 1] if at else None
            after = items[at + 1] if at + 1 < len(items) else None
            if item.tag == "transitionitem":
                self._transition(item, name, rate, before, after)
            elif item.find("sequence") is not None:
                self._lost[f"{_called(item)} on {name} is a sequence and was left out."] = None
            else:
                self._item(item, name, rate, (before, after), disabled)

    def _item(
        self,
        item: Element,
        track: str,
        rate: FrameRate,
        beside: tuple[Element | None, Element | None],
        disabled: bool,
    ) -> None:
        first, last = number_of(item, "start", -1), number_of(item, "end", -1)
        shown_first, shown_last = number_of(item, "in"), number_of(item, "out")
        file = self._file(item)
        own = rate_of(item) or file.rate or rate
        speed = self._speed(item, track)
        head = tail = 0
        if first == -1:
            if beside[0] is None or beside[0].tag != "transitionitem":
                return self._leave(item, track)
            first = _cut(beside[0])
            head = first - number_of(beside[0], "start")
        if last == -1:
            if beside[1] is None or beside[1].tag != "transitionitem":
                return self._leave(item, track)
            last = _cut(beside[1])
            tail = number_of(beside[1], "end") - last
        if last <= first:
            return self._leave(item, track)
        place = FrameRange(first, last)
        if item.tag == "generatoritem":
            return self._title(item, track, place, rate, disabled)
        per_frame = own.value / rate.value  # frames of the clip's own count in one of the record
        if speed == 0:  # its one frame is shown in its transitions as well
            head = tail = 0
        start = shown_first + round_half_up(head * per_frame)
        end = shown_last - round_half_up(tail * per_frame)
        finer = _ticks(item, shown_first, own)
        source = _played(start, max(end, start + 1), place, speed, own, rate, finer)
        if speed < 0:  # `in` counts from the file's last frame
            last = file.duration - source.start
            source = FrameRange(max(0, last - source.duration), max(1, last))
        self._events.append(
            IncomingEvent(
                number=item.get("id") or str(len(self._events) + 1),
                track=track,
                reference=_reference(item, file, own),
                source=source.shifted(file.start(own)),
                rate=own,
                record=place,
                link=self._link(item),
                channel=max(0, number_of(item, "sourcetrack/trackindex", 1) - 1)
                if track[0] == "A"
                else None,
                speed=speed,
                enabled=not disabled and text_of(item, "enabled", "TRUE") in TRUE,
                reason=text_of(item.find("logginginfo"), "lognote"),
            )
        )
        return None

    def _title(
        self, item: Element, track: str, place: FrameRange, rate: FrameRate, disabled: bool
    ) -> None:
        words = [
            text_of(parameter, "value")
            for parameter in item.iter("parameter")
            if text_of(parameter, "parameterid").lower() in _TEXT_PARAMETERS
        ]
        effect = text_of(item, "effect/effectid").lower()
        if not words and effect not in _TITLES:
            self._leave(item, track)
            return
        self._events.append(
            IncomingEvent(
                number=item.get("id") or str(len(self._events) + 1),
                track=track,
                reference=Reference(name=_called(item), kind="title"),
                source=FrameRange(0, place.duration),
                rate=rate,
                record=place,
                enabled=not disabled and text_of(item, "enabled", "TRUE") in TRUE,
                text="\n".join("\n".join(words).splitlines()) or _called(item),
            )
        )

    def _leave(self, item: Element, track: str) -> None:
        self._lost[f"{_called(item)} on {track} was left out."] = None

    def _transition(
        self,
        item: Element,
        track: str,
        rate: FrameRate,
        before: Element | None,
        after: Element | None,
    ) -> None:
        start, end, at = number_of(item, "start", -1), number_of(item, "end", -1), _cut(item)
        if not 0 <= start <= at <= end or start == end:
            self._lost[f"A transition on {track} without a place was left out."] = None
            return
        code = number_of(item, "effect/wipecode")
        category = text_of(item, "effect/effectcategory").lower()
        is_wipe = code > 0 or "wipe" in category or "wipe" in text_of(item, "effect/name").lower()
        kind = TransitionKind.WIPE if is_wipe else TransitionKind.DISSOLVE
        self._transitions.append(
            Transition(track, at, at - start, end - at, kind, code if is_wipe else 0)
        )

    def _speed(self, item: Element, track: str) -> Fraction:
        effects = (effect for one in item.findall("filter") for effect in one.findall("effect"))
        for effect in effects:
            if text_of(effect, "effectid") != "timeremap":
                continue
            values = {
                text_of(one, "parameterid"): text_of(one, "value")
                for one in effect.iter("parameter")
            }
            if values.get("variablespeed", "0") not in ("0", "FALSE"):
                self._lost[
                    f"{_called(item)} on {track} changes speed as it plays: it is taken at the"
                    " average."
                ] = None
            try:
                speed = Fraction(values.get("speed", "100")).limit_denominator(100_000) / 100
            except (ValueError, ZeroDivisionError):
                speed = Fraction(1)
            return -abs(speed) if values.get("reverse") in TRUE else speed
        return Fraction(1)

    def _file(self, item: Element) -> MediaFile:
        file = item.find("file")
        if file is None:
            return MediaFile()
        return self._files.get(file.get("id", "")) or MediaFile.of(file)

    def _link(self, item: Element) -> str:
        """One word for all that is linked; each lists the others, and often itself."""
        names = [text_of(link, "linkclipref") for link in item.findall("link")]
        names = [name for name in (item.get("id", ""), *names) if name]
        if len(set(names)) < 2:
            return ""
        known = next((self._links[name] for name in names if name in self._links), names[0])
        self._links.update(dict.fromkeys(names, known))
        return known


def _ticks(item: Element, first: int, own: FrameRate) -> Fraction:
    """What has to be added to `in`, in frames: Premiere says it in ticks besides, more finely."""
    ticks = number_of(item, "pproTicksIn", -1)
    more = Fraction(ticks, TICKS) * own.value - first
    return more if ticks >= 0 and abs(more) <= Fraction(1, 2) else Fraction(0)


def _played(
    start: int,
    end: int,
    place: FrameRange,
    speed: Fraction,
    own: FrameRate,
    rate: FrameRate,
    finer: Fraction,
) -> FrameRange:
    """The file's frames that are seen. At another speed `in` and `out` count the clip as it is
    played: frame n of it is frame n x speed of the file; `finer` is a part of a frame more."""
    if speed == 1:
        return FrameRange(start, end)
    if speed == 0:
        return FrameRange(start, start + 1)
    first = round_half_up((start + finer) * abs(speed))
    lasts = round_half_up(place.duration / rate.value * own.value * abs(speed))
    return FrameRange(first, first + max(1, lasts))


def _cut(item: Element) -> int:
    """The record frame that a transition's neighbours are cut at."""
    start, end = number_of(item, "start", -1), number_of(item, "end", -1)
    alignment = text_of(item, "alignment").lower()
    if alignment.startswith("start"):
        return start
    if alignment.startswith("end"):
        return end
    return (start + end) // 2


def _reference(item: Element, file: MediaFile, rate: FrameRate) -> Reference:
    return Reference(
        name=text_of(item, "name") or file.name,
        path=file.path,
        reel=file.reel,
        start=file.start(rate),
        kind="still" if text_of(item, "stillframe") in TRUE else "",
    )


def _markers(sequence: Element) -> Iterator[Marker]:
    for marker in sequence.iterfind("marker"):
        at, end = number_of(marker, "in"), number_of(marker, "out", -1)
        if at >= 0:
            name, note = text_of(marker, "name"), text_of(marker, "comment")
            yield Marker(FrameRange(at, max(end, at + 1)), name, note, _colour(marker))


def _colour(marker: Element) -> Colour:
    """The nearest of the colours that have names."""
    colour = marker.find("color")
    if colour is None:
        return Colour.RED
    told = tuple(number_of(colour, part) for part in ("red", "green", "blue"))

    def apart(one: Colour) -> int:
        return sum((a - b) ** 2 for a, b in zip(_COLOURS[one], told, strict=True))

    return min(_COLOURS, key=apart)


_COLOURS = {
    Colour.RED: (255, 0, 0),
    Colour.PINK: (255, 128, 192),
    Colour.ORANGE: (255, 128, 0),
    Colour.YELLOW: (255, 255, 0),
    Colour.GREEN: (0, 255, 0),
    Colour.CYAN: (0, 255, 255),
    Colour.BLUE: (0, 0, 255),
    Colour.PURPLE: (128, 0, 255),
    Colour.MAGENTA: (255, 0, 255),
    Colour.BLACK: (0, 0, 0),
    Colour.WHITE: (255, 255, 255),
}


def _called(item: Element) -> str:
    return (text_of(item, "name") or item.get("id") or "A clip")[:80]
