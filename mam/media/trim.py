"""A part of a master as a file of its own: the very frames, at full quality, with their timecode.

A stream that is copied begins where a decoder may: so it is copied only where every picture stands
by itself, and lies on its clock (ProRes, DNxHD and DNxHR, CineForm, DV, v210). Everything else is
decoded by the asset's own clock and made ProRes 422 HQ, or ProRes 4444 where there is alpha, RGB or
full colour: of the codecs in which every picture stands alone these are read by every editor, take
any size, and lie in QuickTime, which keeps the start timecode and the reel. Pixels are not scaled,
nor converted to other colours; what is interlaced stays so. Sound is PCM, stream by stream, to the
sample. A file is looked at again when it was made: as many frames, the first and last the master's.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import ffmpeg as graphs
import numpy as np

from mam import processes
from mam.errors import BadMedia, NoSpace, OutOfBounds, ProcessFailed
from mam.media import ffmpeg
from mam.media.base import AudioStream, MediaInfo, VideoStream
from mam.media.decode import input_settings
from mam.media.graph import Size, clocked, is_full_range, matrix_of
from mam.media.master import SEEK_MARGIN, can_seek, read_pictures, seek_settings, stands_at
from mam.media.probe import probe
from mam.media.recipes import timescale
from mam.options import Options
from mam.timing import FrameRange, Timecode, round_half_up

ALONE = {"prores": "ProRes", "dnxhd": "DNxHD", "cfhd": "CineForm", "dvvideo": "DV", "v210": "v210"}
"""Codecs whose every picture stands by itself, and that editors read in QuickTime."""
COPIED, HQ, FULL, PCM = "copied", "ProRes 422 HQ", "ProRes 4444", "PCM"
_INDEXED = ("mov", "mxf", "matroska")
_LOOK = Size(64, 36)
_NEAR = 6.0  # of 255, on the average: what an encoding at this quality never is off by

Told = Callable[[int], None]


def trim(
    path: str,
    info: MediaInfo,
    part: FrameRange,
    output: Path,
    *,
    timecode: Timecode | None,
    reel: str = "",
    options: Options,
    on_frame: Told | None = None,
) -> str:
    """Write `part` (frames of the asset; samples of sound alone) to `output`, a `.mov` whose first
    frame is `timecode`, or a `.wav`; how it was made, in words. `on_frame` gets frames done.

    Raises BadMedia where a frame cannot be had, NoSpace, OutOfBounds.
    """
    try:
        if info.kind == "audio":
            _sound_alone(path, info, part, output, options)
            return PCM
        assert info.video is not None and timecode is not None
        labels = {"timecode": str(timecode)}
        if reel:
            labels["metadata:s:v:0"] = f"reel_name={reel}"
        if can_copy(info) and _copied(path, info, part, output, labels, options):
            return f"{ALONE[info.video.codec]}, {COPIED}"
        _encode(path, info, part, output, labels, options, on_frame)
        if wrong := _differs(path, info, part, output, options):
            raise BadMedia(f"The part that was cut out is not the master's own: {wrong}.")
        return FULL if _is_full(info.video) else HQ
    except ProcessFailed as error:
        if "No space left" in str(error):
            raise NoSpace("The disk became full while media were trimmed.") from error
        raise


def can_copy(info: MediaInfo) -> bool:
    """Whether a copy of packets is a copy of these frames and no others."""
    video = info.video
    return (
        video is not None
        and video.codec in ALONE
        and info.container.split(",")[0] in _INDEXED
        and not (info.variable_rate or info.pts or info.discontinuous)
        and not (video.rotation or video.mirrored)
    )


def _encode(
    path: str,
    info: MediaInfo,
    part: FrameRange,
    output: Path,
    labels: dict[str, Any],
    options: Options,
    on_frame: Told | None,
) -> None:
    begin = info.rate.seconds(part.start)
    for seek in (True, False) if can_seek(info, begin) else (False,):
        take, give = os.pipe()
        with ffmpeg.opened(path) as file:
            settings = input_settings(info)
            if seek:
                aim = info.first_pts * info.time_base + begin - SEEK_MARGIN
                settings |= seek_settings(aim)
            source = graphs.input(file.url, **settings)
            picture = _coloured(clocked(source, info, part.start, part.end), info.video)
            sound = [_placed(source, info, stream, part) for stream in info.audio]
            made = labels | _picture_settings(info) | _sound_settings(info)
            made |= {"stats_enc_pre:v:0": f"pipe:{give}", "stats_enc_pre_fmt:v:0": "{ptsi}"}
            outcome = graphs.output(picture, *sound, f"file:{output}", format="mov", **made)
            argv = ffmpeg.command(options, [str(one) for one in outcome.get_args()])
            stamps = _run(argv, [file.descriptor, give], take, options, on_frame)
        if len(stamps) != part.duration:
            continue
        if not seek or all(stands_at(info, part.start + n, at) for n, at in enumerate(stamps)):
            return
    raise BadMedia(f"Frames {part.start} to {part.end} cannot all be decoded.")


def _run(
    argv: list[ffmpeg.Argument],
    descriptors: list[int],
    take: int,
    options: Options,
    on_frame: Told | None,
) -> list[int]:
    """The source's timestamp of every picture that was encoded."""
    stamps: list[int] = []

    def read() -> None:
        with os.fdopen(take, "r", encoding="ascii", errors="replace") as lines:
            for line in lines:
                stamps.append(int(line))

    with processes.start(
        argv, limits=ffmpeg.limits(options), pass_fds=descriptors, keep_stdout=False
    ) as running:
        os.close(descriptors[1])
        reader = threading.Thread(target=read, daemon=True)
        reader.start()
        while reader.is_alive():
            reader.join(0.5)
            if on_frame is not None:
                on_frame(len(stamps))
        running.wait()
    return stamps


