"""What the found footage is: how many hits have each value of a filter."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from fractions import Fraction
from functools import lru_cache

from django.db import connection

from mam.errors import BadRequest
from mam.timing import FrameRate
from search.retrieval.filters import RECORDED
from search.values import Facet, Ranked

MOST_VALUES = 8
FACETS = ("kind", "rate", "res", "codec", "lang", "date", "origin")
"""Filters that are counted, in the order in which they are shown."""

_FACTS = f"""
SELECT a.id, a.kind, a.rate_numerator, a.rate_denominator, least(a.width, a.height),
       a.video_codec, a.origin, left({RECORDED}, 4),
       ARRAY(SELECT DISTINCT t.language FROM catalog_transcript t
             WHERE t.asset_id = a.id AND t.language <> '' ORDER BY 1)
FROM catalog_asset a WHERE a.id = ANY(%s::uuid[])
"""


def facets(hits: Iterable[Ranked]) -> tuple[Facet, ...]:
    """The commonest values of each filter among the hits, by how many hits have them; a filter
    that would keep all of them is left out."""
    weights = Counter(hit.asset_id for hit in hits)
    if not weights:
        return ()
    counts: dict[str, Counter[str]] = {name: Counter() for name in FACETS}
    alike: Counter[tuple[object, ...]] = Counter()  # footage of one shoot has the same facts
    with connection.cursor() as cursor:
        cursor.execute(_FACTS, [list(weights)])
        for asset_id, *facts, languages in cursor.fetchall():
            alike[(*facts, tuple(languages))] += weights[str(asset_id)]
    for row, weight in alike.items():
        for name, values in _values(row).items():
            for value in filter(None, values):
                counts[name][value] += weight
    whole = weights.total()
    return tuple(
        Facet(name, tuple(_commonest(found)))
        for name, found in counts.items()
        if found and (len(found) > 1 or found.total() < whole)
    )


def _commonest(found: Counter[str]) -> list[tuple[str, int]]:
    return sorted(found.items(), key=lambda item: (-item[1], item[0]))[:MOST_VALUES]


def _values(row: tuple[object, ...]) -> Mapping[str, list[str]]:
    kind, above, below, lines, codec, origin, year, languages = row
    has_rate = bool(above) and kind != "audio"
    return {
        "kind": [str(kind)],
        "rate": [shorthand(FrameRate.of(int(str(above)), int(str(below))))] if has_rate else [],
        "res": [str(lines)] if lines else [],
        "codec": [str(codec)],
        "lang": list(languages) if isinstance(languages, tuple) else [],
        "date": [str(year or "")],
        "origin": [str(origin)],
    }


@lru_cache(maxsize=256)
def shorthand(rate: FrameRate) -> str:
    """As the trade writes a rate, where that says the same: 29.97 for 30000/1001."""
    for digits in (3, 2):
        text = f"{float(rate.value):.{digits}f}".rstrip("0").rstrip(".")
        try:
            if FrameRate.parse(text).value == Fraction(rate.value):
                return text
        except BadRequest:
            continue
    return str(rate)
