"""What a saved search finds of an asset that it had not found before.

A hit is new when it overlaps no range of its asset that the search has matched: shots shift a
little from look to look. Each search is asked of the asset alone first. Only where it finds
something strange there is the whole library asked, since what is weak beside the library's best is
no hit.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from mam.timing import FrameRange
from search.answering import Bests
from search.models import Match, SavedSearch
from search.saved.actors import tell
from search.saved.deliveries import GATHER, gathering
from search.services import ranges_found
from search.values import Ranked

BATCH = 1000
LATELY_SECONDS = 60
"""How long it is believed what the best of the library reached: thousands of files come at once."""
_LATELY: dict[str, tuple[float, Bests]] = {}


@dataclass(frozen=True)
class Known:
    """A range that was matched, and whether it is still news."""

    range: FrameRange
    is_new: bool


def asset_match(
    asset_id: str, *, report: Callable[[int, int], None] = lambda done, of: None
) -> int:
    """Keep what the saved searches find of an asset; how many ranges are new.

    Doing it twice, or by two workers at once, tells nothing twice.
    """
    searches = list(SavedSearch.objects.all())
    if not searches:
        return 0
    known = matched(asset_id)
    new = 0
    for number, search in enumerate(searches):
        report(number, len(searches))
        new += _match(search, asset_id, known[str(search.pk)])
    return new


def matched(asset_id: str, search_id: UUID | None = None) -> Mapping[str, list[Known]]:
    """What was matched of an asset before, by search."""
    rows = Match.objects.filter(asset_id=asset_id)
    if search_id is not None:
        rows = rows.filter(search=search_id)
    found: dict[str, list[Known]] = defaultdict(list)
    for key, start, end, is_new in rows.values_list("search_id", "start", "end", "is_new"):
        found[str(key)].append(Known(FrameRange(start, end), is_new))
    return found


def all_match(search: SavedSearch, found: Iterable[Ranked]) -> None:
    """Note all that a search finds as found before: none of it is new. In the transaction of who
    saves it."""
    rows = {(hit.asset_id, hit.range.start, hit.range.end) for hit in found}
    now = timezone.now()
    Match.objects.bulk_create(
        (
            Match(search=search, asset_id=asset_id, start=start, end=end, found_at=now)
            for asset_id, start, end in sorted(rows)
        ),
        batch_size=BATCH,
        ignore_conflicts=True,
    )


def settle(search_id: UUID, found: Iterable[Ranked]) -> int:
    """What is no hit of the whole library any more is no news; how many were. Hits of a weak kind
    go when better ones come, without another look at their assets."""
    there: dict[str, list[FrameRange]] = defaultdict(list)
    for hit in found:
        there[hit.asset_id].append(hit.range)
    gone = [
        pk
        for pk, asset, start, end in Match.objects.filter(
            search=search_id, is_new=True
        ).values_list("pk", "asset_id", "start", "end")
        if not any(one.overlaps(FrameRange(start, end)) for one in there[str(asset)])
    ]
    if not gone:
        return 0
    Match.objects.filter(pk__in=gone, delivery__attempts=0).update(delivery=None)
    return Match.objects.filter(pk__in=gone).update(is_new=False)


def strange(ranges: Iterable[FrameRange], known: Collection[Known]) -> list[FrameRange]:
    """Those that overlap nothing known."""
    return [one for one in ranges if not any(one.overlaps(item.range) for item in known)]


def shifted(ranges: Iterable[FrameRange], known: Collection[Known]) -> list[FrameRange]:
    """Those that overlap something known and reach out of it: known from now on too, or what shifts
    a little each time would be strange one day."""
    return [
        one
        for one in ranges
        if any(one.overlaps(item.range) for item in known)
        and not any(item.range.start <= one.start and one.end <= item.range.end for item in known)
    ]


def _match(search: SavedSearch, asset_id: str, known: Collection[Known]) -> int:
    alone = ranges_found(search.query, asset_id=asset_id, bests=_lately(search.query))
    here = [hit.range for hit in alone]
    if strange(here, known):
        bests = Bests()
        whole = ranges_found(search.query, bests=bests)
        bests.is_known = True
        _LATELY[search.query] = (time.monotonic(), bests)
        here = [hit.range for hit in whole if hit.asset_id == asset_id]
        settle(search.pk, whole)
    gone = [
        item.range
        for item in known
        if item.is_new and not any(item.range.overlaps(one) for one in here)
    ]
    if not gone and not strange(here, known) and not shifted(here, known):
        return 0
    try:
        return _keep(search, asset_id, here, gone)
    except IntegrityError:
        return 0  # the asset was purged meanwhile


def _lately(query: str) -> Bests | None:
    """What the library's best reached, where it was asked just now."""
    at, bests = _LATELY.get(query, (0.0, None))
    if bests is not None and time.monotonic() - at < LATELY_SECONDS:
        return bests
    _LATELY.pop(query, None)
    return None


@transaction.atomic
def _keep(
    search: SavedSearch, asset_id: str, here: Collection[FrameRange], gone: Iterable[FrameRange]
) -> int:
    """One writer of a search at a time, who looks again at what is known by then."""
    rows = SavedSearch.objects.select_for_update(no_key=True).filter(pk=search.pk)
    row = rows.filter(query=search.query).first()
    if row is None:
        return 0  # somebody took it away, or asks something else by now
    of_asset = Match.objects.filter(search=row, asset_id=asset_id)
    for place in gone:  # it is no hit any more, and so no news
        of_asset.filter(start=place.start, end=place.end).update(is_new=False)
        of_asset.filter(start=place.start, end=place.end, delivery__attempts=0).update(
            delivery=None
        )
    known = matched(asset_id, row.pk)[str(row.pk)]
    new, moved = strange(here, known), shifted(here, known)
    delivery = None
    if new and row.webhook:
        delivery, made_now = gathering(row)
        if made_now:
            tell(delivery.pk, GATHER)
    now = timezone.now()
    made = [
        Match(
            search=row,
            asset_id=asset_id,
            start=place.start,
            end=place.end,
            found_at=now,
            is_new=fresh,
            delivery=delivery if fresh else None,
        )
        for places, fresh in ((new, True), (moved, False))
        for place in dict.fromkeys(places)
    ]
    Match.objects.bulk_create(made, batch_size=BATCH, ignore_conflicts=True)
    return sum(item.is_new for item in made)
