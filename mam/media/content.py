"""What a file is by its first bytes, where it is something that must not be opened as media.

Playlists, manifests, edit lists and drawings make a reader open other files: they are refused
here with a reason, and again by the demuxer whitelist (mam/media/ffmpeg.py) if they slip through.
"""

from __future__ import annotations

import mimetypes
import os
import re

HEAD = 4096

_POINTERS = (
    (rb"\A#EXTM3U", "a playlist (M3U or HLS)"),
    (rb"\Affconcat version", "an ffmpeg concat list"),
    (rb"\A(?:#[^\n]*\n|\s)*(?:file|stream|option)\s+\S", "an ffmpeg concat list"),
    (rb"\A\[playlist\]", "a playlist (PLS)"),
    (rb"\A\[Reference\]", "a Windows Media reference file"),
    (rb"\ARTSPtext|\Artsp://", "a streaming reference"),
    (rb"\Av=0\r?\n", "a session description (SDP)"),
    (rb"\A;?ffmetadata", "ffmpeg metadata"),
    (rb"\A(?:<\?xml[^>]*>|<!--.*?-->|<!DOCTYPE[^>\[]*|\s)*<svg\b", "a drawing (SVG)"),
    (rb"<MPD\b", "a streaming manifest (DASH)"),
    (rb"<SmoothStreamingMedia\b", "a streaming manifest (Smooth Streaming)"),
    (rb"<smil\b", "a presentation list (SMIL)"),
    (rb"<asx\b", "a playlist (ASX)"),
    (rb"<CompositionPlaylist\b", "an IMF composition playlist"),
    (rb"<playlist\b", "a playlist (XSPF)"),
)
_PATTERNS = tuple((re.compile(pattern, re.I | re.S), name) for pattern, name in _POINTERS)
_TEXT = re.compile(rb"\A[\t\n\r\x20-\x7e\x80-\xff]+\Z")
_MORE_MEDIA_ENDINGS = (
    " mxf mts m2ts ts mkv webm mka r3d braw arx gxf lxf vob dv bwf rf64 w64 caf dpx exr jp2 j2k jxl"
    " heic avif opus flac m4v mov mp4 avi wmv mpg psd tga qoi "
)


def pointing_kind(head: bytes) -> str:
    """What kind of file that only points at others begins so; "" when none does."""
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    return next((name for pattern, name in _PATTERNS if pattern.search(start)), "")


def is_text(head: bytes) -> bool:
    """No byte that text would not hold."""
    return bool(_TEXT.match(head))


def named_as_media(path: str) -> bool:
    """Whether the name's ending promises picture or sound."""
    ending = os.path.splitext(path)[1].lower()
    kind = mimetypes.guess_type(f"name{ending}", strict=False)[0] or ""
    return (
        kind.split("/")[0] in ("video", "audio", "image")
        or f" {ending[1:]} " in _MORE_MEDIA_ENDINGS
    )
