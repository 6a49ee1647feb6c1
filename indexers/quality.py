"""Quality checks: what is wrong with picture and sound, and how loud it is, in the one decode."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from functools import reduce
from math import ceil, floor

from indexers.black import BlackFinder
from indexers.photosensitive import FlashCounter
from indexers.sound_levels import SILENT_SECONDS, SoundLevels, Stretch
from mam.catalog.records import (
    QUALITY,
    AssetRecord,
    Findings,
    FlawFinding,
    FlawKind,
    LoudnessRecord,
)
from mam.media.base import FrameFormat, Frames, Tap
from mam.media.facts import info_from_json
from mam.media.graph import main_sound
from mam.media.meters import STILL_SECONDS, FreezeMeter, LoudnessMeter
from mam.pipeline.steps import Context, TappedStep
from mam.timing import FrameRange, FrameRate, round_half_up

SIZE = (48, 27)
"""The pictures that TransNetV2 looks at: where both look, they are scaled and piped once."""


Span = tuple[Fraction, Fraction, float]
"""From and to in seconds, and a value."""


class PictureCheck:
    """Black and flashes, in small pictures."""

    name = "picture-check"

    def __init__(self, rate: FrameRate) -> None:
        self.format = FrameFormat(*SIZE)
        self.black = BlackFinder(rate)
        self.flashes = FlashCounter(rate)

    def take(self, frames: Frames, first: int) -> None:
        self.black.take(frames)
        self.flashes.take(frames)

    def close(self) -> None:
        self.black.close()


class Quality(TappedStep):
    """Black, frozen, flashing, silent and clipped ranges, and loudness by EBU R128.

    Of sound it listens to what the proxy plays; stills are not looked at.
    """

    name = QUALITY
    version = 1
    title = "Checking picture and sound"

    def wants(self, asset: AssetRecord) -> bool:
        return asset.technical.kind == "video" or asset.has_audio

    def taps(self, asset: AssetRecord, context: Context) -> Sequence[Tap]:
        facts, taps = asset.technical, list[Tap]()
        if facts.kind == "video":
            taps += [PictureCheck(facts.rate), FreezeMeter(facts.rate)]
        info = info_from_json(facts.streams)
        known = {stream.index for stream in info.audio if stream.sample_rate}
        streams = [index for index in main_sound(info) if index in known]
        if streams:
            taps += [LoudnessMeter(), *(SoundLevels(f"levels-{n}", n) for n in streams)]
        return tuple(taps)

    def find(self, asset: AssetRecord, context: Context) -> Findings:
        facts, taps = asset.technical, context.taps
        # What was really decoded: a damaged file ends sooner than its header says.
        decoded = context.decoded.frames if context.decoded and facts.kind == "video" else 0
        end = min(decoded or facts.duration, facts.duration)
        streams = [tap for tap in taps if isinstance(tap, SoundLevels)]
        flaws = [*_seen(taps, facts.rate, end), *_heard(streams, facts.rate, end)]
        return Findings(
            flaws=tuple(sorted(_within(flaws, end), key=lambda flaw: (flaw.range, flaw.kind))),
            loudness=_loudness(taps),
            note=_unheard(streams),
        )


def _loudness(taps: Iterable[Tap]) -> LoudnessRecord | None:
    for tap in taps:
        if isinstance(tap, LoudnessMeter) and tap.loudness is not None:
            told = tap.loudness
            return LoudnessRecord(told.integrated, told.range, told.true_peak, told.short_term)
    return None


def _unheard(streams: Sequence[SoundLevels]) -> str:
    """What could not be listened to."""
    if not streams:
        return "There is no sound to listen to."
    came = sum(tap.rate > 0 for tap in streams)
    if came == len(streams):
        return ""
    return "Some of the sound could not be decoded." if came else "No sound could be decoded."


def _seen(taps: Iterable[Tap], rate: FrameRate, end: int) -> Iterator[FlawFinding]:
    black: list[FrameRange] = []
    for tap in taps:
        if isinstance(tap, PictureCheck):
            black = [item.range for item in tap.black.found]
            for item in tap.black.found:
                yield FlawFinding(FlawKind.BLACK, item.range, round(100 * item.level, 1))
            for flashing in tap.flashes.found:
                yield FlawFinding(FlawKind.FLASH, flashing.range, flashing.a_second)
        elif isinstance(tap, FreezeMeter):
            yield from frozen(tap.ranges(end), black, rate)


def frozen(
    standing: Iterable[FrameRange], black: Sequence[FrameRange], rate: FrameRate
) -> Iterator[FlawFinding]:
    """What stands still long enough where it is not black, which stands still by nature."""
    for whole in standing:
        start = whole.start
        for edge in sorted([*black, FrameRange(whole.end, whole.end)]):
            if edge.end < start or edge.start > whole.end:
                continue
            if edge.start - start >= STILL_SECONDS * rate.value:
                yield FlawFinding(FlawKind.FREEZE, FrameRange(start, edge.start))
            start = max(start, edge.end)


def _heard(taps: Iterable[SoundLevels], rate: FrameRate, end: int) -> Iterator[FlawFinding]:
    """Silent where all streams are; clipped where one is."""
    came = [tap for tap in taps if tap.rate]
    silent = [
        _in_seconds(tap.silences(round_half_up(rate.seconds(end) * tap.rate)), tap.rate)
        for tap in came
    ]
    for start, stop, level in reduce(_in_both, silent) if silent else ():
        if stop - start >= SILENT_SECONDS:
            span = FrameRange(rate.nearest_frame(start), rate.nearest_frame(stop))
            yield FlawFinding(FlawKind.SILENCE, span, level)
    clipped = [span for tap in came for span in _in_seconds(tap.clipped(), tap.rate)]
    for start, stop, count in _joined(sorted(clipped)):
        # Every frame in which some of it is heard.
        span = FrameRange(floor(start * rate.value), ceil(stop * rate.value))
        yield FlawFinding(FlawKind.CLIPPING, span, count)


def _in_seconds(stretches: Iterable[Stretch], rate: int) -> list[Span]:
    return [
        (Fraction(item.start, rate), Fraction(item.end, rate), item.value) for item in stretches
    ]


def _in_both(ones: list[Span], others: list[Span]) -> list[Span]:
    """What lies in a span of both, with the greater of their values; all in order."""
    common: list[Span] = []
    one, other = 0, 0
    while one < len(ones) and other < len(others):
        start, level = (max(ones[one][n], others[other][n]) for n in (0, 2))
        end = min(ones[one][1], others[other][1])
        if start < end:
            common.append((Fraction(start), end, float(level)))
        if ones[one][1] == end:
            one += 1
        else:
            other += 1
    return common


def _joined(spans: Iterable[Span]) -> list[Span]:
    """Spans that overlap as one, with the sum of their values."""
    joined: list[Span] = []
    for start, end, value in spans:
        if joined and start <= joined[-1][1]:
            before = joined.pop()
            start, end, value = before[0], max(end, before[1]), value + before[2]
        joined.append((start, end, value))
    return joined


def _within(flaws: Iterable[FlawFinding], end: int) -> Iterator[FlawFinding]:
    """Nothing points past the asset's end."""
    for flaw in flaws:
        span = FrameRange(min(flaw.range.start, end), min(flaw.range.end, end))
        if span.duration:
            yield FlawFinding(flaw.kind, span, flaw.value)
