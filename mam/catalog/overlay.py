"""What people said, laid over what a machine found. Pure.

Corrections are laid over in the order of their ids, so that the last word counts; leaving one out
(undone) is as if it had never been said.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from mam.catalog.overlay_shots import shots_laid
from mam.catalog.overlay_words import transcript_laid
from mam.catalog.records import (
    PERSON,
    CorrectionKind,
    CorrectionRecord,
    Findings,
    TaggingFinding,
)
from mam.timing import FrameRange

HEARD = "sound"
TAGS = (CorrectionKind.CONFIRM_TAG, CorrectionKind.REFUSE_TAG, CorrectionKind.ADD_TAG)


@dataclass(frozen=True)
class Laid:
    """`lost`: the corrections that were looked for in these findings, by id, with why they have no
    ground there; "" where they hold."""

    findings: Findings
    lost: dict[int, str] = field(default_factory=dict)


def laid_over(found: Findings, corrections: Sequence[CorrectionRecord]) -> Laid:
    """One step's findings as people see them: what is refused gone, words mended,
    shots cut anew.

    What people added is in nobody's findings: see `tags_given`. `found` itself where nothing
    touches it.
    """
    lost: dict[int, str] = {}
    changed = found
    if found.taggings:
        taggings = tags_laid(found.taggings, corrections)
        if taggings != found.taggings:
            changed = replace(changed, taggings=taggings)
    if found.transcript is not None:
        transcript, lost = transcript_laid(found.transcript, corrections)
        if transcript != found.transcript:
            changed = replace(changed, transcript=transcript)
    if found.shots:
        shots, cuts_lost = shots_laid(found.shots, corrections)
        lost = lost | cuts_lost
        if shots != found.shots:
            changed = replace(changed, shots=shots)
    return Laid(changed, lost)


def tags_given(corrections: Iterable[CorrectionRecord]) -> tuple[TaggingFinding, ...]:
    """The tags that people added or confirmed and nobody refused since, each wholly sure."""
    given: list[TaggingFinding] = []
    for item in corrections:
        if item.kind not in TAGS:
            continue
        tag = _tag_of(item)
        given = [part for old in given for part in _without(old, [tag])]
        if item.kind != CorrectionKind.REFUSE_TAG:
            given.append(tag)
    return tuple(given)


def ratings_given(corrections: Iterable[CorrectionRecord]) -> dict[FrameRange, int]:
    """The stars (1-5) of each range that has some: those said last."""
    stars = {
        item.range: int(item.value["stars"])
        for item in corrections
        if item.kind == CorrectionKind.RATE
    }
    return {range: count for range, count in stars.items() if count}


def tags_laid(
    found: Sequence[TaggingFinding], corrections: Iterable[CorrectionRecord]
) -> tuple[TaggingFinding, ...]:
    """A machine's tags without those on which a person has spoken: refused ones are gone, confirmed
    ones are the person's from then on."""
    spoken = [_tag_of(item) for item in corrections if item.kind in TAGS]
    return tuple(part for tag in found for part in _without(tag, spoken))


def same_tag(one: tuple[str, str], other: tuple[str, str]) -> bool:
    """Whether two (name, kind) say the same: what is seen is one sense, what is heard another."""
    names = [" ".join(name.casefold().split()) for name, _ in (one, other)]
    return names[0] == names[1] and (one[1] == HEARD) == (other[1] == HEARD)


def _tag_of(item: CorrectionRecord) -> TaggingFinding:
    return TaggingFinding(str(item.value["tag"]), str(item.value["kind"]), item.range, 1.0, PERSON)


def _without(tag: TaggingFinding, spoken: Iterable[TaggingFinding]) -> list[TaggingFinding]:
    """A tag where none of `spoken` lies over it; nothing where they cover half of it or more.

    Shots move by a few frames from one look to the next: what is left over then is a sliver.
    """
    name = (tag.tag, tag.kind)
    over = [item.range for item in spoken if same_tag(name, (item.tag, item.kind))]
    left = _left(tag.range, over)
    if left == [tag.range]:
        return [tag]
    if 2 * sum(part.duration for part in left) <= tag.range.duration:
        return []
    return [replace(tag, range=part) for part in left]


def _left(whole: FrameRange, taken: Iterable[FrameRange]) -> list[FrameRange]:
    """What of a range is in none of the others, in order."""
    left, at = [], whole.start
    for other in sorted(taken):
        if other.start >= whole.end:
            break
        if other.start > at:
            left.append(FrameRange(at, other.start))
        at = max(at, other.end)
    if at < whole.end or (at == whole.start and whole.duration == 0):
        left.append(FrameRange(at, whole.end))
    return left
