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
        yield f"It is the timeline {found.timeline.name} now."
    if found.against:
        counts = Counter(item.change for item in found.compared)
        uncarried = counts.pop(Change.UNCARRIED, 0)
        told = [f"{counts[change]} {change}" for change in Change if counts[change]]
        if uncarried:
            told.append(f"{_clips(uncarried)} that {found.label} does not carry")
        yield f"Beside {found.against}: {', '.join(told) or 'nothing'}."
        for item in found.compared:
            if item.change not in (Change.KEPT, Change.UNCARRIED):
                yield change_in_words(item)
        for each in found.between:
            yield between_in_words(each)


def change_in_words(item: Compared) -> str:
    """`trimmed: take 1.mov on V1, 3 frames fewer before, 2 more behind`, `moved: take 1.mov on V1,
    later by 24 frames`."""
    event = item.back or item.sent
    assert event is not None
    parts = [f"{item.change}: {_called(event)} on {event.track}"]
    if item.change is Change.REPLACED and item.sent is not None:
        parts.append(f"in place of {_called(item.sent)}")
    if item.change is Change.MOVED:
        if item.sent is not None and item.sent.track != event.track:
            parts.append(f"from {item.sent.track}")
        if item.shift:
            parts.append(f"{'later' if item.shift > 0 else 'earlier'} by {_frames(item.shift)}")
    for frames, where in ((item.head, "before"), (item.tail, "behind")):
        if frames:
            more = "more" if frames > 0 else "fewer"
            parts.append(f"{_frames(frames)} {more} {where}")
    if item.sent is not None and item.sent.speed != event.speed and item.change is not Change.NEW:
        parts.append(f"speed {_percent(event.speed)} in place of {_percent(item.sent.speed)}")
    return ", ".join(parts)


def between_in_words(item: Between) -> str:
    """`a gap of 24 frames came on V1 at frame 100`."""
    what = f"{item.kind} of {_frames(item.frames)}"
    place = f"on {item.track} at frame {item.at}"
    if item.became is Became.CHANGED:
        return f"the {item.kind} {place} lasts {_frames(item.frames)}, it was {item.was}"
    return f"a {what} {item.became} {place}"


def _frames(count: int) -> str:
    return f"{abs(count)} frame{'s' * (abs(count) != 1)}"


def _clips(count: int) -> str:
    return f"{count} clip{'s' * (count != 1)}"


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
