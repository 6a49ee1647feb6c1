"""Known items: what the library itself says is somewhere, to see whether searching finds it there.

The same items as long as the library is the same: they are taken in the order of a hash of their
ids, so that none is chosen for being easy and a later measure asks the same again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import connection

from mam.timing import FrameRange
from search.query import tokens

RUN = 5
"""Words of a spoken line that are asked for: from its middle, as somebody remembers them."""


@dataclass(frozen=True)
class Known:
    """`words` are to be found in `lane`, at any of `places` of assets."""

    lane: str
    words: str
    places: tuple[tuple[str, FrameRange], ...]


_LINES = """
SELECT s.asset_id, s.start, s."end",
       ARRAY(SELECT w.text FROM catalog_word w WHERE w.segment_id = s.id ORDER BY w.number)
FROM catalog_segment s JOIN catalog_asset a ON a.id = s.asset_id
WHERE a.removed_at IS NULL AND a.rate_numerator > 0 AND s."end" > s.start
 AND (SELECT count(*) FROM catalog_word w WHERE w.segment_id = s.id) >= %(run)s
ORDER BY md5(s.asset_id::text || s.start) LIMIT %(most)s
"""
_SAID_TOO = """
SELECT s.asset_id, s.start, s."end" FROM catalog_segment s JOIN catalog_asset a ON a.id = s.asset_id
WHERE s.search @@ phraseto_tsquery('simple', %(line)s) AND a.removed_at IS NULL
 AND s."end" > s.start
ORDER BY s.asset_id, s.start LIMIT %(most)s
"""
# A text that stands in several assets says nothing of which is meant.
_TEXTS = """
SELECT t.text, min(t.asset_id::text), array_agg(t.start ORDER BY t.start),
       array_agg(t."end" ORDER BY t.start)
FROM catalog_screentext t JOIN catalog_asset a ON a.id = t.asset_id
WHERE a.removed_at IS NULL AND a.rate_numerator > 0 AND t.score >= 0.8 AND t."end" > t.start
 AND t.text ~ '[[:alpha:]]{4}'
GROUP BY t.text HAVING count(DISTINCT t.asset_id) = 1
ORDER BY md5(t.text) LIMIT %(most)s
"""
_TAGS = """
SELECT tag.name, array_agg(t.asset_id::text ORDER BY t.id), array_agg(t.start ORDER BY t.id),
       array_agg(t."end" ORDER BY t.id)
FROM catalog_tagging t JOIN catalog_tag tag ON tag.id = t.tag_id
JOIN catalog_asset a ON a.id = t.asset_id
WHERE t.source = 'person' AND tag.kind <> 'sound' AND a.removed_at IS NULL AND t."end" > t.start
GROUP BY tag.name ORDER BY md5(tag.name) LIMIT %(most)s
"""
_NOTES = """
SELECT n.text, array_agg(n.asset_id::text), array_agg(n.start), array_agg(n."end") FROM (
 SELECT c.asset_id, c.start, greatest(c."end", c.start + 1) AS "end", c.value->>'note' AS text
 FROM catalog_correction c WHERE c.kind = 'mark' AND c.undone_at IS NULL
 UNION ALL
 SELECT i.asset_id, i.start, i."end", i.note FROM catalog_collectionitem i) n
JOIN catalog_asset a ON a.id = n.asset_id
WHERE n.text <> '' AND a.removed_at IS NULL AND a.rate_numerator > 0 AND n."end" > n.start
GROUP BY n.text ORDER BY md5(n.text) LIMIT %(most)s
"""


def known_items(most: int) -> list[Known]:
    """At most so many of each lane: lines spoken, texts on screen, tags and notes of people."""
    return [item for lane, read in _READERS.items() for item in read(most)]


def described(name: str, words: str) -> Known:
    """A clip that a person described. The places are those of every asset of that name."""
    rows = _rows(
        "SELECT id, duration FROM catalog_asset WHERE name = %(name)s AND removed_at IS NULL"
        " AND rate_numerator > 0",
        name=name,
    )
    places = tuple((str(pk), FrameRange(0, max(1, duration))) for pk, duration in rows)
    return Known("seen", words, places)


def asked_in_lane(item: Known) -> str:
    """The query that looks in its lane alone. (Folded words are no operators.)"""
    return f"{item.lane}:({item.words})"


def _lines(most: int) -> list[Known]:
    found: dict[str, Known] = {}
    for asset_id, start, end, words in _rows(_LINES, run=RUN, most=most):
        first = (len(words) - RUN) // 2
        line = _plain(" ".join(words[first : first + RUN]))
        # The same may be said elsewhere: a second take, a copy. Each place is right.
        also = [
            (str(other), FrameRange(*place))
            for other, *place in _rows(_SAID_TOO, line=line, most=most)
        ]
        if line:
            here = (str(asset_id), FrameRange(start, end))
            found[line] = Known("said", line, tuple(dict.fromkeys((here, *also))))
    return list(found.values())


def _texts(most: int) -> list[Known]:
    found = []
    for text, asset_id, starts, ends in _rows(_TEXTS, most=most):
        places = tuple(
            (asset_id, FrameRange(*ends_of)) for ends_of in zip(starts, ends, strict=True)
        )
        found.append(Known("text", _plain(text), places))
    return [item for item in found if item.words]


def _grouped(lane: str, sql: str) -> Callable[[int], list[Known]]:
    def read(most: int) -> list[Known]:
        found = []
        for text, assets, starts, ends in _rows(sql, most=most):
            ranges = (FrameRange(*both) for both in zip(starts, ends, strict=True))
            found.append(Known(lane, _plain(text), tuple(zip(assets, ranges, strict=True))))
        return [item for item in found if item.words]

    return read


_READERS: Mapping[str, Callable[[int], list[Known]]] = {
    "said": _lines,
    "text": _texts,
    "tag": _grouped("tag", _TAGS),
    "note": _grouped("note", _NOTES),
}


def _plain(text: str) -> str:
    """Its words alone: punctuation is no part of what is remembered."""
    return " ".join(tokens(text))


def _rows(sql: str, **params: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows
