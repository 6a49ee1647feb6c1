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
from exporters.dialects.edl import TRACKS_A_FILE, split_lists
from exporters.dialects.fcpxml_story import Story
from exporters.dialects.mlt_sound import Entry, sound_entries
from exporters.features import carried
from exporters.registry import EXPORTERS
from mam.errors import BadRequest

WAYS = {
    "edl": Way(start=False),
    "fcpxml": Way(sound_tracks=False),
    "ale": Way(places=False),
    "mlt": Way(each_frame=False),
}
"""What a format does not say of where events lie."""
_PARTED = {"edl", "ale"}
"""Formats of which a cut may leave in several files."""
_SAME = {"otioz": "otio"}
Place = tuple[str, int]
"""The track of an event and the record frame that it begins at."""


@dataclass(frozen=True)
class Sent:
    """A cut as far as one file of a format holds it; `uncarried` are events that it cannot,
    `elsewhere` those that other files of the same cut hold."""

    cut: CutList
    uncarried: tuple[Event, ...]
    elsewhere: tuple[Event, ...]
    label: str


def compare_back(sent: CutList, back: CutList, form: str) -> tuple[Sent, list[Compared]]:
    """What became of a cut that comes back in the format `form`; what that cannot say stands last,
    as uncarried, and what its other files say as elsewhere."""
    held = as_sent(sent, back, form)
    found = compare(held.cut, back, way_of(form))
    found += [Compared(Change.UNCARRIED, event, None) for event in held.uncarried]
    found += [Compared(Change.ELSEWHERE, event, None) for event in held.elsewhere]
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
    written = {_place(event) for event in said.events}
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
    other = name in _PARTED
    elsewhere = tuple(event for event in gone if other and _place(event) in written)
    uncarried = tuple(event for event in gone if not other or _place(event) not in written)
    return Sent(cut, uncarried, elsewhere, dialect.label)


def _of_one_file(cut: CutList, back: CutList, form: str) -> tuple[CutList, dict[int, Place]]:
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
        return replace(cut, events=tuple(_heard_once(cut))), {}
    if form == "mlt":
        return _renamed(cut, cut.events, _stacked(cut))
    if form != "edl":
        return cut, {}
    lists: dict[tuple[bool, int], list[Event]] = {}
    for event in cut.events:
        lists.setdefault(_list_of(event), []).append(event)
    # a list that is too long for one file may have left in one all the same
    files = [(lists[which], False) for which in sorted(lists)]
    files += [(events, True) for events in split_lists(cut)]
    returned = Counter((event.track, event.source.asset_id) for event in back.events)
    shown = {(event.source.asset_id, event.source_range.start) for event in back.events}

    def likeness(file: tuple[list[Event], bool]) -> tuple[int, int]:
        events, is_piece = file
        held = Counter((_numbered(event), event.source.asset_id) for event in events)
        # pieces of one list may be of the same masters
        same = [(each.source.asset_id, each.source_range.start) in shown for each in events]
        return 2 * (held & returned).total() - held.total(), sum(same) if is_piece else 0

    events, _ = max(files, key=likeness, default=([], False))
    return _renamed(cut, events, {_place(event): _numbered(event) for event in events})


def _renamed(
    cut: CutList, events: Iterable[Event], names: Mapping[Place, str]
) -> tuple[CutList, dict[int, Place]]:
    """These events of the cut on tracks of other names (by where they lay), as `_of_one_file` gives
    them."""
    moved, home = [], {}
    for event in events:
        there = replace(event, track=names[_place(event)])
        home[id(there)] = _place(event)
        moved.append(there)
    joins = []
    for item in cut.transitions:
        sides = (names.get(_place(each)) for each in cut.neighbours(item) if each)
        if track := next(filter(None, sides), None):
            joins.append(replace(item, track=track))
    return replace(cut, events=tuple(moved), transitions=tuple(joins)), home


def _stacked(cut: CutList) -> dict[Place, str]:
    """Tracks as MLT has them, which says what lies over what and has none that is empty. Of sound
    one holds entries of several channels, and is read as so many tracks."""
    pictures = [track for track in cut.tracks if track[0] == "V"]
    names = {
        _place(event): f"V{number}"
        for number, track in enumerate(pictures, 1)
        for event in cut.on(track)
    }
    sounds: dict[int, list[Entry]] = {}
    for entry in sound_entries(cut):
        sounds.setdefault(int(entry[0].track[1:]), []).append(entry)
    lowest = 1
    for _, entries in sorted(sounds.items()):
        for entry in entries:
            names |= {_place(event): f"A{lowest + at}" for at, event in enumerate(entry)}
        lowest += max(map(len, entries))
    return names


def _heard_once(cut: CutList) -> Iterator[Event]:
    """An FCPXML says which channels of a clip are heard, not on how many tracks."""
    for clip in Story(cut).clips if cut.events else ():
        if clip.picture:
            yield clip.picture
        heard: dict[int, Event] = {}
        for event in clip.sound:
            heard.setdefault(event.channel or 0, event)
        yield from heard.values()


def _list_of(event: Event) -> tuple[bool, int]:
    """Which of its files an EDL has an event in, the first one first: as its writer parts them."""
    number = int(event.track[1:])
    if event.is_video:
        return False, number
    group = (number - 1) // TRACKS_A_FILE
    return (True, group) if group else (False, 1)


def _numbered(event: Event) -> str:
    """Its track in the file that it is in."""
    if event.is_video:
        return "V1"
    is_audio, group = _list_of(event)
    return f"A{int(event.track[1:]) - (group * TRACKS_A_FILE if is_audio else 0)}"


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


def _place(event: Event) -> Place:
    return event.track, event.record_range.start


def _edges(event: Event) -> tuple[int, int]:
    return event.record_range.start, event.record_range.end
