"""Which field of an interlaced picture is shown first: "tt" the upper one, "bb" the lower one.

A decoded picture says so itself, and is believed: containers call an H.264 of either order upper
first, and an AVFieldOrder of TB means two things. libavcodec's header calls it "top coded first,
bottom displayed first", and MXF's reader means that: what it knows are lines and a field dominance.
QuickTime's `fiel` means lines that lie woven, the first of them earlier (9, CoreMedia's
SpatialFirstLineEarly) or later (14); ffmpeg calls these TB and BT, writes them for upper and lower
fields first, into Matroska too, and its decoders of bare pictures read them so. No file is known to
mean 9 as "the lower field first".
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from av.error import BlockingIOError as NothingComesOut
from av.error import FFmpegError
from av.filter import Graph

_PROGRESSIVE, _TT, _BB, _TB, _BT = range(1, 6)  # AVFieldOrder
_TOLD = {_PROGRESSIVE: "progressive", _TT: "tt", _BB: "bb", _TB: "tt", _BT: "bb"}
_SWAPPED = {**_TOLD, _TB: "bb", _BT: "tt"}


def field_order(stream: Any, frame: Any) -> str:
    """ "progressive", "tt", "bb" or "unknown", by its first `frame`, else by its container."""
    if frame is not None and frame.interlaced_frame and (order := _order_shown(frame)):
        return order
    codec = stream.codec_context
    told = _SWAPPED if "mxf" in stream.container.format.name else _TOLD
    return told.get(int(codec.field_order), "unknown") if codec else "unknown"


def _order_shown(frame: Any) -> str:
    """Of an interlaced picture. PyAV has no word for this flag, so a filter is asked, which lets
    through only pictures whose upper field is first."""
    graph = Graph()
    try:
        graph.link_nodes(
            graph.add_buffer(
                width=frame.width,
                height=frame.height,
                format=frame.format,
                time_base=frame.time_base or Fraction(1, 1000),
            ),
            graph.add("select", "eq(interlace_type,TOPFIRST)"),
            graph.add("buffersink"),
        ).configure()
        graph.push(frame)
        graph.pull()
    except NothingComesOut:
        return "bb"
    except FFmpegError:
        return ""
    return "tt"
