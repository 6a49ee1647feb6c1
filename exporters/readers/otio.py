"""OpenTimelineIO's own files, read by OpenTimelineIO.

What it nests is laid flat where that is plain (a stack of tracks in a track is told and left out);
clip markers become markers of the timeline, where the clip shows their frame.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from fractions import Fraction
from functools import lru_cache
from itertools import accumulate
from math import inf, isfinite
from typing import Any

import opentimelineio as otio

from editing.cutlist import Colour, Marker, Transition, TransitionKind
from editing.incoming import Incoming, IncomingEvent, Reference
from exporters.readers.base import STILLS, path_of, rate_near, size_check
from mam.errors import BadRequest
from mam.timing import FrameRange, FrameRate, round_half_up

_QUOTED = re.compile(rb'"[^"]*"')
_NO_SIGNS = bytes(set(range(256)) - set(b'[]{}"'))
FARTHEST_SOURCE = 1 << 53
LONGEST = 7 * 24 * 3600
"""Seconds of a clip or a gap: what says more is no edit."""
FASTEST = 100_000
_TRACK = re.compile(r"([VA])([1-9]\d?)")
DEEPEST = 500
"""Brackets within each other; a timeline has a dozen."""


class OtioReader:
    """Reads `.otio`."""

    name = "otio"
    suffixes: tuple[str, ...] = (".otio",)

    def read(self, data: bytes, rate: FrameRate | None) -> Incoming:
        size_check(data)
        try:
            text = data.decode("utf-8")
            if depth_of(data) > DEEPEST:
                raise BadRequest("Its parts are nested too deep.")
            found = otio.adapters.read_from_string(text, "otio_json")
        except (ValueError, KeyError, TypeError, IndexError, otio.exceptions.OTIOError) as error:
            raise BadRequest(f"It cannot be read as OpenTimelineIO: {str(error)[:200]}") from error
        return OtioWalk(timeline_in(found), rate).edit()


def depth_of(data: bytes) -> int:
    """How deep brackets are nested in JSON. OpenTimelineIO's parser calls itself at each, and some
    ten thousand end the process."""
    signs = data.replace(rb"\\", b"").replace(rb"\"", b"").translate(None, _NO_SIGNS)
    brackets = _QUOTED.sub(b"", signs.replace(b'""', b""))
    steps = (1 if sign in b"[{" else -1 for sign in brackets)
    return max(accumulate(steps), default=0)


def timeline_in(found: Any) -> otio.schema.Timeline:
    if isinstance(found, otio.schema.Timeline):
        return found
    if isinstance(found, otio.schema.SerializableCollection):
        for child in found:
            if isinstance(child, otio.schema.Timeline):
                return child
    raise BadRequest("There is no timeline in it.")


class OtioWalk:
    """One timeline of OpenTimelineIO as an edit."""

    def __init__(self, timeline: otio.schema.Timeline, rate: FrameRate | None = None) -> None:
        self._timeline = timeline
        self._rate = rate or self._told_rate()
        self._own: dict[float, bool] = {}
        self._events: list[IncomingEvent] = []
        self._transitions: list[Transition] = []
        self._markers: list[Marker] = []
        self._lost: dict[str, None] = {}

    def edit(self) -> Incoming:
        counts = {"V": 0, "A": 0}
        for track in self._timeline.tracks:
            kind = "A" if getattr(track, "kind", "") == otio.schema.TrackKind.Audio else "V"
            counts[kind] = max(counts[kind] + 1, _numbered(track, kind))
            if isinstance(track, otio.schema.Track):
                self._track(track, f"{kind}{counts[kind]}")
            else:
                self._lost[f"{_named(track)} is not a track and was left out."] = None
        for marker in self._timeline.tracks.markers:
            self._mark(marker, 0, Fraction(1))
        if not self._events:
            raise BadRequest("There is no clip in its timeline.")
        start = self._timeline.global_start_time
        told = self._timeline.metadata.get("mam", {})
        return Incoming(
            name=self._timeline.name or "Imported timeline",
            rate=self._rate,
            start=self._frames(start) if start and _is_time(start) else 0,
            drop_frame=bool(_of(told, "drop_frame")) and self._rate.can_drop,
            width=_number(_of(told, "width")),
            height=_number(_of(told, "height")),
            events=tuple(self._events),
            transitions=tuple(self._transitions),
            markers=tuple(self._markers),
            lost=tuple(self._lost),
        )

    def _told_rate(self) -> FrameRate:
        """The timeline's own word, its start's, or the first clip's."""
        told = _of(self._timeline.metadata.get("mam", {}), "rate")
        if isinstance(told, str):
            return FrameRate.parse(told)
        start = self._timeline.global_start_time
        if start and _is_time(start):
            return rate_near(self._timeline.global_start_time.rate)
        for clip in self._timeline.find_clips():
            if _impossible(clip):
                continue
            return rate_near(clip.trimmed_range().duration.rate)
        raise BadRequest("There is no clip in its timeline.")

    def _frames(self, time: otio.opentime.RationalTime) -> int:
        """Frames of the timeline's rate; NTSC's are counted, not timed."""
        if self._counts(time.rate):
            return _nearest(time.value)
        exact = Fraction(time.value) / rate_near(time.rate).value
        return round_half_up(exact * self._rate.value)

    def _counts(self, rate: float) -> bool:
        """Whether it is the timeline's own; of two Fractions that is long to ask for each clip."""
        if rate not in self._own:
            self._own[rate] = rate_near(rate).value == self._rate.value
        return self._own[rate]

    def _track(self, track: otio.schema.Track, name: str) -> None:
        at, first = otio.opentime.RationalTime(0, float(self._rate.value)), 0
        for child in track:
            if isinstance(child, otio.schema.Transition):
                self._transition(child, name, first)
                continue
            if why := _impossible(child):
                self._lost[f"{_named(child)} on {name} was left out: {why}."] = None
                continue
            end = at + child.trimmed_range().duration
            last = self._frames(end)
            place = FrameRange(first, max(first, last))
            if isinstance(child, otio.schema.Clip) and place.duration:
                self._clip(child, name, place)
            elif isinstance(child, otio.schema.Clip):
                self._lost[f"{_named(child)} on {name} was left out: it has no frames."] = None
            elif not isinstance(child, otio.schema.Gap | otio.schema.Clip):
                self._lost[f"{_named(child)} on {name} is nested and was left out."] = None
            at, first = end, last

    def _clip(self, clip: otio.schema.Clip, track: str, place: FrameRange) -> None:
        shown, reference = clip.trimmed_range(), clip.media_reference
        rate = rate_near(shown.start_time.rate)
        told = clip.metadata.get("mam", {})
        speed = self._speed(clip, track)
        first, frames = _nearest(shown.start_time.value), place.duration
        if speed != 1 or not self._counts(shown.start_time.rate):
            lasts = place.duration * abs(speed) / self._rate.value * rate.value
            frames = max(1, round_half_up(lasts)) if speed else 1
        own, own_rate = _own(told), _of(told, "source_rate")
        is_title = isinstance(reference, otio.schema.GeneratorReference)
        self._events.append(
            IncomingEvent(
                number=str(len(self._events) + 1),
                track=track,
                reference=_reference(clip, reference, rate),
                source=FrameRange(first, first + frames),
                rate=rate,
                record=place,
                own=own,
                own_rate=_rate(own_rate) if own and isinstance(own_rate, str) else None,
                link=str(_of(told, "link") or ""),
                channel=_channel(clip, told, track),
                speed=speed,
                enabled=bool(clip.enabled),
                text=_text(reference) if is_title else "",
                reason=str(_of(told, "reason") or ""),
            )
        )
        if speed <= 0 or not len(clip.markers):
            return
        for marker in clip.markers:
            self._mark(marker, place.start, speed, shown.start_time)

    def _speed(self, clip: otio.schema.Clip, track: str) -> Fraction:
        speed = Fraction(1)
        if not len(clip.effects):  # to walk through none takes a hundred times as long as to ask
            return speed
        for effect in clip.effects:
            if isinstance(effect, otio.schema.FreezeFrame):
                return Fraction(0)
            if isinstance(effect, otio.schema.LinearTimeWarp):
                if not isfinite(effect.time_scalar) or abs(effect.time_scalar) > FASTEST:
                    name = str(effect.time_scalar)[:20]
                    self._lost[f"A speed of {name} on {track} was left out."] = None
                    continue
                speed *= Fraction(effect.time_scalar).limit_denominator(10_000)
            else:
                name = effect.effect_name or effect.name or "without a name"
                self._lost[f"An effect ({name[:60]}) on {track} was left out."] = None
        return speed

    def _transition(self, item: otio.schema.Transition, track: str, at: int) -> None:
        told = item.metadata.get("mam", {})
        is_wipe = "wipe" in f"{item.transition_type} {_of(told, 'kind') or ''}".lower()
        offsets = (item.in_offset, item.out_offset)
        before, after = (self._frames(each) if _is_time(each) else -1 for each in offsets)
        if before < 0 or after < 0 or before + after < 1:
            self._lost[f"A transition on {track} was left out: it has no frames."] = None
            return
        kind = TransitionKind.WIPE if is_wipe else TransitionKind.DISSOLVE
        code = _number(_of(told, "wipe")) if is_wipe else 0
        self._transitions.append(Transition(track, at, before, after, kind, code))

    def _mark(
        self,
        marker: otio.schema.Marker,
        offset: int,
        speed: Fraction,
        zero: otio.opentime.RationalTime | None = None,
    ) -> None:
        marked = marker.marked_range
        if not (_is_time(marked.start_time) and _is_time(marked.duration)):
            self._lost[f"The marker {_named(marker)} was left out: it lies nowhere."] = None
            return
        start = marked.start_time - zero if zero else marked.start_time
        at = offset + round_half_up(self._frames(start) / speed)
        if at < offset:
            return
        length = max(1, self._frames(marked.duration))
        colour = str(marker.color or "").upper()
        known = Colour(colour) if colour in Colour.__members__ else Colour.RED
        note = getattr(marker, "comment", "") or ""
        self._markers.append(Marker(FrameRange(at, at + length), marker.name or "", note, known))


