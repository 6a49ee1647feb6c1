"""Which master each event of an edit made elsewhere means, by what its file says. Pure.

Trusted in this order: our own id, the reel, the timecode, the name, the path. A timecode alone is
no evidence: a thousand cards begin at 01:00:00:00. Masters that answer equally well are told, not
guessed; so is one that does not hold the frames that are asked of it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from math import ceil

from editing.cutlist import CutList, Event, Source, title_source
from editing.incoming import Incoming, IncomingEvent, Reference
from editing.joining import joins_standing
from editing.overlapping import laid_apart
from editing.sourceclock import SourceClock
from mam.timing import FrameRange, Timecode, rescale

NO_REELS = frozenset({"", "AX", "BL", "BLACK"})
"""What editors write where a source has no reel."""
SHORT_REEL = 8
FOLDERS_ALIKE = 2
"""Names at the end of two paths, the file's included, that make them the same place."""


@dataclass(frozen=True)
class Matched:
    """An event with its master and what spoke for it, the most trusted first."""

    event: IncomingEvent
    source: Source
    range: FrameRange  # the master's own frames
    by: tuple[str, ...]


@dataclass(frozen=True)
class Unmatched:
    """`waits_for` is the asset that it means, where that is here and not indexed yet."""

    event: IncomingEvent
    why: str
    waits_for: str = ""


@dataclass(frozen=True)
class Conformed:
    """The edit over the library's masters; what was not found is a hole in it. `lost` says what
    became of clips that lie over each other, and of transitions."""

    cutlist: CutList
    matched: tuple[Matched, ...]
    unmatched: tuple[Unmatched, ...]
    lost: tuple[str, ...] = ()


def conform_edit(
    edit: Incoming, masters: Sequence[Source], waiting: Sequence[Source] = ()
) -> Conformed:
    """Each event over one of `masters`. Of those that are `waiting` no more is known than name and
    path: what means one of them is not found, and told so."""
    matched: list[Matched] = []
    unmatched: list[Unmatched] = []
    events: list[Event] = []
    known, unknown = _Masters(masters), _Masters(waiting)
    for event in edit.events:
        if event.reference.kind == "title":
            events.append(_title(event, edit, len(events) + 1))
            continue
        found = _match(event, known.meant_by(event.reference), edit)
        if isinstance(found, Unmatched):
            late = unknown.meant_by(event.reference) if waiting else []
            unmatched.append(_waits(event, late[0][0]) if late else found)
            continue
        matched.append(found)
        events.append(_event(found))
    cutlist = CutList(
        name=edit.name,
        rate=edit.rate,
        start=edit.start,
        drop_frame=edit.drop_frame,
        width=edit.width,
        height=edit.height,
        events=tuple(_linked(events)),
        markers=edit.markers,
    )
    wanted = [(event.track, event.record) for event in edit.events]
    cutlist, over = laid_apart(cutlist)
    joins, lost = joins_standing(cutlist, edit.transitions, wanted)
    cutlist = replace(cutlist, transitions=joins)
    return Conformed(cutlist, tuple(matched), tuple(unmatched), (*over, *lost))


def evidence(reference: Reference, source: Source) -> tuple[str, ...]:
    """What speaks for a master, timecode aside; none of it, and it is not meant."""
    found = []
    if reference.asset_id and reference.asset_id == source.asset_id:
        found.append("id")
    if _same_reel(reference.reel, source):
        found.append("reel")
    names = {_bare(name) for name in (reference.name, reference.file_name) if name}
    if names & {_bare(source.name), _bare(_stem(source.name))}:
        found.append("name")
    if reference.path and _same_place(reference.path, source.path):
        found.append("path")
    return tuple(found)


def wanted_of(edit: Incoming) -> tuple[set[str], set[str]]:
    """Names (with and without endings, in small letters) and reels to ask a library for."""
    names: set[str] = set()
    reels: set[str] = set()
    for event in edit.events:
        reference = event.reference
        for name in (reference.name, reference.file_name):
            names |= {_bare(name), _bare(_stem(name))} if name else set()
        if reference.reel.upper() not in NO_REELS:
            reels.add(reference.reel)
    return names, reels


