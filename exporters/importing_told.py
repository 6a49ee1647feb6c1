"""What an import says of itself: the fields of `import --json` and of the API, and its words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from typing import Any

from editing.between import Became, Between
from editing.comparing import QUIET, Change, Compared
from editing.cutlist import CutList, Event
from exporters.importing import Imported
from mam.printing import counted

_TRACK = "\0"
"""Where a track is put into a line: in no name."""


def import_as_json(found: Imported) -> dict[str, Any]:
    """`timeline_id` is None where nothing of it was found; then `reason` says why. Source frames
    are the asset's own."""
    return {
        "timeline_id": found.timeline.id if found.timeline else None,
        "timeline_name": found.timeline.name if found.timeline else "",
        "name": found.edit.name,
        "rate": str(found.edit.rate),
        "events": len(found.edit.events),
        "matched": [
            {
                "event": match.event.number,
                "track": match.event.track,
                "asset_id": match.source.asset_id,
                "asset_name": match.source.name,
                "source_in": match.range.start,
                "source_out": match.range.end,
                "by": list(match.by),
            }
            for match in found.conformed.matched
        ],
        "unmatched": [
            {"event": item.event.number, "track": item.event.track, "why": item.why}
            for item in found.conformed.unmatched
        ],
        "lost": list(found.edit.lost),
        "against": found.against,
        "compared": [_compared(item) for item in found.compared],
        "between": [
            {
                "change": str(item.became),
                "kind": item.kind,
                "track": item.track,
                "at": item.at,
                "frames": item.frames,
                "was": item.was,
            }
            for item in found.between
        ],
        "notes": list(found.notes),
        "reason": found.reason,
    }


def import_in_words(found: Imported) -> Iterator[str]:
    """What a person should know, a line each."""
    matched = len(found.conformed.matched)
    events = matched + len(found.conformed.unmatched)  # titles have no master to be found
    by = Counter(_spoke(match.by) for match in found.conformed.matched if match.by)
    how = ", ".join(f"{count} by {word}" for word, count in by.most_common())
    yield f"{matched} of {events} events found in the library{f': {how}' if how else ''}."
    for missing in found.conformed.unmatched:
        yield f"Event {missing.event.number} on {missing.event.track}: {missing.why}"
    yield from found.edit.lost
    yield from found.notes
    if found.timeline is not None and found.timeline.name != found.edit.name:
        yield f"It was saved as the timeline {found.timeline.name}."
    if found.against:
        yield f"Compared with {found.against}: {_counts(found)}."
        alone = _of_sound_alone(found.compared)
        yield from _once(
            (_event(item).track, ("its sound " if id(item) in alone else "") + _change(item))
            for item in found.compared
            if item.change not in QUIET
        )
        cut = found.conformed.cutlist
        yield from _once((item.track, _between(item, cut)) for item in found.between)


def _spoke(by: Sequence[str]) -> str:
    """What spoke most for a master; a timecode alone is no evidence, so what it stands on too."""
    return " and ".join(by[:2]) if by[0] == "timecode" else by[0]


