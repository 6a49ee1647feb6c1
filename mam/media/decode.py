"""The one decode: one ffmpeg reads the original once, and every tap is fed from that pass.

Recipes of a FileTap: "proxy" (H.264/AAC mp4), "poster" (a JPEG of a lively frame), "sprite" (a
sheet of small pictures) and "audio" (16 kHz mono WAV). Frame taps get RGB pictures, sound taps the
samples of one stream, meter taps what filters measure. All of them count the asset's own frames,
see `mam.media.graph`. A still gives one frame; sound alone has the audio recipe, and a proxy
without picture.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import ffmpeg as graphs

from mam import processes
from mam.errors import BadMedia, BadRequest, MamError, NoSpace, OutOfBounds, ProcessFailed
from mam.media import ffmpeg, recipes
from mam.media.base import (
    AudioStream,
    FileTap,
    FrameFormat,
    FrameTap,
    MediaInfo,
    MeterTap,
    SoundTap,
    Tap,
)
from mam.media.graph import Size, aligned_sounds, clocked, even_size, samples_of, upright
from mam.media.pictures import PosterTap, SpriteTap
from mam.media.pyramid import pyramid
from mam.media.taps import MeterReader, PictureReader, PipeReader, SoundReader
from mam.options import Options

_NO_SPACE = re.compile(r"no space left|disk quota exceeded", re.I)
_ADDRESS = re.compile(r" @ 0x[0-9a-f]+|file:/proc/self/fd/\d+:?\s*")
_PROGRESS_STEP = 25


@dataclass(frozen=True)
class DecodeReport:
    """What the decode did. `frames` counts the asset's frames that came (0 for sound alone);
    `samples` those of the 16 kHz sound, or the asset's own where it is sound alone.

    `errors` holds, by tap name, what a tap failed by. `damage` says what could not be read while
    the rest stands, beside what the probe told. `meta` tells, by tap name, of the files that were
    written. `source_pts` has the timestamp of the source frame that each asset frame shows, where
    the rate varies.
    """

    frames: int
    samples: int
    errors: dict[str, MamError] = field(default_factory=dict)
    damage: str = ""
    meta: dict[str, dict[str, Any]] = field(default_factory=dict)
    source_pts: tuple[int, ...] = ()


def decode(
    path: str,
    info: MediaInfo,
    taps: Sequence[Tap],
    *,
    options: Options,
    on_progress: Callable[[int, int], None] | None = None,
) -> DecodeReport:
    """Decode a master once for all `taps`. `on_progress(done, total)` counts the asset's clock.

    What `on_progress` raises ends the decode and comes out here. Raises BadMedia when nothing at
    all could be decoded, OutOfBounds at a limit of time or memory, NoSpace when the disk is full.
    """
    job = _Job(info, options)
    for tap in taps:
        job.add(tap)
    if not job.wanted:
        return job.report(0, 0, "")
    with ffmpeg.opened(path) as file:
        return job.run(file, on_progress)


class _Job:
    """One run of ffmpeg over one master."""

    def __init__(self, info: MediaInfo, options: Options) -> None:
        self.info = info
        self.options = options
        self.errors: dict[str, MamError] = {}
        self.frame_taps: list[FrameTap] = []
        self.sound_taps: list[tuple[SoundTap, AudioStream]] = []
        self.meters: list[MeterTap] = []
        self.files: list[FileTap] = []
        self.sheets: list[PosterTap | SpriteTap] = []
        self.proxy_size = recipes.proxy_size(info, options) if info.video else Size(0, 0)
        self.source_pts: list[int] = []
        self.frames = 0

    @property
    def wanted(self) -> bool:
        return bool(self.frame_taps or self.sound_taps or self.meters or self.files)

    def add(self, tap: Tap) -> None:
        """Take a tap on, or note why this asset cannot feed it."""
        has_picture, has_sound = self.info.video is not None, bool(self.info.audio)
        if isinstance(tap, SoundTap):
            streams = [stream for stream in self.info.audio if stream.index == tap.stream]
            if streams:
                self.sound_taps.append((tap, streams[0]))
            else:
                self.errors[tap.name] = BadRequest(f"No stream {tap.stream} of this file is sound.")
        elif isinstance(tap, MeterTap):
            if has_picture if tap.of == "picture" else has_sound:
                self.meters.append(tap)
            else:
                self.errors[tap.name] = BadRequest(f"This file has no {tap.of} to measure.")
        elif not isinstance(tap, FileTap):
            if has_picture:
                self.frame_taps.append(tap)
            else:
                self.errors[tap.name] = BadRequest("There is no picture to read in this file.")
        elif tap.recipe in ("poster", "sprite") and has_picture:
            sheet = (
                PosterTap.of(tap, self.info, self.proxy_size)
                if tap.recipe == "poster"
                else SpriteTap.of(tap, self.info)
            )
            self.sheets.append(sheet)
            self.frame_taps.append(sheet)
        elif (tap.recipe == "proxy" and (has_picture or has_sound)) or (
            tap.recipe == "audio" and has_sound
        ):
            self.files.append(tap)
        else:
            self.errors[tap.name] = BadRequest(f"This file has nothing for a {tap.recipe!r}.")

    def run(
        self, file: ffmpeg.Opened, on_progress: Callable[[int, int], None] | None
    ) -> DecodeReport:
        readers = self._readers()
        count_from, count_to = os.pipe()
        argv = ffmpeg.command(self.options, self._arguments(file.url, readers, count_to))
        failure: ProcessFailed | None = None
        with processes.start(
            argv,
            limits=ffmpeg.limits(self.options),
            pass_fds=[file.descriptor, count_to, *(reader.writer for reader in readers)],
            keep_stdout=False,
        ) as running:
            os.close(count_to)
            for reader in readers:
                reader.start()
            try:
                self._follow(count_from, on_progress)
            except BaseException:
                running.kill()
                raise
            finally:
                os.close(count_from)
            for reader in readers:
                reader.finish()
            try:
                running.wait()
            except OutOfBounds:
                raise
            except ProcessFailed as error:
                failure = error
            said = running.stderr_tail
        return self._ended(readers, failure, said)

    def _readers(self) -> list[PipeReader]:
        """A pipe a format of pictures, a stream of sound, a meter."""
        formats: dict[FrameFormat, list[FrameTap]] = {}
        for tap in self.frame_taps:
            formats.setdefault(tap.format, []).append(tap)
        return [
            *(PictureReader(taps) for taps in formats.values()),
            *(SoundReader(tap, stream) for tap, stream in self.sound_taps),
            *(MeterReader(tap) for tap in self.meters),
        ]

    def _ended(
        self, readers: list[PipeReader], failure: ProcessFailed | None, said: str
    ) -> DecodeReport:
        if _NO_SPACE.search(said):
            raise NoSpace("The disk became full while the file was decoded.")
        whole = [item for item in readers if isinstance(item, PictureReader)]
        seen = (reader.frames for reader in whole if reader.format.every == 1)
        frames = max([self.frames, *seen])
        if failure is not None and not frames:
            raise BadMedia(f"Nothing of the file could be decoded: {_plain(said)}") from failure
        if self.info.video is not None and not frames:
            raise BadMedia(f"No picture of the file could be decoded: {_plain(said)}")
        for fed in (fed for reader in readers for fed in reader.fed):
            if failure is None:
                fed.close()
            elif fed.error is None:
                fed.error = failure
            if fed.error is not None:
                self.errors[fed.tap.name] = fed.error
        if failure is not None:
            self.errors |= {tap.name: failure for tap in self.files}
        return self.report(frames, self.info.duration if self.info.video is None else 0, said)

    def report(self, frames: int, samples: int, said: str) -> DecodeReport:
        if samples == 0 and self.info.audio and self.info.video is not None:
            samples = samples_of(self.info, recipes.SPEECH_RATE)
        kept = bool(self.info.pts)
        return DecodeReport(
            frames=frames,
            samples=samples,
            errors=self.errors,
            damage=self._damage(frames, said),
            meta=self._meta(frames),
            source_pts=tuple(self.source_pts) if kept else (),
        )

    def _arguments(self, url: str, readers: list[PipeReader], count_to: int) -> list[str]:
        source = graphs.input(url, **input_settings(self.info), **self._halved())
        outputs = []
        if self.info.video is None:
            small_of: dict[FrameFormat, Any] = {}
            picture_of: Iterator[Any] = iter(())
        else:
            whole = sum(_looks_at_all(reader) for reader in readers)
            small_of, picture_of, counted = self._pictures(source, whole)
            outputs.append(recipes.counter(counted, count_to))
        sound_of, own_of = self._sounds(source)
        for reader in readers:
            if isinstance(reader, SoundReader):
                outputs.append(recipes.samples(next(own_of), reader.writer))
            elif isinstance(reader, MeterReader):
                stream = next(picture_of if _looks_at_all(reader) else sound_of)
                metered = reader.meter.through(stream)
                outputs.append(recipes.measured(metered, reader.meter.of, reader.writer))
            elif isinstance(reader, PictureReader):
                outputs.append(recipes.frames(small_of[reader.format], reader.writer))
        for tap in self.files:
            sound = next(sound_of, None)
            if tap.recipe == "audio":
                outputs.append(recipes.speech(sound, self.info, tap.path))
            else:
                picture = next(picture_of, None)
                outputs.append(recipes.proxy(picture, sound, self.info, tap.path, self.options))
        arguments = [str(part) for part in graphs.merge_outputs(*outputs).get_args()]
        if self.info.video is None:
            arguments = ["-progress", f"pipe:{count_to}", *arguments]
        return arguments

    def _sounds(self, source: Any) -> tuple[Iterator[Any], Iterator[Any]]:
        """The main sound for each meter and file that wants it; their streams for sound taps."""
        wanted = sum(meter.of == "sound" for meter in self.meters) + len(self.files)
        own = [stream for _, stream in self.sound_taps]
        main, recorded = aligned_sounds(source, self.info, wanted, own)
        return iter(main), iter(recorded)

    def _pictures(
        self, source: Any, meters: int
    ) -> tuple[dict[FrameFormat, Any], Iterator[Any], Any]:
        """Streams of upright pictures: in RGB for each format, as they are for `meters` and for
        each proxy; and one to count by."""
        assert self.info.video is not None
        proxies = sum(tap.recipe == "proxy" for tap in self.files)
        wanted = bool(self.frame_taps or meters or proxies)
        raw = clocked(source, self.info).filter_multi_output("split", 2 if wanted else 1)
        if not wanted:
            return {}, iter(()), raw.stream(0)
        base = upright(raw.stream(1), self.info.video, self._base_size())
        formats = [tap.format for tap in self.frame_taps]
        small, rest = pyramid(base, self._base_size(), formats, meters + proxies)
        proxy_scaled = [self._as_proxy(part, n >= meters) for n, part in enumerate(rest)]
        return small, iter(proxy_scaled), raw.stream(0)

    def _as_proxy(self, stream: Any, is_proxy: bool) -> Any:
        if not is_proxy or self._base_size() == self.proxy_size:
            return stream
        return stream.filter("scale", self.proxy_size.width, self.proxy_size.height)

    def _halved(self) -> dict[str, Any]:
        """The decoder leaves out what no output is large enough to show."""
        video = self.info.video
        if video is None or not video.halvings or video.field_order in ("tt", "bb"):
            return {}
        (width, height), base = self.info.shown_size, self._base_size()
        times = range(1, video.halvings + 1)
        fits = [n for n in times if base.width << n <= width and base.height << n <= height]
        return {"lowres": fits[-1]} if fits else {}

    def _base_size(self) -> Size:
        """As small as all outputs can be made of: scaling and colour are paid for once."""
        width, height = self.info.shown_size
        sizes = [Size(tap.format.width, tap.format.height) for tap in self.frame_taps]
        if any(tap.recipe == "proxy" for tap in self.files):
            sizes.append(self.proxy_size)
        if all(
            size.width <= self.proxy_size.width and size.height <= self.proxy_size.height
            for size in sizes
        ):
            return self.proxy_size
        factor = max(
            max(Fraction(size.width, width), Fraction(size.height, height)) for size in sizes
        )
        return even_size((width, height), min(Fraction(1), factor))

    def _follow(self, count_from: int, on_progress: Callable[[int, int], None] | None) -> None:
        """Read the counting pipe to its end: the decode is over then."""
        told = 0
        for line in _lines(count_from):
            done = self._count(line)
            if on_progress is not None and done >= told + self._step:
                told = done
                on_progress(min(done, self.info.duration), self.info.duration)

    @property
    def _step(self) -> int:
        is_sound = self.info.video is None
        return self.info.rate.nominal if is_sound else _PROGRESS_STEP

    def _count(self, line: str) -> int:
        if self.info.video is None:
            key, _, value = line.partition("=")
            if key != "out_time_us" or not value.lstrip("-").isdigit():
                return 0
            return int(int(value) * self.info.rate.value / 1_000_000)
        number, _, pts = line.split()
        self.frames = int(number) + 1
        if self.info.pts:
            self.source_pts.append(int(pts))
        return self.frames

    def _damage(self, frames: int, said: str) -> str:
        """Beside what the probe has told already."""
        parts = []
        if said and (complaint := _plain(said)) not in self.info.damage:
            parts.append(f"parts could not be decoded ({complaint})")
        if self.info.video is not None and 0 < frames < self.info.duration:
            parts.append(f"only {frames} of {self.info.duration} frames could be decoded")
        return "; ".join(parts)

    def _meta(self, frames: int) -> dict[str, dict[str, Any]]:
        meta = {sheet.name: sheet.meta for sheet in self.sheets}
        for tap in self.files:
            meta[tap.name] = (
                {"rate": recipes.SPEECH_RATE, "channels": 1}
                if tap.recipe == "audio"
                else {
                    "width": self.proxy_size.width,
                    "height": self.proxy_size.height,
                    "frames": frames,
                    "rate": str(self.info.rate),
                }
            )
        return {name: told for name, told in meta.items() if name not in self.errors}


def input_settings(info: MediaInfo) -> dict[str, Any]:
    """Options before `-i`: what may be read, the file's own timestamps, errors lived with."""
    settings: dict[str, Any] = dict(ffmpeg.READ_OPTIONS)
    settings |= {"threads": ffmpeg.THREADS, "max_error_rate": 1}
    if not info.discontinuous:
        settings["copyts"] = None
    return settings


def _looks_at_all(reader: PipeReader) -> bool:
    """Whether it measures the pictures as they are."""
    return isinstance(reader, MeterReader) and reader.meter.of == "picture"


def _plain(said: str) -> str:
    """The first complaint, without addresses and our own names for the file."""
    lines = [_ADDRESS.sub("", line).strip() for line in said.splitlines()]
    return next((line for line in lines if line), "it said nothing more")


def _lines(descriptor: int) -> Iterator[str]:
    rest = b""
    while chunk := os.read(descriptor, 1 << 16):
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            yield line.decode("ascii", "replace").strip()
