"""The filter graphs: pictures on the asset's clock, upright, in square pixels and BT.709; sound
aligned with them. Built by ffmpeg-python, which escapes; only numbers and names of ours go in.

**The clock.** Source timestamps count from the asset's frame 0 and are resampled by time to the
asset's rate: each picture lands on the nearest frame (halves go up) and stands until the next. On
a constant rate that is the identity; where frames are missing or the rate varies, pictures repeat
or drop, so sound stays in sync (`mam.media.timemap` is the same rule in arithmetic).

**Colour.** All that comes out is SDR BT.709. HDR is tone-mapped (Hable, by zscale and tonemap,
which the ffmpeg that comes with us has; one without them shows HDR untouched, flat but readable).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import ffmpeg

from mam.media.base import AudioStream, MediaInfo, VideoStream
from mam.timing import round_half_up

_MATRICES = {
    "bt709": "bt709",
    "bt470bg": "bt470",
    "smpte170m": "smpte170m",
    "smpte240m": "smpte240m",
    "fcc": "fcc",
    "bt2020nc": "bt2020",
}
"""Matrices as files and the filter `colorspace` call them, and as the filter `scale` does."""
_WIDE_PRIMARIES = ("bt2020", "smpte431", "smpte432")
_STANDARD_DEFINITION = 576
SOUND_RATE = 48_000
_SCALER = "bicubic+accurate_rnd+full_chroma_int"


@dataclass(frozen=True)
class Size:
    width: int
    height: int


def even_size(shown: tuple[int, int], factor: Fraction) -> Size:
    """`shown` scaled by `factor`, both sides even and at least 2."""
    width, height = (max(2, round_half_up(side * factor / 2) * 2) for side in shown)
    return Size(width, height)


def clocked(source: Any, info: MediaInfo, start: int = 0, end: int | None = None) -> Any:
    """The pictures of `source` on the asset's clock: frames `[start, end)`, numbered from 0.

    `source` is an input with the timestamps that `first_pts` counts in (its own, by `-copyts`,
    unless they start anew on the way), of which a seek may have skipped those well before `start`.
    """
    assert info.video is not None
    last = info.duration if end is None else min(end, info.duration)
    return (
        source[str(info.video.index)]
        .filter("setpts", f"PTS-({info.first_pts})")
        .filter("fps", str(info.rate), start_time=0, round="near", eof_action="pass")
        .filter("trim", start_frame=start, end_frame=last)
        .filter("setpts", "PTS-STARTPTS")
    )


def upright(stream: Any, video: VideoStream, size: Size, tone_mapping: bool = True) -> Any:
    """Deinterlaced, at `size` in square pixels, SDR BT.709 in yuv420p (ffmpeg itself turns it)."""
    if video.field_order in ("tt", "bb"):
        # Frame by frame, as flagged: much that is called interlaced holds progressive pictures.
        stream = stream.filter("bwdif", mode="send_frame", deint="interlaced")
    if tone_mapping and (video.is_hdr or video.color_primaries in _WIDE_PRIMARIES):
        stream = _converted(stream, video, size)
    else:
        stream = _scaled(stream, video, size)
    return (
        stream.filter("setsar", 1)
        .filter(
            "setparams",
            range="tv",
            colorspace="bt709",
            color_primaries="bt709",
            color_trc="bt709",
            field_mode="prog",
        )
        .filter("sidedata", mode="delete")
    )


def _scaled(stream: Any, video: VideoStream, size: Size) -> Any:
    """At `size` in yuv420p by BT.709's matrix."""
    matrix = matrix_of(video)
    scaled = stream.filter(
        "scale",
        size.width,
        size.height,
        in_color_matrix=_MATRICES[matrix],
        out_color_matrix=_MATRICES[matrix],
        in_range="pc" if is_full_range(video) else "tv",
        out_range="tv",
        flags=_SCALER,
    ).filter("format", "yuv420p")
    if matrix == "bt709":
        return scaled
    # From one matrix to another `scale` takes five times as long.
    same = {"iprimaries": "bt709", "primaries": "bt709", "itrc": "bt709", "trc": "bt709"}
    known = {"ispace": matrix, "space": "bt709", "irange": "tv", "range": "tv"}
    return scaled.filter("colorspace", **known, **same)


def quick_rgb(stream: Any) -> Any:
    """BT.709 pictures as packed RGB of their own size, each number within two of what `rgb` makes
    where colour is even, and colour as coarse as it lies there: nothing is interpolated."""
    return stream.filter("scale", in_color_matrix="bt709", in_range="tv", flags="bicubic").filter(
        "format", "rgb24"
    )


def rgb(stream: Any, size: Size) -> Any:
    """BT.709 pictures as packed RGB of `size`."""
    return stream.filter(
        "scale",
        size.width,
        size.height,
        in_color_matrix="bt709",
        in_range="tv",
        flags=_SCALER,
    ).filter("format", "rgb24")


