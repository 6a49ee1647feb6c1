"""A cut as it may be shown outside: with the reasons, and the names of who speaks, that were asked.

Every file is written of a cut that was read here, so that no dialect has a rule of its own.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from editing.cutlist import CutList, Event
from editing.hearing import spoken_cutlist_of
from editing.reasons import (
    NAMED_BY_MACHINES,
    SPEAKER,
    TO_BE_CONFIRMED,
    Part,
    Reasons,
    parts_of,
    plain,
    told,
)
from editing.selectors import cutlist_of
from mam.catalog.records import TaggingRecord
from mam.catalog.selectors import taggings_by_people
from mam.catalog.speaking import names_given


def cut_leaving(id_or_name: str, reasons: Reasons, *, spoken: bool = False) -> CutList:
    """The timeline, with its words where it is `spoken`. Raises NotFound, Conflict, BadRequest."""
    guesses = reasons is Reasons.ALL
    cutlist = spoken_cutlist_of(id_or_name, guesses=guesses) if spoken else cutlist_of(id_or_name)
    confirmed = _Confirmed(cutlist.events if reasons is Reasons.PEOPLE else ())
    return replace(
        cutlist,
        events=tuple(
            replace(event, reason=told(event.reason, reasons, confirmed.of(event)))
            if event.reason
            else event
            for event in cutlist.events
        ),
    )


class _Confirmed:
    """What people said of the places of those events whose reasons wait for that."""

    def __init__(self, events: Iterable[Event]) -> None:
        waiting = {
            (event.source.asset_id, part.lane)
            for event in events
            if not event.is_title
            for part in parts_of(event.reason)
            if part.lane in TO_BE_CONFIRMED
        }
        tagged = {asset_id for asset_id, lane in waiting if lane in NAMED_BY_MACHINES}
        heard = {asset_id for asset_id, lane in waiting if lane == SPEAKER}
        self._tags: dict[str, list[TaggingRecord]] = {}
        for tag in taggings_by_people(tagged):
            self._tags.setdefault(tag.asset_id, []).append(tag)
        self._names = {asset_id: names_given(asset_id) for asset_id in heard}

    def of(self, event: Event) -> frozenset[Part]:
        asset_id, place = event.source.asset_id, event.source_range
        tags = (
            Part("tag", tag.tag)
            for tag in self._tags.get(asset_id, ())
            if tag.range.intersection(place)
        )
        names = (Part(SPEAKER, name) for name in self._names.get(asset_id, ()))
        return frozenset(plain(part) for part in (*tags, *names))
