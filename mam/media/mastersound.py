"""A stretch of a master's sound, exactly placed: 48 kHz stereo float, by a bounded ffmpeg."""

from __future__ import annotations

import os
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import av
import ffmpeg as graphs
import numpy as np
import numpy.typing as npt

from mam import processes
from mam.errors import BadMedia, BadRequest, OutOfBounds, ProcessFailed
from mam.media import ffmpeg
from mam.media.audio import SPEECH_RATE
from mam.media.base import MediaInfo
from mam.media.decode import input_settings
from mam.media.graph import SOUND_RATE, main_sound
from mam.media.master import SEEK_MARGIN, can_seek, seek_settings
from mam.options import Options

_BLOCK = SOUND_RATE
_FRAME_BYTES = 8


def stream_stretch(
    path: str,
    info: MediaInfo,
    start: Fraction,
    samples: int,
    channels: tuple[int, ...],
    *,
    options: Options,
) -> Iterator[npt.NDArray[np.float32]]:
    """`samples` samples from `start` (seconds after the asset's frame 0), as `(n, 2)` float32.

    Always exactly as many: silence stands where the file has no sound. `channels` as in
    `AudioPiece`. Raises BadMedia when the sound cannot be decoded, BadRequest for a channel that
    the file has not.
    """
    given = 0
    with ffmpeg.opened(path) as file:
        argv = _argv(file.url, info, start, samples, channels, options)
        with processes.start(
            argv, limits=ffmpeg.limits(options), pass_fds=[file.descriptor]
        ) as running:
            rest = b""
            while chunk := os.read(running.stdout.fileno(), _BLOCK * _FRAME_BYTES):
                data = rest + chunk
                whole = len(data) // _FRAME_BYTES * _FRAME_BYTES
                rest = data[whole:]
                block = np.frombuffer(data[:whole], "<f4").reshape(-1, 2)[: samples - given]
                given += len(block)
                yield block
            try:
                running.wait()
            except OutOfBounds:
                raise
            except ProcessFailed as error:
                if not given:
                    raise BadMedia(f"The sound cannot be decoded: {error}") from error
    while given < samples:
        silence = np.zeros((min(_BLOCK, samples - given), 2), np.float32)
        given += len(silence)
        yield silence


def speech_stretch(
    path: str, info: MediaInfo, start: Fraction, seconds: int, *, options: Options
) -> npt.NDArray[np.float32]:
    """So many seconds of the main sound from `start`, as `(samples,)` float32, 16 kHz mono.

    Raises as `stream_stretch`.
    """
    samples = seconds * SOUND_RATE
    blocks = list(stream_stretch(path, info, start, samples, (), options=options))
    stereo = av.AudioFrame.from_ndarray(
        np.concatenate(blocks).reshape(1, -1), format="flt", layout="stereo"
    )
    stereo.sample_rate = SOUND_RATE
    resampler = av.AudioResampler(format="flt", layout="mono", rate=SPEECH_RATE)
    made = [*resampler.resample(stereo), *resampler.resample(None)]
    sound: npt.NDArray[np.float32] = np.concatenate([frame.to_ndarray()[0] for frame in made])
    return sound[: seconds * SPEECH_RATE]


def _argv(
    url: str,
    info: MediaInfo,
    start: Fraction,
    samples: int,
    channels: tuple[int, ...],
    options: Options,
) -> list[ffmpeg.Argument]:
    zero = info.first_pts * info.time_base
    settings = input_settings(info)
    if can_seek(info, start):
        settings |= seek_settings(zero + start - SEEK_MARGIN)
    source = graphs.input(url, **settings)
    begin = zero + start
    shift = f"({begin.numerator}/{begin.denominator})/TB"

    def placed(index: int) -> Any:
        # Counted from the stretch's own beginning: `first_pts` is in samples of what comes in, so
        # that only 0 is the same at every rate.
        return (
            source[str(index)]
            .filter("asetpts", f"PTS-{shift}")
            .filter("atrim", start=0)
            .filter("aresample", SOUND_RATE, **{"async": 1, "first_pts": 0})
        )

    sound = _chosen(info, channels, placed) if channels else _main(info, placed)
    sound = sound.filter("apad", whole_len=samples).filter("atrim", end_sample=samples)
    output = graphs.output(sound, "pipe:1", **{"format": "f32le", "c:a": "pcm_f32le"})
    return ffmpeg.command(options, [str(part) for part in output.get_args()])


def _main(info: MediaInfo, placed: Any) -> Any:
    streams = [placed(index) for index in main_sound(info)]
    if not streams:
        raise BadRequest("There is no sound in this file.")
    sound = streams[0]
    if len(streams) > 1:
        sound = graphs.filter(streams, "amix", inputs=len(streams), normalize=0, duration="longest")
    return sound.filter("aformat", sample_fmts="flt", channel_layouts="stereo")


def _chosen(info: MediaInfo, channels: tuple[int, ...], placed: Any) -> Any:
    """The channels asked for as one stereo sound: the even ones left, the odd ones right."""
    layout = [(stream.index, at) for stream in info.audio for at in range(stream.channels)]
    if not all(0 <= channel < len(layout) for channel in channels):
        raise BadRequest(f"The file has {len(layout)} channels of sound, not {max(channels) + 1}.")
    used = sorted({layout[channel][0] for channel in channels})
    splits = {
        index: placed(index).filter_multi_output(
            "asplit", sum(layout[channel][0] == index for channel in channels)
        )
        for index in used
    }
    taken = dict.fromkeys(used, 0)
    sides: tuple[list[Any], list[Any]] = ([], [])
    for number, channel in enumerate(channels):
        index, at = layout[channel]
        mono = splits[index].stream(taken[index]).filter("pan", args=f"mono|c0=c{at}")
        taken[index] += 1
        sides[number % 2].append(mono)
    halves = [_sum(side) for side in sides if side]
    if len(halves) == 1:
        return (
            halves[0].filter("pan", args="stereo|c0=c0|c1=c0").filter("aformat", sample_fmts="flt")
        )
    joined = graphs.filter(halves, "join", inputs=2, channel_layout="stereo")
    return joined.filter("aformat", sample_fmts="flt", channel_layouts="stereo")


def _sum(streams: list[Any]) -> Any:
    if len(streams) == 1:
        return streams[0]
    return graphs.filter(streams, "amix", inputs=len(streams), normalize=0, duration="longest")
