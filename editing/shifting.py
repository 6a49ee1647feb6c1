"""What was moved along its track, and what only follows. Pure.

An event that lies elsewhere was not moved where it follows what went before it: a trim, a drop or
an insertion early on, or the picture that its sound lies under. What none of that explains was, by
as much as the nearest explanation misses.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from editing.seen import Seen

Pair = tuple[Seen, Seen]  # of the cut that was sent, of the one that came back


@dataclass
class _Followed:
    """Where events lay that were not moved, and by how much they are elsewhere: their first frame,
    and the pictures that both cuts show of them."""

    starts: list[int] = field(default_factory=list)
    by: list[set[int]] = field(default_factory=list)

    def at(self, frame: int) -> set[int]:
        """By how much what lay there is elsewhere; nothing where nothing did."""
        number = bisect_right(self.starts, frame) - 1
        return self.by[number] if number >= 0 else set()


def shifts(
    kept: Iterable[Iterable[Pair]], sent: Sequence[Seen], back: Sequence[Seen], base: int = 0
) -> dict[int, int]:
    """Frames by which each was moved that was, by the `id` of its event that came back. `kept` are
    pictures, then sound, that kept their order and track. What lies `base` frames later has the
    timecode that it had."""
    was, now = _gaps(sent), _gaps(back)
    found: dict[int, int] = {}
    lowest = _Followed()
    for pairs in kept:
        tracks: dict[str, list[Pair]] = {}
        for pair in pairs:
            tracks.setdefault(pair[0].event.track, []).append(pair)
        for track in sorted(tracks):
            followed, before = _Followed(), 0
            for one, two in sorted(tracks[track], key=lambda pair: pair[0].place.start):
                by = {_start(one, two), _inside(one, two)}
                more = now[id(two.event)] - was[id(one.event)]
                misses = [each - known for each in by for known in (0, base, before)]
                misses += [_start(one, two) - known for known in lowest.at(one.place.start)]
                if shift := min([*misses, more], key=lambda miss: (abs(miss), miss)):
                    found[id(two.event)] = shift
                else:
                    followed.starts.append(one.place.start)
                    followed.by.append(by)
                before = two.place.end - one.place.end
            lowest = lowest if lowest.starts else followed
    return found


def _start(one: Seen, two: Seen) -> int:
    return two.place.start - one.place.start


def _inside(one: Seen, two: Seen) -> int:
    """How much later the pictures are that both show: a trim at the head leaves them in place."""
    if one.is_held or two.is_held:
        return two.place.end - one.place.end
    less = (
        one.pictures.end - two.pictures.end
        if one.event.speed < 0
        else two.pictures.start - one.pictures.start
    )
    return _start(one, two) - round(less / one.pace)


def _gaps(cut: Sequence[Seen]) -> dict[int, int]:
    """Empty frames before each event of a cut, by its `id`."""
    ends: dict[str, int] = {}
    found: dict[int, int] = {}
    for seen in cut:
        track = seen.event.track
        found[id(seen.event)] = max(0, seen.event.record_range.start - ends.get(track, 0))
        ends[track] = max(ends.get(track, 0), seen.event.record_range.end)
    return found
