"""Places, transitions, speeds and titles of xmeml, one element at a time.

Beside a transition a clipitem has -1 for its start or end, and its in and out take in the handle
that the transition shows, as Final Cut Pro 7 and Premiere write it. At another speed in and out
count frames of the changed clip: `in` times the speed is the source's frame, counted from its end
where it plays backwards, and out less in is what lies on the timeline. A held frame is a still
frame of the clip: in is the frame itself, whatever lies before out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from xml.sax.saxutils import escape

from editing.cutlist import Colour, CutList, Event, Marker, Transition, TransitionKind
from exporters.base import same_time, shown
from mam.timing import FrameRate, Timecode, rescale, round_half_up

TICKS = 254_016_000_000
NO_PLACE = -1  # what a start or end says that a transition says in its stead
# red, green and blue of each colour that a marker may have
COLOURS = {
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


@dataclass(frozen=True)
class Sides:
    """The transitions at the start and at the end of an event."""

    head: Transition | None = None
    tail: Transition | None = None

    @property
    def lead(self) -> int:
        """Record frames that are shown ahead of the cut."""
        return self.head.before if self.head else 0

    @property
    def trail(self) -> int:
        """Record frames that are shown behind the end."""
        return self.tail.after if self.tail else 0


def sides_of(cutlist: CutList) -> dict[tuple[str, int], Sides]:
    """Of the events that a transition touches, by track and first record frame."""
    heads: dict[tuple[str, int], Transition] = {}
    tails: dict[tuple[str, int], Transition] = {}
    for item in cutlist.transitions:
        out, into = cutlist.neighbours(item)
        if out:
            tails[item.track, out.record_range.start] = item
        if into:
            heads[item.track, into.record_range.start] = item
    return {at: Sides(heads.get(at), tails.get(at)) for at in {**heads, **tails}}


@dataclass(frozen=True)
class Place:
    """In and out of a clipitem at its own rate, and both in ticks where frames are not exact."""

    into: int
    out: int
    ticks: tuple[int, int] | None = None


def place(event: Event, sides: Sides, rate: FrameRate, record: FrameRate) -> Place:
    """Where in its source an item begins and ends, handles and all."""
    source, chosen = event.source, event.source_range
    shown_for = event.record_range.duration + sides.lead + sides.trail
    if source.kind in ("still", "title"):
        return Place(0, rescale(shown_for, record, rate))
    if event.speed != 1:
        return _retimed(event, sides, rate, record)
    lead, trail = rescale(sides.lead, record, rate), rescale(sides.trail, record, rate)
    length = rescale(event.record_range.duration, record, rate)
    if rate.value == source.rate.value:
        end = chosen.end if same_time(event, record) else chosen.start + length
        into, out, ticks = chosen.start - lead, end + trail, None
        if (sides.lead or sides.trail) and rate.value != record.value:
            ticks = _ticks(chosen.start, end, sides, rate, record)
        return Place(into, out, ticks)
    start = rescale(chosen.start, source.rate, rate)
    ticks = _ticks(chosen.start, chosen.end, sides, source.rate, record)
    return Place(start - lead, start + length + trail, ticks)


def _retimed(event: Event, sides: Sides, rate: FrameRate, record: FrameRate) -> Place:
    source, chosen = event.source, event.source_range
    ratio = rate.value / source.rate.value
    if not event.speed:
        start = round_half_up(chosen.start * ratio)
        shown_for = event.record_range.duration + sides.lead + sides.trail
        return Place(start, start + max(1, rescale(shown_for, record, rate)))
    ahead = chosen.start if event.speed > 0 else source.duration - chosen.end
    lead, total = sides.lead, event.record_range.duration + sides.lead + sides.trail
    exact = ahead * ratio / abs(event.speed) - lead * rate.value / record.value
    length = total * rate.value / record.value
    into = round_half_up(exact)
    out = into + round_half_up(length)
    if exact.denominator == 1 and length.denominator == 1:
        return Place(into, out)
    a_frame = TICKS / rate.value
    return Place(
        into, out, (round_half_up(exact * a_frame), round_half_up((exact + length) * a_frame))
    )


def _ticks(
    start: int, end: int, sides: Sides, rate: FrameRate, record: FrameRate
) -> tuple[int, int]:
    a_frame, a_record_frame = TICKS / rate.value, TICKS / record.value
    return (
        round_half_up(start * a_frame - sides.lead * a_record_frame),
        round_half_up(end * a_frame + sides.trail * a_record_frame),
    )


def start_and_end(event: Event, sides: Sides) -> str:
    start = NO_PLACE if sides.head else event.record_range.start
    end = NO_PLACE if sides.tail else event.record_range.end
    return f"<start>{start}</start><end>{end}</end>"


def transition_element(item: Transition, cutlist: CutList) -> Iterator[str]:
    out, into = cutlist.neighbours(item)
    is_video = item.track.startswith("V")
    # the cut of any other is the middle for who reads no ticks; what is shown is the same
    alignment = "end" if not item.after else "center" if item.before else "start"
    black = "-black" if not (out and into) else ""
    yield "<transitionitem>"
    yield f"<start>{item.range.start}</start><end>{item.range.end}</end>"
    yield f"<alignment>{alignment}{black}</alignment>"
    cut = round_half_up(item.before * TICKS / cutlist.rate.value)
    yield f"<cutPointTicks>{cut}</cutPointTicks>"
    yield rate_element(cutlist.rate)
    name, effect, category, code = "Cross Dissolve", "Cross Dissolve", "Dissolve", 0
    if not is_video:
        name, effect, category = "Cross Fade (+3dB)", "KGAudioTransCrossFade3dB", "Dissolve"
    elif item.kind is TransitionKind.WIPE:
        name, effect, category, code = "Edge Wipe", "Edge Wipe", "Wipe", item.wipe
    yield f"<effect><name>{name}</name><effectid>{effect}</effectid>"
    yield f"<effectcategory>{category}</effectcategory><effecttype>transition</effecttype>"
    yield f"<mediatype>{'video' if is_video else 'audio'}</mediatype>"
    yield f"<wipecode>{code}</wipecode><wipeaccuracy>100</wipeaccuracy>"
    yield "<startratio>0</startratio><endratio>1</endratio><reverse>FALSE</reverse></effect>"
    yield "</transitionitem>"


def speed_element(event: Event) -> Iterator[str]:
    """The filter that every program knows another speed by; nothing at a clip's own."""
    if event.speed == 1:
        return
    kind = "video" if event.is_video else "audio"
    yield "<filter><effect><name>Time Remap</name><effectid>timeremap</effectid>"
    yield "<effectcategory>motion</effectcategory><effecttype>motion</effecttype>"
    yield f"<mediatype>{kind}</mediatype>"
    for name, limits, value in (
        ("variablespeed", "<valuemin>0</valuemin><valuemax>1</valuemax>", "0"),
        (
            "speed",
            "<valuemin>-100000</valuemin><valuemax>100000</valuemax>",
            _percent(abs(event.speed)),
        ),
        ("reverse", "", boolean(event.speed < 0)),
        ("frameblending", "", "FALSE"),
    ):
        yield (
            f"<parameter><parameterid>{name}</parameterid><name>{name}</name>{limits}"
            f"<value>{value}</value></parameter>"
        )
    yield "</effect></filter>"


