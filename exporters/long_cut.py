"""A long cut that never was; what dialects and readers are timed with."""

from __future__ import annotations

from fractions import Fraction

from editing.cutlist import AudioLayout, CutList, Event, Source, Transition
from mam.timing import FrameRange, FrameRate

PAL = FrameRate.of(25)
STEREO = (AudioLayout(1, 2, 48000, "stereo"),)


def long_cut(count: int, rate: FrameRate = PAL) -> CutList:
    """`count` abutting clips of 200 masters on V1, every fourth dissolved in, every seventh at
    double speed."""
    pool = [
        Source(
            f"asset-{n}", f"take {n}.mov", f"/mnt/san/take {n}.mov", "video", rate, 9000,
            start=n % 24 * 90000, reel=f"A{n:03d}", width=1920, height=1080, audio=STEREO,
        )
        for n in range(200)
    ]  # fmt: skip
    events, transitions = [], []
    for n in range(count):
        first, place = 100 + n % 50 * 100, FrameRange(n * 40, n * 40 + 40)
        fast = n % 7 == 0
        chosen = FrameRange(first, first + (80 if fast else 40))
        speed = Fraction(2 if fast else 1)
        events.append(Event("V1", pool[n % 200], chosen, place, f"l{n}", speed=speed))
        if n and n % 4 == 0:
            transitions.append(Transition("V1", n * 40, 6, 6))
    return CutList("many", rate, 90000, events=tuple(events), transitions=tuple(transitions))
