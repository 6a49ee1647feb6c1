"""What the one decode writes beside: the argv part of each output, and what is told of the file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import ffmpeg

from mam.media.base import MediaInfo
from mam.media.ffmpeg import THREADS
from mam.media.graph import SOUND_RATE, Size, fitted_sound, samples_of
from mam.options import Options
from mam.timing import FrameRate

SPEECH_RATE = 16_000


def proxy(picture: Any, sound: Any, info: MediaInfo, path: Path, options: Options) -> Any:
    """The proxy's output: H.264 whose every frame can be sought exactly, AAC if there is sound.

    One picture in a group refers only backwards (no B-frames), a key frame comes once a second,
    and frame n stands at exactly n frames of the asset's rate.
    """
    streams, settings = [], {"movflags": "+faststart", "format": "mp4", "map_metadata": "-1"}
    if picture is not None:
        streams.append(picture)
        settings |= proxy_picture(options.media.proxy_crf, info.rate)
    if sound is not None:
        streams.append(fitted_sound(sound, SOUND_RATE, "stereo", samples_of(info, SOUND_RATE)))
        settings |= {"c:a": "aac", "b:a": "128k"}
    return ffmpeg.output(*streams, _file(path), **settings)


def proxy_picture(crf: int, rate: FrameRate) -> dict[str, Any]:
    """H.264 of a proxy: x264's superfast with the look ahead of veryfast, for most of its quality.

    At the same SSIM that is 5 to 15 % more bytes than veryfast, for a quarter less time; superfast
    as it is takes 20 to 90 % more.
    """
    return picture_settings(crf, "superfast", rate) | {"mbtree": 1, "rc-lookahead": 10}


def picture_settings(crf: int, preset: str, rate: FrameRate) -> dict[str, Any]:
    """H.264 that players everywhere show alike and can seek in."""
    return {
        "c:v": "libx264",
        "preset": preset,
        "crf": crf,
        "profile:v": "high",
        "pix_fmt": "yuv420p",
        "bf": 0,
        "g": max(1, rate.nominal),
        "threads:v": THREADS,
        "fps_mode": "passthrough",
        "video_track_timescale": timescale(rate),
        "color_primaries": "bt709",
        "color_trc": "bt709",
        "colorspace": "bt709",
        "color_range": "tv",
    }


def timescale(rate: FrameRate) -> int:
    """Ticks a second in which a frame is a whole number, fine enough for players."""
    scale = rate.numerator
    while scale < 10_000:
        scale *= 2
    return scale


def speech(sound: Any, info: MediaInfo, path: Path) -> Any:
    """16 kHz mono s16 WAV, sample 0 at the asset's frame 0, as long as the asset."""
    fitted = fitted_sound(sound, SPEECH_RATE, "mono", samples_of(info, SPEECH_RATE))
    settings = {"c:a": "pcm_s16le", "format": "wav", "rf64": "auto", "map_metadata": "-1"}
    return ffmpeg.output(fitted, _file(path), **settings)


def frames(picture: Any, descriptor: int) -> Any:
    """Raw pictures into a pipe."""
    return ffmpeg.output(
        picture,
        f"pipe:{descriptor}",
        **{"format": "rawvideo", "c:v": "rawvideo", "fps_mode": "passthrough"},
    )


def samples(sound: Any, descriptor: int) -> Any:
    """Sound into a pipe, with a head (Sun's AU) that says its rate and channels."""
    return ffmpeg.output(
        sound, f"pipe:{descriptor}", **{"format": "au", "c:a": "pcm_f32be", "map_metadata": "-1"}
    )


def measured(stream: Any, of: str, descriptor: int) -> Any:
    """No file: the metadata of every frame that has some into a pipe, as ffmpeg prints it."""
    printing, codec = {
        "picture": ("metadata", {"c:v": "wrapped_avframe", "fps_mode": "passthrough"}),
        "sound": ("ametadata", {"c:a": "pcm_s16le"}),
    }[of]
    printed = stream.filter(printing, "print", file=f"pipe:{descriptor}")
    return ffmpeg.output(printed, "-", **{"format": "null", **codec})


def counter(picture: Any, descriptor: int) -> Any:
    """No file: a line for each frame, `n source_number source_pts`, into a pipe."""
    return ffmpeg.output(
        picture,
        "-",
        **{
            "format": "null",
            "c:v": "wrapped_avframe",
            "fps_mode": "passthrough",
            "stats_enc_pre:v:0": f"pipe:{descriptor}",
            "stats_enc_pre_fmt:v:0": "{n} {ni} {ptsi}",
        },
    )


def proxy_size(info: MediaInfo, options: Options) -> Size:
    """The shown size, no higher than the proxy's, both sides even."""
    width, height = info.shown_size
    height_wanted = min(height, options.media.proxy_height // 2 * 2)
    return Size(max(2, round(width * height_wanted / height / 2) * 2), height_wanted)


def _file(path: Path) -> str:
    return f"file:{path}"