class _Masters:
    """Masters by what an edit may call them: ten thousand events over a thousand masters."""

    def __init__(self, masters: Iterable[Source]) -> None:
        self._known: dict[Reference, list[tuple[Source, tuple[str, ...]]]] = {}
        self._by: dict[str, dict[str, Source]] = {}
        for source in masters:
            for word in (
                f"id {source.asset_id}",
                f"name {_bare(source.name)}",
                f"name {_bare(_stem(source.name))}",
                f"name {_bare(source.path.rpartition('/')[2])}",
                f"reel {spelled(source.reel)[:SHORT_REEL]}",
            ):
                self._by.setdefault(word, {})[source.asset_id] = source

    def meant_by(self, reference: Reference) -> list[tuple[Source, tuple[str, ...]]]:
        """Those for which something speaks, with what it is."""
        found = self._known.get(reference)
        if found is None:
            words = [f"id {reference.asset_id}", f"reel {spelled(reference.reel)[:SHORT_REEL]}"]
            words += [
                f"name {_bare(name)}" for name in (reference.name, reference.file_name) if name
            ]
            near = {key: one for word in words for key, one in self._by.get(word, {}).items()}
            judged = [(source, evidence(reference, source)) for source in near.values()]
            found = self._known[reference] = [(source, by) for source, by in judged if by]
        return found


def _match(
    event: IncomingEvent, masters: Iterable[tuple[Source, tuple[str, ...]]], edit: Incoming
) -> Matched | Unmatched:
    called = _called(event)
    ranked: list[tuple[tuple[bool, ...], Matched]] = []
    without_frames = unfit = ""
    for source, by in masters:
        if not _fits_track(event, source):
            unfit = unfit or _unfit(event, source)
            continue
        placed = _placed(event, source, edit)
        if placed is None:
            without_frames = source.name
            continue
        chosen, by_timecode = placed
        known = sorted((*by, *["timecode"] * by_timecode), key=_TRUST.index)
        trust = tuple(word in known for word in _TRUST)
        ranked.append((trust, Matched(event, source, chosen, tuple(known))))
    if not ranked:
        if without_frames:
            why = f"{called}: {without_frames} does not hold the frames that the edit uses"
        else:
            why = unfit or f"{called}: no master in the library has its reel, name or path"
        return Unmatched(event, f"{why}.")
    best = max(trust for trust, _ in ranked)
    equal = [match for trust, match in ranked if trust == best]
    if len(equal) > 1:
        ids = ", ".join(f"{match.source.name} ({match.source.asset_id})" for match in equal[:4])
        return Unmatched(event, f"{called}: several masters fit: {ids}.")
    return equal[0]


def _waits(event: IncomingEvent, source: Source) -> Unmatched:
    called = _called(event)
    before = "" if called == source.name else f"{called}: "
    why = f"{before}{source.name} is here, but is not indexed yet."
    return Unmatched(event, why, source.asset_id)


def _called(event: IncomingEvent) -> str:
    reference = event.reference
    return reference.name or reference.file_name or reference.reel or f"event {event.number}"


_ESCAPED = re.compile(r"\\x[0-9a-f]{2}|\\u[0-9a-f]{4}")
_TRUST = ("id", "reel", "timecode", "name", "path")


def _placed(event: IncomingEvent, source: Source, edit: Incoming) -> tuple[FrameRange, bool] | None:
    """The master's own frames, and whether its timecode agreed; None where it has no such."""
    if source.kind == "still":
        return FrameRange(0, 1), False
    reference = event.reference
    ways: list[tuple[FrameRange, bool]] = []
    start, end = event.source.start, event.source.end
    if _is_part(event, source):
        # what it counts from is the part's first frame: only timecode leads to the master's
        clock = SourceClock(source, event.rate, edit.drop_frame)
        ways.append((_ordered(clock.back(start), clock.back(end)), source.has_timecode))
    if event.own is not None:
        if event.own_rate and event.own_rate.value != source.rate.value:
            return None
        stands = SourceClock(source, event.rate, edit.drop_frame).frame(event.own.start)
        ways.append((event.own, source.has_timecode and abs(stands - start) <= 1))
    if reference.from_first:
        ways.append((event.source.rescaled(event.rate, source.rate), False))
    elif reference.start is not None:
        agrees = (
            source.has_timecode
            and rescale(reference.start, event.rate, source.rate) == source.start
        )
        first = FrameRange(start, end).shifted(-reference.start)
        ways.append((first.rescaled(event.rate, source.rate), bool(agrees)))
    else:
        clock = SourceClock(source, event.rate, edit.drop_frame)
        day = Timecode(0, event.rate, clock.drop).frames_a_day
        for past in (0, day):  # a source that runs through midnight
            placed = _ordered(clock.back(start + past), clock.back(end + past))
            ways.append((placed, source.has_timecode))
        # where a program counts from the file's first frame, whatever its timecode
        ways.append((event.source.rescaled(event.rate, source.rate), False))
    for chosen, by_timecode in ways:
        # rates that differ round to the nearest frame: what is less than one too long is not
        over = max(1, ceil(source.rate.value / edit.rate.value))
        fits = chosen.end <= source.duration + over
        end = min(chosen.end, source.duration) if fits else chosen.end
        if 0 <= chosen.start < end <= source.duration:
            return FrameRange(chosen.start, end), by_timecode
    return None