def still_element(event: Event) -> Iterator[str]:
    if event.source.kind == "still":
        yield "<stillframe>TRUE</stillframe>"
    elif not event.speed:
        yield "<stillframe>TRUE</stillframe>"
        yield f"<stillframeoffset>{event.source_range.start}</stillframeoffset>"


def title_element(event: Event, sides: Sides, rate: FrameRate, name: str) -> Iterator[str]:
    """A title: Final Cut's own Text generator, whose lines are parted by carriage returns."""
    at = place(event, sides, rate, rate)
    words = "&#13;".join(text(line) for line in event.text.split("\n"))
    yield f'<generatoritem id="{name}">'
    yield f"<name>{text(event.name or event.source.name)}</name>"
    yield f"<enabled>{boolean(event.enabled)}</enabled>"
    yield f"<duration>{at.out}</duration>"
    yield rate_element(rate)
    yield start_and_end(event, sides)
    yield f"<in>{at.into}</in><out>{at.out}</out>"
    yield "<anamorphic>FALSE</anamorphic><alphatype>black</alphatype>"
    yield "<effect><name>Text</name><effectid>Text</effectid>"
    yield "<effectcategory>Text</effectcategory><effecttype>generator</effecttype>"
    yield "<mediatype>video</mediatype>"
    yield "<parameter><parameterid>str</parameterid><name>Text</name>"
    yield f"<value>{words}</value></parameter>"
    yield "</effect>"


def marker_element(marker: Marker) -> str:
    """One that lasts a frame is a point: its out is -1."""
    place = marker.range
    red, green, blue = COLOURS[marker.colour]
    return (
        f"<marker><name>{text(marker.name)}</name><comment>{text(marker.note)}</comment>"
        f"<in>{place.start}</in><out>{place.end if place.duration > 1 else -1}</out>"
        f"<color><alpha>255</alpha><red>{red}</red><green>{green}</green><blue>{blue}</blue>"
        "</color></marker>"
    )


def note_element(event: Event) -> Iterator[str]:
    """Why a clip was chosen, and that it is generated: in the bin's columns, and by its label."""
    generated = event.source.origin == "generated"
    said = "<description>Generated: shot by no camera</description>" if generated else ""
    if event.reason:
        said += f"<lognote>{text(event.reason)}</lognote>"
    if said:
        yield f"<logginginfo>{said}</logginginfo>"
    if generated:
        yield "<labels><label2>Lavender</label2></labels>"


def text(words: str) -> str:
    return escape(shown(words))


def boolean(value: bool) -> str:
    return "TRUE" if value else "FALSE"


def rate_element(rate: FrameRate) -> str:
    return f"<rate><timebase>{rate.nominal}</timebase><ntsc>{boolean(rate.is_ntsc)}</ntsc></rate>"


def timecode_element(first: Timecode, reel: str | None = None) -> str:
    frame = first.frames % first.frames_a_day
    name = "" if reel is None else f"<reel><name>{text(reel)}</name></reel>"
    return (
        f"<timecode>{rate_element(first.rate)}<string>{first}</string><frame>{frame}</frame>"
        f"<displayformat>{'DF' if first.drop else 'NDF'}</displayformat>{name}</timecode>"
    )


def _percent(speed: Fraction) -> str:
    """No frame of a clip of any length is missed by the tenth decimal."""
    return f"{float(speed * 100):.10f}".rstrip("0").rstrip(".")
