"""Cut lists for the tests of the dialects: random ones, and a few that are awkward on purpose."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import replace
from fractions import Fraction

from hypothesis import strategies as st

from editing.cutlist import AudioLayout, CutList, Event, Source, conformed_duration
from mam.timing import FrameRange, FrameRate, rescale

# rate, drop-frame
COUNTED = [
    ("24000/1001", False),
    ("24", False),
    ("25", False),
    ("30000/1001", False),
    ("30000/1001", True),
    ("30", False),
    ("50", False),
    ("60000/1001", False),
    ("60000/1001", True),
    ("60", False),
]
ODD_RATES = [("25/2", False), ("2983/100", False), ("48", False), ("15", False)]
ODD_NAMES = [
    "plain.mov",
    "quo\"te's & <tags>.mov",
    "two\nlines\r\nand\ttab.mov",
    "* FROM CLIP NAME: 001  AX V C.mov",
    "bell\x07null\x00del\x7fnel\x85sep\u2028\u2029.mov",
    "bytes\udcff\udcfe\udc80.mov",
    "lone\ud83dhigh.mov",
    "nonchar\ufffe\uffff.mov",
    "עברית\u200f\u202emov.txt",
    "emoji 🎬👩‍👩‍👧.mov",
    "Straße #1 & 100%; ä=ö?.mov",
    "  spaces  ",
    "]]>",
]
HOUR = 3600


def rate_of(text: str) -> FrameRate:
    return FrameRate(Fraction(text))


names = st.sampled_from(ODD_NAMES) | st.text(
    st.characters(exclude_characters="/"), min_size=1, max_size=20
)


@st.composite
def sources(draw: st.DrawFn, number: int, *, odd_rates: bool, hours: int) -> Source:
    kind = draw(st.sampled_from(["video", "video", "video", "audio"]))
    layout = st.builds(
        AudioLayout,
        stream=st.just(0),
        channels=st.integers(1, 3),
        sample_rate=st.sampled_from([44100, 48000]),
    )
    drawn = draw(st.lists(layout, min_size=kind == "audio", max_size=2))
    audio = tuple(replace(each, stream=place) for place, each in enumerate(drawn))
    if kind == "audio":
        rate, drop = FrameRate.of(audio[0].sample_rate), False
    else:
        text, drop = draw(st.sampled_from(COUNTED + (ODD_RATES if odd_rates else [])))
        rate = rate_of(text)
    name = draw(names)
    # half a character is in no path that a disk gives; an undecodable byte may be
    stored = re.sub("[\ud800-\udc7f\udd00-\udfff]", "", name)
    return Source(
        asset_id=f"asset-{number}",
        name=name,
        path=draw(
            st.sampled_from(["", f"/mnt/san/{number}/{stored}", f"/other/{number}/{stored}"])
        ),
        kind=kind,
        rate=rate,
        duration=draw(st.integers(200, 5000)) * max(1, rate.nominal // 30),
        start=draw(st.just(0) | st.integers(0, hours * HOUR)) * rate.nominal
        + draw(st.integers(0, rate.nominal - 1)),
        drop_frame=drop,
        reel=draw(st.sampled_from(["", "", "A001", "a001", "tape éé 1"])),
        width=1920,
        height=1080,
        audio=audio,
        content_hash=f"hash-{number}",
    )


@st.composite
def cutlists(
    draw: st.DrawFn, *, odd_rates: bool = True, hours: int = 20, sound_tracks: int = 7
) -> CutList:
    """Several rates on a timeline, linked sound, J cuts, sound alone, gaps, tracks above.

    `hours` bounds every start timecode: at 20 nothing passes midnight, at 24 it may.
    """
    text, drop = draw(st.sampled_from(COUNTED))
    rate = rate_of(text)
    count = draw(st.integers(1, 4))
    pool = [draw(sources(at, odd_rates=odd_rates, hours=hours)) for at in range(count)]
    free: dict[str, int] = defaultdict(int)
    events: list[Event] = []
    for number in range(draw(st.integers(1, 6))):
        source = draw(st.sampled_from(pool))
        first = draw(st.integers(0, source.duration - 101))
        chosen = FrameRange(first, draw(st.integers(first + 1, source.duration)))
        length = conformed_duration(chosen, source.rate, rate)
        reason = draw(st.sampled_from(["", "said “hello”\nthere"]))
        highest = min(sound_tracks, 3 if draw(st.booleans()) else sound_tracks)
        base = draw(st.integers(0, highest - 1))
        heard = draw(st.lists(st.integers(0, max(0, source.channels - 1)), max_size=4))
        if not source.audio:
            heard = []
        laid = list(enumerate(heard, base + 1))[: highest - base]
        tracks = [f"A{place}" for place, _ in laid]
        picture = draw(st.sampled_from(["V1", "V1", "V2", "V3"])) if source.kind == "video" else ""
        used = tracks + [picture] * bool(picture)
        if not used:
            continue
        start = max(free[track] for track in used) + draw(st.sampled_from([0, 0, 1, 37]))
        later = draw(st.sampled_from([0, 0, 5]))  # the picture of a J cut
        if source.rate != rate or chosen.duration <= later or not laid:
            later = 0
        record = FrameRange(start, start + length)
        for place, channel in laid:
            events.append(
                Event(f"A{place}", source, chosen, record, f"l{number}", channel, reason=reason)
            )
        if picture:
            shown = FrameRange(chosen.start + later, chosen.end)
            over = FrameRange(record.start + later, record.end)
            events.append(Event(picture, source, shown, over, f"l{number}", reason=reason))
        for track in used:
            free[track] = record.end
    if not events:
        source = Source("asset-x", "x.mov", "/x.mov", "video", FrameRate.of(25), 500)
        length = rescale(100, source.rate, rate)
        events = [Event("V1", source, FrameRange(0, 100), FrameRange(0, length))]
    start = draw(st.sampled_from([0, HOUR, hours * HOUR - 1])) * rate.nominal
    return CutList(draw(names), rate, start, drop, events=tuple(events))


def awkward() -> CutList:
    """29.97 drop-frame, odd names, other rates, sound alone, a gap, a track above, no path."""
    rate = rate_of("30000/1001")
    stereo = (AudioLayout(1, 2, 48000, "stereo"),)
    ntsc = Source(
        asset_id="1",
        name='Interview "A" & <B>.mov',
        path='/mnt/san/day 1/Interview "A" & <B>.mov',
        kind="video",
        rate=rate,
        duration=20000,
        start=107892,  # 01:00:00;00
        drop_frame=True,
        reel="A001C002_230101_R1AB",
        width=1920,
        height=1080,
        color_primaries="bt709",
        color_transfer="bt709",
        color_space="bt709",
        audio=stereo,
        content_hash="aa",
    )
    non_drop = Source(
        asset_id="2",
        name="two\nlines.mov",
        path="/mnt/san/two\nlines.mov",
        kind="video",
        rate=rate,
        duration=5000,
        start=108000,
        width=1440,
        height=1080,
        pixel_aspect=Fraction(4, 3),
        interlaced=True,
        audio=(AudioLayout(1, 1, 48000), AudioLayout(2, 1, 48000)),
        content_hash="bb",
    )
    pal = Source(
        asset_id="3",
        name="Interview PAL.mov",
        path="/mnt/san/Übersicht #3.mov",
        kind="video",
        rate=FrameRate.of(25),
        duration=4000,
        start=900013,  # 10:00:00:13
        width=720,
        height=576,
        pixel_aspect=Fraction(16, 15),
        color_primaries="bt470bg",
        color_transfer="bt709",
        color_space="bt470bg",
        content_hash="cc",
    )
    wild = Source(
        asset_id="4",
        name="wild\udcfftrack.wav",
        path="/mnt/san/wild\udcfftrack.wav",
        kind="audio",
        rate=FrameRate.of(48000),
        duration=4800000,
        start=172972800,
        audio=(AudioLayout(0, 2, 48000),),
        content_hash="dd",
    )
    lost = Source("5", "Interview lost.mov", "", "video", rate_of("25/2"), 900, content_hash="ee")
    events = (
        *_linked(ntsc, (100, 250), (0, 150), "1", "said: “we go”"),
        *_linked(non_drop, (0, 90), (150, 240), "2"),
        Event("V1", pal, FrameRange(313, 377), FrameRange(300, 377), "3"),
        Event("A1", wild, FrameRange(48001, 128081), FrameRange(250, 300), "4", 0),
        Event("A2", wild, FrameRange(48001, 128081), FrameRange(250, 300), "4", 1),
        Event("V2", lost, FrameRange(10, 20), FrameRange(60, 84), "5"),
        Event("V1", ntsc, FrameRange(19000, 19050), FrameRange(400, 450), "6"),
        Event("A1", ntsc, FrameRange(18990, 19050), FrameRange(390, 450), "6", 1),
    )
    return CutList('Über "cut"\n1', rate, 107892, True, events=events)


def midnight() -> CutList:
    """25 fps through midnight, on both sides."""
    rate = FrameRate.of(25)
    day = 24 * HOUR * 25
    late = Source("1", "late.mxf", "/mnt/san/late.mxf", "video", rate, 500, start=day - 50)
    event = Event("V1", late, FrameRange(0, 100), FrameRange(0, 100))
    return CutList("midnight", rate, day - 25, events=(event,))


def _linked(
    source: Source, chosen: tuple[int, int], placed: tuple[int, int], link: str, reason: str = ""
) -> list[Event]:
    source_range, record = FrameRange(*chosen), FrameRange(*placed)
    return [
        Event("V1", source, source_range, record, link, reason=reason),
        *(
            Event(f"A{channel + 1}", source, source_range, record, link, channel)
            for channel in range(source.channels)
        ),
    ]
