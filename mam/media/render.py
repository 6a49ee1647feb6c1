"""Render: a finished movie from masters, with exactly the frames that the plan says.

Every piece is decoded by the asset's own clock (mam/media/master.py), conformed frame by frame
(mam/media/conform.py) and fed to one encoder; sound is mixed beside it, sample by sample. So no
piece's length, seek or rate can shift the next one, and picture and sound begin together.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import ffmpeg as graphs
import numpy as np
import numpy.typing as npt

from mam import processes
from mam.errors import BadMedia, BadRequest, NoSpace, ProcessFailed
from mam.media import ffmpeg
from mam.media.base import MediaInfo
from mam.media.conform import FADE_SECONDS, cut_edges, fade, shown_frames
from mam.media.graph import SOUND_RATE, Size, even_size
from mam.media.master import stream_range
from mam.media.mastersound import stream_stretch
from mam.media.probe import probe
from mam.media.recipes import picture_settings
from mam.media.renderplan import AudioPiece, RenderPlan, VideoPiece
from mam.options import Options
from mam.timing import FrameRate, round_half_up

_CRF = 18
_PRESET = "medium"
_SOUND_BITS = "256k"
_BLACK, _NEUTRAL = 16, 128
_FADE = round(FADE_SECONDS * SOUND_RATE)


def render(
    plan: RenderPlan,
    output: Path,
    *,
    options: Options,
    on_progress: Callable[[float, float], None] | None = None,
) -> None:
    """Write the movie: H.264 high, yuv420p, BT.709; AAC 48 kHz stereo; mp4. Whole or not at all.

    Letterboxed, upright, HDR tone-mapped, 30 ms fades of sound at cuts. `on_progress` gets frames
    done and in all; what it raises ends the render. Raises BadRequest for a plan that cannot be,
    BadMedia for a master that cannot be read, NoSpace, OutOfBounds.
    """
    _check(plan)
    plan = _probed(plan, options)
    try:
        with tempfile.TemporaryDirectory(prefix=".render-", dir=output.parent) as work:
            sound, movie = Path(work, "sound.f32"), Path(work, "movie.mp4")
            mix(plan, sound, options)
            _encode(plan, sound, movie, options, on_progress)
            os.replace(movie, output)
    except OSError as error:
        raise NoSpace(f"The movie cannot be written: {error.strerror}.") from error


def _check(plan: RenderPlan) -> None:
    if plan.frames < 1:
        raise BadRequest("There is nothing to render: the cut has no frames.")
    if plan.width % 2 or plan.height % 2 or min(plan.width, plan.height) < 16:
        raise BadRequest(f"A movie cannot be {plan.width}x{plan.height}: both sides must be even.")
    at = 0
    for piece in sorted(plan.video, key=lambda piece: piece.record.start):
        if piece.record.start < at or piece.record.end > plan.frames:
            raise BadRequest(
                f"The pictures at record frames {piece.record.start} to {piece.record.end} overlap"
                " others or lie outside of the cut."
            )
        if piece.source.duration < 1:
            raise BadRequest("A piece of the cut has no source frames.")
        at = piece.record.end


def _probed(plan: RenderPlan, options: Options) -> RenderPlan:
    """The plan with every piece's info in it, each file probed once."""
    known: dict[str, MediaInfo] = {}

    def told(piece: VideoPiece | AudioPiece) -> MediaInfo:
        if piece.info is not None:
            return piece.info
        if piece.path not in known:
            known[piece.path] = probe(piece.path, options=options)
        return known[piece.path]

    return replace(
        plan,
        video=tuple(
            replace(piece, info=told(piece))
            for piece in sorted(plan.video, key=lambda piece: piece.record.start)
        ),
        audio=tuple(replace(piece, info=told(piece)) for piece in plan.audio),
    )


def mix(plan: RenderPlan, target: Path, options: Options) -> None:
    """The plan's whole sound as raw `(samples, 2)` float32 at 48 kHz, sample 0 at frame 0."""
    total = _sample(plan.rate, plan.frames)
    with target.open("wb") as file:
        file.truncate(total * 8)
    mixed: npt.NDArray[np.float32] = np.memmap(target, np.float32, "r+", shape=(total, 2))
    edges = cut_edges(plan.audio)
    for piece, (opens, closes) in zip(plan.audio, edges, strict=True):
        assert piece.info is not None
        first = _sample(plan.rate, piece.record.start)
        samples = _sample(plan.rate, piece.record.end) - first
        start = piece.info.rate.seconds(piece.source.start)
        done = 0
        for block in stream_stretch(
            piece.path, piece.info, start, samples, piece.channels, options=options
        ):
            block = fade(block, done, samples, _FADE, opens=opens, closes=closes)
            place = mixed[first + done : first + done + len(block)]
            place += block[: len(place)]
            done += len(block)
    for at in range(0, total, SOUND_RATE):
        block = mixed[at : at + SOUND_RATE]
        np.clip(block, -1, 1, out=block)


