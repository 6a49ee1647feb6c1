"""What a proof says of itself: to programs, at a shell, and on the lines of its sheet."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from exporters.base import shown
from exporters.proof.holding import End, HeldEvent
from exporters.proof.picturing import Pair
from exporters.proof.proving import Proof
from mam.printing import counted
from mam.timing import Timecode, clock

PICTURED = 400
"""Events of a sheet that have their pictures; beyond that only those with a fault."""
_NOTHING = Pair(b"", b"")
Labelled: TypeAlias = tuple[tuple[str, str], ...]
"""Labels, and what stands under each."""


@dataclass(frozen=True)
class Line:
    """An event on the sheet. `ours` and `theirs` are the master's first and last picture that the
    timeline and that the file show, each under its label; `fault` is "" where all is well."""

    number: int
    track: str
    name: str
    record: Labelled
    ours: Labelled
    theirs: Labelled
    by: str
    off: str
    fault: str
    first: Pair
    last: Pair

    @property
    def told(self) -> tuple[Labelled, Labelled, Labelled]:
        return self.record, self.ours, self.theirs

    @property
    def is_pictured(self) -> bool:
        return any((self.first.expected, self.first.seen, self.last.expected, self.last.seen))


def proof_as_json(proof: Proof, sheet: str) -> dict[str, Any]:
    """`sheet` is where it lies. `frames_off` is the sum over all events, of the worse end of each;
    an event without any is in `faults`, as is one whose picture is another one."""
    return {
        "format": proof.export.dialect.name,
        "events": len(proof.held.events),
        "frames_off": proof.frames_off,
        "aside": proof.aside,
        "not_looked_at": proof.not_looked_at,
        "disabled": proof.disabled,
        "left_out": proof.left_out,
        "faults": [
            {
                "event": place + 1,
                "track": one.event.track,
                "record_in": str(proof.cut.record_timecode(one.event.record_range.start)),
                "name": shown(_called(one)),
                "why": shown(why),
            }
            for place, one, why in proof.faults
        ],
        "lost": list(proof.lost),
        "doubts": [shown(doubt) for doubt in proof.doubts],
        "verified": proof.verified,
        "proven": proof.is_proven,
        "sheet": sheet,
    }


def verdict(proof: Proof) -> str:
    """`15 events, 0 frames off: the file shows them all as the timeline does.`, and what of the
    timeline the file does not hold."""
    return _held_in_words(proof) + _beside(proof)


def _beside(proof: Proof) -> str:
    told = []
    if off := proof.disabled:
        are = "is" if off == 1 else "are"
        told.append(f"{off} of them {are} disabled, and shown by neither.")
    if left := proof.left_out:
        are = "is" if left == 1 else "are"
        told.append(
            f"{counted(left, 'clip')} of the timeline {are} not in the file:"
            f" {proof.export.dialect.label} has no words for {'it' if left == 1 else 'them'}."
        )
    return "".join(f" {sentence}" for sentence in told)


def _held_in_words(proof: Proof) -> str:
    events = counted(len(proof.held.events), "event")
    faults = len(proof.faults)
    off = counted(proof.frames_off, "frame")
    if faults:
        return f"{events}, {off} off: {faults} would not look as in the timeline."
    if proof.held.lost:
        return f"{events}, {off} off, but what the file holds is not what the timeline holds."
    if proof.unseen:
        left = proof.not_looked_at
        return (
            f"{left} of {events} could not be compared, as their masters are offline or changed:"
            " nothing is proven."
        )
    return f"{events}, {off} off: the file shows them all as the timeline does."


def proof_in_words(proof: Proof) -> Iterator[str]:
    """What a person should know, a line each."""
    yield verdict(proof)
    if proof.aside:
        yield (
            f"{counted(proof.aside, 'event')} less than a timeline frame off: the master counts "
            "finer than the timeline (more frames a second, or sound), and the format counts the"
            " timeline's frames."
        )
    for _, one, why in proof.faults:
        at = proof.cut.record_timecode(one.event.record_range.start)
        yield f"{at} on {one.event.track}, {shown(_called(one))}: {shown(why)}."
    yield from (shown(doubt) for doubt in proof.doubts)
    yield from proof.lost


def facts_of(proof: Proof) -> list[tuple[str, str]]:
    """The head of the sheet."""
    cut, dialect = proof.cut, proof.export.dialect
    looked = sum(bool(pair.expected and pair.seen) for pair in proof.pairs.values())
    return [
        ("Timeline", shown(cut.name)),
        ("Format", dialect.label),
        ("Timecode", f"{cut.record_timecode(0)} to {cut.record_timecode(cut.duration)}"),
        ("Rate", f"{cut.rate.spoken} frames a second"),
        ("Events", f"{len(proof.held.events)}, {proof.disabled} of them disabled"),
        ("Clips left out", str(proof.left_out)),
        ("Frames off", str(proof.frames_off)),
        ("Off by less than a timeline frame", str(proof.aside)),
        ("Pictures compared", str(looked)),
        ("Masters", f"{len(proof.masters)}, {_known_by(proof)}"),
    ]


def _known_by(proof: Proof) -> str:
    if proof.verified:
        return "held against their hashes"
    return "known by length and rate; their bytes were not compared"


def lines_of(proof: Proof) -> Iterator[Line]:
    """Every event of the timeline, by place and track."""
    for place, one in enumerate(proof.held.events):
        fault = proof.fault(place)
        first, last = (
            proof.pairs.get((place, end.record), _NOTHING)
            if place < PICTURED or fault
            else _NOTHING
            for end in (one.first, one.last)
        )
        record = one.event.record_range
        yield Line(
            number=place + 1,
            track=one.event.track,
            name=shown(_called(one)),
            record=(
                ("in", str(proof.cut.record_timecode(record.start))),
                ("out", str(proof.cut.record_timecode(record.end))),
            ),
            ours=_frames(one, one.first.expected, one.last.expected),
            theirs=_frames(one, one.first.seen, one.last.seen),
            by=" and ".join(one.lead.by) if one.lead else "",
            off="not compared" if proof.is_unseen(one) and one.event.enabled else _off(one),
            fault=shown(fault),
            first=first,
            last=last,
        )


def rows_of(proof: Proof) -> list[Line]:
    """The lines as a sheet has them: sound of which nothing else is to be said than of its picture
    stands with that, its track beside the picture's."""
    rows: dict[tuple[Any, ...], Line] = {}
    for line in lines_of(proof):
        what = (line.name, line.told, line.by, line.off)
        under = rows.get(what)
        if under is not None and line.track[0] == "A" and not (line.fault or under.fault):
            rows[what] = replace(under, track=f"{under.track} {line.track}")
        else:
            rows[what if under is None else (*what, line.number)] = line
    return list(rows.values())


