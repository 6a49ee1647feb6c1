"""Is it media? Told by a file's name and its first bytes, before anything else touches it.

A look, not a judgement: what passes is still probed in a bounded child. Its point is that notes,
sidecars and playlists never become assets, and that a person learns why.
"""

from __future__ import annotations

import os
from enum import Enum

from mam.errors import BadMedia, NotMedia
from mam.media.content import pointing_kind


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


PICTURE_NAMES = _names(
    "avif bmp cin dpx exr gif heic heif j2c j2k jp2 jpe jpeg jpg jxl pbm pcx pgm png ppm psd sgi"
    " tga tif tiff webp"
)
SOUND_NAMES = _names(
    "aac ac3 aif aifc aiff amr ape au bwf caf dts eac3 flac m4a m4b mka mp1 mp2 mp3 oga ogg opus"
    " rf64 snd tta w64 wav weba wma wv"
)
MOVIE_NAMES = _names(
    "3g2 3gp arx asf avi braw crm dav dif divx dv f4v flv gxf h264 h265 hevc insv ivf lrv m1v m2p"
    " m2t m2ts m2v m4v mjpeg mjpg mkv mod mov mp4 mpe mpeg mpg mpv mts mxf nut obu ogm ogv qt r3d"
    " rm rmvb tod ts vob webm wmv y4m"
)
MEDIA_NAMES = PICTURE_NAMES | SOUND_NAMES | MOVIE_NAMES
SHARED_NAMES = _names("mod ts dif au cin")
"""Endings that other trades use for text too: text under them is passed over, not refused."""
REFERENCE_NAMES = _names("asx concat ffconcat m3u m3u8 mpd pls svg svgz wpl xspf")


class Look(Enum):
    """What a first look says."""

    MEDIA = "media"
    UNSURE = "unsure"  # named as media, bytes unknown: only a probe can tell


def name_ending(name: bytes) -> str:
    """The file name's ending without its dot, lower case; "" where it has none."""
    return os.path.splitext(os.path.basename(name))[1][1:].decode("ascii", "replace").lower()


def named_as_media(name: bytes) -> bool:
    return name_ending(name) in MEDIA_NAMES


def look(name: bytes, head: bytes, size: int) -> Look:
    """Judge a file by its name and first bytes (4 KiB are enough).

    Raises NotMedia for what is no media by name and content, BadMedia for what pretends to be or
    only points at other files.
    """
    ending, named = name_ending(name), named_as_media(name)
    if size == 0:
        if named or ending in REFERENCE_NAMES:
            raise BadMedia("The file is empty: it may not have been copied to its end.")
        raise NotMedia("The file is empty, and not named as media.")
    reference = _reference(head) or (named and pointing_kind(head[:4096]))
    if reference or ending in REFERENCE_NAMES:
        what = reference or f"a .{ending} file"
        raise BadMedia(
            f"It is {what}, which only points at other files: ingest those files themselves."
        )
    if _is_strongly_media(head):
        return Look.MEDIA
    if named and _is_weakly_media(head):
        return Look.MEDIA
    if is_text(head):
        if named and ending not in SHARED_NAMES:
            raise BadMedia(f"It is named .{ending} but holds text, not media.")
        raise NotMedia("It is text, not media.")
    if not head.strip(b"\0"):
        if named:
            raise BadMedia(f"It is named .{ending} but begins with nothing but zeros.")
        raise NotMedia("It is not media by its name or its content.")
    if named:
        return Look.UNSURE
    raise NotMedia("It is not media by its name or its content.")


def is_readable_while_written(head: bytes) -> bool:
    """Whether a file that begins so tells what it holds before it is whole: transport streams, MXF,
    Matroska, and MP4 in fragments. Other MP4 has its index at the end, or an index too short."""
    if _is_transport_stream(head) or head.startswith((_MATROSKA, _PROGRAM_STREAM)):
        return True
    return _MXF in head[:_MXF_RUN_IN] or _has_fragments(head)


def _has_fragments(head: bytes) -> bool:
    """Whether an MP4's `moov` box, near its start, says that fragments follow (`mvex`)."""
    start = 0
    while start + 8 <= len(head):
        size, kind = int.from_bytes(head[start : start + 4]), head[start + 4 : start + 8]
        if kind not in _BOXES:
            return False
        if kind == b"moov":
            return b"mvex" in head[start : start + size]
        start += max(size, 8)
    return False


