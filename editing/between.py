"""What changed between the events of a cut that came back: gaps and transitions. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from editing.comparing import WHOLE, Compared, Way
from editing.cutlist import CutList, Event, Transition

_LOWEST = "V1"


class Became(StrEnum):
    CAME = "came"
    WENT = "went"
    CHANGED = "changed"


@dataclass(frozen=True)
class Between:
    """A `kind` (gap, dissolve, wipe, fade) of `frames`, at record frame `at` of the cut that came
    back, or of the one that was sent where it went; `was` is how long it lasted in that."""

    became: Became
    kind: str
    track: str
    at: int
    frames: int
    was: int = 0


@dataclass(frozen=True)
class _Gap:
    """Empty frames of a track between two events; None before its first."""

    track: str
    at: int
    frames: int
    before: Event | None
    behind: Event


def between(
    sent: CutList, back: CutList, compared: Iterable[Compared], way: Way = WHOLE
) -> list[Between]:
    """Gaps and transitions that came, went or last otherwise, by the tracks and places of each.
    `compared` says which event is which."""
    if not way.places:
        return []
    pairs = [(item.sent, item.back) for item in compared if item.sent and item.back]
    mates = {id(one): two for one, two in pairs} | {id(two): one for one, two in pairs}
    gaps = [item for item in _gaps(sent, back, mates) if item.at or way.start]
    found = [*gaps, *_joins(sent, back, mates)]
    found = [item for item in found if item.track[0] == "V" or way.sound_tracks]
    return sorted(found, key=lambda item: (item.track[0] != "V", item.track, item.at))


def _gaps(sent: CutList, back: CutList, mates: dict[int, Event]) -> Iterator[Between]:
    was, now = list(_gaps_of(sent)), list(_gaps_of(back))
    for ours, others, became in ((now, was, Became.CAME), (was, now, Became.WENT)):
        behind = {_key(gap.before, gap.track) for gap in others}
        before = {id(gap.behind) for gap in others}
        theirs = sent if became is Became.CAME else back
        for gap in ours:
            mate = mates.get(id(gap.before)) if gap.before else None
            if (not gap.before or mate) and _key(mate, gap.track) in behind:
                continue
            follower = mates.get(id(gap.behind))
            if follower is not None and id(follower) in before:
                continue
            # elsewhere than on the lowest track there is more emptiness than not
            if (follower is None and gap.track != _LOWEST) or gap.track not in theirs.tracks:
                continue
            yield Between(became, "gap", gap.track, gap.at, gap.frames)


def _key(event: Event | None, track: str) -> object:
    """An event, or the beginning of a track."""
    return id(event) if event else track


def _gaps_of(cut: CutList) -> Iterator[_Gap]:
    lain: dict[str, Event] = {}
    for event in sorted(cut.events, key=lambda event: event.record_range.start):
        before = lain.get(event.track)
        end = before.record_range.end if before else 0
        if event.record_range.start > end:
            yield _Gap(event.track, end, event.record_range.start - end, before, event)
        lain[event.track] = event


def _joins(sent: CutList, back: CutList, mates: dict[int, Event]) -> Iterator[Between]:
    tails: dict[int, Transition] = {}
    heads: dict[int, Transition] = {}
    for item in sent.transitions:
        out, into = sent.neighbours(item)
        tails |= {id(out): item} if out else {}
        heads |= {id(into): item} if into else {}
    known = set()
    for item in back.transitions:
        out, into = back.neighbours(item)
        was = tails.get(id(mates.get(id(out)))) or heads.get(id(mates.get(id(into))))
        if was is None:
            yield _told(Became.CAME, back, item)
            continue
        known.add(id(was))
        is_other = item.track[0] == "V" and item.kind != was.kind
        if is_other or item.range.duration != was.range.duration:
            yield _told(Became.CHANGED, back, item, was.range.duration)
    for item in sent.transitions:
        stays = any(id(each) in mates for each in sent.neighbours(item) if each)
        if id(item) not in known and stays:
            yield _told(Became.WENT, sent, item)


def _told(became: Became, cut: CutList, item: Transition, was: int = 0) -> Between:
    kind = "fade" if None in cut.neighbours(item) else str(item.kind)
    return Between(became, kind, item.track, item.range.start, item.range.duration, was)