def masters_of(proof: Proof) -> Iterator[tuple[str, str, str]]:
    """Each master's name, its start timecode here, and by MediaInfo."""
    for master in proof.masters:
        source = master.source
        own = "none"
        if source.kind == "audio":
            own = "none: sound"
        elif source.has_timecode:
            own = str(source.timecode(0))
        yield shown(source.name), own, master.told or "none"


def _frames(one: HeldEvent, first: int | None, last: int | None) -> Labelled:
    """Both ends, by the master's timecode and its own frame numbers; of what is disabled, those
    that would be shown."""
    if one.event.is_title:
        return (("title", one.event.text if first is not None else "nothing"),)
    labels = ("first", "last") if one.event.enabled else ("first, if enabled", "last, if enabled")
    return tuple(zip(labels, (_frame(one, frame) for frame in (first, last)), strict=True))


def _frame(one: HeldEvent, frame: int | None) -> str:
    source = one.event.source
    if frame is None:
        return "nothing"
    if source.kind == "audio":
        return f"{clock(source.rate.seconds(source.start + frame))}"
    if source.kind == "still":
        return "still"
    label = Timecode(max(0, source.start + frame), source.rate, source.drop_frame)
    return f"{label} ({frame})"


def _off(one: HeldEvent) -> str:
    if one.off:
        return str(one.off)
    if not one.event.enabled:
        return "0, disabled in both"
    ends: list[End] = [end for end in (one.first, one.last) if end.is_near]
    return f"0 ({counted(one.aside, 'frame')} of the master)" if ends else "0"


def _called(one: HeldEvent) -> str:
    event = one.event
    return event.text if event.is_title else event.name or event.source.name