def _copied(
    path: str,
    info: MediaInfo,
    part: FrameRange,
    output: Path,
    labels: dict[str, Any],
    options: Options,
) -> bool:
    """Whether a copy could be made and is right; else the part is encoded, which always can be."""
    try:
        _copy(path, info, part, output, labels, options)
        return not _differs(path, info, part, output, options)
    except OutOfBounds:
        raise
    except ProcessFailed as error:
        if "No space left" in str(error):
            raise
        return False
    except BadMedia:
        return False


def _copy(
    path: str,
    info: MediaInfo,
    part: FrameRange,
    output: Path,
    labels: dict[str, Any],
    options: Options,
) -> None:
    """Packets of the picture as they are, numbered anew from 0; sound as ever, to the sample."""
    assert info.video is not None
    rate = info.rate.value
    # A little behind the picture's own time: a seek goes to the last that has begun by then.
    aim = info.first_pts * info.time_base + (part.start + Fraction(1, 4)) / rate
    with ffmpeg.opened(path) as file:
        plain = {key: value for key, value in input_settings(info).items() if key != "copyts"}
        packets = graphs.input(file.url, **plain, **seek_settings(aim))
        settings = input_settings(info)
        if can_seek(info, info.rate.seconds(part.start)):
            settings |= seek_settings(aim - SEEK_MARGIN)
        decoded = graphs.input(file.url, **settings)
        sound = [_placed(decoded, info, stream, part) for stream in info.audio]
        numbered = f"setts=ts=N*{rate.denominator}/{rate.numerator}/TB"
        made = labels | _sound_settings(info) | {"c:v": "copy", "copypriorss:v": 1}
        made |= {"frames:v": part.duration, "bsf:v": numbered}
        made |= {"video_track_timescale": timescale(info.rate)}
        outcome = graphs.output(
            packets[str(info.video.index)], *sound, f"file:{output}", format="mov", **made
        )
        argv = ffmpeg.command(options, [str(one) for one in outcome.get_args()])
        processes.run(argv, limits=ffmpeg.limits(options), pass_fds=[file.descriptor])


def _sound_alone(
    path: str, info: MediaInfo, part: FrameRange, output: Path, options: Options
) -> None:
    with ffmpeg.opened(path) as file:
        source = graphs.input(file.url, **input_settings(info))
        sound = [_placed(source, info, stream, part) for stream in info.audio]
        made = _sound_settings(info)
        if output.suffix == ".wav":
            made |= {"format": "wav", "rf64": "auto", "write_bext": 1}
            made |= {"metadata": f"time_reference={info.start + part.start}"}
        else:
            made |= {"format": "mov"}
        outcome = graphs.output(*sound, f"file:{output}", **made)
        argv = ffmpeg.command(options, [str(one) for one in outcome.get_args()])
        processes.run(argv, limits=ffmpeg.limits(options), pass_fds=[file.descriptor])


def _coloured(picture: Any, video: VideoStream | None) -> Any:
    """In the encoder's kind of pixels: by their own matrix, in the range of television."""
    assert video is not None
    settings: dict[str, Any] = {"out_range": "tv", "flags": "bicubic+accurate_rnd+full_chroma_int"}
    settings |= {"in_range": "pc"} if is_full_range(video) else {}
    # which field is first, each frame says itself
    settings |= {"interl": 1} if video.field_order in ("tt", "bb") else {}
    settings |= {"out_color_matrix": "bt709"} if _is_rgb(video) else {}
    picture = picture.filter("scale", **settings).filter("format", _pixels(video))
    if _is_rgb(video):
        picture = picture.filter("setparams", colorspace="bt709", range="tv")
    elif not video.color_space:
        picture = picture.filter("setparams", colorspace=matrix_of(video), range="tv")
    return picture


