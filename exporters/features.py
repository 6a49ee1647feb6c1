"""What a cut may hold that not every format can say, and the words for what one leaves out.

A dialect names what it `carries`; whatever else a cut holds is told in its report, with the places.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from dataclasses import replace
from fractions import Fraction

from editing.cutlist import CutList, Event, Transition, TransitionKind
from exporters.base import Feature, Report, shown
from mam.errors import BadRequest
from mam.timing import FrameRange, rescale

PLACES_TOLD = 5

FEATURE_WORDS: dict[Feature, tuple[str, str]] = {
    Feature.TRACKS: ("picture tracks above the first", "left out"),
    Feature.SOUND: ("sound", "left out"),
    Feature.LINKS: ("links of picture and sound", "not linked"),
    Feature.CHANNELS: ("the choice of source channels", "not given"),
    Feature.DISSOLVES: ("dissolves", "cuts there"),
    Feature.WIPES: ("wipes", "cuts there"),
    Feature.FADES: ("fades", "cuts there"),
    Feature.SPEED: ("changed speeds", "at normal speed there, from their first frame"),
    Feature.REVERSE: ("clips played backwards", "played forwards there"),
    Feature.FREEZE: ("held frames", "played at normal speed there"),
    Feature.STILLS: ("stills", "left out"),
    Feature.TITLES: ("titles", "left out"),
    Feature.MARKERS: ("markers", "left out"),
    Feature.DISABLED: ("disabled clips", "left out"),
    Feature.GENERATED: ("which clips are generated", "not marked as such"),
    Feature.REASONS: ("why clips were chosen", "not given"),
}
"""Each feature in words, and what becomes of it where a format has no word for it."""
_LEFT_OUT = {
    Feature.TRACKS, Feature.SOUND, Feature.STILLS, Feature.TITLES, Feature.DISABLED
}  # fmt: skip
_PLAYED = {Feature.SPEED, Feature.REVERSE, Feature.FREEZE}
ITSELF = Fraction(1)


def features_of(cutlist: CutList) -> dict[Feature, list[int]]:
    """What a cut holds, each with the record frames where it does."""
    found: dict[Feature, list[int]] = {}
    for event in cutlist.events:
        for feature in _of_event(event):
            found.setdefault(feature, []).append(event.record_range.start)
    for transition in cutlist.transitions:
        found.setdefault(_of_transition(cutlist, transition), []).append(transition.range.start)
    for marker in cutlist.markers:
        found.setdefault(Feature.MARKERS, []).append(marker.range.start)
    if links := _linked(cutlist):
        found[Feature.LINKS] = links
    return {feature: sorted(places) for feature, places in found.items()}


def carried(cutlist: CutList, label: str, carries: frozenset[Feature], report: Report) -> CutList:
    """The cut as far as `label` can say it: all else is told, once a feature, and taken out, so
    that a dialect never meets what it has no word for. Raises BadRequest where nothing is left."""
    missing = {
        feature: places
        for feature, places in features_of(cutlist).items()
        if feature not in carries
    }
    for feature, places in missing.items():
        words, become = FEATURE_WORDS[feature]
        report.add(
            feature, f"{shown(label)} cannot carry {words}: {become} ({_placed(cutlist, places)})."
        )
    if not missing:
        return cutlist
    left = replace(
        cutlist,
        events=tuple(
            _plain(event, missing, cutlist)
            for event in cutlist.events
            if not any(feature in missing for feature in _LEFT_OUT & set(_of_event(event)))
        ),
        transitions=(),
        markers=() if Feature.MARKERS in missing else cutlist.markers,
    )
    said = [item for item in cutlist.transitions if _of_transition(cutlist, item) not in missing]
    left = replace(left, transitions=tuple(_still_joining(cutlist, left, said, carries)))
    if not left.events:
        raise BadRequest(f"{label} can carry nothing of this cut: choose another format.")
    return left


def _still_joining(
    cutlist: CutList,
    left: CutList,
    transitions: Iterable[Transition],
    carries: Container[Feature],
) -> Iterator[Transition]:
    """Those whose neighbours are still there; where one was left out, a fade of the other."""
    for item in transitions:
        out, into = left.neighbours(item)
        if [bool(out), bool(into)] == [bool(each) for each in cutlist.neighbours(item)]:
            yield item
        elif Feature.FADES in carries:
            before, after = item.before if out else 0, item.after if into else 0
            if before + after:
                yield Transition(item.track, item.at, before, after)


def _plain(event: Event, missing: Container[Feature], cutlist: CutList) -> Event:
    """The event without what cannot be said of it."""
    if any(feature in missing for feature in _PLAYED & set(_of_event(event))):
        length = rescale(event.record_range.duration, cutlist.rate, event.source.rate)
        start = event.source_range.start
        end = min(start + max(1, length), event.source.duration)
        event = replace(event, source_range=FrameRange(start, max(end, start + 1)), speed=ITSELF)
    if Feature.REASONS in missing:
        event = replace(event, reason="")
    return event


def _of_event(event: Event) -> Iterator[Feature]:
    if event.is_video and event.track != "V1":
        yield Feature.TRACKS
    if not event.is_video:
        yield Feature.SOUND
        if event.channel is not None and event.channel + 1 != int(event.track[1:]):
            yield Feature.CHANNELS
    if event.speed == 0:
        yield Feature.FREEZE
    elif event.speed != 1:
        yield Feature.SPEED if event.speed > 0 else Feature.REVERSE
    if event.source.kind == "still":
        yield Feature.STILLS
    if event.is_title:
        yield Feature.TITLES
    if not event.enabled:
        yield Feature.DISABLED
    if event.source.origin == "generated":
        yield Feature.GENERATED
    if event.reason:
        yield Feature.REASONS


def _of_transition(cutlist: CutList, transition: Transition) -> Feature:
    if None in cutlist.neighbours(transition):
        return Feature.FADES
    return Feature.WIPES if transition.kind is TransitionKind.WIPE else Feature.DISSOLVES


def _linked(cutlist: CutList) -> list[int]:
    """Where events of several tracks are one clip."""
    first: dict[str, Event] = {}
    found = set()
    for event in cutlist.events:
        if event.link and first.setdefault(event.link, event) is not event:
            found.add(first[event.link].record_range.start)
    return sorted(found)


def _placed(cutlist: CutList, places: Iterable[int]) -> str:
    """`3 times: 01:00:00:00, …`."""
    told = list(dict.fromkeys(places))
    named = ", ".join(str(cutlist.record_timecode(place)) for place in told[:PLACES_TOLD])
    more = ", …" if len(told) > PLACES_TOLD else ""
    return f"at {named}{more}" if len(told) == 1 else f"{len(told)} places: {named}{more}"
