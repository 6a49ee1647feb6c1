"""What nets named: objects, scenes, vocabulary and sounds, word by word.

A word meets a tag by its stem (lanes *tag* and *sound*) or by its meaning (lane *described*:
"puppy" meets *dog*). A range answers by how many of the query's words its tags meet, and how
well; `depicted` judges.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from mam.timing import FrameRange
from search import calibration
from search.ranges import same_moment
from search.retrieval.base import Question
from search.retrieval.links import Link, links
from search.retrieval.uses import Use, uses_of
from search.values import Why

Evidence: TypeAlias = tuple[float, Link, Use]
"""How much a use is worth by a link."""


@dataclass(frozen=True)
class Unit:
    """A range with its best evidence for each word of the query."""

    asset_id: str
    range: FrameRange
    shares: tuple[float, ...]
    best: tuple[Evidence, ...]

    @property
    def whys(self) -> tuple[Why, ...]:
        """The evidence as reasons, the best first."""
        whys: dict[tuple[str, str], Why] = {}
        for worth, link, use in sorted(self.best, key=lambda item: -item[0]):
            whys.setdefault((link.lane, link.name), Why(link.lane, link.name, worth, use.range))
        return tuple(whys.values())


def units(question: Question) -> list[Unit]:
    """Every range that tags say something of, and the stretches of sounds."""
    linked = links(question)
    if not linked:
        return []
    by_asset: dict[str, list[Use]] = {}
    for use in uses_of(linked, question):
        by_asset.setdefault(use.asset_id, []).append(use)
    words, links_of = len(question.words.words), by_tag(linked)
    return [unit for uses in by_asset.values() for unit in judged(uses, links_of, words)]


def by_tag(links: Iterable[Link]) -> dict[int, list[Link]]:
    """The links that each tag has."""
    found: dict[int, list[Link]] = {}
    for link in links:
        found.setdefault(link.tag, []).append(link)
    return found


def judged(uses: list[Use], links: Mapping[int, list[Link]], words: int) -> list[Unit]:
    """The ranges of one asset, each with all the tags that lie over it; `links` are those of each
    tag."""
    by_range: dict[FrameRange, list[Use]] = {}
    for use in uses:
        by_range.setdefault(use.range, []).append(use)
    places = sorted(by_range)
    starts, longest = [place.start for place in places], max(place.duration for place in places)
    found = []
    for place in places:
        best: dict[int, Evidence] = {}
        # A long file has thousands of places: only those near it are looked at.
        first, last = bisect_left(starts, place.start - longest), bisect_left(starts, place.end)
        about = (other for other in places[first:last] if same_moment(place, other))
        for use in (use for other in about for use in by_range[other]):
            for link in links.get(use.tag, ()):
                worth = link.strength * calibration.evidence(use.score)
                if worth > best.get(link.word, (0.0, link, use))[0]:
                    best[link.word] = (worth, link, use)
        shares = tuple(best[n][0] if n in best else 0.0 for n in range(words))
        found.append(Unit(uses[0].asset_id, place, shares, tuple(best.values())))
    return found
