"""Clips made with ffmpeg's lavfi, for everybody's tests; their frames carry their own number.

    from tests.media import numbered_clip, read_number

A numbered clip's picture is sixteen upright bars, white for a one and black for a zero, the lowest
bit on the left: `read_number` reads it back from any decoded picture, scaled or compressed.
"""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import numpy.typing as npt

from mam.media.base import MediaInfo
from mam.media.probe import probe
from mam.options import Options

BITS = 16
SIZE = (160, 90)
H264 = ("-c:v", "libx264", "-preset", "ultrafast", "-crf", "12", "-pix_fmt", "yuv420p")
AAC = ("-c:a", "aac", "-b:a", "128k")
_BARS = "geq=lum='if(mod(floor(N/pow(2,floor(X*16/W))),2),220,30)':cb=128:cr=128"


def make(path: Path, *arguments: str) -> Path:
    """Run ffmpeg with `arguments` into `path`."""
    argv = [imageio_ffmpeg.get_ffmpeg_exe(), "-nostdin", "-y", "-loglevel", "error", *arguments]
    subprocess.run([*argv, f"file:{path}"], check=True, timeout=120, stdin=subprocess.DEVNULL)
    return path


@cache
def probed(path: Path) -> MediaInfo:
    """What a file holds, which will not change any more."""
    return probe(str(path), options=Options())


def numbered_source(
    frames: int, rate: str = "25", size: tuple[int, int] = SIZE, filters: str = ""
) -> tuple[str, ...]:
    """The lavfi input of a numbered clip; `filters` (beginning with a comma) come after."""
    width, height = size
    graph = f"color=c=gray:s={width}x{height}:r={rate}:d=100000,format=yuv420p,{_BARS}{filters}"
    return ("-f", "lavfi", "-i", f"{graph},trim=end_frame={frames}")


def numbered_clip(
    path: Path,
    *,
    frames: int = 50,
    rate: str = "25",
    size: tuple[int, int] = SIZE,
    codec: Sequence[str] = H264,
    sound: str = "",
    sound_codec: Sequence[str] = AAC,
    filters: str = "",
    more: Sequence[str] = (),
) -> Path:
    """A clip whose frame n shows the number n. `sound` is a lavfi source, as `tone()` gives."""
    inputs = [*numbered_source(frames, rate, size, filters)]
    maps = ["-map", "0:v"]
    if sound:
        inputs += ["-f", "lavfi", "-i", sound]
        maps += ["-map", "1:a", *sound_codec]
    return make(path, *inputs, *maps, *codec, "-fps_mode", "passthrough", *more)


def varying_clip(path: Path, stamps: Sequence[int], *, more: Sequence[str] = ()) -> Path:
    """Numbered frames at these times (milliseconds, ascending, from 0)."""
    times = "+".join(f"eq(N,{number})*{stamp}" for number, stamp in enumerate(stamps))
    filters = f",settb=1/1000,setpts='{times}'"
    codec = (*H264, "-bf", "0", "-video_track_timescale", "90000", "-enc_time_base", "1/1000")
    return numbered_clip(path, frames=len(stamps), codec=codec, filters=filters, more=more)


def tone(seconds: float, frequency: int = 440, rate: int = 48000) -> str:
    """A lavfi source: one steady tone."""
    return f"sine=frequency={frequency}:sample_rate={rate}:duration={seconds}"


def clicks(seconds: float, every: float = 1.0, rate: int = 48000) -> str:
    """A lavfi source: 20 ms of a loud tone at the start of each `every` seconds, else silence."""
    expression = f"0.8*sin(2*PI*2000*t)*lt(mod(t\\,{every})\\,0.02)"
    return f"aevalsrc='{expression}':s={rate}:d={seconds}"


def sound_clip(path: Path, *, seconds: float = 2.0, more: Sequence[str] = ()) -> Path:
    """Sound alone: one tone. The ending of `path` says how it is written."""
    return make(path, "-f", "lavfi", "-i", tone(seconds), *more)


def still(path: Path, size: tuple[int, int] = SIZE) -> Path:
    """A picture of bars, number 1. The ending of `path` says how it is written."""
    filters = ",setpts=PTS" if path.suffix != ".png" else ",format=rgb24"
    return make(path, *numbered_source(2, size=size, filters=filters), "-vf", "select=eq(n\\,1)")


def read_number(picture: npt.NDArray[np.uint8]) -> int:
    """The number that a `(height, width, 3)` picture of a numbered clip shows.

    Raises ValueError when its bars are not clearly black and white.
    """
    height, width = picture.shape[:2]
    strip = picture[height // 3 : height - height // 3].mean(axis=(0, 2))
    number = 0
    for bit in range(BITS):
        left, right = bit * width / BITS, (bit + 1) * width / BITS
        level = strip[int(left + (right - left) * 0.3) : max(1, int(right - (right - left) * 0.3))]
        if 90 < level.mean() < 160:
            raise ValueError(f"Bar {bit} is neither black nor white: {level.mean():.0f}.")
        number |= int(level.mean() > 125) << bit
    return number
