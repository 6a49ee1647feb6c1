"""Cut lists that hold every feature: transitions, speeds, held frames, stills, titles, markers,
disabled and generated clips. One by hand, and random ones."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from hypothesis import strategies as st

from editing.cutlist import (
    AudioLayout,
    Colour,
    CutList,
    Event,
    Marker,
    Source,
    Transition,
    TransitionKind,
    title_source,
)
from mam.timing import FrameRange, FrameRate, rescale
from tests.exporters.cuts import HOUR, cutlists

PAL = FrameRate.of(25)
STEREO = (AudioLayout(1, 2, 48000, "stereo"),)


def everything(rate: FrameRate = PAL, *, drop: bool = False) -> CutList:
    """Every feature once or twice; all sources at the timeline's rate with room for handles."""

    def master(number: int, name: str, **more: object) -> Source:
        hour = number * HOUR * rate.nominal
        start = hour - (2 * 54 * number * (rate.nominal // 30) if drop else 0)
        given = {
            "asset_id": f"asset-{number}",
            "name": name,
            "path": f"/mnt/san/day 1/{name}",
            "kind": "video",
            "rate": rate,
            "duration": 3000,
            "start": start,
            "drop_frame": drop,
            "reel": f"A00{number}",
            "width": 1920,
            "height": 1080,
            "audio": STEREO,
            "content_hash": f"hash-{number}",
        }
        return Source(**(given | more))  # type: ignore[arg-type]

    one, two, three = (master(n, f"take {n}.mov") for n in (1, 2, 3))
    made = master(4, "made.mp4", origin="generated", audio=(), reel="")
    still = master(5, "logo #1.png", kind="still", duration=1, audio=(), start=0, reel="")

    def at(source: Source, first: int, last: int, start: int, link: str = "") -> list[Event]:
        chosen, place = FrameRange(first, last), FrameRange(start, start + last - first)
        picture = Event("V1", source, chosen, place, link, name=source.name)
        return [picture, *(replace(picture, track=f"A{n + 1}", channel=n) for n in range(2))]

    events = [
        *at(one, 100, 200, 0, "1"),  # fades in, dissolves into the next
        *at(two, 300, 400, 100, "2"),
        Event("V1", three, FrameRange(500, 600), FrameRange(200, 300), "3"),  # wiped in
        Event("V1", one, FrameRange(1000, 1100), FrameRange(300, 350), "4", speed=Fraction(2)),
        Event("V1", two, FrameRange(1000, 1050), FrameRange(350, 450), "5", speed=Fraction(1, 2)),
        Event("V1", three, FrameRange(1000, 1050), FrameRange(450, 500), "6", speed=Fraction(-1)),
        Event("V1", one, FrameRange(1500, 1501), FrameRange(500, 540), "7", speed=Fraction(0)),
        Event("V1", still, FrameRange(0, 1), FrameRange(540, 600), "8"),
        Event("V1", made, FrameRange(10, 60), FrameRange(620, 670), "9", reason="a fill: waves"),
        Event("V2", two, FrameRange(700, 750), FrameRange(20, 70), "10", enabled=False),
        Event(
            "V2", title_source(rate, 75, 1), FrameRange(0, 75), FrameRange(220, 295), "11",
            name="Lower third", text="Jörg & Ann\nHead of <archive>",
        ),
    ]  # fmt: skip
    transitions = (
        Transition("V1", 0, 0, 12),
        Transition("V1", 100, 12, 12),
        Transition("A1", 100, 6, 6),
        Transition("A2", 100, 6, 6),
        Transition("V1", 200, 0, 25, TransitionKind.WIPE, 1),
        Transition("V1", 670, 20, 0),
    )
    markers = (
        Marker(FrameRange(50, 51), "Look", "eyeline & focus", Colour.GREEN),
        Marker(FrameRange(310, 335), "Speed", "", Colour.PURPLE),
    )
    start = HOUR * rate.nominal - (2 * 54 * (rate.nominal // 30) if drop else 0)
    return CutList(
        "Everything", rate, start, drop, events=tuple(events), transitions=transitions,
        markers=markers,
    )  # fmt: skip


def joined(rate: FrameRate = PAL, *, drop: bool = False) -> CutList:
    """`everything` with a dissolve at every cut of its pictures, whatever their speeds."""
    cut = everything(rate, drop=drop)
    cuts = [event.record_range.end for event in cut.on("V1")[:7]]
    dissolves = tuple(Transition("V1", at, 7, 6) for at in cuts)
    sounds = tuple(item for item in cut.transitions if item.track != "V1")
    return replace(cut, transitions=dissolves + sounds)


@st.composite
def rich_cutlists(draw: st.DrawFn, *, odd_rates: bool = False) -> CutList:
    """As `cutlists`, with speeds, transitions where neighbours abut, markers, disabled clips."""
    cut = draw(cutlists(odd_rates=odd_rates))
    events = tuple(_changed(draw, event, cut) for event in cut.events)
    cut = replace(cut, events=events)
    found = []
    for track in cut.tracks:
        lain = cut.on(track)
        free = 0
        for out, into in zip((None, *lain), (*lain, None), strict=True):
            if out and into and out.record_range.end != into.record_range.start:
                continue
            at = into.record_range.start if into else out.record_range.end if out else 0
            before = draw(st.integers(0, min(12, out.record_range.duration // 2))) if out else 0
            after = draw(st.integers(0, min(12, into.record_range.duration // 2))) if into else 0
            if before + after and at - before >= free and draw(st.booleans()):
                is_wipe = bool(out and into and track[0] == "V" and draw(st.booleans()))
                kind = TransitionKind.WIPE if is_wipe else TransitionKind.DISSOLVE
                code = draw(st.integers(1, 20)) if is_wipe else 0
                found.append(Transition(track, at, before, after, kind, code))
                free = at + after
    marked = st.builds(
        lambda at, length, name, note, colour: Marker(
            FrameRange(at, at + length), name, note, colour
        ),
        st.integers(0, max(0, cut.duration - 1)),
        st.integers(1, 30),
        st.sampled_from(["", "Look", "ä & <b>", "two\nlines"]),
        st.sampled_from(["", "see “this”"]),
        st.sampled_from(Colour),
    )
    markers = tuple(draw(st.lists(marked, max_size=3)))
    return replace(cut, transitions=tuple(found), markers=markers)


def _changed(draw: st.DrawFn, event: Event, cut: CutList) -> Event:
    """The event, perhaps at another speed: its source range is what that shows."""
    enabled = draw(st.sampled_from([True, True, True, False]))
    event = replace(event, enabled=enabled)
    if event.source.kind != "video" or not event.is_video or draw(st.booleans()):
        return event
    speed = draw(st.sampled_from([Fraction(2), Fraction(1, 2), Fraction(-1), Fraction(0)]))
    rate, first = event.source.rate, event.source_range.start
    if speed == 0:
        return replace(event, source_range=FrameRange(first, first + 1), speed=speed)
    length = rescale(event.record_range.duration, cut.rate, rate) * abs(speed)
    frames = max(1, int(length + Fraction(1, 2)))
    if first + frames > event.source.duration:
        return event
    return replace(event, source_range=FrameRange(first, first + frames), speed=speed)
