"""What is in a file: read by PyAV, in the bounded child only (mam/media/child.py).

All packets are read once, without decoding, for the timestamps of the picture; then the first
picture is decoded, since it tells what containers leave out and whether it can be decoded at all.
Sound alone is decoded whole: its clock counts samples, and only decoding tells them exactly.
"""

from __future__ import annotations

import os
from dataclasses import replace
from fractions import Fraction
from typing import Any

import av

from mam.errors import BadMedia
from mam.media import clock
from mam.media.base import MediaInfo, VideoStream
from mam.media.choice import Choice
from mam.media.codestream import halvings
from mam.media.ffmpeg import READ_OPTIONS, STILL_DEMUXERS, Opened
from mam.media.labels import clean, clean_tags, reel_of, start_of_picture, start_of_sound
from mam.media.mxf import HEADER, TimecodeTrack, timecode_tracks
from mam.media.packets import Packets, read_packets
from mam.media.streams import audio_stream, video_stream
from mam.timing import FrameRate

_STILL_RATE = FrameRate.of(25)
_DECODE_ALL = 8
_PATIENCE = 1000
_QUICKTIME = (b"ftyp", b"moov", b"mdat", b"wide")
_MXF = b"\x06\x0e\x2b\x34\x02\x05\x01\x01"


def examine(file: Opened, path: str) -> MediaInfo:
    """Tell all that a file holds. Raises BadMedia with a reason a person understands."""
    with _open(file) as container:
        if not container.streams:
            raise BadMedia("There is no picture and no sound in this file.")
        seen, broken = read_packets(container)
        choice = Choice(container, seen)
        facts = _Facts(container, path, broken + choice.notes)
    if choice.video is not None:
        with _open(file) as container:
            info = _picture(container, choice, seen[choice.video], facts)
        if info is not None:
            return info
        facts.notes.append("its picture cannot be decoded")
    if choice.audio:
        with _open(file) as container:
            return _sound(container, choice, facts, _timecode_tracks(file, facts))
    what = choice.undecodable or facts.notes
    raise BadMedia(
        f"Nothing in this file can be decoded: {'; '.join(what)}."
        if what
        else "There is no picture and no sound in this file."
    )


def _open(file: Opened) -> Any:
    options = {key: READ_OPTIONS[key] for key in ("protocol_whitelist", "format_whitelist")}
    try:
        return av.open(file.url, container_options=options, metadata_errors="replace")
    except av.error.FFmpegError as error:
        raise BadMedia(_open_reason(error, file.head)) from error


def _open_reason(error: Exception, head: bytes) -> str:
    if isinstance(error, av.error.InvalidDataError) and head.startswith(_MXF):
        return "It is an MXF file without any picture or sound in it (no essence)."
    if isinstance(error, av.error.InvalidDataError) and head[4:8] in _QUICKTIME:
        return (
            "It is an MP4 or QuickTime file without an index that can be read: most likely it was"
            " cut off while it was recorded or copied."
        )
    if isinstance(error, av.error.InvalidDataError):
        return "The content is no media that can be read, or it is broken at its start."
    if isinstance(error, av.error.ArgumentError):
        return "It is of a kind that is not taken, or it holds nothing that can be read."
    if isinstance(error, av.error.EOFError):
        return "The file ends before any picture or sound."
    return f"The file cannot be read: {clean(str(getattr(error, 'strerror', '') or error))}."


class _Facts:
    """What is told of the file as a whole."""

    def __init__(self, container: Any, path: str, notes: list[str]) -> None:
        self.container = container.format.name
        self.path = path
        self.notes = notes
        self.tags = clean_tags(container.metadata)
        self.stream_tags = {
            stream.index: clean_tags(stream.metadata) for stream in container.streams
        }
        self.data_tags = [
            self.stream_tags[stream.index]
            for stream in container.streams
            if stream.type not in ("video", "audio")
        ]

    @property
    def damage(self) -> str:
        return "; ".join(dict.fromkeys(self.notes))

    def label_sources(self, index: int) -> list[dict[str, str]]:
        """Where timecode and reel are looked for, best first.

        In MXF the material package's timecode, which is the file's, comes before the source's.
        """
        own = [self.stream_tags.get(index, {}), *self.data_tags]
        return [self.tags, *own] if self.container.startswith("mxf") else [*own, self.tags]