def _sample(rate: FrameRate, frame: int) -> int:
    return round_half_up(rate.seconds(frame) * SOUND_RATE)


def _encode(
    plan: RenderPlan,
    sound: Path,
    movie: Path,
    options: Options,
    on_progress: Callable[[float, float], None] | None,
) -> None:
    take, give = os.pipe()
    argv = _encoder(plan, sound, movie, take, options)
    try:
        with processes.start(
            argv, limits=ffmpeg.limits(options), pass_fds=[take], keep_stdout=False
        ) as running:
            os.close(take)
            try:
                for number, picture in enumerate(pictures(plan, options), 1):
                    _write(give, picture)
                    if on_progress is not None:
                        on_progress(number, plan.frames)
            except BrokenPipeError:
                pass  # the encoder ended: what it says is the reason
            finally:
                os.close(give)
            running.wait()
    except ProcessFailed as error:
        if "No space left" in str(error):
            raise NoSpace("The disk became full while the movie was rendered.") from error
        raise


def _encoder(
    plan: RenderPlan, sound: Path, movie: Path, take: int, options: Options
) -> list[ffmpeg.Argument]:
    raw: dict[str, Any] = {"format": "rawvideo", "pix_fmt": "yuv420p"}
    picture = graphs.input(
        f"pipe:{take}",
        video_size=(plan.width, plan.height),
        framerate=str(plan.rate),
        color_range="tv",
        colorspace="bt709",
        **raw,
    )
    heard = graphs.input(f"file:{sound}", format="f32le", ar=SOUND_RATE, ac=2)
    settings = picture_settings(_CRF, _PRESET, plan.rate)
    settings |= {"c:a": "aac", "b:a": _SOUND_BITS, "movflags": "+faststart", "format": "mp4"}
    output = graphs.output(picture.video, heard.audio, f"file:{movie}", **settings)
    return ffmpeg.command(options, [str(part) for part in output.get_args()])


def pictures(plan: RenderPlan, options: Options) -> Iterator[npt.NDArray[np.uint8]]:
    """Every record frame of the plan in order, as yuv420p bytes `(height * 3 / 2, width)`."""
    black = np.full((plan.height * 3 // 2, plan.width), _NEUTRAL, np.uint8)
    black[: plan.height] = _BLACK
    at = 0
    for piece in plan.video:
        for _ in range(piece.record.start - at):
            yield black
        yield from _piece(plan, piece, options)
        at = piece.record.end
    for _ in range(plan.frames - at):
        yield black


def _piece(
    plan: RenderPlan, piece: VideoPiece, options: Options
) -> Iterator[npt.NDArray[np.uint8]]:
    info = piece.info
    assert info is not None
    if info.video is None:
        raise BadRequest(f"There is no picture in {_name(piece.path)}.")
    source = piece.source
    if info.kind == "still":
        source = replace(source, start=0, end=1)
    wanted = list(shown_frames(source, info.rate, piece.record.duration, plan.rate))
    shown = info.shown_size
    factor = min(Fraction(plan.width, shown[0]), Fraction(plan.height, shown[1]))
    fitted = even_size(shown, factor)
    size = Size(min(fitted.width, plan.width), min(fitted.height, plan.height))

    def boxed(stream: Any) -> Any:
        return stream.filter("pad", plan.width, plan.height, "(ow-iw)/2", "(oh-ih)/2")

    shape = (plan.height * 3 // 2, plan.width)
    decoded = stream_range(
        piece.path, info, wanted[0], wanted[-1] + 1, size, boxed, shape, options=options
    )
    number, picture = wanted[0] - 1, None
    for frame in wanted:
        while number < frame:
            following = next(decoded, None)
            if following is None:
                break  # the file ends sooner than it said: its last picture stands
            number, picture = number + 1, following
        if picture is None:
            raise BadMedia(f"Frame {frame} of {_name(piece.path)} cannot be decoded.")
        yield picture


def _name(path: str) -> str:
    return os.fsencode(os.path.basename(path)).decode("utf-8", "backslashreplace")


def _write(descriptor: int, picture: npt.NDArray[np.uint8]) -> None:
    view = memoryview(np.ascontiguousarray(picture).data).cast("B")
    while view:
        view = view[os.write(descriptor, view) :]
