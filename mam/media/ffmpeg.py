"""How ffmpeg (and PyAV) are let at a file: which binary, which readers, and never by its name.

A file is opened here, once, and read by ffmpeg through its descriptor (`/proc/self/fd/N`): so no
name, whatever is in it, can be taken for an option, a protocol, a filter or a pattern of numbered
pictures, and what is read is the very file that was checked. What the bytes may be is bounded by
lists: local files alone, and only demuxers that open nothing else. QuickTime's references to
other files stay off (`enable_drefs` is 0 by default, and is never set).
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from mam.errors import BadMedia, RefusedPath, TransientError
from mam.media.content import HEAD
from mam.processes import Limits

if TYPE_CHECKING:
    from mam.options import Options

Argument: TypeAlias = str | bytes | Path

_MOVIES = (
    "mov matroska avi mpegts mpeg mpegvideo mxf mxf_d10 asf flv live_flv gxf lxf ogg nut dv ivf"
    " h261 h263 h264 hevc vvc av1 obu evc m4v mjpeg vc1 vc1test rm r3d mlv cine dnxhd dirac"
    " yuv4mpegpipe swf wtv nsv smjpeg film_cpk filmstrip gif apng apv"
)
_SOUNDS = (
    "wav w64 aiff caf flac mp3 aac ac3 eac3 ac4 amr amrnb amrwb ape au tta wv dts dtshd truehd mlp"
    " mpc mpc8 tak dsf iff ircam nistsphere sox voc xwma loas latm spdif gsm aptx aptx_hd qcp oma"
)
_STILLS = (
    "jpeg_pipe png_pipe tiff_pipe webp_pipe webp webp_anim bmp_pipe dpx_pipe exr_pipe psd_pipe"
    " j2k_pipe jpegls_pipe jpegxl_pipe jpegxl_anim jpegxs_pipe pam_pipe pbm_pipe pgm_pipe ppm_pipe"
    " pfm_pipe pcx_pipe qoi_pipe sgi_pipe sunrast_pipe hdr_pipe dds_pipe cri_pipe"
)
DEMUXERS = tuple(f"{_MOVIES} {_SOUNDS} {_STILLS}".split())
"""Every reader of files that may be used. No playlist, concat, pattern, script, text or device."""
PROTOCOLS = ("file",)
STILL_DEMUXERS = frozenset(_STILLS.split()) - {"webp_anim", "jpegxl_anim"}
_MOST_PIXELS = 1 << 28

READ_OPTIONS = {
    "protocol_whitelist": ",".join(PROTOCOLS),
    "format_whitelist": ",".join(DEMUXERS),
    "max_pixels": str(_MOST_PIXELS),
}
"""What every opening of a master is told, by ffmpeg and by PyAV alike."""

THREADS = max(1, min(8, os.cpu_count() or 1))


def binary(options: Options) -> str:
    """The ffmpeg to run: the one that was named, else the one that came as a wheel.

    One that is named must be 6.1 or later: the decode counts by its `-stats_enc_pre`.
    """
    if options.places.ffmpeg:
        return options.places.ffmpeg
    import imageio_ffmpeg  # noqa: PLC0415 - the program that opens masters needs none

    return str(imageio_ffmpeg.get_ffmpeg_exe())


@dataclass(frozen=True)
class Opened:
    """A file held open for a child: pass `descriptor` on and let it read `url`."""

    descriptor: int
    url: str
    size: int
    head: bytes

    @classmethod
    def of(cls, descriptor: int) -> Opened:
        return cls(
            descriptor,
            f"file:/proc/self/fd/{descriptor}",
            os.fstat(descriptor).st_size,
            os.pread(descriptor, HEAD, 0),
        )


@contextmanager
def opened(path: str) -> Iterator[Opened]:
    """Hold a plain file open for reading.

    Raises RefusedPath for what is no plain file, TransientError when it cannot be opened (a drive
    that went away), BadMedia when it is empty.
    """
    try:
        # Not blocking: a named pipe would hold us for ever.
        descriptor = os.open(os.fsencode(path), os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except PermissionError as error:
        raise RefusedPath("The service may not read this file.") from error
    except ValueError as error:
        raise RefusedPath("This is not a name that a file can have.") from error
    except OSError as error:
        raise TransientError(f"The file cannot be opened now: {error.strerror}.") from error
    try:
        facts = os.fstat(descriptor)
        if not stat.S_ISREG(facts.st_mode):
            raise RefusedPath("This is not a plain file.")
        if facts.st_size == 0:
            raise BadMedia("The file is empty.")
        yield Opened.of(descriptor)
    finally:
        os.close(descriptor)


def command(
    options: Options, arguments: Sequence[Argument], *, loglevel: str = "error"
) -> list[Argument]:
    """An argv of the ffmpeg in use: no questions, no stdin, bounded threads."""
    threads = str(THREADS)
    head = [binary(options), "-hide_banner", "-nostdin", "-nostats", "-y", "-loglevel", loglevel]
    return [*head, "-filter_threads", threads, "-filter_complex_threads", threads, *arguments]


def limits(options: Options, *, seconds: float = 0) -> Limits:
    """The bounds of one run over a master."""
    wall = seconds or options.media.child_seconds
    return Limits(
        seconds=wall,
        memory=options.media.child_memory,
        cpu_seconds=int(wall * THREADS),
    )
