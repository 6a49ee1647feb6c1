"""How MLT XML lays a cut's sound: the channels of a clip are one entry on the lowest of their
tracks, as its editors lay sound, and one channel alone is copied to both sides.

One entry has one transition at either end, and its channels in their order. What lies otherwise is
entries of their own, so that nothing of the cut is lost.
"""

from __future__ import annotations

from collections.abc import Mapping

from editing.cutlist import CutList, Event, Source
from exporters.base import by_track

Filters = tuple[Mapping[str, object], ...]
Entry = tuple[Event, ...]
"""Events that are written as one, those of the lowest track first."""


def sound_entries(cutlist: CutList) -> list[Entry]:
    """All sound of a cut, each of it in one entry."""
    groups: dict[tuple[object, ...], list[Event]] = {}
    for events in by_track(cutlist).values():
        for event in events:
            if not event.is_video:
                stream = _stream(event.source, event.channel or 0)
                key = (event.link or event.track, event.source.asset_id, stream,
                       event.source_range, event.record_range, event.speed)  # fmt: skip
                groups.setdefault(key, []).append(event)
    found: list[Entry] = []
    for group in groups.values():
        found += [tuple(group)] if _is_whole(group) else _alone(group)
    return _Joined(cutlist).parted(found)


def _is_whole(events: list[Event]) -> bool:
    """Whether these are all channels of a stream, in its order from the lowest track up."""
    streams = events[0].source.audio
    first = events[0].channel or 0
    if not streams or first != sum(each.channels for each in streams[: _at(events[0])]):
        return False
    count = streams[_at(events[0])].channels
    return [event.channel or 0 for event in events] == list(range(first, first + count))


def _alone(events: Entry | list[Event]) -> list[Entry]:
    return [(event,) for event in events]


def _at(event: Event) -> int:
    return _stream(event.source, event.channel or 0)


class _Joined:
    """How the events of an entry go over at their edges."""

    def __init__(self, cutlist: CutList) -> None:
        self._cutlist = cutlist
        self._at = {(item.track, item.at): item for item in cutlist.transitions}

    def parted(self, entries: list[Entry]) -> list[Entry]:
        """Those of which all events go over alike, into one other entry; of the rest each event
        by itself, which may part their neighbours too."""
        while True:
            owner = {
                (event.track, event.record_range.start): number
                for number, entry in enumerate(entries)
                for event in entry
            }
            found: list[Entry] = []
            for entry in entries:
                is_one = len({self._edges(event, owner) for event in entry}) == 1
                found += [entry] if is_one else _alone(entry)
            if len(found) == len(entries):
                return found
            entries = found

    def _edges(self, event: Event, owner: Mapping[tuple[str, int], int]) -> tuple[object, ...]:
        """Its transitions and what it goes over into, a number of `owner`."""
        shapes: list[object] = []
        for edge in (event.record_range.start, event.record_range.end):
            item = self._at.get((event.track, edge))
            if item is None:
                shapes.append(None)
                continue
            sides = self._cutlist.neighbours(item)
            other = next((each for each in sides if each and each is not event), None)
            into = owner[other.track, other.record_range.start] if other else None
            shapes.append((item.before, item.after, into))
        return tuple(shapes)


def stream_of(entry: Entry) -> tuple[int, Filters]:
    """The stream that an entry plays (-1: its master has none), and what lays a channel alone."""
    first, source = entry[0], entry[0].source
    number = first.channel or 0
    for stream in source.audio:
        if number < stream.channels:
            if len(entry) > 1 or stream.channels == 1:
                return stream.stream, ()
            return stream.stream, tuple(
                {"mlt_service": "channelcopy", "from": number, "to": side}
                for side in (0, 1)
                if side != number
            )
        number -= stream.channels
    return -1, ()


def _stream(source: Source, channel: int) -> int:
    for number, stream in enumerate(source.audio):
        if channel < stream.channels:
            return number
        channel -= stream.channels
    return 0