def _once(said: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Lines with their tracks; what is said alike of several tracks is one line."""
    tracks: dict[str, list[str]] = {}
    for track, line in said:
        tracks.setdefault(line, []).append(track)
    for line, those in tracks.items():
        yield line.replace(_TRACK, " ".join(dict.fromkeys(those)))


def _change(item: Compared) -> str:
    """`trimmed: take 1.mov on V1, 3 frames shorter at the start, 2 frames longer at the end`,
    `moved: take 1.mov on V1, later by 24 frames`, the track still to be put in."""
    event = _event(item)
    parts = [f"{item.change}: {_called(event)} on {_TRACK}"]
    if item.change is Change.REPLACED and item.sent is not None:
        parts.append(f"in place of {_called(item.sent)}")
    if item.change is Change.MOVED:
        if item.sent is not None and item.sent.track != event.track:
            parts.append(f"from {item.sent.track}")
        if item.shift:
            way = "later" if item.shift > 0 else "earlier"
            parts.append(f"{way} by {counted(abs(item.shift), 'frame')}")
    for frames, where in ((item.head, "start"), (item.tail, "end")):
        if frames:
            more = "longer" if frames > 0 else "shorter"
            parts.append(f"{counted(abs(frames), 'frame')} {more} at the {where}")
    if item.sent is not None and item.sent.speed != event.speed and item.change is not Change.NEW:
        parts.append(f"speed {_percent(event.speed)} in place of {_percent(item.sent.speed)}")
    return ", ".join(parts)


def _between(item: Between, cut: CutList) -> str:
    """`a gap of 24 frames came on V1 at 01:00:04:00`; what went lay at a frame of the other cut."""
    lasts = counted(item.frames, "frame")
    at = f"frame {item.at}" if item.became is Became.WENT else str(cut.record_timecode(item.at))
    place = f"on {_TRACK} at {at}"
    if item.became is Became.CHANGED:
        return f"the {item.kind} {place} lasts {lasts}, it was {item.was}"
    return f"a {item.kind} of {lasts} {item.became} {place}"


def _counts(found: Imported) -> str:
    """`3 clips kept, 1 trimmed, the sound of 1 changed`. A clip is told by its picture, where it
    has one."""
    counts: Counter[Change] = Counter()
    sounds = 0
    for items in clips_of(found.compared):
        pictures = [item for item in items if _event(item).is_video]
        changes = {item.change for item in pictures or items}
        counts.update(changes - QUIET or changes & {Change.KEPT} or changes)
        sounds += bool(pictures) and changes <= QUIET and not {i.change for i in items} <= QUIET
    uncarried, elsewhere = counts.pop(Change.UNCARRIED, 0), counts.pop(Change.ELSEWHERE, 0)
    told = [(counts[change], change) for change in Change if counts[change]]
    words = [f"{count} {change}" for count, change in told]
    if told:
        words[0] = f"{counted(told[0][0], 'clip')} {told[0][1]}"
    if sounds:
        words.append(f"the sound of {sounds} changed")
    if uncarried:
        words.append(f"{counted(uncarried, 'clip')} that {found.label} does not carry")
    if elsewhere:
        words.append(f"{counted(elsewhere, 'clip')} in another file of it")
    return ", ".join(words) or "there was nothing to compare"


def clips_of(compared: Iterable[Compared]) -> list[list[Compared]]:
    """Picture and sound of one clip together, as the cut that was sent has them linked, for not
    every format says what is; what is new goes with what came back with it."""
    items = list(compared)
    sent = {
        item.back.link: item.sent.link
        for item in items
        if item.sent and item.back and item.sent.link and item.back.link
    }
    clips: dict[object, list[Compared]] = {}
    for item in items:
        event = _event(item)
        link = event.link if item.sent else sent.get(event.link, ("new", event.link))
        clips.setdefault(link if event.link else id(item), []).append(item)
    return list(clips.values())


def _of_sound_alone(compared: Iterable[Compared]) -> set[int]:
    """By their `id`, sounds that changed under a picture that did not."""
    return {
        id(item)
        for items in clips_of(compared)
        for item in items
        if not _event(item).is_video
        and any(_event(each).is_video for each in items)
        and all(each.change in QUIET for each in items if _event(each).is_video)
    }


def _event(item: Compared) -> Event:
    """The one that was sent, where it was: that says its links."""
    event = item.sent or item.back
    assert event is not None
    return event


def _percent(speed: Fraction) -> str:
    return f"{float(speed * 100):.4g}%"


def _compared(item: Compared) -> dict[str, Any]:
    event = item.back or item.sent
    assert event is not None
    return {
        "change": str(item.change),
        "track": event.track,
        "asset_id": event.source.asset_id,
        "name": _called(event),
        "record_in": item.back.record_range.start if item.back else None,
        "was_at": item.sent.record_range.start if item.sent else None,
        "head": item.head,
        "tail": item.tail,
        "shift": item.shift,
    }


def _called(event: Event) -> str:
    return event.text if event.is_title else event.source.name
