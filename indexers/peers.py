"""What a person would run instead of indexing: one tool after another, over the same files.

Each tool works alone and from the master, as from a shell; those that look at pictures look at
frames that ffmpeg took out once, as many a minute as keyframes are. Timed for `bench index`.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from django.conf import settings

from indexers.sampling import SECONDS_EACH
from mam import engines, processes
from mam.catalog.records import AssetRecord
from mam.engines.base import SAMPLE_RATE, PictureTagger, Sound, TextReader, TransitionDetector
from mam.errors import MamError, WeightsMissing
from mam.media import ffmpeg
from mam.media.base import FileTap
from mam.media.pictures import load_picture
from mam.media.recipes import proxy_picture
from mam.pipeline.sharing import decode
from mam.timing import FrameRate


@dataclass
class Peers:
    """Seconds of each tool over all files; `left_out` says which tool has none, and why, and
    `refused` what a tool could not do with a file."""

    seconds: dict[str, float] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)
    refused: list[tuple[str, str, str]] = field(default_factory=list)  # tool, file, reason


def measured(
    tools: Sequence[Tool], assets: Sequence[AssetRecord], report: Callable[[str, str], None]
) -> Peers:
    """Every tool over every asset, one at a time; `report` gets tool and file before each.

    A net is loaded before its tool is timed. The time of a tool that fails on a file counts.
    """
    peers = Peers()
    with tempfile.TemporaryDirectory(prefix="peers-") as work:
        for tool in tools:
            try:
                if tool.engine:
                    engines.engine(tool.engine)
            except WeightsMissing as error:
                peers.left_out[tool.name] = str(error)
                continue
            peers.seconds[tool.name] = 0.0
            for number, asset in enumerate(assets):
                report(tool.name, asset.name)
                place = Path(work, str(number))
                place.mkdir(exist_ok=True)
                began = time.monotonic()
                try:
                    tool.run(asset, place)
                except MamError as error:
                    peers.refused.append((tool.name, asset.name, str(error)))
                peers.seconds[tool.name] += time.monotonic() - began
    return peers


def _ffmpeg(
    asset: AssetRecord, *arguments: str, on_stdout: Callable[[bytes], object] | None = None
) -> None:
    options = settings.OPTIONS
    read = [part for key, value in ffmpeg.READ_OPTIONS.items() for part in (f"-{key}", value)]
    with ffmpeg.opened(asset.path) as file:
        processes.run(
            ffmpeg.command(options, [*read, "-i", file.url, *arguments], loglevel="fatal"),
            limits=ffmpeg.limits(options),
            pass_fds=[file.descriptor],
            on_stdout=on_stdout,
        )


def _decoded(asset: AssetRecord, place: Path) -> None:
    """ffmpeg decodes picture and sound and throws them away."""
    _ffmpeg(asset, "-map", "0:v:0?", "-map", "0:a?", "-f", "null", "-")


def _proxied(asset: AssetRecord, place: Path) -> None:
    """ffmpeg makes a proxy with our own settings, and nothing else."""
    media, facts = settings.OPTIONS.media, asset.technical
    rate = facts.rate if asset.has_video else FrameRate.of(25)
    video = [
        part
        for key, value in proxy_picture(media.proxy_crf, rate).items()
        for part in (f"-{key}", str(value))
    ]
    scale = f"scale=-2:'min(ih,{media.proxy_height // 2 * 2})'"
    _ffmpeg(
        asset,
        *("-map", "0:v:0?", "-map", "0:a:0?", "-vf", f"{scale},format=yuv420p", *video),
        *("-c:a", "aac", "-b:a", "128k", "-ac", "2", "-f", "mp4", str(place / "proxy.mp4")),
    )


def _decoded_once(asset: AssetRecord, place: Path) -> None:
    """Our one decode with all the files that it writes, and no net beside it."""
    still = asset.technical.kind == "still"
    wanted = {
        "proxy.mp4": not still,
        "poster.jpg": asset.has_video,
        "sprite.jpg": asset.has_video and not still,
        "audio.wav": asset.has_audio and not still,
    }
    taps = [
        FileTap(Path(name).stem, Path(name).stem, place / name)
        for name, applies in wanted.items()
        if applies
    ]
    decode(asset, taps, settings.OPTIONS, lambda done, total: None)


def _cut(asset: AssetRecord, place: Path) -> None:
    """`scenedetect detect-adaptive save-images`."""
    if not asset.has_video or asset.technical.kind == "still":
        return
    with ffmpeg.opened(asset.path) as file:
        processes.run(
            [
                *(sys.executable, "-m", "scenedetect", "--quiet"),
                *("--input", f"/proc/self/fd/{file.descriptor}", "--output", str(place)),
                *("detect-adaptive", "save-images"),
            ],
            limits=ffmpeg.limits(settings.OPTIONS),
            pass_fds=[file.descriptor],
            env={"OPENCV_FFMPEG_CAPTURE_OPTIONS": "protocol_whitelist;file"},
        )


def _transitions(asset: AssetRecord, place: Path) -> None:
    if not asset.has_video or asset.technical.kind == "still":
        return
    detector: TransitionDetector = engines.engine("transitions")
    width, height = detector.size
    session, size, held = detector.begin(), width * height * 3, bytearray()

    def take(chunk: bytes) -> None:
        held.extend(chunk)
        whole = len(held) // size * size
        frames = np.frombuffer(bytes(held[:whole]), np.uint8).reshape(-1, height, width, 3)
        del held[:whole]
        session.push(frames)

    filters = f"scale={width}:{height},format=rgb24"
    _ffmpeg(asset, "-map", "0:v:0", "-vf", filters, "-f", "rawvideo", "pipe:1", on_stdout=take)
    session.finish()


def _sound(asset: AssetRecord) -> Sound:
    if not asset.has_audio:
        return np.zeros(0, np.float32)
    heard = bytearray()
    _ffmpeg(
        asset,
        *("-map", "0:a:0", "-ac", "1", "-ar", str(SAMPLE_RATE), "-f", "f32le", "pipe:1"),
        on_stdout=heard.extend,
    )
    return np.frombuffer(bytes(heard), np.float32)


def _transcribed(asset: AssetRecord, place: Path) -> None:
    sound = _sound(asset)
    if len(sound):
        engines.engine("speech").transcribe(sound)


def _sounds_tagged(asset: AssetRecord, place: Path) -> None:
    sound = _sound(asset)
    if len(sound):
        engines.engine("sounds").tag(sound)


def _taken_out(asset: AssetRecord, place: Path) -> None:
    """ffmpeg writes a frame every so often, no higher than a proxy."""
    if asset.has_video:
        height = settings.OPTIONS.media.proxy_height // 2 * 2
        filters = f"fps=1/({SECONDS_EACH}):round=up,scale=-2:'min(ih,{height})'"
        _ffmpeg(asset, "-map", "0:v:0", "-vf", filters, "-q:v", "2", str(place / "f%06d.jpg"))


def _read(asset: AssetRecord, place: Path) -> None:
    reader: TextReader = engines.engine("text")
    for path in sorted(place.glob("f*.jpg")):
        reader.read(load_picture(path))


def _tagged(engine: str) -> Callable[[AssetRecord, Path], None]:
    def tag(asset: AssetRecord, place: Path) -> None:
        tagger: PictureTagger = engines.engine(engine)
        for path in sorted(place.glob("f*.jpg")):
            tagger.tag([load_picture(path)])

    return tag


def _embedded(asset: AssetRecord, place: Path) -> None:
    pictures = [load_picture(path) for path in sorted(place.glob("f*.jpg"))]
    if pictures:
        engines.engine("image-text").encode_images(pictures)


@dataclass(frozen=True)
class Tool:
    """`run(asset, place)`: `place` is a folder of the asset's own, kept from tool to tool."""

    name: str
    run: Callable[[AssetRecord, Path], None]
    engine: str = ""  # the net that it needs


DECODE = Tool("decode", _decoded)
PROXY = Tool("proxy", _proxied)
ONE_DECODE = Tool("one decode", _decoded_once)
INSTEAD = (
    PROXY,
    Tool("scenedetect", _cut),
    Tool("transnetv2", _transitions, "transitions"),
    Tool("faster-whisper", _transcribed, "speech"),
    Tool("sounds", _sounds_tagged, "sounds"),
    Tool("frames", _taken_out),
    Tool("rapidocr", _read, "text"),
    Tool("objects", _tagged("objects"), "objects"),
    Tool("scenes", _tagged("scenes"), "scenes"),
    Tool("open_clip", _embedded, "image-text"),
)
"""One after another they do what indexing does; `proxy`, `scenedetect` and `faster-whisper` alone
are what a person without this service would run."""