def _is_part(event: IncomingEvent, source: Source) -> bool:
    """Whether the file that is meant begins within this master: it was cut out of it."""
    if event.reference.start is None or source.kind == "still":
        return False
    begins = rescale(event.reference.start, event.rate, source.rate)
    # what is told in frames is half of one off the sample that it began at, and no part for that
    frame = rescale(1, event.rate, source.rate)
    return frame < 2 * (begins - source.start) and begins < source.start + source.duration


def _event(match: Matched) -> Event:
    event, source = match.event, match.source
    chosen = match.range
    if event.speed == 0:
        chosen = FrameRange(chosen.start, chosen.start + 1)
    return Event(
        track=event.track,
        source=source,
        source_range=chosen,
        record_range=event.record,
        link=event.link,
        channel=event.channel if event.track[0] == "A" else None,
        name=event.reference.name or source.name,
        reason=event.reason,
        speed=event.speed,
        enabled=event.enabled,
    )


def _title(event: IncomingEvent, edit: Incoming, number: int) -> Event:
    length = event.record.duration
    return Event(
        track=event.track,
        source=title_source(edit.rate, length, number),
        source_range=FrameRange(0, length),
        record_range=event.record,
        link=event.link,
        name=event.reference.name or "Title",
        enabled=event.enabled,
        text=event.text,
    )


def _linked(events: Sequence[Event]) -> list[Event]:
    """Picture and sound of one moment of a master at one place are one clip, where the file tells
    none."""
    together: dict[str, list[int]] = {}
    for number, event in enumerate(events):
        if not event.link and not event.is_title:
            what = (event.source.asset_id, event.source_range, event.record_range, event.speed)
            together.setdefault(f"alike {what}", []).append(number)
    links = {
        number: word for word, numbers in together.items() if len(numbers) > 1 for number in numbers
    }
    return [
        replace(event, link=links[number]) if number in links else event
        for number, event in enumerate(events)
    ]


def _fits_track(event: IncomingEvent, source: Source) -> bool:
    if event.track[0] == "V":
        return source.kind != "audio"
    return source.channels > (event.channel or 0)


def _unfit(event: IncomingEvent, source: Source) -> str:
    """Why a master that is meant cannot lie on the event's track."""
    if event.track[0] == "V":
        return f"{source.name} has no picture to lay on {event.track}"
    if not source.channels:
        return f"{source.name} has no sound to lay on {event.track}"
    return (
        f"{source.name} has {source.channels} channel{'s' * (source.channels != 1)} of sound, none "
        f"numbered {(event.channel or 0) + 1} to lay on {event.track}"
    )


def _same_reel(reel: str, source: Source) -> bool:
    if reel.upper() in NO_REELS or not source.reel:
        return False
    if reel.lower() == source.reel.lower():
        return True
    told, own = spelled(reel), spelled(source.reel)
    return told == own or (len(reel) == SHORT_REEL and own[:SHORT_REEL] == told)


def _same_place(path: str, other: str) -> bool:
    one, two = (re.split(r"[\\/]+", _bare(text))[-FOLDERS_ALIKE:] for text in (path, other))
    return len(one) == FOLDERS_ALIKE and one == two


def _stem(name: str) -> str:
    stem, dot, ending = name.rpartition(".")
    return stem if dot and stem and 1 <= len(ending) <= 5 else name


def _bare(name: str) -> str:
    """As names are compared: what cannot stand on a line is one sign, escaped or not, and none at
    the ends, where programs leave it off."""
    plain = _ESCAPED.sub("\0", unicodedata.normalize("NFC", name).lower())
    return "".join(char if char.isprintable() else "\0" for char in plain).strip(" \0")


def spelled(text: str) -> str:
    """In the letters of a reel: accents fall off, all else becomes _."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore")
    bare = re.sub(r"[^A-Z0-9]+", "_", plain.decode("ascii").upper()).strip("_")
    return bare or "CLIP"


def _ordered(one: int, two: int) -> FrameRange:
    return FrameRange(min(one, two), max(one, two))
