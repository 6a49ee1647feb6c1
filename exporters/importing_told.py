"""What an import says of itself: the fields of `import --json` and of the API, and its words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

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
        "reason": found.reason,
    }


def import_in_words(found: Imported) -> Iterator[str]:
    """What a person should know, a line each."""
    matched = len(found.conformed.matched)
    events = matched + len(found.conformed.unmatched)  # titles have no master to be found
    by = Counter(match.by[0] for match in found.conformed.matched if match.by)
    how = ", ".join(f"{count} by {word}" for word, count in by.most_common())
    yield f"{matched} of {events} events found in the library{f': {how}' if how else ''}."
    if found.rate_from:
        yield (
            f"The file does not say its frame rate: it was read at {found.edit.rate.spoken} frames"
            f" a second, the rate of {found.rate_from}. If that is wrong, import it with its own."
        )
    for missing in found.conformed.unmatched:
        yield f"Event {missing.event.number} on {missing.event.track}: {missing.why}"
    yield from found.edit.lost
    if found.timeline is not None and found.timeline.name != found.edit.name:
        yield f"It was saved as the timeline {found.timeline.name}."
    if found.against:
        yield f"Compared with {found.against}: {_counts(found.compared)}."
        for item in found.compared:
            if item.change is not Change.KEPT:
                yield change_in_words(item)


def change_in_words(item: Compared) -> str:
    """`trimmed: take 1.mov on V1, 3 frames shorter at the start, 2 frames longer at the end`."""
    event = item.back or item.sent
    assert event is not None
    parts = [f"{item.change}: {_called(event)} on {event.track}"]
    if item.change is Change.REPLACED and item.sent is not None:
        parts.append(f"in place of {_called(item.sent)}")
    for frames, where in ((item.head, "start"), (item.tail, "end")):
        if frames:
            more = "longer" if frames > 0 else "shorter"
            parts.append(f"{counted(abs(frames), 'frame')} {more} at the {where}")
    return ", ".join(parts)


def _counts(compared: Iterable[Compared]) -> str:
    """`3 clips kept, 1 trimmed`. Picture and sound of a clip are one, and kept if all of it is."""
    changes: dict[object, set[Change]] = {}
    for item in compared:
        event = item.back or item.sent
        assert event is not None
        changes.setdefault(event.link or id(item), set()).add(item.change)
    counts = Counter(
        change for those in changes.values() for change in those - {Change.KEPT} or {Change.KEPT}
    )
    told = [(counts[change], change) for change in Change if counts[change]]
    if not told:
        return "there was nothing to compare"
    (count, change), *others = told
    return ", ".join([f"{counted(count, 'clip')} {change}", *(f"{n} {word}" for n, word in others)])


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
    }


def _called(event: Event) -> str:
    return event.text if event.is_title else event.source.name