def is_text(head: bytes) -> bool:
    """Whether the bytes read as text: UTF-8 or UTF-16 without control characters."""
    sample = head[:4096]
    if sample[:2] in (b"\xff\xfe", b"\xfe\xff"):
        decoded = sample[: len(sample) & ~1].decode("utf-16", "replace")
    else:
        # A character may be cut in half at the end of the sample.
        decoded = sample.decode("utf-8", "replace")
        decoded = decoded[:-1] if decoded.endswith("\N{REPLACEMENT CHARACTER}") else decoded
        if "\N{REPLACEMENT CHARACTER}" in decoded and not _is_latin_text(sample):
            return False
    return bool(decoded) and not any(ord(c) < 32 and c not in "\t\n\r\f\x1b" for c in decoded)


def _is_latin_text(sample: bytes) -> bool:
    """Old 8-bit text: nearly all bytes are plain letters, digits and marks."""
    plain = sum(byte in b"\t\n\r" or 32 <= byte < 127 for byte in sample)
    return plain >= 0.9 * len(sample)


def _reference(head: bytes) -> str:
    """What kind of file that names others this is, or ""."""
    text = head[:4096].lstrip(b"\xef\xbb\xbf \t\r\n")
    lower = text.lower()
    if lower.startswith(b"#extm3u"):
        return "a playlist"
    if lower.startswith(b"[playlist]"):
        return "a playlist"
    if lower.startswith((b"ffconcat", b"concat:")):
        return "a concat list"
    if lower.startswith((b"file '", b'file "', b"file /")):
        return "a concat list"
    if lower.startswith((b"<asx", b"<?wpl")):
        return "a playlist"
    if lower.startswith((b"<?xml", b"<svg", b"<!doctype svg", b"<mpd", b"<playlist")):
        if b"<svg" in lower:
            return "an SVG drawing"
        if b"<mpd" in lower or b"<playlist" in lower:
            return "a playlist"
    return ""


_MATROSKA = b"\x1aE\xdf\xa3"  # and WebM
_PROGRAM_STREAM = b"\x00\x00\x01\xba"  # of MPEG
_STARTS = (
    _MATROSKA,
    _PROGRAM_STREAM,
    b"OggS",
    b"fLaC",
    b"ID3",
    b"RF64",
    b"BW64",
    b"caff",
    b"wvpk",
    b"MAC ",
    b"TTA1",
    b"riff\x2e\x91\xcf\x11",  # Wave64
    b".snd",
    b"#!AMR",
    b"FLV\x01",
    b"DKIF",
    b"YUV4MPEG2 ",
    b"nut/multimedia container\0",
    b".RMF",
    b"\x30\x26\xb2\x75\x8e\x66\xcf\x11",  # ASF
    b"\x00\x00\x01\xb3",  # MPEG video
    b"\x00\x00\x00\x00\x01\xbc",  # GXF
    b"\xff\xd8\xff",
    b"\x89PNG\r\n\x1a\n",
    b"GIF87a",
    b"GIF89a",
    b"II*\0",
    b"MM\0*",
    b"SDPX",
    b"XPDS",
    b"\x76\x2f\x31\x01",  # OpenEXR
    b"\x00\x00\x00\x0cjP  ",
    b"\x00\x00\x00\x0cJXL ",
    b"\xff\x4f\xff\x51",  # JPEG 2000 codestream
    b"8BPS",
)
_BOXES = (b"ftyp", b"moov", b"mdat", b"wide", b"pnot", b"free", b"skip", b"uuid", b"moof", b"styp")
_MXF = b"\x06\x0e\x2b\x34\x02\x05\x01\x01\x0d\x01\x02"
_MXF_RUN_IN = (64 << 10) + 16  # up to so much may stand before it, and it
_WEAK_STARTS = (b"BM", b"\x00\x00\x00\x01", b"\x1f\x07\x00", b"\xff\x0a", b"\x0b\x77")


def _is_strongly_media(head: bytes) -> bool:
    if head.startswith(_STARTS):
        return True
    if head[4:8] in _BOXES:
        return True
    if head[:4] == b"RIFF" and head[8:12] in (b"AVI ", b"AVIX", b"WAVE", b"WEBP"):
        return True
    if head[:4] == b"FORM" and head[8:12] in (b"AIFF", b"AIFC"):
        return True
    return _MXF in head[:_MXF_RUN_IN] or _is_transport_stream(head)


def _is_transport_stream(head: bytes) -> bool:
    return any(
        len(head) > first + 2 * packet
        and all(head[first + packet * number] == 0x47 for number in range(3))
        for first, packet in ((0, 188), (4, 192), (0, 204))
    )


def _is_weakly_media(head: bytes) -> bool:
    """Marks of two or three bytes: believed only where the name says the same."""
    if head.startswith(_WEAK_STARTS):
        return True
    return len(head) > 1 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0  # MPEG audio, ADTS