def smaller(stream: Any, size: Size) -> Any:
    """BT.709 pictures in yuv420p at another size."""
    return stream.filter("scale", size.width, size.height, flags=_SCALER).filter(
        "format", "yuv420p"
    )


def matrix_of(video: VideoStream) -> str:
    """The YUV matrix that the pictures were made with; by size where the file does not say."""
    if video.color_space in _MATRICES:
        return video.color_space
    return "smpte170m" if video.height <= _STANDARD_DEFINITION else "bt709"


def is_full_range(video: VideoStream) -> bool:
    return video.color_range == "pc" or video.pixel_format.startswith("yuvj")


def _converted(stream: Any, video: VideoStream, size: Size) -> Any:
    """HDR or wide gamut to BT.709 through linear light."""
    is_rgb = video.pixel_format.startswith(("rgb", "gbr", "bgr"))
    known = {
        "primariesin": video.color_primaries or "bt2020",
        "transferin": video.color_transfer or "bt709",
        "rangein": "pc" if is_rgb or is_full_range(video) else "tv",
        "matrixin": "gbr" if is_rgb else video.color_space or "bt2020nc",
    }
    stream = stream.filter(
        "zscale", width=size.width, height=size.height, transfer="linear", npl=100, **known
    ).filter("format", "gbrpf32le")
    stream = stream.filter("zscale", primaries="bt709")
    if video.is_hdr:
        stream = stream.filter("tonemap", "hable", desat=0)
    stream = stream.filter("zscale", transfer="bt709", matrix="bt709", range="tv")
    return stream.filter("format", "yuv420p")


def main_sound(info: MediaInfo) -> tuple[int, ...]:
    """The streams that are listened to: the first, or all where cameras wrote one a microphone.

    A first stream in mono means one stream a channel, so all mono streams are mixed; otherwise
    later streams are other languages or comments, which a mix would only muddle.
    """
    if not info.audio:
        return ()
    if info.audio[0].channels > 1:
        return (info.audio[0].index,)
    microphones = tuple(stream.index for stream in info.audio if stream.channels == 1)
    return microphones or (info.audio[0].index,)


def aligned_sounds(
    source: Any, info: MediaInfo, count: int, own: Sequence[AudioStream] = ()
) -> tuple[list[Any], list[Any]]:
    """The main sound `count` times, and each of the streams `own` as it was recorded: timestamps
    count from the asset's frame 0.

    Sound that starts later or has holes is filled with silence; what lies before is cut. Own sound
    keeps its rate and channels, those it began with, as packed floats no longer than the asset.
    """
    main = main_sound(info) if count else ()
    uses = Counter([*main, *(stream.index for stream in own)])
    clocked = {index: _clocked_sound(source, info, index, times) for index, times in uses.items()}
    recorded = [_as_recorded(clocked[stream.index].pop(), info, stream) for stream in own]
    streams = [
        _filled(clocked[index].pop(), SOUND_RATE).filter("aformat", sample_fmts="fltp")
        for index in main
    ]
    if not streams:
        return [], recorded
    sound = streams[0]
    if len(streams) > 1:
        sound = ffmpeg.filter(streams, "amix", inputs=len(streams), normalize=0, duration="longest")
    split = sound.filter_multi_output("asplit", count)
    return [split.stream(number) for number in range(count)], recorded


def _clocked_sound(source: Any, info: MediaInfo, index: int, times: int) -> list[Any]:
    zero = info.first_pts * info.time_base
    shift = f"({zero.numerator}/{zero.denominator})/TB"
    sound = source[str(index)].filter("asetpts", f"PTS-{shift}").filter("atrim", start=0)
    split = sound.filter_multi_output("asplit", times)
    return [split.stream(number) for number in range(times)]


def _filled(sound: Any, rate: int) -> Any:
    return sound.filter("aresample", rate, **{"async": 1, "first_pts": 0})


def _as_recorded(sound: Any, info: MediaInfo, stream: AudioStream) -> Any:
    kept = {"channel_layouts": stream.layout} if stream.layout else {}
    return (
        _filled(sound, stream.sample_rate)
        .filter("aformat", sample_fmts="flt", **kept)
        # ffmpeg gives all up where an encoder gets nothing: see `taps.SoundReader`.
        .filter("apad", whole_len=1)
        .filter("atrim", end_sample=samples_of(info, stream.sample_rate))
    )


def fitted_sound(sound: Any, rate: int, layout: str, samples: int) -> Any:
    """`sound` at `rate`, exactly `samples` long: what ends sooner is filled with silence."""
    return (
        sound.filter("aresample", rate)
        .filter("aformat", channel_layouts=layout)
        .filter("apad", whole_len=samples)
        .filter("atrim", end_sample=samples)
    )


def samples_of(info: MediaInfo, rate: int) -> int:
    """How many samples at `rate` last as long as the asset."""
    return max(1, round_half_up(info.rate.seconds(info.duration) * rate))
