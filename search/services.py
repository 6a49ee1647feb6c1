"""The one door to finding: the command, the API and the pages all come through `find`."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from django.conf import settings

from mam.catalog.records_speakers import SpeakerRecord
from mam.catalog.speaking import speakers_on
from mam.errors import BadRequest
from search import ranking
from search.answering import LARGE_POOL, POOL, Answers, Bests
from search.encoders import ENCODERS, Encoders
from search.query import parse
from search.retrieval.assets import clocks, shots_at
from search.retrieval.facets import facets
from search.retrieval.said import located
from search.retrieval.scope import EVERYTHING
from search.retrieval.tongues import note_of
from search.retrieval.words import QueryWords
from search.suggesting import suggestion
from search.values import Hit, Page, Ranked

FROM_ONE_ASSET = 3
"""Hits that one asset may have, unless more are asked for."""
MOST_HITS = 500
SPOKEN = frozenset({"said", "speaker"})
"""Lanes that somebody's voice is in."""


def find(
    query_text: str,
    *,
    limit: int | None = None,
    offset: int = 0,
    per_asset: int | None = FROM_ONE_ASSET,
    floor: float | None = None,
    order: Callable[[list[Ranked]], list[Ranked]] = list,
    encoders: Encoders = ENCODERS,
) -> Page:
    """Ranges that answer the query, best first, in an order that is the same for every page.

    Any text is a query; one without a word finds nothing. `per_asset` None shows every hit of an
    asset; `order` may put all that was found into another order, or leave some out. Raises
    BadRequest for a limit or an offset below zero, or a limit above MOST_HITS.
    """
    started = time.perf_counter()
    options = settings.OPTIONS.search
    limit = options.limit if limit is None else limit
    if not 0 <= limit <= MOST_HITS or offset < 0:
        raise BadRequest(f"The limit must lie between 0 and {MOST_HITS}, the offset be 0 or more.")
    query = parse(query_text)
    floor = options.floor if floor is None else floor
    answers = Answers(encoders, floor)
    found = [] if query.root is None else order(answers.of(query.root))
    ranked = ranking.capped(found, per_asset)
    tongue = note_of(answers.meant, found, encoders)
    meant = ""
    if query.root is not None and offset == 0:
        meant = suggestion(
            query.root, encoders, lambda root: bool(Answers(encoders, floor).of(root))
        )
    return Page(
        query=query_text,
        total=len(found),
        reachable=len(ranked),
        hits=_presented(ranked[offset : offset + limit], answers.spoken),
        took_ms=round((time.perf_counter() - started) * 1000, 1),
        lanes=answers.lanes,
        notes=(*query.notes, *dict.fromkeys(answers.notes), *filter(None, [tongue])),
        understood=query,
        facets=facets(found),
        suggestion=meant,
    )


def ranges_found(
    query_text: str,
    *,
    asset_id: str = "",
    bests: Bests | None = None,
    encoders: Encoders = ENCODERS,
) -> list[Ranked]:
    """All that the query finds, best first and not made ready to be shown. With an asset it alone
    is asked: what is weak beside the best of the library is then among it, unless `bests` knows of
    that from an earlier time that the library was asked."""
    root = parse(query_text).root
    if root is None:
        return []
    answers = Answers(encoders, settings.OPTIONS.search.floor, bests=bests)
    if asset_id:
        return answers.of(root, EVERYTHING.among([asset_id]), LARGE_POOL)
    return answers.of(root, EVERYTHING, POOL)


def _presented(ranked: Sequence[Ranked], spoken: Sequence[QueryWords]) -> tuple[Hit, ...]:
    facts = clocks(hit.asset_id for hit in ranked)
    # An asset that was removed between two queries is left out rather than shown without a name.
    ranked = _located([hit for hit in ranked if hit.asset_id in facts], spoken)
    shots = shots_at([(hit.asset_id, ranking.middle(hit.range)) for hit in ranked])
    return tuple(
        Hit(
            asset_id=hit.asset_id,
            asset_name=facts[hit.asset_id].name,
            shot_id=shot,
            range=hit.range,
            rate=facts[hit.asset_id].rate,
            start_tc=facts[hit.asset_id].timecode(hit.range.start),
            end_tc=facts[hit.asset_id].timecode(hit.range.end),
            score=hit.score,
            why=hit.whys,
            held_back=hit.held_back,
            speaker=speaker,
            middle_tc=facts[hit.asset_id].timecode(ranking.middle(hit.range)),
        )
        for hit, shot, speaker in zip(ranked, shots, _speakers(ranked), strict=True)
    )


def _located(ranked: Sequence[Ranked], spoken: Sequence[QueryWords]) -> list[Ranked]:
    """The same, what was said narrowed to the words that were asked for."""
    places = [(hit.asset_id, why.range) for hit in ranked for why in hit.whys if why.lane == "said"]
    ranges = iter(located(places, spoken))
    return [
        replace(
            hit,
            whys=tuple(
                replace(why, range=next(ranges)) if why.lane == "said" else why for why in hit.whys
            ),
        )
        for hit in ranked
    ]


def _speakers(ranked: Sequence[Ranked]) -> list[SpeakerRecord]:
    """Who says what was found said; of hits without that nobody."""
    said = [
        next(((hit.asset_id, why.range) for why in hit.whys if why.lane in SPOKEN), None)
        for hit in ranked
    ]
    found = iter(speakers_on([place for place in said if place is not None]))
    return [SpeakerRecord() if place is None else next(found) for place in said]
