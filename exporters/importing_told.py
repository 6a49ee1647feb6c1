"""What an import says of itself: the fields of `import --json` and of the API, and its words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from editing.between import Became, Between
from editing.comparing import Change, Compared
from editing.cutlist import Event
from exporters.importing import Imported
from mam.printing import counted


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
    by = Counter(match.by[0] for match in found.conformed.matched if match.by)
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
        for item in found.compared:
            if item.change not in (Change.KEPT, Change.UNCARRIED):
                yield change_in_words(item)
        for each in found.between:
            yield between_in_words(each)


def change_in_words(item: Compared) -> str:
    """`trimmed: take 1.mov on V1, 3 frames shorter at the start, 2 frames longer at the end`,
    `moved: take 1.mov on V1, later by 24 frames`."""
    event = item.back or item.sent
    assert event is not None
    parts = [f"{item.change}: {_called(event)} on {event.track}"]
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


def between_in_words(item: Between) -> str:
    """`a gap of 24 frames came on V1 at frame 100`."""
    lasts = counted(item.frames, "frame")
    place = f"on {item.track} at frame {item.at}"
    if item.became is Became.CHANGED:
        return f"the {item.kind} {place} lasts {lasts}, it was {item.was}"
    return f"a {item.kind} of {lasts} {item.became} {place}"


def _counts(found: Imported) -> str:
    """`3 clips kept, 1 trimmed`. Picture and sound of a clip are one, and kept if all of it is."""
    changes: dict[object, set[Change]] = {}
    for item in found.compared:
        event = item.sent or item.back  # not every format says what is linked
        assert event is not None
        changes.setdefault(event.link or id(item), set()).add(item.change)
    quiet = {Change.KEPT, Change.UNCARRIED}
    counts = Counter(change for those in changes.values() for change in _told(those, quiet))
    uncarried = counts.pop(Change.UNCARRIED, 0)
    told = [(counts[change], change) for change in Change if counts[change]]
    words = [f"{count} {change}" for count, change in told]
    if told:
        words[0] = f"{counted(told[0][0], 'clip')} {told[0][1]}"
    if uncarried:
        words.append(f"{counted(uncarried, 'clip')} that {found.label} does not carry")
    return ", ".join(words) or "there was nothing to compare"


def _told(changes: set[Change], quiet: set[Change]) -> set[Change]:
    """What is said of one clip: what changed of it; where nothing did, that it is kept."""
    return changes - quiet or changes & {Change.KEPT} or changes


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
