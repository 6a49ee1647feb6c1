"""Ranges that a person ticked on a page, with the in and out that they set."""

from __future__ import annotations

from django.http.request import QueryDict

from mam.catalog.records import AssetRecord
from mam.catalog.selectors import asset_get
from mam.errors import BadRequest
from mam.timing import FrameRange, Timecode, clock, parse_clock


def ranges_chosen(wanted: QueryDict) -> list[tuple[str, FrameRange]]:
    """Each `range=ASSET:START:END` of a form, in order.

    `in:ASSET:START:END` and `out:…` beside it hold timecodes (clock times for sound alone) that a
    person may have changed. Raises BadRequest for what cannot be read or is turned round, NotFound.
    """
    return [_chosen(text, wanted) for text in wanted.getlist("range")]


def frame_of(asset: AssetRecord, text: str) -> int:
    """The asset's frame at a source timecode, as pages show it. Raises BadRequest."""
    facts = asset.technical
    if facts.kind == "audio":
        return facts.rate.nearest_frame(parse_clock(text)) - facts.start
    timecode = Timecode.parse(text, facts.rate, drop=facts.drop_frame)
    first = Timecode(facts.start, facts.rate, facts.drop_frame)
    # A clip that runs over midnight goes on counting from zero.
    return (timecode.frames - first.frames) % timecode.frames_a_day


def _chosen(text: str, wanted: QueryDict) -> tuple[str, FrameRange]:
    parts = text.split(":")
    try:
        asset_id, start, end = parts[0], int(parts[1]), int(parts[2])
    except (IndexError, ValueError):
        raise BadRequest(f"{text[:80]!r} is not a range: it is ASSET:START:END.") from None
    new_in, new_out = (wanted.get(f"{edge}:{text}", "").strip() for edge in ("in", "out"))
    if new_in or new_out:
        asset = asset_get(asset_id)
        start, end = _edge(asset, new_in, start), _edge(asset, new_out, end)
    if end <= start:
        raise BadRequest("The out point must come after the in point.")
    return asset_id, FrameRange(start, end)


def _edge(asset: AssetRecord, text: str, found: int) -> int:
    """The frame that a person wrote; what was found where it stands there as it was shown.

    A clock shows thousandths and samples are finer: nothing moves that nobody moved.
    """
    return found if text in ("", shown_at(asset, found)) else frame_of(asset, text)


def shown_at(asset: AssetRecord, frame: int) -> str:
    """The source timecode of a frame, as hits and pages show it."""
    facts = asset.technical
    if facts.kind == "audio":
        return clock(facts.rate.seconds(facts.start + frame))
    return str(Timecode(facts.start + frame, facts.rate, facts.drop_frame))