def _nearest(value: float) -> int:
    """As nearly all of them are whole, without a Fraction where there is no need."""
    return int(value) if value.is_integer() else round_half_up(Fraction(value))


def _rescaled(value: float, rate: FrameRate, target: FrameRate) -> int:
    if rate is target:
        return _nearest(value)
    return round_half_up(Fraction(value) / rate.value * target.value)


_rate = lru_cache(maxsize=256)(FrameRate.parse)  # a file says the same few of each of its clips


def _is_time(time: otio.opentime.RationalTime) -> bool:
    """Whether it is one that a master or a timeline may have."""
    is_number = isfinite(time.value) and isfinite(time.rate)
    return is_number and time.rate > 0 and abs(time.value) < FARTHEST_SOURCE


def _impossible(child: otio.core.Item) -> str:
    """Why what lies on a track can lie on none; "" where it can."""
    shown = child.trimmed_range()
    if LONGEST * shown.duration.rate < shown.duration.value < inf:
        return f"it lasts {shown.duration.value:g} frames, more than any timeline"
    if not (_is_time(shown.start_time) and _is_time(shown.duration)):
        return "its range is no range"
    if shown.duration.value < 0:
        return f"it lasts {shown.duration.value:g} frames"
    return ""


def _numbered(track: object, kind: str) -> int:
    """2 of a track that is named `V2`; 0 of others, which are counted: an empty one is not written
    by everybody."""
    found = _TRACK.fullmatch(str(getattr(track, "name", "")))
    return int(found[2]) if found and found[1] == kind else 0


