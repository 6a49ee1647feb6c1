"""Why a clip is in a cut, as one line of text; and what of that may leave the house. Pure.

A clip that a search found says `said: we go; tag: boat; asked: boats leave`: what each lane found,
and last what was asked. What people wrote stands as they wrote it. In the house all of it is shown,
beside the picture; in a file that somebody else is given, a machine's guess at a face stands as if
the house had said it. So `told` keeps to what was asked, the words that are spoken or read there,
and what people named, noted or confirmed; every dialect is given a cut that went through it.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from search.values import LANES

ASKED = "asked"
NOTE = "note"
SPEAKER = "speaker"
NAMED_BY_MACHINES = frozenset({"tag", "sound", "described"})
TO_BE_CONFIRMED = NAMED_BY_MACHINES | {SPEAKER}
"""Told where people said the same of that place."""
GUESSED = frozenset({"seen"})
"""Never told: it says that a net takes the picture for what was asked."""
_LANE = re.compile(rf"(?:^|; )({'|'.join((*LANES, ASKED))}): ")


class Reasons(StrEnum):
    """What of the reasons leaves the house."""

    PEOPLE = "people"
    ALL = "all"
    NONE = "none"


@dataclass(frozen=True)
class Part:
    """One reason of several; what people wrote has no lane."""

    lane: str
    text: str


def reason_of(parts: Iterable[Part]) -> str:
    """As it is kept of a clip: each part once, and no part's text reads as another part."""
    return "; ".join(
        dict.fromkeys(f"{part.lane}: {_within(part.text)}" for part in parts if part.text.strip())
    )


def reason_by_hand(text: str) -> str:
    """What a person wrote, as it is kept: marked as a note where it begins as a lane does."""
    return reason_of([Part(NOTE, text)]) if _LANE.search(text) else text


@lru_cache(maxsize=1024)
def parts_of(reason: str) -> tuple[Part, ...]:
    """The other way round."""
    marks = list(_LANE.finditer(reason))
    first = reason[: marks[0].start()] if marks else reason
    ends = [mark.start() for mark in marks[1:]] + [len(reason)]
    parts = [
        Part(mark[1], reason[mark.end() : end]) for mark, end in zip(marks, ends, strict=True)
    ] if marks else []  # fmt: skip
    return (*([Part("", first)] if first else []), *parts)


def told(reason: str, wanted: Reasons, confirmed: Container[Part] = ()) -> str:
    """The reason as it leaves the house, each lane named once. `confirmed` are the parts (as
    `plain` has them) that people said of the clip's place."""
    if wanted is Reasons.NONE:
        return ""
    lanes: dict[str, list[str]] = {}
    for part in parts_of(reason):
        if wanted is Reasons.ALL or _may_leave(part, confirmed):
            texts = lanes.setdefault(part.lane, [])
            if part.text not in texts:
                texts.append(part.text)
    return "; ".join(
        f"{lane}: {', '.join(texts)}" if lane else ", ".join(texts) for lane, texts in lanes.items()
    )


def plain(part: Part) -> Part:
    """A part by which two are held against each other: a tag is one by whatever lane it is met."""
    lane = "tag" if part.lane in NAMED_BY_MACHINES else part.lane
    return Part(lane, " ".join(part.text.casefold().split()))


def _may_leave(part: Part, confirmed: Container[Part]) -> bool:
    if part.lane in TO_BE_CONFIRMED:
        return plain(part) in confirmed
    return part.lane not in GUESSED


def _within(text: str) -> str:
    """`text` so that nothing in it begins another part."""
    return _LANE.sub(lambda mark: mark[0].replace("; ", ", "), " ".join(text.split()))
