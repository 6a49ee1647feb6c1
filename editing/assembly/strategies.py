"""Choosing: the best hits into a cut of the length asked for. Pure.

No shot twice and no frame twice, every clip between the shortest and the longest allowed, speech in
whole sentences, pictures around what matched inside their shot. Lengths are reckoned in whole
record frames, so what is chosen is what is laid.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from math import ceil, floor

from editing.assembly.candidates import Assembly, Brief, Candidate, Footage, Pick
from editing.assembly.framing import Bounds, framed
from editing.assembly.rates import prevailing_rate
from mam.timing import FrameRange, FrameRate

SHORTAGE = 3
"""Record frames that may be missing from the length asked for without a word: rates rarely meet."""


def assemble(
    candidates: Sequence[Candidate], brief: Brief, *, drop: bool | None = None
) -> Assembly:
    """The cut for a brief. `drop` settles drop-frame timecode where the rate has it."""
    if brief.rate is None:
        rough = _choose(candidates, brief, prevailing_rate(())[0])
        shares = [
            (
                pick.footage.rate,
                pick.footage.drop_frame,
                pick.footage.rate.seconds(pick.source.duration),
            )
            for pick in rough.picks
            if pick.footage.has_picture
        ]
        rate, follows = prevailing_rate(shares)
    else:
        rate = brief.rate
        shares = [
            (c.footage.rate, c.footage.drop_frame, c.footage.rate.seconds(c.matched.duration))
            for c in candidates
            if c.footage.has_picture and c.footage.rate == rate
        ]
        follows = prevailing_rate(shares)[1]
    chosen = _choose(candidates, brief, rate)
    picks = chosen.picks if brief.in_order else forwards(chosen.picks)
    is_drop = rate.can_drop and (follows if drop is None else drop)
    return Assembly(rate, is_drop, laid(picks), tuple(chosen.notes))


def laid(picks: Iterable[Pick]) -> tuple[Pick, ...]:
    """The picks end to end from record frame 0."""
    placed: list[Pick] = []
    for pick in picks:
        placed.append(pick.at(placed[-1].record.end if placed else 0))
    return tuple(placed)


def forwards(picks: Sequence[Pick]) -> list[Pick]:
    """The same picks, those of one asset in source order in the places that they hold."""
    waiting: dict[str, list[Pick]] = {}
    for pick in sorted(picks, key=lambda item: item.source, reverse=True):
        waiting.setdefault(pick.footage.asset_id, []).append(pick)
    return [waiting[pick.footage.asset_id].pop() for pick in picks]


@dataclass
class _Choice:
    """A cut being chosen; `room` is the record frames still to be filled, None without end."""

    picks: list[Pick] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    room: int | None = None

    def taken(self, footage: Footage, but: Pick | None = None) -> list[FrameRange]:
        return [
            pick.source
            for pick in self.picks
            if pick.footage.asset_id == footage.asset_id and pick is not but
        ]

    def shots_taken(self, footage: Footage) -> set[FrameRange]:
        return {
            shot.range
            for pick in self.picks
            if pick.footage.asset_id == footage.asset_id
            for shot in pick.shots
        }


def _choose(candidates: Sequence[Candidate], brief: Brief, rate: FrameRate) -> _Choice:
    room = None if brief.length is None else rate.nearest_frame(brief.length)
    choice = _Choice(room=room)
    ranked = list(candidates)
    if not brief.in_order:
        ranked.sort(key=lambda item: -item.score)
    reason = "nothing more that was found could be used."
    if brief.in_order:
        reason = "the collection holds nothing more that could be used."
    for candidate in ranked:
        if choice.room is not None and choice.room < ceil(brief.min_clip * rate.value):
            reason = "what is left is too short for another clip."
            break
        pick = _pick(candidate, choice, brief, rate)
        if pick is not None:
            choice.picks.append(pick)
            if choice.room is not None:
                choice.room -= pick.record.duration
    _fill(choice, brief, rate)
    if choice.picks and brief.length is not None and (choice.room or 0) >= SHORTAGE:
        got = sum(pick.record.duration for pick in choice.picks)
        choice.notes.append(
            f"The cut is {float(rate.seconds(got)):.2f} s long, not {float(brief.length):g} s:"
            f" {reason}"
        )
    return choice


def _pick(candidate: Candidate, choice: _Choice, brief: Brief, rate: FrameRate) -> Pick | None:
    """The candidate as a clip, or None (with a note where a person would wonder why)."""
    footage = candidate.footage
    most = floor(brief.max_clip * rate.value)
    least = ceil(brief.min_clip * rate.value)
    bounds = Bounds(rate, brief.min_clip, most, choice.room)
    pick = framed(candidate, bounds)
    left = None if choice.room is None or pick is None else choice.room - pick.record.duration
    bound = candidate.by_speech or candidate.fixed
    if pick and left and choice.room and left <= least + 1 and not bound:
        # What is left would be too little for another clip: leave it just enough.
        shorter = framed(candidate, bounds.within(choice.room - least - 2))
        pick = shorter or pick
    if pick is None:
        if least > rate.nearest_frame(footage.rate.seconds(footage.duration)):
            choice.notes.append(f"{footage.name} is left out: it is shorter than a clip may be.")
        return None
    if any(pick.source.overlaps(other) for other in choice.taken(footage)):
        return None
    used = choice.shots_taken(footage)
    if not candidate.fixed and any(shot.range in used for shot in pick.shots):
        return None
    if candidate.fixed and pick.source.end < candidate.matched.end:
        choice.notes.append(
            f"{footage.name}: {float(footage.rate.seconds(pick.source.duration)):.2f} s of the"
            f" {float(footage.rate.seconds(candidate.matched.duration)):.2f} s marked are used."
        )
    return pick


def _fill(choice: _Choice, brief: Brief, rate: FrameRate) -> None:
    """Let pictures grow into room that is left, where their shot has more to show."""
    for n, pick in enumerate(choice.picks):
        if not choice.room or pick.candidate.by_speech or pick.candidate.fixed:
            continue
        most = floor(brief.max_clip * rate.value)
        room = pick.record.duration + choice.room
        longer = framed(pick.candidate, Bounds(rate, brief.min_clip, most, room))
        if longer is None or longer.record.duration <= pick.record.duration:
            continue
        if any(longer.source.overlaps(other) for other in choice.taken(pick.footage, but=pick)):
            continue
        choice.room -= longer.record.duration - pick.record.duration
        choice.picks[n] = longer