def _reference(
    clip: otio.schema.Clip, reference: otio.core.MediaReference, rate: FrameRate
) -> Reference:
    told = reference.metadata.get("mam", {}) if reference else {}
    path = path_of(getattr(reference, "target_url", "") or "")
    available = reference.available_range if reference else None
    start = None
    if available is not None:
        time = available.start_time
        if _is_time(time):
            start = _rescaled(time.value, rate_near(time.rate), rate)
    kind = str(_of(told, "kind") or "")
    if isinstance(reference, otio.schema.GeneratorReference):
        kind = "title"
    elif not kind and path.lower().endswith(STILLS):
        kind = "still"
    name = getattr(reference, "name", "") or ""
    return Reference(
        name=clip.name or name,
        path=path or name,
        reel=str(clip.metadata.get("reel") or _of(told, "reel") or ""),
        start=start,
        asset_id=str(_of(told, "asset_id") or ""),
        kind=kind,
    )


def _own(told: object) -> FrameRange | None:
    first, last = _of(told, "source_in"), _of(told, "source_out")
    if isinstance(first, int) and isinstance(last, int) and 0 <= first < last:
        return FrameRange(first, last)
    return None


def _channel(clip: otio.schema.Clip, told: object, track: str) -> int | None:
    if track[0] != "A":
        return None
    if isinstance(channel := _of(told, "channel"), int):
        return channel
    named = _of(clip.metadata.get("Resolve_OTIO", {}), "Channels")
    for item in _items(named):
        channel = _of(item, "Source Channel ID")
        if isinstance(channel, int):
            return channel
    return int(track[1:]) - 1


def _text(reference: otio.schema.GeneratorReference) -> str:
    for key in ("text", "Text", "content"):
        if isinstance(text := reference.parameters.get(key), str):
            return text
    return reference.name or ""


def _items(value: object) -> Iterator[object]:
    if isinstance(value, list | tuple) or type(value).__name__ == "AnyVector":
        yield from value  # type: ignore[misc]


def _of(value: Any, key: str) -> object:
    """A field of metadata, whatever somebody put there."""
    if type(value).__name__ == "AnyDictionary" or isinstance(value, Mapping):
        try:  # its own `get` is this, slower
            found: object = value[key]
        except KeyError:
            return None
        return found
    return None


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0


def _named(item: object) -> str:
    return str(getattr(item, "name", "") or type(item).__name__)[:80]
