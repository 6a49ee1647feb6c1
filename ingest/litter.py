"""Thousands of small files, for `bench folder`: a mix of clips, sound, stills and litter, made
quickly, no two with the same bytes.

One clip, one sound and one still are made by ffmpeg; the others are those with a number added
where readers pass over it: an MP4's `free` box, a WAV's `JUNK` chunk, a PNG's text chunk.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path

from mam import processes
from mam.media import ffmpeg
from mam.options import Options

MIX = (
    *("clip",) * 2,
    *("sound",) * 7,
    *("still",) * 7,
    *("notes", "sidecar", "half", "hidden"),
)
"""What every twenty files are."""
MEDIA = ("clip", "sound", "still")
A_FOLDER = 1000  # files in one folder

_PICTURE = ("-f", "lavfi", "-i", "testsrc=s=160x90:r=25:d=1")
_SOUND = ("-f", "lavfi", "-i", "sine=frequency=440:sample_rate=8000:duration=1")
_MADE = {
    "clip": (
        *_PICTURE,
        *_SOUND,
        *("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac"),
        *("-f", "mp4"),
    ),
    "sound": (*_SOUND, "-c:a", "pcm_s16le", "-bitexact", "-f", "wav"),
    "still": (*_PICTURE, "-frames:v", "1", "-c:v", "png", "-f", "image2pipe"),
}
_NAMES = {
    "clip": "clip-{}.mp4",
    "sound": "sound-{}.wav",
    "still": "still-{}.png",
    "notes": "notes-{}.txt",
    "sidecar": "clip-{}.xmp",
    "half": "clip-{}.mp4.part",
    "hidden": ".clip-{}.mp4",
}


def fill(folder: Path, files: int, options: Options) -> list[Path]:
    """Make so many files below `folder`, a thousand in each of its folders; where they lie."""
    first = {kind: _made(folder / f".{kind}", kind, options) for kind in MEDIA}
    made = []
    for number in range(files):
        kind = MIX[number % len(MIX)]
        place = folder / f"card-{number // A_FOLDER + 1:02}" / _NAMES[kind].format(number)
        place.parent.mkdir(exist_ok=True)
        place.write_bytes(_content(kind, number, first))
        made.append(place)
    return made


def media_of(files: int) -> int:
    """How many of so many files are media."""
    return sum(MIX[number % len(MIX)] in MEDIA for number in range(files))


def _made(place: Path, kind: str, options: Options) -> bytes:
    processes.run(
        ffmpeg.command(options, [*_MADE[kind], str(place)]), limits=ffmpeg.limits(options)
    )
    made = place.read_bytes()
    place.unlink()
    return made


def _content(kind: str, number: int, first: Mapping[str, bytes]) -> bytes:
    if kind in _NUMBERED:
        return _NUMBERED[kind](first[kind], number)
    if kind in ("half", "hidden"):
        return first["clip"][: len(first["clip"]) // 2] + struct.pack(">Q", number)
    return f"Nothing to be taken: {number}.\n".encode()


def _numbered_mp4(made: bytes, number: int) -> bytes:
    return made + struct.pack(">I4sQ", 16, b"free", number)


def _numbered_wav(made: bytes, number: int) -> bytes:
    chunk = struct.pack("<4sIQ", b"JUNK", 8, number)
    return made[:4] + struct.pack("<I", len(made) + len(chunk) - 8) + made[8:] + chunk


def _numbered_png(made: bytes, number: int) -> bytes:
    said = b"tEXt" + f"Comment\0{number}".encode()
    chunk = struct.pack(">I", len(said) - 4) + said + struct.pack(">I", zlib.crc32(said))
    return made[:-12] + chunk + made[-12:]  # before IEND


_NUMBERED: Mapping[str, Callable[[bytes, int], bytes]] = {
    "clip": _numbered_mp4,
    "sound": _numbered_wav,
    "still": _numbered_png,
}
