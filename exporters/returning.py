"""What of a cut a file that comes back could say at all: what its format has no word for was never
sent out by it, and is not gone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from editing.comparing import WHOLE, Change, Compared, Way, compare
from editing.cutlist import CutList, Event
from editing.seen import Seen, seen_in
from exporters.base import Report
from exporters.dialects.edl import TRACKS_A_FILE
from exporters.features import carried
from exporters.registry import EXPORTERS
from mam.errors import BadRequest

WAYS = {"edl": Way(start=False), "fcpxml": Way(sound_tracks=False), "ale": Way(places=False)}
"""What a format does not say of where events lie."""
_SAME = {"otioz": "otio"}


@dataclass(frozen=True)
class Sent:
    """A cut as far as one file of a format holds it; `uncarried` are events that it cannot."""

    cut: CutList
    uncarried: tuple[Event, ...]
    label: str


def compare_back(sent: CutList, back: CutList, form: str) -> tuple[Sent, list[Compared]]:
    """What became of a cut that comes back in the format `form`; what that cannot say stands last,
    as uncarried."""
    held = as_sent(sent, back, form)
    found = compare(held.cut, back, way_of(form))
    found += [Compared(Change.UNCARRIED, event, None) for event in held.uncarried]
    return held, found


def way_of(form: str) -> Way:
    return WAYS.get(form, WHOLE)


def as_sent(sent: CutList, back: CutList, form: str) -> Sent:
    """`sent` without what a file of that format cannot say, unless it came back all the same."""
    name = _SAME.get(form, form)
    dialect = next(each for each in EXPORTERS if each.name == name)
    returned = {_lying(seen) for seen in seen_in(back)}
    came = {_place(seen.event) for seen in seen_in(sent) if _lying(seen) in returned}
    try:
        said = carried(sent, dialect.label, dialect.carries, Report())
    except BadRequest:  # nothing of it
        said = replace(sent, events=(), transitions=(), markers=())
    said, home = _of_one_file(said, back, name)
    kept = {home.get(id(event), _place(event)): event for event in said.events}
    places = [(_place(event), event) for event in sent.events]
    events = [kept.get(place, event) for place, event in places if place in kept or place in came]
    gone = [event for place, event in places if place not in kept and place not in came]
    if name == "ale":
        events = _logged(events)
    laid = {(event.track, edge) for event in events for edge in _edges(event)}
    joins = tuple(item for item in said.transitions if (item.track, item.at) in laid)
    cut = replace(said, events=tuple(events), transitions=joins)
    return Sent(cut, tuple(gone), dialect.label)


def _of_one_file(
    cut: CutList, back: CutList, form: str
) -> tuple[CutList, dict[int, tuple[str, int]]]:
    """An EDL has one picture track and four of sound, a log one rate; the rest are other files. Of
    several that a cut left in, the one that `back` has most in common with. With it, of each event
    whose track has another number there, where it lay (by its `id`)."""
    if form == "ale":
        own = [
            event
            for event in cut.events
            if event.source.kind == "audio" or event.source.rate.value == back.rate.value
        ]
        return replace(cut, events=tuple(own)), {}
    if form == "fcpxml":
        return replace(cut, events=tuple(_heard_once(cut.events))), {}
    if form == "mlt":
        return _renamed(cut, cut.events, _stacked(cut.events))
    if form != "edl":
        return cut, {}
    files: dict[tuple[bool, int], list[Event]] = {}
    for event in cut.events:
        files.setdefault(_list_of(event), []).append(event)
    returned = Counter((event.track, event.source.asset_id) for event in back.events)

    def likeness(file: tuple[bool, int]) -> int:
        held = Counter((_numbered(event, file), event.source.asset_id) for event in files[file])
        return 2 * (held & returned).total() - held.total()

    chosen = max(sorted(files), key=likeness, default=(False, 1))
    events = files.get(chosen, [])
    return _renamed(cut, events, {event.track: _numbered(event, chosen) for event in events})


def _renamed(
    cut: CutList, events: Iterable[Event], names: Mapping[str, str]
) -> tuple[CutList, dict[int, tuple[str, int]]]:
    """These events of the cut on tracks of other names, as `_of_one_file` gives them."""
    moved, home = [], {}
    for event in events:
        there = replace(event, track=names[event.track])
        home[id(there)] = _place(event)
        moved.append(there)
    joins = (
        replace(item, track=names[item.track]) for item in cut.transitions if item.track in names
    )
    return replace(cut, events=tuple(moved), transitions=tuple(joins)), home


def _stacked(events: Iterable[Event]) -> dict[str, str]:
    """Tracks without their numbers: MLT says which lies over which, and has none that is empty."""
    used = sorted({event.track for event in events}, key=lambda track: int(track[1:]))
    counts: Counter[str] = Counter()
    names = {}
    for track in used:
        counts[track[0]] += 1
        names[track] = f"{track[0]}{counts[track[0]]}"
    return names


def _heard_once(events: Iterable[Event]) -> Iterator[Event]:
    """An FCPXML says which channels of a clip are heard, not on how many tracks."""
    heard = set()
    for event in events:
        what = event.source.asset_id, event.channel, event.source_range, event.record_range
        if event.is_video or what not in heard:
            yield event
        heard.add(what)


def _list_of(event: Event) -> tuple[bool, int]:
    """Which of its files an EDL has an event in, the first one first: as its writer parts them."""
    number = int(event.track[1:])
    if event.is_video:
        return False, number
    group = (number - 1) // TRACKS_A_FILE
    return (True, group) if group else (False, 1)


def _numbered(event: Event, file: tuple[bool, int]) -> str:
    if event.is_video:
        return "V1"
    return f"A{int(event.track[1:]) - (file[1] * TRACKS_A_FILE if file[0] else 0)}"


def _logged(events: list[Event]) -> list[Event]:
    """What a log has lines of: each range of a master once, its sound by the master's channels."""
    found: dict[tuple[object, ...], Event] = {}
    for event in events:
        track = "V1" if event.channel is None else f"A{event.channel + 1}"
        what = (track, event.source.asset_id, event.source_range, event.speed)
        found.setdefault(what, replace(event, track=track))
    return list(found.values())


def _lying(seen: Seen) -> tuple[object, ...]:
    event = seen.event
    what = event.text if event.is_title else event.source.asset_id
    return what, seen.pictures, event.track, seen.place, event.enabled


def _place(event: Event) -> tuple[str, int]:
    return event.track, event.record_range.start


def _edges(event: Event) -> tuple[int, int]:
    return event.record_range.start, event.record_range.end