def _picture_settings(info: MediaInfo) -> dict[str, Any]:
    assert info.video is not None
    settings: dict[str, Any] = {
        "c:v": "prores_ks",
        "profile:v": 4 if _is_full(info.video) else 3,
        "vendor": "apl0",
        "threads:v": ffmpeg.THREADS,
        "fps_mode": "passthrough",
        "video_track_timescale": timescale(info.rate),
        "map_metadata": -1,
    }
    if info.video.field_order in ("tt", "bb"):
        settings["flags:v"] = "+ildct"
    return settings


def _sound_settings(info: MediaInfo) -> dict[str, Any]:
    """PCM as fine as the source's: what is packed with loss was mixed in floats, and 24 bits hold
    more of it than anybody hears."""
    settings: dict[str, Any] = {}
    for number, stream in enumerate(info.audio):
        short = stream.codec in ("pcm_s16le", "pcm_s16be", "pcm_u8", "pcm_s8")
        real = stream.codec.startswith(("pcm_f32", "pcm_f64"))
        codec = "pcm_s16le" if short else "pcm_f32le" if real else "pcm_s24le"
        settings[f"c:a:{number}"] = codec
    return settings


def _placed(source: Any, info: MediaInfo, stream: AudioStream, part: FrameRange) -> Any:
    """One stream from the part's first frame to its last, silence where the file has none."""
    rate = stream.sample_rate
    zero = info.first_pts * info.time_base + info.rate.seconds(part.start)
    samples = round_half_up(info.rate.seconds(part.duration) * rate)
    kept = {"channel_layouts": stream.layout} if stream.layout else {}
    return (
        source[str(stream.index)]
        .filter("asetpts", f"PTS-({zero.numerator}/{zero.denominator})/TB")
        .filter("atrim", start=0)
        .filter("aresample", rate, **{"async": 1, "first_pts": 0})
        .filter("apad", whole_len=samples)
        .filter("atrim", end_sample=samples)
        .filter("aformat", sample_rates=rate, **kept)
    )


def _differs(path: str, info: MediaInfo, part: FrameRange, output: Path, options: Options) -> str:
    """What a look at the file that was made says against it; "" where it is right."""
    made = probe(str(output), options=options)
    if made.video is None or made.duration != part.duration or made.rate.value != info.rate.value:
        return f"it has {made.duration} frames at {made.rate}"
    ends = sorted({0, part.duration - 1})
    wanted = read_pictures(path, info, [part.start + at for at in ends], _LOOK, options=options)
    found = read_pictures(str(output), made, ends, _LOOK, options=options)
    for (_, one), (at, two) in zip(wanted, found, strict=True):
        if np.abs(one.astype(np.int16) - two.astype(np.int16)).mean() > _NEAR:
            return f"its frame {at} shows something else"
    return ""


def _is_rgb(video: VideoStream) -> bool:
    return video.pixel_format.startswith(("rgb", "bgr", "gbr", "argb", "abgr"))


def _has_alpha(video: VideoStream) -> bool:
    return video.pixel_format.startswith(("yuva", "rgba", "bgra", "argb", "abgr", "gbrap"))


def _is_full(video: VideoStream) -> bool:
    return _is_rgb(video) or _has_alpha(video) or "444" in video.pixel_format


def _pixels(video: VideoStream) -> str:
    if not _is_full(video):
        return "yuv422p10le"
    return "yuva444p10le" if _has_alpha(video) else "yuv444p10le"


def stamp(path: Path, output: Path, timecode: Timecode, reel: str, options: Options) -> None:
    """A copy of one of our own files as a `.mov` whose first frame is `timecode`; its packets are
    the same."""
    labels = {"timecode": str(timecode)}
    if reel:
        labels["metadata:s:v:0"] = f"reel_name={reel}"
    with ffmpeg.opened(str(path)) as file:
        source = graphs.input(file.url, **ffmpeg.READ_OPTIONS)
        settings = labels | {"c": "copy", "format": "mov", "movflags": "+faststart"}
        outcome = graphs.output(source, f"file:{output}", map="0", **settings)
        argv = ffmpeg.command(options, [str(one) for one in outcome.get_args()])
        processes.run(argv, limits=ffmpeg.limits(options), pass_fds=[file.descriptor])
