"""Where an event of a written file leads an editor: which master, and which of its frames. Pure.

Nothing of the writers is used: timecodes are read by OpenTimelineIO, the masters' own timecodes
were read by MediaInfo, and what our files say to ourselves (our ids, the ranges that a format has
no word for) is not looked at, as no other program does.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import opentimelineio as otio

from editing.conforming import evidence
from editing.cutlist import Source
from editing.incoming import IncomingEvent, Reference
from exporters.paths import PathMap
from mam.timing import FrameRate, Timecode, round_half_up

NAMES_TOLD = 3
_ESCAPED = re.compile(r"\\x[0-9a-f]{2}|\\u[0-9a-f]{4}")
"""A sign of a name that its format has no letter for."""


@dataclass(frozen=True)
class Master:
    """A master of the cut. `start` is the timecode of its first picture in its own frames since
    midnight, as another library than ours read it; `label` the same as the file writes it.
    `disputed` says how that differs from what the catalogue has, "" where it does not."""

    source: Source
    start: int
    label: str = ""
    told: str = ""
    disputed: str = ""


@dataclass(frozen=True)
class Lead:
    """An event of the file and the master that an editor finds by it; None where it finds none or
    several. `by` is what it is found by ("path", "reel", "name")."""

    event: IncomingEvent
    master: Master | None
    by: tuple[str, ...] = ()
    why: str = ""


def leads(events: Iterable[IncomingEvent], masters: Sequence[Master], paths: PathMap) -> list[Lead]:
    """Each event with its master; titles have none and need none."""
    known: dict[Reference, _Meant] = {}
    found = []
    for event in events:
        if event.reference.kind == "title":
            found.append(Lead(event, None))
            continue
        reference = replace(event.reference, asset_id="")
        if reference not in known:
            known[reference] = _meant(reference, masters, paths)
        meant = known[reference]
        found.append(Lead(event, meant.master, meant.by, meant.why))
    return found


@dataclass(frozen=True)
class _Meant:
    master: Master | None
    by: tuple[str, ...] = ()
    why: str = ""


def _meant(reference: Reference, masters: Sequence[Master], paths: PathMap) -> _Meant:
    """The master that is meant. A path that leads to one is enough; else reel and name have to
    single one out."""
    spoken = [(master, evidence(reference, master.source)) for master in masters]
    if _is_path(reference.path):
        path = path_here(reference.path, paths)
        for master in masters:
            if _same_file(path, master.source.path):
                return _Meant(master, ("path",))
        # of what is offline, some formats want a path all the same
        spoken = [(master, by) for master, by in spoken if not master.source.path]
        if not any(by for _, by in spoken):
            return _Meant(None, (), f"its path leads to no master of the cut: {path}")
    best = max((len(by) for _, by in spoken), default=0)
    chosen = [(master, by) for master, by in spoken if by and len(by) == best]
    if len(chosen) > 1:
        names = ", ".join(master.source.name for master, _ in chosen[:NAMES_TOLD])
        return _Meant(None, (), f"its reel and name fit several masters: {names}")
    if not chosen:
        return _Meant(None, (), "no master has its reel or name")
    return _Meant(*chosen[0])


def _is_path(text: str) -> bool:
    return "/" in text or "\\" in text.strip("\\")


def path_here(path: str, paths: PathMap) -> str:
    """A path of the editor's machine as it is called here."""
    plain = path.replace("\\", "/").lower()
    for rule in sorted(paths.rules, key=lambda rule: -len(rule.target)):
        target = rule.target.replace("\\", "/").lower()
        if plain == target or plain.startswith(target + "/"):
            return rule.source + path.replace("\\", "/")[len(target) :]
    return path


def frame_seen(lead: Lead, offset: int, record: FrameRate) -> int:
    """The master's own frame (sample, for sound alone) that an editor shows `offset` record frames
    after the event's first; beyond the event (in a transition) its handle. Only for events with a
    master."""
    assert lead.master is not None
    event, source = lead.event, lead.master.source
    if source.kind == "still":
        return 0
    first = _own_frame(event.source.start, event, lead.master, record)
    end = max(_own_frame(event.source.end, event, lead.master, record), first + 1)
    run = round_half_up(record.seconds(offset) * abs(event.speed) * source.rate.value)
    seen = end - 1 - run if event.speed < 0 else first + run
    is_even = source.rate.value == record.value or abs(event.speed) == 1
    if is_even and seen in (first - 1, end) and 0 <= offset < event.record.duration:
        seen = min(max(seen, first), end - 1)  # its in- and out-point hold the last one
    return seen


def _own_frame(at: int, event: IncomingEvent, master: Master, record: FrameRate) -> int:
    """The master's own frame at `at` frames of the event's rate since midnight."""
    source, claimed = master.source, event.reference.start
    if event.reference.from_first:
        return round_half_up(at * source.rate.value / event.rate.value)
    if claimed is None:
        return _by_timecode(at, event.rate, master)
    # the file says at which timecode the master begins, and it has to be right
    begins = event.rate.value * master.start / source.rate.value
    # of sound it may be said in frames of the timeline
    within = event.rate.value / record.value if source.kind == "audio" else 1
    zero = claimed if abs(claimed - begins) < within else begins
    return round_half_up((at - zero) * source.rate.value / event.rate.value)


def _by_timecode(at: int, rate: FrameRate, master: Master) -> int:
    """The master's frame that stands at `at` frames of `rate` since midnight.

    A source of another rate is taken as an editor plays it who starts it at its own label: its
    whole seconds as the record counts them, then real time.
    """
    source = master.source
    if source.kind == "audio":
        zero = round_half_up(source.rate.seconds(source.start) * rate.value)
        past = round_half_up(rate.seconds(zero) * source.rate.value) - source.start
    elif source.rate.value == rate.value:
        zero, past = master.start, 0
    else:
        label = master.label or str(source.timecode(0))
        zero, past = _frames_of(f"{label[:8]}{label[8]}00", rate), -int(label[9:])
    # what is said of the last seconds of a day may lie before the first of it
    day = Timecode(0, rate, source.drop_frame and rate.can_drop).frames_a_day
    since = (at - zero + day // 2) % day - day // 2
    return round_half_up(since * source.rate.value / rate.value) + past


def _frames_of(label: str, rate: FrameRate) -> int:
    """Frames since midnight of a timecode, by OpenTimelineIO."""
    can_drop = rate.can_drop
    text = label if can_drop else label.replace(";", ":")
    return int(otio.opentime.from_timecode(text, float(rate.value)).value)


def label_frames(label: str, rate: FrameRate) -> int | None:
    """As above; None for what is no timecode at that rate."""
    try:
        return _frames_of(label, rate)
    except ValueError:
        return None


def _same_file(path: str, other: str) -> bool:
    if not other:
        return False
    is_inexact = (
        _ESCAPED.search(path) or "\N{REPLACEMENT CHARACTER}" in path or other != other.strip()
    )
    if path == other or (is_inexact and _bare(path) == _bare(other)):
        return True
    try:
        return os.path.samefile(path, other)
    except (OSError, ValueError):
        return False


def _bare(path: str) -> str:
    """A path without the signs that not every format has letters for, and blanks at its ends."""
    plain = _ESCAPED.sub("", path).replace("\N{REPLACEMENT CHARACTER}", "")
    return "".join(char for char in plain if char.isprintable()).strip()