def _picture(container: Any, choice: Choice, packets: Packets, facts: _Facts) -> MediaInfo | None:
    stream = container.streams[choice.video]
    first, decoded, coded = _first_frame(container, stream, packets.packets <= _DECODE_ALL)
    if first is None:
        return None
    video = video_stream(stream, first)
    if video.codec == "jpeg2000":
        video = replace(video, halvings=halvings(coded))
    still = facts.container in STILL_DEMUXERS
    time_base = Fraction(stream.time_base or _STILL_RATE.value**-1)
    stamps = _presented(packets, first, decoded)
    if packets.jumps and container.start_time:
        # Such a file is read by ffmpeg's mended clock, which begins with the container.
        begin = round(Fraction(container.start_time, av.time_base) / time_base)
        stamps = [stamp - begin for stamp in stamps]
    last_duration = _last_duration(packets, stamps)
    told = clock.judge(stamps, time_base, stream.base_rate, last_duration)
    if still:
        told = clock.Clock(_STILL_RATE, False, 1)
    sources = facts.label_sources(stream.index)
    start = start_of_picture(sources, told.rate)
    return MediaInfo(
        kind="still" if still else "video",
        container=facts.container,
        rate=told.rate,
        duration=told.frames,
        variable_rate=told.variable,
        start=start.frames,
        drop_frame=start.drop,
        has_timecode=start.known,
        reel=reel_of(sources, facts.path),
        video=video,
        audio=() if still else tuple(audio_stream(container.streams[i]) for i in choice.audio),
        other_video=_others(container, choice),
        seconds=told.rate.seconds(told.frames),
        pts=tuple(stamps) if told.variable or told.gaps else (),
        time_base=time_base,
        tags=facts.tags,
        damage=facts.damage,
        first_pts=stamps[0],
        discontinuous=packets.jumps,
    )


def _others(container: Any, choice: Choice) -> tuple[VideoStream, ...]:
    return tuple(
        video_stream(container.streams[index]) for index in choice.pictures if index != choice.video
    )


def _first_frame(
    container: Any, stream: Any, decode_all: bool
) -> tuple[Any, list[int] | None, bytes]:
    """The first picture that is presented; of a very short clip, all that are, by their times; and
    the packet that gave the first."""
    first, stamps, tried, coded = None, [], 0, b""
    stream.thread_type = "SLICE"
    packets = container.demux(stream)
    while tried < _PATIENCE:
        try:
            packet = next(packets, None)
            if packet is None:
                break
            tried += 1
            for frame in packet.decode():
                if first is None:
                    first, coded = frame, bytes(packet)
                stamps.append(frame.pts)
        except av.error.FFmpegError:
            continue
        if first is not None and not decode_all:
            return first, None, coded
    every = [stamp for stamp in stamps if stamp is not None] if decode_all else None
    return first, every, coded


def _presented(packets: Packets, first: Any, decoded: list[int] | None) -> list[int]:
    """Ascending timestamps of the pictures that are shown, as far as packets can tell."""
    if decoded:
        return sorted(set(decoded))
    stamps = packets.stamps or packets.decode_stamps
    begin = first.pts if first.pts is not None else min(stamps, default=0)
    shown = sorted({stamp for stamp in stamps if stamp >= begin})
    return shown or [begin]


def _last_duration(packets: Packets, stamps: list[int]) -> int:
    for stamp, duration in zip(reversed(packets.stamps), reversed(packets.durations), strict=False):
        if stamp == stamps[-1]:
            return duration
    return 0


def _timecode_tracks(file: Opened, facts: _Facts) -> list[TimecodeTrack]:
    is_mxf = facts.container.startswith("mxf")
    return timecode_tracks(os.pread(file.descriptor, HEADER, 0)) if is_mxf else []


def _sound(container: Any, choice: Choice, facts: _Facts, tracks: list[TimecodeTrack]) -> MediaInfo:
    stream = container.streams[choice.audio[0]]
    rate = stream.codec_context.sample_rate
    samples, first, faults = 0, None, 0
    packets = container.demux(stream)
    while True:
        try:
            packet = next(packets, None)
            if packet is None:
                break
            for frame in packet.decode():
                first = frame.pts if first is None else first
                samples += frame.samples
        except av.error.FFmpegError:
            faults += 1
            if faults > _PATIENCE:
                break
    if not samples:
        raise BadMedia("The sound in this file cannot be decoded: no sample of it could be read.")
    if faults:
        facts.notes.append(f"{faults} pieces of its sound cannot be decoded")
    start = start_of_sound(facts.tags, tracks, FrameRate.of(rate))
    return MediaInfo(
        kind="audio",
        container=facts.container,
        rate=FrameRate.of(rate),
        duration=samples,
        variable_rate=False,
        start=start.frames,
        drop_frame=False,
        has_timecode=start.known,
        reel=reel_of(facts.label_sources(stream.index), facts.path),
        video=None,
        audio=tuple(audio_stream(container.streams[index]) for index in choice.audio),
        seconds=Fraction(samples, rate),
        time_base=Fraction(stream.time_base),
        tags=facts.tags,
        damage=facts.damage,
        first_pts=first or 0,
    )
